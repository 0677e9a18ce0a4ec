"""How NCCI's tables become rows of the model: DuckDB SQL over the texts, a table a kind.

Rows that are sound are merged over settings and quarters; within one table and quarter every row
stands for itself (``copy``), so that a repeated one is not merged away but refused by its key. Rows
that are not sound pass as they came, for the cast to refuse.
"""

from __future__ import annotations

PAIR_SCHEMA = (
    "column_1_code string, column_2_code string, effective_date string, deletion_date string,"
    " modifier_allowed string, relation string, ncci_rationale string, ncci_setting string,"
    " effective_date_known boolean, edition_date date"
)
CODE_SCHEMA = (
    "procedure_code string, effective_date string, procedure_code_system string,"
    " max_units_per_day string, is_add_on string, mue_practitioner int, mue_outpatient int,"
    " mue_dme int, mue_adjudication_indicator string, edition_date date"
)

# A table without effective dates tells what holds on its quarter's first day; what was deleted
# before is given an empty span.
_EFFECTIVE = (
    "if(undated is null, iso(effective), least(edition, coalesce(iso(deletion), edition)))"
    " as effective_date"
)
_PLACE = "malformed, file, row"

PAIRS = f"""
    with named as (
        select trim(column_1) as column_1_code, trim(column_2) as column_2_code, {_EFFECTIVE},
            iso(deletion) as deletion_date,
            case trim(modifier) when '0' then 'false' when '1' then 'true' when '9' then null
                else trim(modifier) end as modifier_allowed,
            trim(rationale) as ncci_rationale, setting_of_text as setting,
            undated is null as known, edition, {_PLACE}
        from pairs),
    judged as (
        select *, malformed is null and effective_date is not null
            and try_cast(effective_date as date) is not null
            and (deletion_date is null or try_cast(deletion_date as date) is not null)
            and coalesce(modifier_allowed in ('true', 'false'), true) as sound
        from named),
    counted as (
        select *, row_number() over (
            partition by column_1_code, column_2_code, effective_date, setting, edition
            order by file, row) as copy
        from judged where sound),
    latest as (
        select * from counted qualify row_number() over (
            partition by column_1_code, column_2_code, effective_date, setting, copy
            order by edition desc, file, row) = 1)
    select column_1_code, column_2_code, effective_date,
        if(bool_or(deletion_date is null), null, max(deletion_date)) as deletion_date,
        max(modifier_allowed) as modifier_allowed, 'not_together' as relation,
        min(ncci_rationale) as ncci_rationale,
        string_agg(distinct setting, ' ' order by setting) as ncci_setting,
        bool_or(known) as effective_date_known, cast(max(edition) as date) as edition_date,
        null as malformed, min(file) as file, min(row) as row
    from latest group by column_1_code, column_2_code, effective_date, copy
    union all
    select column_1_code, column_2_code, effective_date, deletion_date, modifier_allowed,
        'not_together', ncci_rationale, setting, known, cast(edition as date), {_PLACE}
    from judged where not sound
"""

ADD_ON_PAIRS = f"""
    with named as (
        select trim("primary") as column_1_code, trim(add_on) as column_2_code, {_EFFECTIVE},
            iso(deletion) as deletion_date, 'add-on code of type ' || trim(type) as rationale,
            undated is null as known, edition, {_PLACE}
        from add_ons),
    counted as (
        select *, row_number() over (
            partition by column_1_code, column_2_code, effective_date, edition
            order by file, row) as copy
        from named)
    select column_1_code, column_2_code, effective_date, deletion_date,
        null as modifier_allowed, 'add_on' as relation, rationale as ncci_rationale,
        null as ncci_setting, known as effective_date_known,
        cast(edition as date) as edition_date, {_PLACE}
    from counted qualify malformed is not null or row_number() over (
        partition by column_1_code, column_2_code, effective_date, copy
        order by edition desc, file, row) = 1
"""

