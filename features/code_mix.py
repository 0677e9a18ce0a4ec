"""Which specialty a provider's codes are likest: TF-IDF, latent semantic analysis, near neighbours.

Codes are to providers what words are to texts: their counts are weighted by TF-IDF (sublinear),
reduced by a truncated SVD (Deerwester et al., Indexing by latent semantic analysis, JASIS 41,
1990) and compared by cosine. A specialty is as like a provider as its five nearest providers are on
average, so a specialty of many kinds of practice is no farther than a narrow one, and a large one
no nearer than a small one. The provider itself is never among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer

from claims.buckets import BucketProgram, run_in_buckets, sql
from claims.runs import Snapshot
from features.bucket_views import day

Matrix = npt.NDArray[np.float64]

NEAREST = 5
LEAST_LINES = 10
ALIKE = 0.5
"""Cosine from which a specialty may stand in for a missing one."""

SAMPLE = 3_000
TOPICS = 64
SEED = 0
"""Of the sample and the SVD: fixed, as the same data must give the same profiles in every run."""

BLOCK = 2_000
DIGITS = 6
"""Similarities beyond six digits depend on how rows are cut into blocks."""

MIX = pa.schema(
    [
        ("subject_id", pa.string()),
        ("mix_specialty", pa.string()),
        ("mix_similarity", pa.float64()),
        ("mix_distance", pa.float64()),
    ]
)

_COUNTS = """
select billing_provider_id as provider_id, coalesce(procedure_code, drug_code) as code,
  count(*) as lines
from claim_lines join sampled on billing_provider_id = sampled.provider_id
where claim_line_start_date between {start} and {end}
  and coalesce(procedure_code, drug_code) is not null
