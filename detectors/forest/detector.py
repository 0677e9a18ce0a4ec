"""The forest detector.

Isolation forest (Liu, Ting and Zhou, ICDM 2008). Features are distances from the peer group on a
robust scale, so subjects of small groups may share one pooled forest. Totals are left out: size
alone isolates nobody. A feature's harmless side counts as its usual value, so that only what is
costly isolates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, get_args

import pandas as pd

from claims.buckets import run_in_buckets
from detectors.base import Findings, Inputs, Needs
from detectors.deviation.findings import Statement, assembled
from detectors.forest.drivers import attribution
from detectors.forest.kinds import Judged, Kind, kind_of
from detectors.forest.model import PeerForests, Sample, Settings, Stability
from detectors.forest.scoring import Cut, plain, suspects_of_buckets, suspects_of_profiles
from detectors.forest.wording import statement
from features.catalogue import PROFILES
from features.claim_profiles import ClaimProfiles
from features.peers import reference

FIT_ROWS = 20_000


@dataclass(frozen=True)
class Forest:
    """Subjects isolated in few cuts by costly features, with those features named.

    Args:
        trees: number of trees a forest.
        sample: subjects a tree is grown from.
        own: least number of peers for a forest of their own; others share the pooled one.
        tail: a subject is judged when at most this share of its forest's subjects score as high.
        member_tail, claim_tail: the same for members and claims, which are many.
        floor: least anomaly score (0.5 is average, 1 isolated at once).
        costly: least share of what shortened a path that costly features explain.
        seeds: forests by so many seeds; a finding that not all of them make is marked.
        most_claims: of the claims that pass, so many of the rarest are looked at.
        claim_money: of those, claims with at least so much above expectation are named, in
            currency: one claim is worth an analyst's hour by its money alone.
        subjects: kinds of subjects judged.
    """

    trees: int = 100
    sample: int = 256
    own: int = 200
    tail: float = 0.02
    member_tail: float = 0.005
    claim_tail: float = 0.001
    floor: float = 0.5
    costly: float = 0.5
    seeds: int = 3
    most_claims: int = 500
    claim_money: float = 50.0
    subjects: tuple[Judged, ...] = get_args(Judged)
    name: ClassVar[str] = "forest"
    version: ClassVar[str] = "2"
    needs: ClassVar[Needs] = Needs()

    def detect(self, inputs: Inputs) -> Findings:
        """Findings ``forest.providers``, ``.members``, ``.employers`` and ``.claims``."""
        not_run: dict[str, str] = {}
        statements: list[Statement] = []
        for subject in self.subjects:
            kind = kind_of(subject)
            try:
                if subject == "claim":
                    statements += self._of_claims(inputs, kind)
                else:
                    statements += self._of_profiles(inputs, kind, PROFILES[subject][0])
            except TooFewError as error:
                not_run[f"forest.{subject}s"] = str(error)
        return assembled(inputs, statements, not_run)

    def _of_profiles(self, inputs: Inputs, kind: Kind, table: str) -> list[Statement]:
        if table not in inputs.profiles:
            raise TooFewError(f"no {table} in this run")
        frame = plain(inputs.profiles[table], kind)
        profiles, _ = reference(frame, kind.key, inputs.seed, FIT_ROWS)
        sample, model = self._grown(profiles, kind, inputs.seed)
        cut = Cut(self.member_tail if kind.subject == "member" else self.tail, self.floor)
        suspects = suspects_of_profiles(inputs.spark, frame, model, cut)
        return self._statements(suspects, sample, model, cut, inputs.seed)

    def _of_claims(self, inputs: Inputs, kind: Kind) -> list[Statement]:
        if not inputs.snapshot.has("claim_lines"):
            raise TooFewError("no claim_lines in this run")
        claims = ClaimProfiles.of(inputs.spark, inputs.snapshot, inputs.start, inputs.end)
        drawn = claims.program(inputs.seed, FIT_ROWS)
        profiles = run_in_buckets(inputs.spark, inputs.snapshot, drawn).toPandas()
        profiles = profiles.sort_values(list(profiles.columns)).reset_index(drop=True)
        sample, model = self._grown(profiles, kind, inputs.seed)
        cut = Cut(self.claim_tail, self.floor, self.most_claims)
        suspects = suspects_of_buckets(inputs.spark, inputs.snapshot, claims.program(), model, cut)
        said = self._statements(suspects, sample, model, cut, inputs.seed)
        return [each for each in said if each.undue > 0 and each.excess >= self.claim_money]

    def _grown(self, profiles: pd.DataFrame, kind: Kind, seed: int) -> tuple[Sample, PeerForests]:
        sample = Sample.of(profiles, kind, self.own)
        if len(sample.matrix) < self.own:
            found = f"{len(sample.matrix)} {kind.subject}s to judge"
            raise TooFewError(f"{found}; a forest needs {self.own}")
        return sample, sample.forests(self._settings, seed)

    @property
    def _settings(self) -> Settings:
        return Settings(self.trees, self.sample, self.own)

    def _statements(
        self, suspects: pd.DataFrame, sample: Sample, model: PeerForests, cut: Cut, seed: int
    ) -> list[Statement]:
        """What is said of the suspects whom costly features isolated."""
        if suspects.empty:
            return []
        names = sorted(set(suspects["forest"]))
        others = [
            sample.forests(self._settings, other, names)
            for other in range(seed + 1, seed + self.seeds)
        ]
        stability = Stability.of(sample, model, others, suspects, cut.tail)
        told = suspects.assign(
            agreeing=stability.agreeing,
            rank_correlation=stability.correlation,
            seeds=stability.seeds,
        )
        parts, expected = model.parts(suspects)
        norms, said = model.norms, []
        raw, far = norms.raw(told), norms.distances(told, told["peer_group"])
        for place in range(len(told)):
            row = told.iloc[place]
            found = attribution(
                norms,
                row["peer_group"],
                raw[place],
                far[place],
                parts[place],
                float(expected[place]),
            )
            if found.drivers and found.explained >= self.costly:
                said.append(statement(norms.kind, row, found, cut.tail, self.version))
        return said


class TooFewError(Exception):
    """Too few subjects for a forest."""
