"""Shared views: stays, contacts, episodes and others that many rules read, computed once a run.

Each is one DuckDB query (shared_queries.py) over the rows at hand: a member bucket, or an
example's few rows.
"""

from __future__ import annotations

from detectors.rulebook.account_views import ACCOUNT_VIEWS, ACCOUNTS_MAY_LACK
from detectors.rulebook.affiliation_views import AFFILIATION_VIEWS, AFFILIATIONS_MAY_LACK
from detectors.rulebook.circle_views import CIRCLE_VIEWS
from detectors.rulebook.code_views import CODE_VIEWS
from detectors.rulebook.employer_views import EMPLOYER_VIEWS
from detectors.rulebook.household_views import HOUSEHOLD_VIEWS
from detectors.rulebook.identity_views import IDENTITIES_MAY_LACK, IDENTITY_VIEWS
from detectors.rulebook.leave_views import LEAVE_VIEWS
from detectors.rulebook.order_views import ORDER_VIEWS, ORDERS_MAY_LACK
from detectors.rulebook.presence_views import PRESENCE_VIEWS
from detectors.rulebook.shared_queries import CONTACT_ROLES
from detectors.rulebook.sources import (
    CONTRIBUTIONS,
    HISTORY_VIEWS,
    LINES,
    NAMED,
    PAYMENTS,
    PLAIN,
    View,
)
from detectors.rulebook.stay_views import STAY_VIEWS
from detectors.rulebook.visit_views import VISIT_VIEWS
from detectors.rulebook.work_views import WORK_VIEWS

PERSON = {"person_id": "varchar"}
ROW = {"table_name": "varchar", "row_key": "varchar"}


_LINE_KEY = ("data_source", "claim_id", "claim_line_number", "person_id")
_PAYMENT = ("payment_id", "person_id", "benefit_type", "period_start_date", "paid_amount")

SHARED = (
    View(
        "stays",
        date="admission_date",
        columns={**PERSON, "facility_id": "varchar", "stay_type": "varchar",
                 "admission_date": "date", "end_date": "date", **ROW},
        tables={"claim_lines": (*_LINE_KEY, "claim_type", "bill_type_code", "admission_date",
                                "discharge_date", "claim_line_end_date", "facility_provider_id",
                                "billing_provider_id", "paid_amount")},
    ),
    View(
        "contacts",
        date="service_date",
        columns={**PERSON, "provider_id": "varchar", "service_date": "date",
                 "specialty": "varchar", **ROW},
        tables={"claim_lines": (*_LINE_KEY, *CONTACT_ROLES, "claim_type", "procedure_code",
                                "claim_line_start_date", "paid_amount"),
                "providers": ("provider_id", "organisation_id", "specialty")},
    ),
    View(
        "episodes",
        date="start_date",
        columns={**PERSON, "benefit_type": "varchar", "employer_id": "varchar",
                 "start_date": "date", "end_date": "date", "days": "bigint", "event_date": "date",
                 "certifying_provider_id": "varchar", "paid_amount": "decimal(38,2)", **ROW},
        tables={"benefit_payments": (*_PAYMENT, "employer_id", "period_end_date", "event_date",
                                     "certifying_provider_id")},
    ),
    View(
        "spans",
        date="start_date",
        columns={**PERSON, "programme": "varchar", "start_date": "date", "end_date": "date",
                 "data_source": "varchar"},
        tables={"eligibility": ("person_id", "programme", "coverage_start_date",
                                "coverage_end_date", "status", "data_source")},
    ),
    View(
        "diagnoses",
        date="service_date",
        columns={**PERSON, "service_date": "date", "diagnosis_code": "varchar",
                 "claim_type": "varchar", "row_key": "varchar"},
        tables={"claim_lines": (*_LINE_KEY, "claim_line_start_date", "claim_type",
                                *(f"diagnosis_code_{n}" for n in range(1, 6)))},
    ),
    View(
        "ledger",
        date="entry_date",
        amount="paid_amount",
        provider="provider_id",
        columns={**PERSON, **ROW, "entry_date": "date", "paid_amount": "decimal(18,2)",
                 "provider_id": "varchar", "account_id": "varchar", "household_id": "varchar",
                 "kind": "varchar", "claim_type": "varchar", "data_source": "varchar"},
        tables={"claim_lines": (*_LINE_KEY, "claim_line_start_date", "paid_amount",
                                "billing_provider_id", "payee_account_id", "procedure_code",
                                "drug_code", "claim_type"),
                "benefit_payments": (*_PAYMENT, "bank_account_id", "data_source"),
                "members": ("person_id", "household_id"),
                "providers": ("provider_id", "bank_account_id")},
    ),
    View(
        "staff",
        date="start_date",
        columns={**PERSON, "employer_id": "varchar", "start_date": "date", "end_date": "date",
                 "monthly_wage": "decimal(18,2)"},
        tables={"employments": ("person_id", "employer_id", "start_date", "end_date", "status",
                                "monthly_wage"),
                "benefit_payments": (*_PAYMENT, "employer_id", "period_end_date")},
    ),
    View(
        "members_paid",
        date="last_paid_date",
        amount="paid_amount",
        columns={**PERSON, "national_id": "varchar", "household_id": "varchar",
                 "birth_date": "date", "postal_code": "varchar", "first_paid_date": "date",
                 "last_paid_date": "date", "paid_amount": "decimal(38,2)", **ROW},
        tables={"members": ("person_id", "national_id", "household_id", "birth_date",
                            "postal_code"),
                "claim_lines": (*_LINE_KEY, "claim_line_start_date", "paid_amount"),
                "benefit_payments": _PAYMENT},
    ),
)  # fmt: skip

# Tables a view can do without: it holds what the others give.
MAY_LACK = {
    "ledger": ("claim_lines", "benefit_payments"),
    "staff": ("benefit_payments",),
    "members_paid": ("claim_lines", "benefit_payments"),
    "contacts": ("providers",),
    "workforce": ("members",),
    "households": ("benefit_payments", "declarations"),
    "parents_paid": ("declarations",),
    "beginnings": ("eligibility",),
    "sites": ("affiliations",),
    "known_codes": ("procedures", "drugs"),
    "companions": ("procedure_pairs",),
    "companion_lines": ("procedures", "procedure_pairs"),
    "presence": ("benefit_payments",),
    **ACCOUNTS_MAY_LACK,
    **AFFILIATIONS_MAY_LACK,
    **IDENTITIES_MAY_LACK,
    **ORDERS_MAY_LACK,
    "certified": ("providers", "members", "areas"),
}

VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        LINES,
        PAYMENTS,
        *HISTORY_VIEWS,
        CONTRIBUTIONS,
        *PLAIN,
        *NAMED,
        *SHARED,
        *ACCOUNT_VIEWS,
        *IDENTITY_VIEWS,
        *STAY_VIEWS,
        *LEAVE_VIEWS,
        *AFFILIATION_VIEWS,
        *ORDER_VIEWS,
        *VISIT_VIEWS,
        *EMPLOYER_VIEWS,
        *HOUSEHOLD_VIEWS,
        *CIRCLE_VIEWS,
        *WORK_VIEWS,
        *CODE_VIEWS,
        *PRESENCE_VIEWS,
    )
}
