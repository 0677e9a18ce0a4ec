"""Views made from the tables at hand: rows with their look-ups and code sets, joined once.

Only the columns that the active rules read are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from claims.identifiers import placeholder_sql
from claims.model import INPUT_TABLES
from detectors.rulebook.shared_queries import QUERIES
from detectors.rulebook.shared_views import VIEWS
from detectors.rulebook.sources import Derived, Lookup, View, row_key_sql

SET_PREFIXES = ("in_set:", "any_in_set:", "set_value:", "set_related:")
SETS_AT_HAND = "code_sets_at_hand"
IDENTITY = ("row_key", "table_name")
# The number of a row in the table it comes from.
LINE = "line "


def statements(reads: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, list[str]]]:
    """By view, the statements that make it (it replaces the table of that name).

    Args:
        reads: flat columns by view.
    """
    # Views that take the name of their table come last: the others are made from the whole table.
    for name in sorted(reads, key=lambda name: (VIEWS[name].table == name, name)):
        flats = _closed(VIEWS[name], {*reads[name], *_always(VIEWS[name])})
        yield name, _view(VIEWS[name], flats)


def screened(view: View, flats: Iterable[str]) -> list[str]:
    """Statements that make ``screened``: the number of each row of a table, and these columns.

    It is read straight from the table as long as no look-up or set has to be joined.
    """
    numbered = {**view.derived, LINE: Derived("r.rowid", "bigint", ())}
    view = replace(view, name="screened rows", derived=numbered)
    wanted = _closed(view, {*flats, LINE})
    joined = bool(_lookups(view, wanted)) or any(f.startswith(SET_PREFIXES) for f in wanted)
    source = f'select * from "{view.name}"' if joined else _enriched(view, wanted)
    made = _view(view, wanted) if joined else []
    return [*made, f'create or replace temp view "screened" as {source}']


def chosen(view: View, name: str, source: str, flats: Iterable[str]) -> list[str]:
    """Statements that make a view's rows from some rows of its table, with their numbers."""
    view = replace(view, name=name, source=source)
    return _view(view, _closed(view, {*flats, *_always(view), LINE}))


def columns_of(view: View, flats: Iterable[str]) -> set[str]:
    """Columns that a view has once it is made for some of them."""
    return _closed(view, {*flats, *_always(view)}) | set(view.columns)


def _always(view: View) -> set[str]:
    """Columns that a view's rows have, whether or not a rule reads them."""
    named = {view.date, view.amount, view.provider} - {""}
    return named | {*IDENTITY, *(("person_id",) if view.person else ())}


def tables_of(reads: Mapping[str, frozenset[str]]) -> dict[str, set[str]]:
    """Columns of the model's tables from which those views are made."""
    found: dict[str, set[str]] = {}
    for name, flats in reads.items():
        view = VIEWS[name]
        for table, columns in view.tables.items():
            found.setdefault(table, set()).update(columns)
        if not view.table:
            continue
        for flat in _closed(view, {*flats, *_always(view)}):
            table, column = _origin(view, flat)
            if table:
                found.setdefault(table, set()).add(column)
        for lookup in _lookups(view, _closed(view, flats)).values():
            found.setdefault(lookup.table, set()).add(lookup.key)
            if lookup.dated:
                found[lookup.table] |= set(lookup.dated)
        source = view.source or view.table
        found.setdefault(source, set()).update(INPUT_TABLES[view.table].key)
    return found


def _origin(view: View, flat: str) -> tuple[str, str]:
    if flat.startswith(SET_PREFIXES) or flat in view.derived or flat in IDENTITY:
        return "", ""
    if "." in flat:
        name, column = flat.split(".", 1)
        return view.lookups[name].table, column
    return view.source or view.table, flat


def _closed(view: View, flats: Iterable[str]) -> set[str]:
    """The columns together with those they are computed from."""
    wanted = set(flats)
    for flat in list(wanted):
        if flat.startswith(SET_PREFIXES):
            wanted |= {flat.split(":", 2)[2], view.date} - {""}
    for flat in list(wanted):
        if flat in view.derived:
            wanted |= set(view.derived[flat].reads)
    keys = [flat for flat in wanted if "." in flat and ":" not in flat]
    while keys:
        keys = [view.lookups[flat.split(".", 1)[0]].column for flat in keys]
        wanted |= set(keys)
        keys = [flat for flat in keys if "." in flat]
    return wanted


def _lookups(view: View, flats: Iterable[str]) -> dict[str, Lookup]:
    """Look-ups by name; one that goes out from another's column comes after it."""
    names = {flat.split(".", 1)[0] for flat in flats if "." in flat and ":" not in flat}
    ordered = sorted(names, key=lambda name: ("." in view.lookups[name].column, name))
    return {name: view.lookups[name] for name in ordered}


