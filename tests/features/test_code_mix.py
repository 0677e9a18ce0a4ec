"""The specialty that a provider's codes are likest."""

from __future__ import annotations

import random

import duckdb
import pandas as pd
import pytest

from features.code_mix import CodeMix, fit

CODES = {
    "gp": ("V1", "V2", "V3", "INJ"),
    "cardiology": ("ECG", "ECHO", "V3", "HOLTER"),
    "transport": ("KM", "RIDE"),
}


def made(each: int = 8) -> tuple[pd.DataFrame, dict[str, str]]:
    draw = random.Random(3)  # noqa: S311
    rows, specialties = [], {}
    for specialty, codes in CODES.items():
        for number in range(each):
            provider = f"{specialty}{number}"
            specialties[provider] = specialty
            rows += [(provider, code, draw.randint(5, 30)) for code in codes]
    return pd.DataFrame(rows, columns=["provider_id", "code", "lines"]), specialties


@pytest.fixture(scope="module")
def mix() -> CodeMix:
    found = fit(*made())
    assert found is not None
    return found


def asked(mix: CodeMix, counts: dict[str, int], declared: str | None) -> pd.Series:
    rows = pd.DataFrame(
        [("X", code, lines) for code, lines in counts.items()],
        columns=["subject_id", "code", "lines"],
    )
    return mix.likest(rows, {"X": declared} if declared else {}).iloc[0]


def test_a_missing_specialty_is_told_by_the_codes(mix: CodeMix) -> None:
    found = asked(mix, {"ECG": 20, "ECHO": 12, "HOLTER": 9}, None)
    assert found["mix_specialty"] == "cardiology"
    assert found["mix_similarity"] > 0.8
    assert pd.isna(found["mix_distance"])


def test_a_wrong_specialty_lies_far_from_its_own_and_a_right_one_at_nothing(mix: CodeMix) -> None:
    wrong = asked(mix, {"KM": 200, "RIDE": 90}, "cardiology")
    assert wrong["mix_specialty"] == "transport"
    assert wrong["mix_distance"] == pytest.approx(wrong["mix_similarity"])
    assert wrong["mix_distance"] > 0.9
    assert asked(mix, {"KM": 200, "RIDE": 90}, "transport")["mix_distance"] == 0


def test_codes_that_no_specialty_bills_name_none(mix: CodeMix) -> None:
    found = asked(mix, {"NEW": 50}, "gp")
    assert (found["mix_specialty"], found["mix_similarity"]) == (None, 0)


def test_the_provider_itself_is_not_among_its_nearest() -> None:
    """One who declares a specialty and bills another's codes must not vouch for itself."""
    counts, specialties = made()
    specialties["transport0"] = "gp"
    found = fit(counts, specialties)
    assert found is not None
    own = counts[counts["provider_id"] == "transport0"].rename(
        columns={"provider_id": "subject_id"}
    )
    row = found.likest(own, {"transport0": "gp"}).iloc[0]
    assert row["mix_specialty"] == "transport"
    assert row["mix_distance"] > 0.7


def test_few_providers_or_few_lines_make_no_specialty(mix: CodeMix) -> None:
    assert fit(*made(each=5)) is None
    few = pd.DataFrame([("X", "ECG", 9)], columns=["subject_id", "code", "lines"])
    assert mix.likest(few, {}).empty
    empty = pd.DataFrame({"provider_id": [], "code": [], "lines": []})
    assert fit(empty, {}) is None


def test_answers_do_not_depend_on_the_order_or_company_of_rows(mix: CodeMix) -> None:
    counts, specialties = made()
    rows = counts.rename(columns={"provider_id": "subject_id"})
    whole = mix.likest(rows, specialties).set_index("subject_id")
    turned = mix.likest(rows.iloc[::-1], specialties).set_index("subject_id")
    pd.testing.assert_frame_equal(whole, turned)
    alone = mix.likest(rows[rows["subject_id"] == "gp3"], specialties).set_index("subject_id")
    pd.testing.assert_frame_equal(whole.loc[["gp3"]], alone)


def test_many_codes_are_reduced_to_topics() -> None:
    counts, specialties = made()
    more = pd.DataFrame(
        [
            (provider, f"{specialty}-{place}", 3)
            for provider, specialty in specialties.items()
            for place in range(40)
        ],
        columns=counts.columns,
    )
    whole = pd.concat([counts, more])
    found = fit(whole, specialties)
    assert found is not None
    assert len(found.places) > found.vectors.shape[1]
    own = whole.rename(columns={"provider_id": "subject_id"})
    told = found.likest(own, {}).set_index("subject_id")["mix_specialty"]
    assert told.to_dict() == specialties


def test_as_a_step_of_the_merge_it_reads_codes_and_declared_specialties(mix: CodeMix) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table parts as from (values ('X', 'code', 'KM', 40),"
            " ('X', 'code', 'RIDE', 20), ('X', 'specialty', 'gp', 0), ('Y', 'day', 'd', 50))"
            " t(subject_id, part, key, lines)"
        )
        mix(connection)
        rows = connection.execute(
            "select subject_id, mix_specialty, mix_distance from mix"
        ).fetchall()
    assert [(row[0], row[1]) for row in rows] == [("X", "transport")]
    assert rows[0][2] > 0.9