group by all
"""


@dataclass(frozen=True)
class CodeMix:
    """Providers of known specialty in the space of codes.

    Args:
        places: column by code.
        space: counts to unit vectors.
        providers: row by provider.
        vectors: their unit vectors.
        specialties: by name the rows of its providers.
    """

    places: Mapping[str, int]
    space: Pipeline
    providers: Mapping[str, int]
    vectors: Matrix
    specialties: Mapping[str, npt.NDArray[np.intp]]

    def likest(self, counts: pd.DataFrame, declared: Mapping[str, str]) -> pd.DataFrame:
        """The likest specialty of providers.

        Args:
            counts: ``subject_id``, ``code``, ``lines``; providers with few lines are left out.
            declared: specialty by provider, where one is declared.

        Returns:
            Columns of :data:`MIX`, one row a provider. Ties go by the specialty's name.
        """
        counts = _enough(counts, "subject_id")
        subjects = np.array(sorted(counts["subject_id"].unique()), dtype=object)
        parts = [
            self._block(counts, subjects[place : place + BLOCK], declared)
            for place in range(0, len(subjects), BLOCK)
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=MIX.names)

    def _block(
        self, counts: pd.DataFrame, subjects: npt.NDArray[np.object_], declared: Mapping[str, str]
    ) -> pd.DataFrame:
        rows = {str(subject): row for row, subject in enumerate(subjects)}
        vectors = self.space.transform(_matrix(counts, "subject_id", rows, self.places))
        cosine = np.round(vectors @ self.vectors.T, DIGITS)
        for subject, row in rows.items():
            if subject in self.providers:
                cosine[row, self.providers[subject]] = -1.0
        names = list(self.specialties)
        near = np.column_stack([_nearest(cosine[:, rows]) for rows in self.specialties.values()])
        best = near.argmax(axis=1)
        own = np.array([_place(names, declared.get(subject)) for subject in rows], dtype=np.intp)
        likest = near[np.arange(len(rows)), best]
        of_own = np.where(own >= 0, near[np.arange(len(rows)), own], np.nan)
        return pd.DataFrame(
            {
                "subject_id": subjects,
                "mix_specialty": [
                    names[place] if like >= ALIKE else None
                    for place, like in zip(best, likest, strict=True)
                ],
                "mix_similarity": np.round(likest, DIGITS),
                "mix_distance": np.round(likest - of_own, DIGITS),
            }
        )

    def __call__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """A step of ``features.partials.merge``: from ``parts`` to table ``mix``."""
        counts = connection.sql(
            "select subject_id, key as code, lines from parts where part = 'code'"
            " order by subject_id, key"
        ).df()
        declared = connection.sql(
            "select subject_id, min(key) from parts where part = 'specialty' group by subject_id"
        ).fetchall()
        found = self.likest(counts, dict(declared))
        connection.register("_mix", pa.Table.from_pandas(found, schema=MIX, preserve_index=False))
        connection.execute("create temp table mix as select * from _mix")


def fit(counts: pd.DataFrame, specialties: Mapping[str, str]) -> CodeMix | None:
    """The space of codes, by providers of known specialty.

    Args:
        counts: ``provider_id``, ``code``, ``lines``; one row a provider and code.
        specialties: by provider.

    Returns:
        ``None`` where no specialty has six providers with ten coded lines each.
    """
    counts = _enough(counts, "provider_id")
    known = sorted(provider for provider in set(counts["provider_id"]) if provider in specialties)
    of = pd.Series({provider: specialties[provider] for provider in known}, dtype=object)
    sizes = of.value_counts()
    names = sorted(str(name) for name, size in sizes.items() if size > NEAREST)
    if not names:
        return None
    rows = {provider: row for row, provider in enumerate(of[of.isin(names)].index)}
    counts = counts[counts["provider_id"].isin(rows)]
    places = {code: place for place, code in enumerate(sorted(counts["code"].unique()))}
    matrix = _matrix(counts, "provider_id", rows, places)
    steps = [TfidfTransformer(sublinear_tf=True)]
    if len(places) > TOPICS:
        steps.append(TruncatedSVD(TOPICS, random_state=SEED))
    space = make_pipeline(*steps, Normalizer())
    vectors = space.fit_transform(matrix)
    return CodeMix(
        places,
        space,
        rows,
        vectors if isinstance(vectors, np.ndarray) else vectors.toarray(),
        {
            name: np.array([rows[p] for p in rows if specialties[p] == name], dtype=np.intp)
            for name in names
        },
    )


def code_mix(spark: SparkSession, snapshot: Snapshot, start: date, end: date) -> CodeMix | None:
    """The space of codes of a period, from a sample of the providers whose specialty is known."""
    rows = snapshot.lake.read(spark, "providers", snapshot.versions["providers"])
    known = rows.where(F.col("specialty").isNotNull()).select("provider_id", "specialty")
    total = known.count()
    if total > SAMPLE:
        place = F.pmod(F.xxhash64(F.lit(SEED), "provider_id"), F.lit(1_000_000))
        known = known.where(place < int(1_000_000 * SAMPLE / total))
    sampled = known.orderBy("provider_id").toArrow()
    if not sampled.num_rows:
        return None
    program = BucketProgram(
        {
            "claim_lines": (
                "person_id",
                "billing_provider_id",
                "claim_line_start_date",
                "procedure_code",
                "drug_code",
            )
        },
        sql(_COUNTS.format(start=day(start), end=day(end))),
        "provider_id string, code string, lines bigint",
        frames={"sampled": sampled.select(["provider_id"])},
    )
    counts = run_in_buckets(spark, snapshot, program).groupBy("provider_id", "code")
    found: pd.DataFrame = counts.agg(F.sum("lines").alias("lines")).toPandas()
    specialties = dict(zip(*(sampled.column(n).to_pylist() for n in known.columns), strict=True))
    return fit(found.sort_values(["provider_id", "code"]), specialties)


def _enough(counts: pd.DataFrame, subject: str) -> pd.DataFrame:
    return counts[counts.groupby(subject)["lines"].transform("sum") >= LEAST_LINES]


def _matrix(
    counts: pd.DataFrame, subject: str, rows: Mapping[str, int], places: Mapping[str, int]
) -> csr_matrix:
    row, place = counts[subject].map(rows), counts["code"].map(places)
    known = row.notna() & place.notna()
    cells = (row[known].to_numpy(dtype=np.intp), place[known].to_numpy(dtype=np.intp))
    lines = counts["lines"][known].to_numpy(dtype=np.float64)
    return csr_matrix((lines, cells), shape=(len(rows), len(places)))


def _nearest(cosine: Matrix) -> Matrix:
    """Mean of the five highest of each row."""
    last = cosine.shape[1] - NEAREST
    return np.asarray(np.partition(cosine, last, axis=1)[:, last:].mean(axis=1))


def _place(names: list[str], name: str | None) -> int:
    return names.index(name) if name in names else -1
