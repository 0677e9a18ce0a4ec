"""OIG's List of Excluded Individuals and Entities: the whole list and its monthly supplements.

Layout: the 18 columns of "LEIE Downloadable Databases" (UPDATED.csv, YYMMEXCL.csv, YYMMREIN.csv),
known by their header; any number of files may lie in one folder, plain, gzipped or zipped. One row
of ``exclusions`` a provider, name and exclusion date:

- provider_id is the NPI. ``0000000000`` is how OIG writes that it knows none: such a row stays,
  with its name and no provider_id, so that nothing can be joined to it by the number of nobody.
- name is the business's, else first, middle and last name. What the model has no column for
  (specialty, address, waiver …) is kept under its own name in lower case.
- reason is the exclusion type (the section of the Social Security Act), source is ``HHS-OIG LEIE``.

The date of an edition is the latest date that stands in its file. A row of a later one (as a
reinstatement, which comes with the exclusion's own date) takes the place of an earlier row of its
key; two rows of one key in one file are not merged, and the second goes to quarantine. The whole
list drops reinstated names without a word, and what the lake holds stays: load the monthly
reinstatements too.
"""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession

from claims.identifiers import placeholder_sql
from claims.sources import published
from claims.sources.published import Kind
from claims.sources.published_rows import queried
from claims.sources.raw import RawTables

_COLUMNS = tuple(
    "LASTNAME FIRSTNAME MIDNAME BUSNAME GENERAL SPECIALTY UPIN NPI DOB ADDRESS CITY STATE ZIP "  # noqa: SIM905
    "EXCLTYPE EXCLDATE REINDATE WAIVERDATE WVRSTATE".split()
)
LIST = Kind(
    "exclusion list",
    "listed",
    {name: name.lower() for name in _COLUMNS},
    ("EXCLTYPE", "EXCLDATE", "NPI", "REINDATE", "LASTNAME", "FIRSTNAME", "BUSNAME"),
)
_KEPT = [
    name.lower()
    for name in _COLUMNS
    if name not in ("NPI", "DOB", "EXCLTYPE", "EXCLDATE", "REINDATE")
]
_SCHEMA = (
    "provider_id string, name string, birth_date string, exclusion_date string,"
    " reinstatement_date string, reason string, source string,"
    f" {', '.join(f'{name} string' for name in _KEPT)}, edition_date date"
)
_QUERY = f"""
    with named as (
        select if({placeholder_sql("trim(npi)")}, null, trim(npi)) as provider_id,
            coalesce(nullif(trim(busname), ''), nullif(concat_ws(' ', nullif(trim(firstname), ''),
                nullif(trim(midname), ''), nullif(trim(lastname), '')), '')) as name,
            iso(dob) as birth_date, iso(excldate) as exclusion_date,
            iso(reindate) as reinstatement_date, nullif(trim(excltype), '') as reason,
            'HHS-OIG LEIE' as source, {", ".join(f'"{name}"' for name in _KEPT)},
            cast(edition as date) as edition_date, malformed, file, row
        from listed)
    select * from named
    qualify malformed is not null or file = first_value(file) over (
        partition by malformed, provider_id, name, exclusion_date
        order by edition_date desc nulls last, file desc)
"""


def read(spark: SparkSession, folder: str) -> RawTables:
    """Open all LEIE files of a folder.

    Raises:
        SourceError: a file cannot be read or lacks columns, or none is of the list.
    """
    found, not_loaded = published.find(Path(folder), (LIST,), "LEIE")
    texts = [
        (text, {"edition": text.newest.isoformat() if text.newest else None}) for text in found
    ]
    frames = {"exclusions": queried(spark, texts, _QUERY, _SCHEMA)}
    return RawTables(frames, None, (), not_loaded, editions=True)
