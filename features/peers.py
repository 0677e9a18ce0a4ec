"""Peer groups: with whom a subject may fairly be compared, widened step by step until large enough.

A ladder's rungs run from the narrowest group to the widest. A subject stands on the first rung
whose group has enough peers; every subject with the same key is a peer there, whichever rung it
stands on itself.

=========  =====================================================================================
provider   specialty × type × region × volume; specialty × type × volume; specialty × type;
           main claim type × type; type; all. A specialty that is missing, or plainly not what is
           billed, is stood in for by the one whose codes are likest (``features.code_mix``), and
           where there is none by the main claim type.
member     age band × sex × region; age band × sex; age band; all
employer   activity × size × region; activity × size; activity; size; all
account    holder × what it receives × persons and providers paid; holder × what it receives; what
           it receives; all
=========  =====================================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from features.catalogue import Subject

ENOUGH = 30
NARROW = 10
REFERENCE = 200_000
UNKNOWN_WORK = "any specialty"
BY_MIX = ", specialty by the mix of codes"

BANDS = ((1, "no"), (30, "small"), (300, "medium"), (3000, "large"), (np.inf, "very large"))


def band(values: pd.Series) -> pd.Series:
    """Size in words: small below 30, medium below 300, large below 3,000."""
    sizes = values.astype("float64")
    edges = [-np.inf, *[edge for edge, _ in BANDS]]
    cut = pd.cut(sizes, edges, right=False, labels=[name for _, name in BANDS])
    return cut.astype("object").where(sizes.notna(), "no")


@dataclass(frozen=True)
class Ladder:
    """Rungs of peer groups.

    Args:
        rungs: columns that a group shares, narrowest first.
        derive: adds the columns that are not in the profile.
        narrow: the last rung on which peers still do the same kind of work. There ten peers will
            do: a wider group is larger, but it is not a fairer one.
        words: suffix that a column's value takes in a group's name.
        stand_in: tells of whom the first column was found otherwise than by declaration.
    """

    rungs: tuple[tuple[str, ...], ...]
    derive: Callable[[pd.DataFrame], pd.DataFrame]
    narrow: int
    words: tuple[tuple[str, str], ...] = ()
    stand_in: Callable[[pd.DataFrame], pd.Series] | None = None

    def said(self, frame: pd.DataFrame, groups: pd.Series) -> pd.Series:
        """Groups as findings name them: with how a subject got there, where that is not declared.

        The groups themselves hold those placed there by declaration and by mix alike.
        """
        if self.stand_in is None or groups.empty:
            return groups
        own = groups.str.split(":", n=1).str[0].astype("int64") <= self.narrow
        return groups.where(~(own & self.stand_in(frame).to_numpy()), groups + BY_MIX)

    def keys(self, frame: pd.DataFrame) -> list[pd.Series]:
        """By rung, each subject's group in words."""
        suffix = dict(self.words)
        known = self.derive(frame)
        found = []
        for place, columns in enumerate(self.rungs):
            parts = [known[c].fillna("unknown").astype(str) + suffix.get(c, "") for c in columns]
            text = parts[0] if parts else pd.Series("all", frame.index)
            for part in parts[1:]:
                text = text + ", " + part
            found.append(f"{place}:" + text)
        return found


def _by_mix(frame: pd.DataFrame) -> pd.Series:
    """Whose specialty is missing or plainly not what is billed, and can be told by the codes."""
    if "mix_specialty" not in frame:  # Profiles of a run before there was such a feature.
        return pd.Series(False, frame.index)
    plain = frame["specialty_disagrees"].eq(True).fillna(False)
    return (frame["specialty"].isna() | plain) & frame["mix_specialty"].notna()


def _providers(frame: pd.DataFrame) -> pd.DataFrame:
    own = frame[["specialty", "provider_type", "region", "main_claim_type"]]
    claim_type = own["main_claim_type"].fillna("no claims")
    by_mix = _by_mix(frame)
    specialty = own["specialty"]
    if by_mix.any():
        specialty = specialty.where(~by_mix, frame["mix_specialty"])
    return own.assign(
        specialty=specialty.fillna(f"{UNKNOWN_WORK} of " + claim_type),
        main_claim_type=claim_type,
        volume=band(frame["members"]),
    )


