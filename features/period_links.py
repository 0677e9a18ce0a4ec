"""Links of one period that several detectors read, made once and kept until they are released."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

from claims.runs import Snapshot
from features.identity_links import SharedValues, identity_links, institutional_accounts
from features.identity_values import identity_values
from features.patient_links import PatientSharing, patient_links

LEVEL = StorageLevel.MEMORY_AND_DISK


@dataclass(frozen=True)
class PeriodLinks:
    """Links of a snapshot and a period; frames are kept here, none is for its reader to free."""

    spark: SparkSession
    snapshot: Snapshot
    start: date
    end: date
    _made: dict[str, DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def values(self) -> DataFrame:
        """Who holds which identifying value, as ``identity_values`` gives it."""
        if "values" not in self._made:
            found = identity_values(self.spark, self.snapshot, self.start, self.end)
            self._made["values"] = found.persist(LEVEL)
        return self._made["values"]

    def identities(self, admitted: SharedValues | None = None) -> DataFrame:
        """Subjects tied to values that strangers share, as ``identity_links`` gives them; lazy."""
        lawful = institutional_accounts(self.spark, self.snapshot)
        return identity_links(self.values(), lawful, admitted)

    def patients(self, sharing: PatientSharing) -> DataFrame:
        """Provider pairs that share improbably many patients, as ``patient_links`` gives them."""
        key = repr(sharing)
        if key not in self._made:
            self._made[key] = patient_links(
                self.spark, self.snapshot, self.start, self.end, sharing
            )
        return self._made[key]

    def release(self) -> None:
        """Free what was kept; whoever asks again has it made again."""
        while self._made:
            self._made.popitem()[1].unpersist()
