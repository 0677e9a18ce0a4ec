"""The one place where a Spark session is made, so that laptop and cluster run the same code."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from pyspark.sql import SparkSession

# GraphFrames' own artefact does not resolve everywhere; Sedona's shaded jar carries its classes.
# Override with VIGIE_PACKAGES or --packages, e.g. io.graphframes:graphframes-spark4_2.13:0.9.3.
DELTA_PACKAGE = "io.delta:delta-spark_4.1_2.13:4.1.0"
GRAPH_PACKAGE = "org.apache.sedona:sedona-spark-shaded-4.0_2.13:1.8.0"

SETTINGS = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # Readers without a JVM would refuse these features, or silently return deleted rows.
    "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false",
    "spark.databricks.delta.properties.defaults.columnMapping.mode": "none",
    # Delta 4.1.0 cannot read back, in the session that wrote it, a checkpoint made on Spark 4.1.4
    # (NoSuchMethodError in ParquetToSparkSchemaConverter), so a table's tenth commit writes none.
    "spark.databricks.delta.properties.defaults.checkpointInterval": "1000000",
    # Delta's 50 tasks a log cost seconds a table; even a log of many thousand files fits four.
    "spark.databricks.delta.snapshotPartitions": "4",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # Below its largest value Spark 4.1 weighs the whole batch anew for every row, which takes time
    # by the square of the batch where lists are null (benchmarks/arrow_batches.py); rows of long
    # lists are what bounds a batch then, so it holds fewer of them.
    "spark.sql.execution.arrow.maxBytesPerBatch": "2147483647b",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    # Parallel GC took 20-25 % less time than G1 on 10 million rows.
    "spark.driver.extraJavaOptions": "-XX:+UseParallelGC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def packages() -> str:
    """Maven coordinates of the JVM packages, comma separated; ``VIGIE_PACKAGES`` overrides them."""
    return os.environ.get("VIGIE_PACKAGES", f"{DELTA_PACKAGE},{GRAPH_PACKAGE}")


def fetched() -> Path:
    """Folder of the JVM packages that ``fetch`` left, named by their coordinates."""
    digest = hashlib.sha256(packages().encode()).hexdigest()[:12]
    return Path(sys.prefix) / "share" / "vigie" / f"jvm-{digest}"


def fetch() -> None:
    """Fetch the JVM packages once, so that later sessions need no network and start sooner."""
    folder = fetched()
    if any(folder.glob("*.jar")):
        return
    with TemporaryDirectory(prefix="vigie-ivy-") as ivy:
        spark_session("vigie-setup", settings={"spark.jars.ivy": ivy}).stop()
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(Path(ivy) / "jars", part)
        part.rename(folder)


def _jars(jvm_packages: str | None) -> dict[str, str]:
    jars = sorted(str(jar) for jar in fetched().glob("*.jar"))
    if jars and not jvm_packages:
        return {"spark.jars": ",".join(jars)}
    return {"spark.jars.packages": jvm_packages or packages()}


def spark_session(
    app: str = "vigie",
    master: str | None = None,
    jvm_packages: str | None = None,
    settings: dict[str, str] | None = None,
) -> SparkSession:
    """A session with Delta and GraphFrames, or the one that spark-submit has already configured.

    Args:
        app: name shown by Spark.
        master: Spark master; ``None`` keeps spark-submit's or takes ``local[*]``.
        jvm_packages: Maven coordinates in place of :func:`packages`.
        settings: further Spark settings, last word.
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(app)
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    if master or not submitted:
        builder = builder.master(master or os.environ.get("VIGIE_MASTER", "local[*]"))
    options = dict(SETTINGS)
    if not submitted:
        # A JVM that spark-submit has started already takes its packages from spark-submit alone.
        options.update(_jars(jvm_packages))
        options.setdefault("spark.driver.memory", os.environ.get("VIGIE_DRIVER_MEMORY", "2g"))
        options.setdefault("spark.sql.shuffle.partitions", "8")
        options.setdefault("spark.driver.bindAddress", "127.0.0.1")
        options.setdefault("spark.driver.host", "127.0.0.1")
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        quiet = files("claims") / "log4j2.properties"
        options["spark.driver.extraJavaOptions"] += f" -Dlog4j2.configurationFile=file:{quiet}"
    for name, value in {**options, **(settings or {})}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    if session.sparkContext.getCheckpointDir() is None:
        folder = os.environ.get("VIGIE_CHECKPOINTS", str(Path(gettempdir()) / "vigie-checkpoints"))
        session.sparkContext.setCheckpointDir(folder)
    return session


if __name__ == "__main__":
    fetch()
