"""Features of providers against what their case mix lets expect, and against their specialty.

Expected values are by indirect standardisation (``features.case_mix``), the likest specialty by the
codes billed (``features.code_mix``).
"""

from __future__ import annotations

from features.case_mix import MICRO, NANO
from features.catalogue import Feature, count, money

_NONE = "no cases"
_NO_STAYS = "no stays"

PROVIDER_EXPECTED: tuple[Feature, ...] = (
    money(
        "expected_paid",
        "what peers were paid for as many persons of the same age band, sex, diagnosis and "
        "procedure groups",
        f"expected_cents / {MICRO:.0f}.0",
        nulls=_NONE,
    ),
    Feature(
        "paid_oe",
        "paid by expected paid",
        "ratio",
        f"paid_cents * {MICRO:.0f}.0 / nullif(expected_cents, 0)",
        nulls="nothing expected",
        phrase="paid against the case mix's expectation",
    ),
    Feature(
        "expected_lines",
        "lines that peers billed for as many persons of the same cells",
        "lines",
        f"expected_lines / {NANO:.0f}.0",
        direction="none",
        total=True,
        nulls=_NONE,
    ),
    Feature(
        "lines_oe",
        "lines by expected lines",
        "ratio",
        f"lines * {NANO:.0f}.0 / nullif(expected_lines, 0)",
        nulls="nothing expected",
        phrase="lines against the case mix's expectation",
    ),
    count("stays", "stays: admissions of a person", "stays", nulls=_NONE),
    count("stay_days", "days of stay, at least one a stay", "days", nulls=_NONE),
    money("stay_paid", "paid on the lines of stays", "stay_cents", nulls=_NO_STAYS),
    Feature(
        "expected_days",
        "days that peers kept as many persons of the same age band, sex, diagnosis group and DRG",
        "days",
        f"case when stays > 0 then expected_days / {NANO:.0f}.0 end",
        direction="none",
        total=True,
        nulls=_NO_STAYS,
    ),
    Feature(
        "stay_oe",
        "days of stay by expected days",
        "ratio",
        f"stay_days * {NANO:.0f}.0 / nullif(expected_days, 0)",
        nulls=_NO_STAYS,
        phrase="days of stay against the case mix's expectation",
    ),
    count("coded_lines", "lines with a procedure or drug code", "lines", nulls="no codes"),
    Feature(
        "mix_specialty",
        "the specialty whose nearest five providers bill the likest mix of codes",
        "specialty",
        "mix_specialty",
        direction="none",
        scale="linear",
        type="string",
        nulls="fewer than ten coded lines, no specialty with six providers of ten, or none alike "
        "(similarity below 0.5)",
    ),
    Feature(
        "mix_similarity",
        "mean cosine similarity of codes to those five",
        "share",
        "mix_similarity",
        direction="none",
        scale="linear",
        nulls="fewer than ten coded lines, or no specialty with six providers of ten",
    ),
    Feature(
        "mix_distance",
        "by how much the declared specialty's nearest five are less alike than those five",
        "share",
        "mix_distance",
        scale="linear",
        nulls="as mix_similarity, or the declared specialty is missing or has fewer than six "
        "providers",
        phrase="distance of codes from the declared specialty",
    ),
    Feature(
        "specialty_disagrees",
        "the codes are plainly another specialty's: 30 coded lines or more, and a distance above "
        "0.3",
        "yes or no",
        "case when mix_distance is not null then coded_lines >= 30 and mix_distance > 0.3 end",
        direction="none",
        scale="linear",
        type="boolean",
        nulls="as mix_distance",
    ),
)
