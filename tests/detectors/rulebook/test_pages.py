"""The pages in docs/ are those that the rule files give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from detectors.rulebook.catalogue import rule_show
from detectors.rulebook.clauses import WIDTH, condition
from detectors.rulebook.loader import load_rules
from detectors.rulebook.pages import pages
from detectors.rulebook.rule import ALWAYS, Rule

DOCS = Path(__file__).parents[3] / "docs"


def told(text: str) -> str:
    return " ".join(text.split())


def test_the_pages_are_up_to_date() -> None:
    made = pages(load_rules())
    assert {name for name in made if name.startswith("rules/")} == {
        f"rules/{path.name}" for path in (DOCS / "rules").glob("*.md")
    }
    for name, text in made.items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"{name}: run `vigie rules docs`"


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.id)
def test_a_page_tells_every_clause(rule: Rule) -> None:
    page = told(condition(rule).replace("--", ""))
    texts = [rule.given, rule.where, rule.among, rule.having, rule.flag, *rule.key, *rule.by]
    for columns in (rule.let, rule.together, rule.measures, rule.derive):
        texts += [f"{text} as {name}" for name, text in columns.items()]
    for match in (*rule.match, *rule.absent):
        texts += [match.view if match.view != "same" else "further row", match.where, *match.order]
    for extreme in rule.extreme:
        texts += [extreme.measure, extreme.fence or extreme.z, *extreme.peers]
    for text in texts:
        assert told(text) in page, text


def test_a_page_tells_what_an_analyst_asks() -> None:
    rule = rule_show("exact_duplicate_line")
    page = told(pages([rule])["rules/duplicates.md"])
    for text in (rule.overpayment, rule.reason, rule.basis, rule.ask, *rule.false_positives):
        assert told(text) in page
    for name, value in rule.params.items():
        assert f"`{name}` {value}" in page
    assert "**Reads:** claim_lines" in page


def cells(text: str) -> Iterator[list[str]]:
    """Rows of a page's tables as a reader sees them."""
    row: list[str] = []
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for before, token in pairwise(tokens):
        if token.type == "tr_open":
            row = []
        elif before.type in ("th_open", "td_open"):
            row.append("".join(_seen(token)))
        elif token.type == "tr_close":
            yield row


def _seen(token: Token) -> Iterator[str]:
    for child in token.children or ():
        if child.type in ("text", "code_inline", "text_special"):
            yield child.content


def test_the_index_counts_rules_by_family_status_and_grain() -> None:
    line, pair = rule_show("card_not_valid"), rule_show("national_id_shared")
    draft = replace(line, id="own", group="house", status="draft")
    later = replace(line, effective=(date(2030, 1, 1), ALWAYS[1]))
    rows = list(cells(pages([line, pair, draft, later])["rules.md"]))
    head = rows[0]
    counts = {row[0]: dict(zip(head, row, strict=True)) for row in rows if len(row) == len(head)}
    assert counts["all"]["rules"] == "3", "two versions are one rule"
    assert (counts["eligibility"]["pair"], counts["eligibility"]["active"]) == ("1", "2")
    assert (counts["house"]["draft"], counts["house"]["pair"]) == ("1", "")
    assert (counts["all"]["line"], counts["all"]["account"]) == ("2", "")
    assert [row[1] for row in rows if row[0] == line.id] == [
        line.title, f"{line.title}, from 2030-01-01",
    ]  # fmt: skip


def test_text_stays_text() -> None:
    rule = replace(rule_show("exact_duplicate_line"), title="a | b *c* <i>d", basis="<b> `x`")
    made = pages([rule])
    row = next(row for row in cells(made["rules.md"]) if row[0] == rule.id)
    assert row[1] == "a | b *c* <i>d"
    html = MarkdownIt("commonmark").render(made["rules/duplicates.md"])
    assert "<i>" not in html
    assert "&lt;b&gt; `x`" in html


def test_the_measured_sharpness_is_told_where_there_is_one() -> None:
    rule = rule_show("card_not_valid")
    score = {"rules": 288, "mutants": 2000, "killed": 1930}
    assert "of 2,000 rules with one thing changed" in pages([rule], score)["rules.md"]
    assert "96.5 %" in pages([rule], score)["rules.md"]
    first = {"core": {"rules": 44, "mutants": 1200, "killed": 1200, "equivalent": 21}}
    assert "notice 1,200, which is 100.0 %" in pages([rule], score | first)["rules.md"]
    assert "21 changes that mean the same" in pages([rule], first)["rules.md"]
    nothing = {"rules": None, "mutants": None, "killed": None}
    assert "sharp" not in pages([rule], nothing)["rules.md"]


def test_long_conditions_break_before_their_conjunctions() -> None:
    parts = [f"column_number_{n} between {n} and {n + 1}" for n in range(4)]
    nested = "(" + " or ".join(f"a_{n} = 'x and y'" for n in range(3)) + ")"
    rule = replace(rule_show("card_not_valid"), where=" and ".join([*parts, nested]))
    lines = condition(rule).splitlines()
    begin = lines.index("-- where") + 1
    assert lines[begin] == parts[0]
    assert lines[begin + 1 :] == [f"  and {part}" for part in (*parts[1:], nested)]
    assert all(len(line) <= WIDTH for line in lines)
