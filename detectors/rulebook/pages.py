"""The library as pages for people: rules at a glance, a page a family, and what rules may name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from claims.model import INPUT_TABLES
from detectors.rulebook import language
from detectors.rulebook.clauses import condition
from detectors.rulebook.code_sets import to_load
from detectors.rulebook.documents import Document
from detectors.rulebook.loader import PACKAGED
from detectors.rulebook.plan import Plan, plan
from detectors.rulebook.rule import ALWAYS, GRAINS, STATUSES, Rule
from detectors.rulebook.shared_views import VIEWS

TEMPLATES = "page_templates"


def pages(rules: Sequence[Rule], score: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Markdown by path below ``docs/``: ``rules.md``, ``rules/<family>.md``, ``rule-language.md``.

    Args:
        score: how sharp the examples are in place of what was measured last.
    """
    made = _environment()
    plans = [plan(rule) for rule in sorted(rules, key=lambda r: (r.group, r.id, r.effective))]
    families = {family: list(found) for family, found in groupby(plans, key=lambda p: p.rule.group)}
    texts = {
        "rules.md": made.get_template("index.md.jinja").render(
            families=families,
            counts={family: _counts(found) for family, found in families.items()},
            all=_counts(plans),
            grains=GRAINS,
            statuses=_in_use(plans),
            score=score or mutation_score(),
        )
    }
    page = made.get_template("family.md.jinja")
    for family, found in families.items():
        texts[f"rules/{family}.md"] = page.render(family=family, plans=found).rstrip() + "\n"
    texts["rule-language.md"] = _language(made)
    return texts


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader(PACKAGED, TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )
    made.filters |= {"cell": _cell, "prose": _prose, "condition": condition, "span": _span}
    return made


def _language(made: Environment) -> str:
    """What a rule may read and call, for authors."""
    columns = {name: language.columns(name) for name in VIEWS}
    own = {
        name: {
            words: [c for c in found if c.origin == origin]
            for words, origin in (("As loaded", language.LOADED), ("Computed", language.COMPUTED))
        }
        for name, found in columns.items()
    }
    lookups = {lookup.table for view in VIEWS.values() for lookup in view.lookups.values()}
    return made.get_template("language.md.jinja").render(
        calls={k: list(found) for k, found in groupby(language.calls(), key=lambda c: c.kind)},
        rows=language.views(),
        views=VIEWS,
        own=own,
        tables=[INPUT_TABLES[name] for name in sorted(lookups)],
        sets=language.code_sets(),
        to_load=to_load(),
    )


def mutation_score() -> Mapping[str, Any]:
    """How many mutants of how many rules there were and were killed, as measured last."""
    text = files(PACKAGED).joinpath("mutation_score.yaml").read_text("utf-8")
    found: Mapping[str, Any] = dict(Document(text).value or {})
    return found


def _counts(plans: Sequence[Plan]) -> Counter[str]:
    """Rules by grain and by status, dated versions of one counted once, and all of them."""
    last = {planned.rule.id: planned.rule for planned in plans}.values()
    found = Counter([rule.grain for rule in last]) + Counter([rule.status for rule in last])
    return found + Counter({"rules": len(last)})


def _in_use(plans: Sequence[Plan]) -> list[str]:
    found = {planned.rule.status for planned in plans}
    return [status for status in reversed(STATUSES) if status in found]


def _cell(text: str) -> str:
    return _prose(" ".join(text.split())).replace("|", "\\|")


def _prose(text: str) -> str:
    """Text in which Markdown finds no markup."""
    for mark in "\\*<`":
        text = text.replace(mark, f"\\{mark}")
    return text


def _span(rule: Rule) -> str:
    """The days on which a rule is in force, where they are not all."""
    first, last = rule.effective
    if rule.effective == ALWAYS:
        return ""
    if last == ALWAYS[1]:
        return f"from {first}"
    return f"until {last}" if first == ALWAYS[0] else f"{first} to {last}"
