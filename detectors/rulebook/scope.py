"""What names mean inside a rule: its view, its matches, its own columns, its measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from sqlglot import exp

from detectors.rulebook.expressions import DUCKDB, ROW, parameters, parse
from detectors.rulebook.problems import ExpressionError
from detectors.rulebook.rewriting import rewrite
from detectors.rulebook.sources import View


def quoted(relation: str, name: str) -> exp.Expr:
    """A flat column of a relation."""
    return exp.column(
        exp.to_identifier(name, quoted=True), exp.to_identifier(relation, quoted=True), copy=False
    )


def meant(name: str, known: Iterable[str], view: str) -> str:
    """A remedy for a column that a view has not."""
    near = get_close_matches(name, known, 3)
    asked = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{asked}`vigie rules columns {view}` lists what there is, beside your own clauses"


@dataclass
class Scope:
    """Resolves names to flat columns, and remembers what was read.

    Args:
        row: the view of the row itself; ``None`` over merged sums.
        others: views of the matched rows by their name.
        own: columns the rule computes (``let``, ``measures``, ``derive``).
        values: parameters.
        apart: matches that are still relations of their own; of those joined already the columns
            are carried on the row.
        same: matches taken from the candidates themselves, with the rule's own columns.
    """

    row: View | None
    others: Mapping[str, View] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    values: Mapping[str, Any] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    same: set[str] = field(default_factory=set)
    reads: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    carried: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    sets: set[str] = field(default_factory=set)
    used_parameters: set[str] = field(default_factory=set)

    def inside(self, **others: View) -> Scope:
        """The same scope where some matched rows are still relations of their own."""
        return replace(self, others={**self.others, **others}, apart=self.apart | set(others))

    def sql(
        self,
        text: str,
        windows: bool = False,
        aggregates: bool = False,
        partition: tuple[str, ...] = (),
        total_order: str = "",
    ) -> str:
        """DuckDB SQL of an expression in this scope.

        Raises:
            ExpressionError: see :func:`parse`, or a name that means nothing here.
        """
        tree = self.tree(text, windows, aggregates, partition, total_order)
        return str(tree.sql(dialect=DUCKDB, copy=False))

    def tree(
        self,
        text: str,
        windows: bool = False,
        aggregates: bool = False,
        partition: tuple[str, ...] = (),
        total_order: str = "",
    ) -> exp.Expr:
        """The same, not yet written out; the caller's own to change.

        Raises:
            ExpressionError: as :meth:`sql`.
        """
        self.used_parameters |= parameters(text)
        tree = parse(text, windows, aggregates)
        return rewrite(tree, self.values, self.resolve, self.set_column, partition, total_order)

    def resolve(self, path: tuple[str, ...]) -> exp.Expr:
        """The flat column behind a path.

        Raises:
            ExpressionError: there is none.
        """
        if len(path) == 1 and path[0] in self.own:
            return quoted("row", path[0])
        if path[0] in self.others:
            return self._other(path[0], ".".join(path[1:]), path[1:])
        inner = path[1:] if path[0] == ROW and len(path) > 1 else path
        if len(inner) == 1 and inner[0] in self.own:
            return quoted("row", inner[0])
        if self.row is None or self.row.column(inner) is None:
            raise self._unknown(".".join(path))
        self.reads[self.row.name].add(".".join(inner))
        return quoted("row", ".".join(inner))

    def kind(self, name: str) -> str:
        """DuckDB type of a view's column by its name in the rule; empty where it is computed."""
        path = tuple(name.split("."))
        if path[0] in self.own or name in self.own:
            return ""
        if path[0] in self.others:
            computed = path[0] in self.same and ".".join(path[1:]) in self.own
            return "" if computed else self.others[path[0]].column(path[1:]) or ""
        return (self.row.column(path) if self.row else None) or ""

    def _unknown(self, name: str) -> ExpressionError:
        """What can be said of a name that means nothing, with those it may have been."""
        fault = f"unknown column {name}"
        if self.row is None:
            own = ", ".join(sorted(self.own)) or "none"
            return ExpressionError(fault, f"over sums there are only the rule's own: {own}")
        known = [*self.own, *self.others, *self.row.paths()]
        return ExpressionError(fault, meant(name, known, self.row.name))

    def set_column(self, function: str, name: str, path: tuple[str, ...]) -> exp.Expr:
        """The column in which a view holds a set's answer for one of its columns."""
        self.sets.add(name)
        if path[0] in self.others:
            if self.others[path[0]].column(path[1:]) is None:
                raise ExpressionError(f"unknown column {'.'.join(path)}", "use a view's column")
            _text(function, self.others[path[0]], path[1:])
            flat = f"{function}:{name}:{'.'.join(path[1:])}"
            return self._other(path[0], flat, None)
        inner = path[1:] if path[0] == ROW and len(path) > 1 else path
        if self.row is None or self.row.column(inner) is None:
            raise ExpressionError(
                f"{function} over {'.'.join(path)}",
                "give it a column of a view, not a computed one",
            )
        _text(function, self.row, inner)
        flat = f"{function}:{name}:{'.'.join(inner)}"
        self.reads[self.row.name].add(flat)
        return quoted("row", flat)

    def _other(self, name: str, flat: str, path: tuple[str, ...] | None) -> exp.Expr:
        view = self.others[name]
        computed = name in self.same and flat in self.own
        if path is not None and not computed and (not path or view.column(path) is None):
            raise ExpressionError(
                f"unknown column {name}.{flat}", meant(flat, view.paths(), view.name)
            )
        if not computed:
            self.reads[view.name].add(flat)
        if name in self.apart:
            return quoted(name, flat)
        self.carried[name].add(flat)
        return quoted("row", f"{name}.{flat}")


def _text(function: str, view: View, path: tuple[str, ...]) -> None:
    """Codes are text: a view could not be made with a set's answer about numbers or days."""
    kind = view.column(path)
    if kind != "varchar":
        fault = f"{function} takes codes, not the {kind} {'.'.join(path)}"
        raise ExpressionError(fault, "give it a column of text")