def _members(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[["age_band", "sex", "region"]]


def _employers(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[["activity_code", "region"]].assign(size=band(frame["workers"]))


def _accounts(frame: pd.DataFrame) -> pd.DataFrame:
    paid = frame["beneficiaries"].fillna(0) + frame["providers"].fillna(0)
    return frame[["holder_type", "receives"]].assign(payees=band(paid))


LADDERS: dict[Subject, Ladder] = {
    "provider": Ladder(
        (
            ("specialty", "provider_type", "region", "volume"),
            ("specialty", "provider_type", "volume"),
            ("specialty", "provider_type"),
            ("main_claim_type", "provider_type"),
            ("provider_type",),
            (),
        ),
        _providers,
        narrow=2,
        words=(("volume", " volume"),),
        stand_in=_by_mix,
    ),
    "member": Ladder(
        (("age_band", "sex", "region"), ("age_band", "sex"), ("age_band",), ()),
        _members,
        narrow=2,
    ),
    "employer": Ladder(
        (
            ("activity_code", "size", "region"),
            ("activity_code", "size"),
            ("activity_code",),
            ("size",),
            (),
        ),
        _employers,
        narrow=2,
        words=(("size", " size"),),
    ),
    "account": Ladder(
        (("holder_type", "receives", "payees"), ("holder_type", "receives"), ("receives",), ()),
        _accounts,
        narrow=1,
        words=(("payees", " number of payees"),),
    ),
}


def alike(subject: Subject, group: str) -> bool:
    """Whether the peers of a group are known to do the same kind of work.

    Args:
        group: a group's name as :meth:`Ladder.keys` makes it.
    """
    rung, words = group.split(":", 1)
    return int(rung) <= LADDERS[subject].narrow and not words.startswith(UNKNOWN_WORK)


def columns_of(subject: Subject) -> tuple[str, ...]:
    """Profile columns that a subject's peer group is made of."""
    return {
        "provider": (
            "specialty",
            "provider_type",
            "region",
            "main_claim_type",
            "members",
            "mix_specialty",
            "specialty_disagrees",
        ),
        "member": ("age_band", "sex", "region"),
        "employer": ("activity_code", "region", "workers"),
        "account": ("holder_type", "receives", "beneficiaries", "providers"),
    }[subject]


def group_sizes(keys: list[pd.Series]) -> dict[str, int]:
    """Number of subjects by group, over all rungs."""
    sizes: dict[str, int] = {}
    for key in keys:
        sizes.update({str(name): int(n) for name, n in key.value_counts().items()})
    return sizes


def assign(keys: list[pd.Series], sizes: dict[str, int], ladder: Ladder) -> pd.DataFrame:
    """Each subject's group (``peer_group``), its rung (``peer_level``) and size (``peer_size``)."""
    index = keys[0].index
    chosen = pd.DataFrame({"peer_group": "", "peer_level": -1, "peer_size": 0}, index=index)
    open_ = pd.Series(True, index)
    for place, key in enumerate(keys):
        size = key.map(sizes).fillna(0).astype("int64")
        least = NARROW if place == ladder.narrow else ENOUGH
        if place == len(keys) - 1:
            least = 0
        here = open_ & (size >= least)
        chosen.loc[here, "peer_group"] = key[here]
        chosen.loc[here, "peer_level"] = place
        chosen.loc[here, "peer_size"] = size[here]
        open_ &= ~here
    return chosen


def reference(
    frame: DataFrame, subject_id: str, seed: int, most: int = REFERENCE
) -> tuple[pd.DataFrame, int]:
    """The subjects whom peers' norms are taken from: all, or a seeded sample where they are many.

    A subject is in the sample by the hash of its id, so the same data give the same sample.

    Returns:
        The frame's columns in pandas, ordered by the subject's id, and how many subjects there are.
    """
    total = frame.count()
    if total > most:
        place = F.pmod(F.xxhash64(F.lit(seed), F.col(subject_id)), F.lit(1_000_000))
        frame = frame.where(place < int(1_000_000 * most / total))
    found: pd.DataFrame = frame.toPandas()
    return found.sort_values(subject_id).reset_index(drop=True), total
