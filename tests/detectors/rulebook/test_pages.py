"""The pages in docs/ are those that the rule files give."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from detectors.rulebook.loader import load_rules
from detectors.rulebook.pages import pages

DOCS = Path(__file__).parents[3] / "docs"


def test_the_pages_are_up_to_date() -> None:
    made = pages(load_rules())
    assert {name for name in made if name.startswith("rules/")} == {
        f"rules/{path.name}" for path in (DOCS / "rules").glob("*.md")
    }
    for name, text in made.items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"{name}: run `vigie rules docs`"


def test_a_page_tells_every_clause() -> None:
    (rule,) = (rule for rule in load_rules() if rule.id == "exact_duplicate_line")
    page = pages([rule])["rules/duplicates.md"]
    for text in (rule.given, rule.overpayment, rule.reason, rule.basis, *rule.false_positives):
        assert " ".join(text.split()) in page
    piped = pages([replace(rule, title="one | two")])["rules.md"]
    assert "one \\| two" in piped, "a title must not break the table"
