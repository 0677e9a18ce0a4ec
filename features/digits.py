"""How a provider's charges (or, where none are given, payments) look as numbers.

Digits leading an amount are kept with its order of magnitude, so that from a few hundred keys one
can tell whether Benford's law may be asked at all.
"""

from __future__ import annotations

from features.partials import Part

LIMITS_CENTS = tuple(100 * limit for limit in (50, 100, 150, 200, 250, 300, 400, 500, 750, 1000))
"""Round amounts under which a charge may hide: usual thresholds of review or approval."""

NEAR = 0.1
"""Part of a limit within which an amount is just below or just above it."""

_LIMITS = ", ".join(f"({limit})" for limit in LIMITS_CENTS)

DIGIT_PARTS = (
    Part(
        "amount",
        "(length(l.asked::varchar) * 100 + left(l.asked::varchar, 2)::int)::varchar",
        where="l.asked >= 10",
    ),
    Part("ending", "(l.asked % 10)::varchar", where="l.asked > 0"),
    Part(
        "near",
        "n.limit_cents::varchar || case when l.asked < n.limit_cents then '-' else '+' end",
        join=f"join (values {_LIMITS}) n(limit_cents)"
        f" on l.asked >= (1 - {NEAR}) * n.limit_cents and l.asked < (1 + {NEAR}) * n.limit_cents",
    ),
)
"""``amount``: number of digits × 100 + the first two; ``ending``: the last digit of the cents;
``near``: a limit in cents and the side of it."""
