"""Digits against published tables."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.deviation.methods.benford import LAWS, counted, digits, fit, inapplicable

# Leading digits of the first thousand of each, as printed wherever Benford's law is.
FIBONACCI = [301, 177, 125, 96, 80, 67, 56, 53, 45]
POWERS = [301, 176, 125, 97, 79, 69, 56, 52, 45]


def test_the_law_is_newcombs_and_benfords_table() -> None:
    first = [0.301, 0.176, 0.125, 0.097, 0.079, 0.067, 0.058, 0.051, 0.046]
    second = [0.1197, 0.1139, 0.1088, 0.1043, 0.1003, 0.0967, 0.0934, 0.0904, 0.0876, 0.0850]
    assert LAWS["first"] == pytest.approx(first, abs=5e-4)
    assert LAWS["second"] == pytest.approx(second, abs=5e-5)
    assert LAWS["first_two"].sum() == pytest.approx(1)


@pytest.mark.parametrize(("name", "published"), [("fibonacci", FIBONACCI), ("powers", POWERS)])
def test_sequences_that_follow_the_law(name: str, published: list[int]) -> None:
    terms, a, b = [], 1, 1
    for n in range(1_000):
        terms.append(a if name == "fibonacci" else 2**n)
        a, b = b, a + b
    leading = np.array([int(str(term)[:4].ljust(4, "0")) for term in terms])
    counts = counted(digits(leading, "first"), "first")
    assert counts.tolist() == published
    found = fit(counts, "first")
    assert found.p > 0.99 and found.conformity == "close"


def test_prices_just_under_round_ones_break_it() -> None:
    counts = np.full(9, 100.0)
    found = fit(counts, "first")
    assert found.conformity == "none" and found.p < 1e-10
    assert found.deviation == pytest.approx(np.abs(1 / 9 - LAWS["first"]).mean())


def test_digits_by_hand() -> None:
    amounts = np.array([7, 42, 907, 1530, 0, -5], dtype=np.int64)
    assert digits(amounts, "first").tolist() == [7, 4, 9, 1]
    assert digits(amounts, "second").tolist() == [2, 0, 5]
    assert digits(amounts, "first_two").tolist() == [42, 90, 15]
    assert digits(amounts, "last").tolist() == [7, 2, 7, 0]


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ((200, 4.0, 150, 0.01), "fewer"),
        ((5_000, 1.2, 900, 0.01), "orders"),
        ((5_000, 3.0, 12, 0.05), "tariff"),
        ((5_000, 3.0, 900, 0.4), "one amount"),
    ],
)
def test_it_says_when_it_may_not_be_asked(facts: tuple[int, float, int, float], word: str) -> None:
    assert word in (inapplicable(*facts) or "")
    assert inapplicable(5_000, 3.0, 900, 0.02) is None
