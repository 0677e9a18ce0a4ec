"""Which procedure codes are high levels of a family, inferred from codes and fees."""

from __future__ import annotations

import duckdb
import pytest

from features.bucket_views import LEVELS


def high_levels(fees: dict[str, int], listed: dict[str, int] | None = None) -> dict[str, bool]:
    with duckdb.connect() as connection:
        connection.execute("create table procedures (procedure_code varchar, fee_amount double)")
        connection.execute(
            "create table code_sets"
            " (code_set varchar, code varchar, related_code varchar, value double)"
        )
        connection.executemany("insert into procedures values (?, ?)", list(fees.items()))
        for code, value in (listed or {}).items():
            connection.execute(
                "insert into code_sets values ('service_levels', ?, 'visit', ?)", [code, value]
            )
        connection.execute(LEVELS)
        return dict(connection.execute("from levels").fetchall())


@pytest.mark.parametrize(
    "codes", [("V1", "V2", "V3", "V4", "V5"), ("C10X", "C20X", "C30X", "C40X", "C50X")]
)
def test_levels_lie_in_one_digit_wherever_it_stands(codes: tuple[str, ...]) -> None:
    fees = {code: 10 * (n + 1) for n, code in enumerate(codes)}
    assert high_levels(fees) == dict(zip(codes, [False, False, False, True, True], strict=True))


def test_an_inner_digit_that_does_not_climb_with_the_fee_is_no_level() -> None:
    assert high_levels({"C10X": 10, "C20X": 40, "C30X": 20, "C40X": 30}) == {}
    assert high_levels({"C10X": 10, "C20X": 20, "C30X": 30}) == {}


def test_the_last_character_goes_before_an_inner_digit() -> None:
    fees = {f"V{tens}{last}": 100 * tens + 10 * last for tens in range(1, 5) for last in (1, 2, 3)}
    assert {code for code, high in high_levels(fees).items() if high} == {
        f"V{tens}3" for tens in range(1, 5)
    }


def test_listed_levels_take_the_place_of_inferred_ones() -> None:
    fees = {"V1": 10, "V2": 20, "V3": 30}
    assert high_levels(fees, {"X": 1, "Y": 2}) == {"X": False, "Y": True}