_LIMITS = f"""
    named as (
        select trim(code) as procedure_code, edition as effective_date, trim(units) as units,
            try_cast(trim(units) as integer) as number, left(trim(indicator), 1) as indicator,
            coalesce(regexp_extract(lower(setting), 'practitioner|outpatient|dme'), '') as said,
            coalesce(nullif(said, ''), setting_of_text) as known_setting, edition, {_PLACE}
        from limits),
    counted as (
        select *, row_number() over (
            partition by procedure_code, edition, known_setting order by file, row) as copy
        from named where malformed is null and number is not null),
    told as (
        select procedure_code, effective_date, copy, max(number) as units,
            max(number) filter (known_setting = 'practitioner') as practitioner,
            max(number) filter (known_setting = 'outpatient') as outpatient,
            max(number) filter (known_setting = 'dme') as dme,
            max(indicator) as indicator, null as is_add_on, max(edition) as edition,
            min(file) as file, min(row) as row
        from counted group by procedure_code, effective_date, copy),
"""

# An add-on code is one from the first day of its edits to the day by which all are deleted.
_ADD_ON_CODES = f"""
    spans as (
        select trim(add_on) as procedure_code, min({_EFFECTIVE.removesuffix(" as effective_date")})
            as first_day, if(bool_or(iso(deletion) is null), null, max(iso(deletion))) as last_day,
            max(edition) as edition, min(file) as file, min(row) as row
        from add_ons where malformed is null and trim(add_on) <> ''
        group by all),
    changes as (
        select procedure_code, first_day as day, 'true' as is_add_on, edition, file, row from spans
        union all select procedure_code, last_day, 'false', edition, file, row from spans
            where last_day > first_day),
    shown as (
        select procedure_code, day as effective_date, 1 as copy, is_add_on, edition, file, row
        from changes where try_cast(day as date) is not null),
"""

_NO_LIMITS = """
    told as (select null as procedure_code, null as effective_date, 1 as copy, null as units,
        null as practitioner, null as outpatient, null as dme, null as indicator,
        null as is_add_on, null as edition, null as file, 0 as row where false),
"""
_NO_ADD_ONS = """
    shown as (select null as procedure_code, null as effective_date, 1 as copy, null as is_add_on,
        null as edition, null as file, 0 as row where false),
"""

# What one table tells of a code holds until it tells otherwise.
_CODES = """
    days as (
        select procedure_code, effective_date, copy, max(units) as units,
            max(practitioner) as practitioner, max(outpatient) as outpatient, max(dme) as dme,
            max(indicator) as indicator, max(is_add_on) as is_add_on, max(edition) as edition,
            min(file) as file, min(row) as row
        from (select * from told union all by name select * from shown)
        group by procedure_code, effective_date, copy)
    select procedure_code, effective_date, 'hcpcs' as procedure_code_system,
        cast(last_value(units ignore nulls) over so_far as varchar) as max_units_per_day,
        last_value(is_add_on ignore nulls) over so_far as is_add_on,
        cast(last_value(practitioner ignore nulls) over so_far as integer) as mue_practitioner,
        cast(last_value(outpatient ignore nulls) over so_far as integer) as mue_outpatient,
        cast(last_value(dme ignore nulls) over so_far as integer) as mue_dme,
        last_value(indicator ignore nulls) over so_far as mue_adjudication_indicator,
        cast(max(edition) over so_far as date) as edition_date,
        null as malformed, file, row
    from days
    window so_far as (partition by procedure_code, copy order by effective_date)
"""
_REFUSED_LIMITS = """
    union all
    select procedure_code, effective_date, 'hcpcs', units, null, null, null, null, indicator,
        cast(edition as date), malformed, file, row
    from named where malformed is not null or number is null
"""


def codes(with_limits: bool, with_add_ons: bool) -> str:
    """Rows of ``procedures``: one a code and day on which its limit or add-on status changes."""
    told = _LIMITS if with_limits else _NO_LIMITS
    shown = _ADD_ON_CODES if with_add_ons else _NO_ADD_ONS
    return f"with {told} {shown} {_CODES} {_REFUSED_LIMITS if with_limits else ''}"
