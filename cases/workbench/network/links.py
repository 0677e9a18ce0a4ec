"""Links of subjects, asked of the detail at the moment of looking; nothing of them is stored.

Money and dates are those of the net state; a placeholder links nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import pandas as pd

from cases.workbench.network.kinds import KINDS, SHARED_PATIENTS, End, LinkKind, admits
from claims.adjustments import ADJUSTED, net
from claims.identifiers import placeholder_sql
from claims.lake import Lake
from claims.model import TABLES

Node = tuple[str, str]
"""Type and id of a subject."""

FOUND = ("a_type", "a", "b_type", "b", "kind", "rows", "paid", "first", "last")
LEAST_SHARED = 3
LEAST_LIFT = 2.0
EVERYBODY = 0.2
FEW_MEMBERS = 1000

# Persons in common as a multiple of what both volumes let expect; whoever sees a fifth of all
# members shares patients with everybody.
_SHARED = f"""
with mine as (
  select distinct person_id from claim_lines where billing_provider_id = $provider
), theirs as (
  select billing_provider_id as b, count(distinct person_id) as n,
      cast(sum(paid_amount) as double) as paid, min(claim_line_start_date) as first,
      max(claim_line_start_date) as last
  from claim_lines semi join mine using (person_id)
  where billing_provider_id <> $provider
  group by billing_provider_id having n >= {LEAST_SHARED}
), volumes as (
  select billing_provider_id as b, count(distinct person_id) as persons
  from claim_lines semi join theirs on theirs.b = billing_provider_id group by all
), size as (
  select (select count(*) from members) as everybody, (select count(*) from mine) as own
), compared as (
  select b, n, paid, first, last, n * everybody / (own * persons) as lift
  from theirs join volumes using (b) cross join size
  where (persons < {EVERYBODY} * everybody or everybody < {FEW_MEMBERS})
    and not {placeholder_sql("b")}
)
select 'provider' as a_type, $provider as a, 'provider' as b_type, b,
    '{SHARED_PATIENTS}' as kind, n as rows, paid, first, last
