"""Public holidays of a country or one of its parts, from the library ``holidays``.

A place is an ISO 3166 code, of a country (``FR``) or a subdivision (``US-NY``, ``FR-57``). Each day
is a code of the set ``public_holidays``, as ISO text; ``related_code`` names the place. A place
loaded later is added to those a lake holds: rules and profiles look at the days of all of them.
"""

from __future__ import annotations

import holidays
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from claims.editions import EDITION
from claims.errors import SourceError
from claims.sources.files import MALFORMED, POSITION, POSITION_TYPE
from claims.sources.raw import RawTables

SET = "public_holidays"
# Claims of decades, and a generation ahead: the library computes any year.
YEARS = range(2000, 2051)


def read(spark: SparkSession, place: str) -> RawTables:
    """The days of a place as rows of ``code_sets``.

    Raises:
        SourceError: the place is not known.
    """
    country, _, part = place.strip().upper().partition("-")
    try:
        days = holidays.country_holidays(country, subdiv=part or None, years=YEARS)
    except NotImplementedError as error:
        raise SourceError(
            f"{place}: no public holidays are known of it; give an ISO 3166 code, as FR or US-NY"
        ) from error
    rows = [(SET, day.isoformat(), place.strip().upper()) for day in sorted(days)]
    frame = spark.createDataFrame(rows, "code_set string, code string, related_code string")
    return RawTables(
        {
            "code_sets": frame.withColumns(
                {
                    EDITION: F.lit(None).cast("date"),
                    MALFORMED: F.lit(None).cast("string"),
                    POSITION: F.lit(None).cast(POSITION_TYPE),
                }
            )
        },
        None,
        editions=True,
    )
