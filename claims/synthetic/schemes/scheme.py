"""What a scheme is: its story, its honest twin, and the two functions that write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from claims.synthetic.schemes.act import Act


@dataclass(frozen=True)
class Scheme:
    """A planted scheme and its honest look-alike.

    Args:
        name: value of ``scheme`` in the truth.
        story: what is done, in a sentence.
        look_alike: what honest life looks like it, and why it is right.
        plant: writes one subject's (or ring's) part.
        mimic: writes one look-alike.
        counts: easy, medium and hard ones in a population of 150,000 lines.
    """

    name: str
    domain: Literal["health", "benefits", "employers"]
    story: str
    look_alike: str
    plant: Callable[[Act], None]
    mimic: Callable[[Act], None]
    counts: tuple[int, int, int] = (2, 2, 2)
