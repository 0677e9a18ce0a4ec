"""Views about codes: which the reference knows, and which acts another act needs beside it."""

from __future__ import annotations

from detectors.rulebook.sources import View

_LINE = ("data_source", "claim_id", "claim_line_number", "person_id", "claim_line_start_date",
         "procedure_code", "paid_amount")  # fmt: skip
_PAIRS = ("column_1_code", "column_2_code", "effective_date", "deletion_date", "relation")
_ADD_ONS = "select procedure_code from procedures group by 1 having bool_or(is_add_on)"

# A code is judged within its own system (hcpcs, ccam …), and only where the reference holds any
# code of that system; a reference that names no system stands for all of them.
KNOWN_CODES_SQL = """
with acts as (
    select distinct procedure_code as code, coalesce(procedure_code_system, '') as system
    from claim_lines where procedure_code is not null),
reference as (
    select distinct procedure_code as code, coalesce(procedure_code_system, '') as system
    from procedures)
select 'procedure' as kind, a.code, a.system from acts a
where exists (select 1 from reference r where r.code = a.code
        and (r.system = a.system or r.system = '' or a.system = ''))
    or not exists (select 1 from reference r
        where r.system = a.system or r.system = '' or a.system = '')
union all
select distinct 'drug', l.drug_code, '' from claim_lines l
where l.drug_code is not null
    and (l.drug_code in (select drug_code from drugs)
        or not exists (select 1 from drugs))
"""

# The first code of a pair is an add-on to, or requires, the second. Codes of the set may stand for
# all that begin so, and its value is the days within which the other act is looked for.
COMPANIONS_SQL = """
select column_1_code as code, relation, column_2_code as companion_code, false as opens, 0 as days,
    effective_date, coalesce(deletion_date, date '2999-12-31') as deletion_date
from procedure_pairs where relation in ('add_on', 'requires')
union all
select code, 'requires', rtrim(related_code, '*'), true, cast(coalesce(value, 0) as integer),
    effective_date, deletion_date
from code_sets_at_hand where code_set = 'requires_companion' and related_code is not null
"""

# Lines of a person that may stand beside one of the person's acts that needs another. An add-on
# without listed primaries goes with any act that is no add-on itself.
COMPANION_LINES_SQL = f"""
with companions as ({COMPANIONS_SQL}),
acts as (
    select person_id, procedure_code as code, claim_line_start_date as service_date,
        coalesce(rendering_provider_id, billing_provider_id) as provider_id
    from claim_lines where procedure_code is not null and paid_amount > 0),
needing as (
    select distinct a.person_id, c.* exclude (effective_date, deletion_date)
    from acts a join companions c on a.code = c.code),
alone as (
    select distinct a.person_id, a.code from acts a
    where a.code in ({_ADD_ONS})
        and a.code not in (select code from companions where relation = 'add_on'))
select distinct n.person_id, n.code, n.relation, a.provider_id, a.service_date
from needing n join acts a on n.person_id = a.person_id
    and (a.code = n.companion_code or (n.opens and starts_with(a.code, n.companion_code)))
union all
select distinct n.person_id, n.code, 'add_on', a.provider_id, a.service_date
from alone n join acts a on n.person_id = a.person_id
where a.code not in ({_ADD_ONS})
"""

CODE_VIEWS = (
    View(
        "known_codes",
        person=False,
        columns={"kind": "varchar", "code": "varchar", "system": "varchar"},
        tables={"claim_lines": (*_LINE, "procedure_code_system", "drug_code"),
                "procedures": ("procedure_code", "procedure_code_system"),
                "drugs": ("drug_code",)},
        sql=KNOWN_CODES_SQL,
    ),
    View(
        "companions",
        person=False,
        columns={"code": "varchar", "relation": "varchar", "companion_code": "varchar",
                 "days": "integer", "effective_date": "date", "deletion_date": "date"},
        tables={"procedure_pairs": _PAIRS},
        sql=COMPANIONS_SQL,
    ),
    View(
        "companion_lines",
        columns={"person_id": "varchar", "code": "varchar", "relation": "varchar",
                 "provider_id": "varchar", "service_date": "date"},
        tables={"claim_lines": (*_LINE, "rendering_provider_id", "billing_provider_id"),
                "procedures": ("procedure_code", "is_add_on"),
                "procedure_pairs": _PAIRS},
        sql=COMPANION_LINES_SQL,
    ),
)  # fmt: skip
