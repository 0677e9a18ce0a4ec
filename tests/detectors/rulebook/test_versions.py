"""Dated versions of one rule stand beside one another, and each judges the services of its days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from claims.runs import Snapshot
from detectors.base import Inputs
from detectors.rulebook import Rulebook
from detectors.rulebook.catalogue import chosen_rules, rules_lint, rules_test
from detectors.rulebook.library import library
from detectors.rulebook.loader import load_rules
from detectors.rulebook.problems import RuleError
from tests.detectors.rulebook.test_loader import SOUND

EARLIER = SOUND.replace("basis: contract", "basis: contract of 2020\neffective: {to: 2025-06-30}")
LATER = (
    SOUND.replace("basis: contract", "basis: contract of 2025\neffective: {from: 2025-07-01}")
    .replace("{limit: 50}", "{limit: 80}")
    .replace("[{paid_amount: 51}]", "[{paid_amount: 81, claim_line_start_date: 2025-07-01}]")
    .replace("[{paid_amount: 50}]", "[{paid_amount: 81, claim_line_start_date: 2025-06-30}]")
)


def site(tmp_path: Path, **texts: str) -> str:
    (tmp_path / "house").mkdir(exist_ok=True)
    for stem, text in texts.items():
        (tmp_path / "house" / f"{stem}.yaml").write_text(text, encoding="utf-8")
    return str(tmp_path)


def faults(folder: str) -> list[str]:
    return [str(problem) for problem in rules_lint([folder])]


def test_two_versions_stand_beside_one_another(tmp_path: Path) -> None:
    folder = site(tmp_path, **{"house_rule": EARLIER, "house_rule@2025-07-01": LATER})
    assert faults(folder) == []
    by = library([folder])
    found = chosen_rules(["house_rule"], by)
    assert [rule.effective[0] for rule in found] == [date(1900, 1, 1), date(2025, 7, 1)]
    assert len({rule.version for rule in found}) == len({rule.dated_name for rule in found}) == 2
    assert {rule.name for rule in found} == {"rules.house.house_rule"}
    verdicts = rules_test(["house_rule"], by)
    assert [verdict.fault for verdict in verdicts] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("texts", "place", "words"),
    [
        (
            {"house_rule": SOUND, "house_rule@2025-07-01": LATER},
            "house_rule@2025-07-01.yaml:12:",
            "both in force on 2025-07-01",
        ),
        (
            {"house_rule@2024-01-01": LATER},
            "house_rule@2024-01-01.yaml:12:",
            "a version named 2024-01-01 is in force from 2025-07-01",
        ),
        ({"house_rule@soon": SOUND}, "house_rule@soon.yaml:", "a version named soon"),
    ],
)
def test_versions_that_clash_are_refused(
    tmp_path: Path, texts: dict[str, str], place: str, words: str
) -> None:
    found = faults(site(tmp_path, **texts))
    assert len(found) == 1
    assert place in found[0]
    assert words in found[0]


def test_a_site_overrides_every_version_of_ours_or_none(tmp_path: Path) -> None:
    text = SOUND.replace("house_rule", "card_not_valid")
    later = text.replace("basis: contract", "basis: law\neffective: {from: 2030-01-01}").replace(
        "paid_amount: 51", "paid_amount: 51, claim_line_start_date: 2030-01-01"
    )
    folder = site(tmp_path, **{"card_not_valid@2030-01-01": later})
    with pytest.raises(RuleError, match="card_not_valid exists"):
        load_rules([folder])
    earlier = text.replace("basis: contract", "basis: law\neffective: {to: 2029-12-31}")
    site(tmp_path, card_not_valid=earlier + "overrides: true\n")
    found = [rule for rule in load_rules([folder]) if rule.id == "card_not_valid"]
    assert [(rule.group, rule.edition) for rule in found] == [
        ("house", ""), ("house", "2030-01-01"),
    ]  # fmt: skip


def test_each_version_judges_the_services_of_its_days(
    spark: SparkSession, lake_of: Callable[..., Snapshot], tmp_path: Path
) -> None:
    folder = site(
        tmp_path,
        **{
            "house_rule": EARLIER,
            "house_rule@2025-07-01": LATER.replace("status: active", "status: shadow"),
        },
    )
    lines = [
        {"claim_id": name, "claim_line_start_date": day, "paid_amount": paid}
        for name, day, paid in (
            ("A", date(2025, 6, 30), 60),
            ("B", date(2025, 7, 1), 60),
            ("C", date(2025, 7, 1), 90),
        )
    ]
    inputs = Inputs(spark, lake_of(claim_lines=lines), date(2025, 1, 1), date(2025, 12, 31))
    rules = tuple(chosen_rules(["house_rule"], library([folder])))
    found = Rulebook(rules).detect(inputs)
    assert found.trial is not None
    evidence = [*found.evidence.collect(), *found.trial[1].collect()]
    findings = [*found.findings.collect(), *found.trial[0].collect()]
    found.release()
    assert [row.row_key for row in evidence] == ["|A|1", "|C|1"]
    assert [float(row.overpayment) for row in findings] == [10, 10]
    assert [row.detector for row in findings] == ["rules.house.house_rule"] * 2
    assert [row.detector_version for row in findings] == [rule.version for rule in rules]
    assert len({row.finding_id for row in findings}) == 2