from compared where lift >= {LEAST_LIFT} order by lift * sqrt(n) desc, b limit $limit
"""


@dataclass(frozen=True)
class Links:
    """Reads links at the table versions of one run.

    Args:
        run: the run's row, with its JSON decoded.
    """

    lake: Lake
    run: Mapping[str, Any]

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        versions = {table: int(said["version"]) for table, said in self.run["rows"].items()}
        versions |= {t: int(v) for t, v in self.run["parameters"].get("derived", {}).items()}
        wanted = {kind.table for kind in KINDS} | {"superseded"}
        if "superseded" not in versions:
            connection.execute(
                "create table superseded "
                "(table_name varchar, data_source varchar, superseded_id varchar)"
            )
        for table in sorted(wanted & set(versions), key=lambda name: (name in ADJUSTED, name)):
            self.lake.attach(connection, table, versions[table])
            if table in ADJUSTED:
                connection.execute(f'alter view "{table}" rename to "{table}_stored"')
                connection.execute(
                    f'create view "{table}" as from "{table}_stored" as r where {net(table)}'
                )
        return connection

    @cached_property
    def kinds(self) -> tuple[LinkKind, ...]:
        """The kinds whose table was loaded."""
        return tuple(kind for kind in KINDS if kind.table in self.run["rows"])

    def names(self, node_type: str) -> list[str]:
        """Names of the kinds of link that subjects of a type can have."""
        found = [kind.name for kind in self.kinds if kind.touches(node_type)]
        if node_type == "provider" and {"claim_lines", "members"} <= set(self.run["rows"]):
            found.append(SHARED_PATIENTS)
        return list(dict.fromkeys(found))

    def around(
        self, nodes: Sequence[Node], names: Iterable[str] = (), limit: int = 25
    ) -> pd.DataFrame:
        """Links of subjects, of each kind those with most money.

        Args:
            names: kinds of link; all where empty.
            limit: links a kind.

        Returns:
            Columns ``FOUND``; ``rows`` counts rows (of shared patients, persons).
        """
        wanted = set(names) or {name for kind, _ in nodes for name in self.names(kind)}
        kinds = [kind for kind in self.kinds if kind.name in wanted]
        parts = self._of_kinds(kinds, nodes, both=False, limit=limit)
        if SHARED_PATIENTS in wanted:
            parts += [
                self._connection.execute(_SHARED, {"provider": i, "limit": limit}).df()
                for kind, i in nodes
                if kind == "provider"
            ]
        return _joined(parts)

    def among(self, nodes: Sequence[Node]) -> pd.DataFrame:
        """Links both of whose ends are among the subjects, as :meth:`around` gives them."""
        return _joined(self._of_kinds(self.kinds, nodes, both=True, limit=100 * len(nodes)))

    def rows(self, a: Node, b: Node, limit: int = 200) -> dict[str, pd.DataFrame]:
        """By table, the stored rows that name both subjects; the dearest first."""
        found: dict[str, pd.DataFrame] = {}
        for kind in self.kinds:
            for left, right in ((a, b), (b, a)):
                if admits(kind.a, left[0]) and admits(kind.b, right[0]):
                    frame = self._rows_of(kind, left, right, limit)
                    if len(frame):
                        both = pd.concat([found.get(kind.table, frame), frame])
                        found[kind.table] = both.drop_duplicates(ignore_index=True)
        return found

    def _rows_of(self, kind: LinkKind, a: Node, b: Node, limit: int) -> pd.DataFrame:
        where = f"{kind.a[1]} = $a and {kind.b[1]} = $b"
        where += "".join(
            f" and {end[0][1:]} = '{node[0]}'"
            for end, node in ((kind.a, a), (kind.b, b))
            if end[0].startswith("$")
        )
        dearest = f"{kind.amount} desc nulls last, " if kind.amount else ""
        found = self._connection.execute(
            f'select * from "{kind.table}" where {where} '
            f"order by {dearest}{', '.join(TABLES[kind.table].key)} limit $limit",
            {"a": a[1], "b": b[1], "limit": limit},
        ).df()
        return found.drop(columns=["bucket"], errors="ignore")

    def _of_kinds(
        self, kinds: Iterable[LinkKind], nodes: Sequence[Node], both: bool, limit: int
    ) -> list[pd.DataFrame]:
        """Links that touch the nodes, or have both ends among them; each table is read once."""
        types = {kind for kind, _ in nodes}
        ids = {"ids": sorted({i for _, i in nodes})}
        found = []
        by_table: dict[str, list[LinkKind]] = {}
        for kind in kinds:
            if any(kind.touches(each) for each in types):
                by_table.setdefault(kind.table, []).append(kind)
        for table, own in by_table.items():
            columns = ", ".join(dict.fromkeys(column for kind in own for column in kind.columns))
            wanted = " or ".join(_touching(kind, types, both) for kind in own)
            self._connection.execute(
                f'create or replace temp table near as select {columns} from "{table}" '
                f"where {wanted}",
                ids,
            )
            for kind in own:
                text = _grouped(kind, _touching(kind, types, both))
                found.append(self._connection.execute(text, {**ids, "limit": limit}).df())
        return found


def _grouped(kind: LinkKind, touching: str) -> str:
    amount = f"cast(sum({kind.amount}) as double)" if kind.amount else "null::double"
    day = kind.day or "null::date"
    return (
        f"select a_type, a, b_type, b, '{kind.name}' as kind, rows, paid, first, last from ("
        f"select {_type(kind.a)} as a_type, {kind.a[1]} as a, {_type(kind.b)} as b_type, "
        f"{kind.b[1]} as b, count(*) as rows, {amount} as paid, min({day})::date as first, "
        f"max({day})::date as last from near where {touching} group by all) "
        f"where a <> b and not {placeholder_sql('a')} and not {placeholder_sql('b')} "
        "order by paid desc nulls last, rows desc, a, b limit $limit"
    )


def _touching(kind: LinkKind, types: Collection[str], both: bool) -> str:
    near, far = (_listed(end, types) for end in (kind.a, kind.b))
    return f"({near} and {far})" if both else f"({near} or {far})"


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    kept = [part[list(FOUND)] for part in parts if len(part)]
    if not kept:
        return pd.DataFrame(columns=list(FOUND))
    return pd.concat(kept, ignore_index=True)


def _type(end: End) -> str:
    return end[0][1:] if end[0].startswith("$") else f"'{end[0]}'"


def _listed(end: End, types: Collection[str]) -> str:
    """That a column names one of the nodes; of a type that is none of theirs, never."""
    if end[0].startswith("$"):
        named = ", ".join(f"'{kind}'" for kind in sorted(types))
        return f"({end[1]} in (select unnest($ids)) and {end[0][1:]} in ({named}))"
    return f"{end[1]} in (select unnest($ids))" if end[0] in types else "false"
