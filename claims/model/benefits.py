"""Benefits and contributions: payments to persons, employers and what they declare."""

from __future__ import annotations

from claims.model.column import Table, amounts, closed, dates, events, texts, typed
from claims.model.health import ADJUSTMENTS

BENEFIT_PAYMENTS = Table(
    name="benefit_payments",
    kind="detail",
    key=("payment_id",),
    person="person_id",
    sort=("person_id", "period_start_date"),
    spans=(("period_start_date", "period_end_date"),),
    columns=(
        *texts("payment_id* person_id* benefit_type* entitlement_id"),
        *events("event_date"),
        *dates("period_start_date* period_end_date"),
        *events("paid_date"),
        *amounts("paid_amount* basis_amount"),
        *texts("employer_id certifying_provider_id landlord_id bank_account_id"),
        *texts("entered_by approved_by"),
        *closed("adjustment_type", ADJUSTMENTS),
        *texts("original_payment_id data_source"),
    ),
)

EMPLOYERS = Table(
    name="employers",
    kind="dimension",
    key=("employer_id",),
    sort=("employer_id",),
    spans=(("created_date", "closed_date"),),
    columns=(
        *texts("employer_id* name activity_code tax_id"),
        *dates("created_date closed_date"),
        *texts("postal_code address"),
        *typed("double", "latitude longitude"),
        *texts("phone bank_account_id director_person_id"),
    ),
)

EMPLOYMENTS = Table(
    name="employments",
    kind="detail",
    key=("person_id", "employer_id", "start_date"),
    person="person_id",
    sort=("person_id", "start_date"),
    spans=(("start_date", "end_date"),),
    columns=(
        *texts("person_id* employer_id*"),
        *dates("start_date* end_date"),
        *amounts("monthly_wage"),
        *typed("double", "weekly_hours"),
        *typed("decimal(18,2)", "paid_hours"),
        *dates("last_worked_date"),
        *closed("status", "active suspended ended"),
        *events("hired_declaration_date"),
    ),
)

CONTRIBUTIONS = Table(
    name="contributions",
    kind="detail",
    key=("employer_id", "period_start_date"),
    sort=("employer_id", "period_start_date"),
    spans=(("period_start_date", "period_end_date"),),
    columns=(
        *texts("employer_id*"),
        *dates("period_start_date* period_end_date"),
        *typed("int", "declared_headcount"),
        *typed("decimal(18,2)", "declared_hours"),
        *amounts(
            "declared_payroll contributions_due contributions_paid declared_turnover"
            " vat_due vat_paid"
        ),
        *dates("payment_due_date"),
        *events("filed_date"),
        *closed("status", "filed assessed none"),
    ),
)

ACCOUNTS = Table(
    name="accounts",
    kind="dimension",
    key=("account_id",),
    sort=("account_id",),
    columns=(
        *texts("account_id* holder_name"),
        *closed("holder_type", "person organisation guardian"),
        *texts("country_code"),
        *dates("opened_date first_seen_date"),
    ),
)

SUPPLIER_INVOICES = Table(
    name="supplier_invoices",
    kind="detail",
    key=("invoice_id",),
    sort=("provider_id", "invoice_date"),
    columns=(
        *texts("invoice_id* provider_id* supplier_id item_code*"),
        *typed("decimal(18,3)", "quantity*"),
        *amounts("amount"),
        *dates("invoice_date*"),
    ),
)

RELATIONSHIPS = Table(
    name="relationships",
    kind="dimension",
    key=("person_id", "related_person_id", "relation", "start_date"),
    person="person_id",
    sort=("person_id", "related_person_id"),
    spans=(("start_date", "end_date"),),
    columns=(
        *texts("person_id* related_person_id*"),
        *closed("relation*", "spouse parent guardian"),
        *dates("start_date end_date"),
    ),
)

ATTRIBUTE_HISTORY = Table(
    name="attribute_history",
    kind="detail",
    key=("subject_type", "subject_id", "column_name", "changed_at"),
    sort=("subject_id", "changed_at"),
    columns=(
        *closed("subject_type*", "provider member employer"),
        *texts("subject_id* column_name* old_value new_value"),
        *typed("timestamp_ntz", "changed_at*"),
        *texts("changed_by"),
    ),
)

DECLARATIONS = Table(
    name="declarations",
    kind="detail",
    key=("declaration_id",),
    person="person_id",
    sort=("person_id", "period_start_date"),
    spans=(("period_start_date", "period_end_date"),),
    columns=(
        *texts("declaration_id* person_id*"),
        *closed(
            "declaration_type*",
            "income household residence family_situation job_search work_accident",
        ),
        *dates("period_start_date* period_end_date"),
        *amounts("declared_amount"),
        *typed("int", "declared_household_size"),
        *events("submitted_date"),
        *texts("employer_id"),
    ),
)

TABLES = (
    BENEFIT_PAYMENTS,
    EMPLOYERS,
    EMPLOYMENTS,
    CONTRIBUTIONS,
    ACCOUNTS,
    SUPPLIER_INVOICES,
    RELATIONSHIPS,
    ATTRIBUTE_HISTORY,
    DECLARATIONS,
)
