"""All schemes, and the play: every one planted and mimicked in step with the population's size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from claims.errors import SourceError
from claims.synthetic.schemes import coding, doubles, firms, identity, income, networks, volume
from claims.synthetic.schemes.act import Act
from claims.synthetic.schemes.cast import Cast, blocks
from claims.synthetic.schemes.pen import SIZES, Difficulty, Kind, Stage
from claims.synthetic.schemes.scheme import Scheme

SCHEMES: tuple[Scheme, ...] = (
    *identity.SCHEMES,
    *volume.SCHEMES,
    *coding.SCHEMES,
    *networks.SCHEMES,
    *income.SCHEMES,
    *firms.SCHEMES,
    *doubles.SCHEMES,
)
LOOK_ALIKES = 2


def chosen(names: Sequence[str] | None) -> tuple[Scheme, ...]:
    """The schemes of these names; all of them for ``None``.

    Raises:
        SourceError: a name is not a scheme's.
    """
    known = {scheme.name: scheme for scheme in SCHEMES}
    unknown = sorted(set(names or ()) - set(known))
    if unknown:
        raise SourceError(f"no scheme {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    return SCHEMES if names is None else tuple(known[name] for name in names)


def play(cast: Cast, planted: Sequence[Scheme], mimicked: Sequence[Scheme] = SCHEMES) -> Stage:
    """Write the planted schemes, and the look-alikes of all schemes.

    The look-alikes come first, so that they are the same whatever is planted.
    """
    stage = Stage()
    times = blocks(cast.world)
    shrunk = min(1.0, max(0.4, times))
    parts: list[tuple[Scheme, Kind, Difficulty, int]] = [
        (scheme, "look_alike", "medium", max(1, round(LOOK_ALIKES * times))) for scheme in mimicked
    ]
    parts += [
        (scheme, "planted", difficulty, max(1, round(count * times)))
        for scheme in planted
        for difficulty, count in zip(get_args(Difficulty), scheme.counts, strict=True)
    ]
    for scheme, kind, difficulty, count in parts:
        write = scheme.plant if kind == "planted" else scheme.mimic
        for number in range(count):
            size = SIZES[difficulty] * shrunk
            write(Act(stage, cast, scheme.name, kind, difficulty, number, size))
    return stage