def _view(view: View, flats: set[str]) -> list[str]:
    sets = sorted(flat for flat in flats if flat.startswith(SET_PREFIXES))
    base = _enriched(view, flats) if view.table else view.sql or QUERIES[view.name]
    # No temporary table: renamed, it would hide the table whose name it takes ever after.
    made = [f'create or replace table "made" as {base}']
    joins, columns = [], []
    for number, pair in enumerate(sorted({tuple(flat.split(":", 1)) for flat in sets})):
        words = pair[0] == "any_in_set"
        set_name, column = pair[1].split(":", 1)
        made.append(_entries(f"entries {number}", set_name, column, words))
        joins.append(f'left join "entries {number}" e{number} on v."{column}" = e{number}.code')
        columns.append(_set_column(":".join(pair), column, f"e{number}", view.date))
    listed = ", ".join(["v.*", *columns])
    made += [
        f'drop table if exists "{view.name}"',
        f'create table "{view.name}" as select {listed} from "made" v {" ".join(joins)}',
        'drop table "made"',
    ]
    if not joins:
        # Nothing to add to it: the view is what was made.
        made[2:] = [f'alter table "made" rename to "{view.name}"']
    return [*made, *(f'drop table "entries {n}"' for n in range(len(joins)))]


def _enriched(view: View, flats: set[str]) -> str:
    identity = {"row_key": row_key_sql(view.table, "r"), "table_name": f"'{view.table}'"}
    columns = []
    for flat in sorted(flats):
        if flat.startswith(SET_PREFIXES):
            continue
        if flat in identity:
            columns.append(f"{identity[flat]} as {flat}")
        elif flat in view.derived:
            columns.append(f'{view.derived[flat].sql} as "{flat}"')
        elif "." in flat:
            name, column = flat.split(".", 1)
            columns.append(f'"{name}"."{column}" as "{flat}"')
        else:
            columns.append(f'r."{flat}"')
    joins = [_join(name, lookup, view) for name, lookup in _lookups(view, flats).items()]
    return (
        f'select {", ".join(columns)} from "{view.source or view.table}" r {" ".join(joins)}'
        f" where {view.condition}"
    )


def _join(name: str, lookup: Lookup, view: View) -> str:
    """A 1:1 join: of editions the one valid on the row's date, of placeholders none."""
    key = f'"{name}"."{lookup.key}"'
    own = ".".join(f'"{part}"' for part in lookup.column.split("."))
    own = own if "." in lookup.column else f"r.{own}"
    if not lookup.dated:
        source = f'(select * from "{lookup.table}" where not {placeholder_sql(lookup.key)})'
        return f'left join {source} as "{name}" on {own} = {key}'
    first, last = lookup.dated
    source = (
        f"(select *, coalesce({first}, date '1900-01-01') as valid_from,"
        f" least(coalesce({last}, date '2999-12-31'), coalesce(lead({first})"
        f" over (partition by {lookup.key} order by {first} nulls first),"
        f" date '2999-12-31')) as valid_to from \"{lookup.table}\""
        f" where not {placeholder_sql(lookup.key)})"
    )
    day = f'r."{view.date}"'
    return (
        f'left join {source} as "{name}" on {own} = {key}'
        f' and {day} >= "{name}".valid_from and {day} < "{name}".valid_to'
    )


def _entries(name: str, set_name: str, column: str, words: bool) -> str:
    """A set's entries by distinct value of a column: strings are decided once a value."""
    value = "unnest(string_split(code, ' '))" if words else "code"
    return (
        f'create temp table "{name}" as with codes as (select distinct "{column}" as code'
        f' from "made" where "{column}" is not null), parts as (select code, {value} as part'
        f" from codes) select p.code, list(struct_pack(f := s.effective_date,"
        f" t := s.deletion_date, v := s.value, r := s.related_code)"
        f" order by s.related_code, s.value) as entries from parts p join {SETS_AT_HAND} s"
        f" on s.code_set = '{set_name}' and (p.part = s.code or p.part like s.pattern)"
        f" group by p.code"
    )


def _set_column(flat: str, column: str, alias: str, day: str) -> str:
    valid = (
        f'list_filter({alias}.entries, lambda s: s.f <= v."{day}" and v."{day}" < s.t)'
        if day
        else f"{alias}.entries"
    )
    kind = flat.split(":", 1)[0]
    if kind == "set_value":
        return f'({valid})[1].v as "{flat}"'
    if kind == "set_related":
        return f'({valid})[1].r as "{flat}"'
    return (
        f'case when v."{column}" is null then null'
        f' else coalesce(len({valid}) > 0, false) end as "{flat}"'
    )
