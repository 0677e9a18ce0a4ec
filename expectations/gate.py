"""The data-quality gate, and the only place that knows how Great Expectations is driven.

Counts come from fused aggregates (``counting``); Great Expectations validates one row of them a
table against the table's suite of typed expectations, judges and documents.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame

from claims.errors import GateError
from claims.model import INPUT_TABLES
from claims.rejections import Rejection
from expectations.check import Check
from expectations.checks import CHECKS, find
from expectations.counting import Counts, count, reason_not_run
from expectations.drift import QUARANTINE, Observed, measures, observe, quarantined
from expectations.frames import SMALL_ROWS
from expectations.queries import Terms
from expectations.report import Account, Accounts, Measures, Report, Result


def check(
    frames: Mapping[str, DataFrame],
    previous: Mapping[str, Measures] | None,
    as_of: date,
    currency: str = "EUR",
    small: int = SMALL_ROWS,
    accounts: Accounts | None = None,
    rejections: Sequence[Rejection] = (),
) -> Report:
    """Check every input table.

    Args:
        frames: input tables of the model by name; optional ones may be absent.
        previous: by table the measures of the last load; nothing on the first.
        as_of: the load's date, after which nothing can have happened.
        currency: ISO 4217 code that a source's own ``currency`` column must hold.
        small: rows up to which a table is counted in DuckDB on the driver instead of Spark.
        accounts: by table the rows that came in and those ``quarantined``; a gate that is not told
            them judges the accepted rows alone.
        rejections: why those lie in quarantine, for the report.
    """
    accounts = accounts or {}
    with ThreadPoolExecutor(1) as pool:
        # Great Expectations takes seconds to import, while Spark is at work elsewhere.
        library = pool.submit(_library)
        counts = count(frames, Terms(as_of, currency), small)
        library.result()
    kept = {name: measures(found) for name, found in counts.items()}
    observed: dict[str, Observed] = {}
    for item in (item for checks in CHECKS.values() for item in checks):
        before = (previous or {}).get(item.table)
        observed[item.full_name] = _observed(
            item, counts, kept, before, as_of, accounts.get(item.table)
        )
    judged = _judge({name: found.value for name, found in observed.items()})
    results = tuple(
        Result.of(
            item,
            judged.get(item.full_name, "not_run"),
            failing=observed[item.full_name].failing,
            rows=counts[item.table].rows if item.table in counts else None,
            share=observed[item.full_name].value,
            reason=observed[item.full_name].reason,
        )
        for checks in CHECKS.values()
        for item in checks
    )
    return Report(results, kept, as_of.isoformat(), accounts, rejections)


def _observed(
    item: Check,
    counts: Mapping[str, Counts],
    kept: Mapping[str, Measures],
    before: Measures | None,
    as_of: date,
    account: Account | None,
) -> Observed:
    if item.table not in counts:
        missed = item.kind == "schema" and not INPUT_TABLES[item.table].optional
        return Observed(1.0 if missed else None, reason=f"table {item.table} is absent")
    found = counts[item.table]
    if item.kind == "schema":
        return Observed(float(len(found.wrong)), len(found.wrong), ", ".join(found.wrong))
    if item.kind == "load":
        if item.name in QUARANTINE:
            return quarantined(account)
        return observe(item.name, kept[item.table], before, as_of)
    reason = reason_not_run(item, counts)
    if reason:
        return Observed(reason=reason)
    failing = found.failing[item.name]
    return Observed(round(failing / found.rows, 9), failing)


def _library() -> ModuleType:
    """Great Expectations without its usage statistics, which would ask the network."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    import great_expectations

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return great_expectations


def _context() -> Any:
    """A context that lives in memory, says nothing while it works and leaves no file behind."""
    library = _library()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
    )

    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    context = library.get_context(
        mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=stores)
    )
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


def suite(table: str, checks: Iterable[Check]) -> Any:
    """The table's expectation suite: one typed expectation a check, named by it.

    Raises:
        GateError: the library kept fewer expectations than it was given.
    """
    from great_expectations.expectations.core.expect_column_max_to_be_between import (
        ExpectColumnMaxToBeBetween,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity

    typed = [
        ExpectColumnMaxToBeBetween(
            column=item.name,
            max_value=item.tolerance,
            severity=FailureSeverity(item.severity),
            notes=item.meaning,
        )
        for item in checks
    ]
    made = _library().ExpectationSuite(name=table, expectations=typed)
    if len(made.expectations) != len(typed):
        raise GateError(
            f"suite {table}: {len(made.expectations)} of {len(typed)} expectations were kept; "
            "the library does not know the others, correct them"
        )
    return made


def _judge(values: Mapping[str, float | None], docs: Path | None = None) -> dict[str, Any]:
    """Pass or fail of every check that has a value, by full name; Data Docs where asked for."""
    context = _context()
    source = context.data_sources.add_pandas("counts")
    judged: dict[str, Any] = {}
    for table in CHECKS:
        row = {
            item.name: value
            for item in CHECKS[table]
            if (value := values.get(item.full_name)) is not None
        }
        if row:
            for name, passed in _validated(context, source, table, row).items():
                judged[f"{table}.{name}"] = "pass" if passed else "fail"
    if docs:
        store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs.resolve())}
        index = {"class_name": "DefaultSiteIndexBuilder"}
        context.add_data_docs_site(
            "gate",
            {"class_name": "SiteBuilder", "store_backend": store, "site_index_builder": index},
        )
        context.build_data_docs(site_names=["gate"])
    return judged


def _validated(context: Any, source: Any, table: str, row: Mapping[str, float]) -> dict[str, bool]:
    library = _library()
    checks = [find(f"{table}.{name}") for name in row]
    asset = source.add_dataframe_asset(table)
    definition = context.validation_definitions.add(
        library.ValidationDefinition(
            name=table,
            data=asset.add_batch_definition_whole_dataframe("load"),
            suite=context.suites.add(suite(table, checks)),
        )
    )
    found = definition.run(
        batch_parameters={"dataframe": pd.DataFrame([row])}, result_format="BASIC"
    ).results
    passed = {item.expectation_config.kwargs["column"]: bool(item.success) for item in found}
    if set(passed) != set(row):
        raise GateError(f"suite {table}: {len(row) - len(passed)} checks were not answered")
    return passed


def write_docs(report: Report, folder: Path) -> None:
    """Write the report's Data Docs (HTML) into a folder."""
    _judge({result.full_name: result.share for result in report.results}, folder)
