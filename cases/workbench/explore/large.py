"""A question to Spark: run beside the notebook, watched by its tasks, stopped by a press."""

from __future__ import annotations

from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING
from uuid import uuid4

import ipywidgets
import pandas as pd

from cases.workbench.explore.spark_views import spark_views
from cases.workbench.pages import fragment
from cases.workbench.tables import table_of
from detectors.rulebook.here import Cancelled

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from cases.workbench.explore.explorer import Explorer

LINES = 1000
EVERY = 0.25


class LargeQuery(ipywidgets.VBox):  # type: ignore[misc]
    """One question in Spark SQL.

    Attributes:
        frame: its first 1,000 lines once it has ended.
        job: the thread it runs in; ``job.join()`` waits for it.
    """

    def __init__(self, explorer: Explorer, sql: str, spark: SparkSession | None) -> None:
        self._explorer, self._sql, self._spark = explorer, sql, spark
        self._group = f"vigie-{uuid4().hex}"
        self._ended = Event()
        self.frame: pd.DataFrame | None = None
        self.bar = ipywidgets.IntProgress(layout={"width": "24em"})
        self.cancel = ipywidgets.Button(description="Cancel")
        self.cancel.on_click(lambda _: self.stop())
        self.message = ipywidgets.HTML("<p>Waiting for Spark …</p>")
        self.found = ipywidgets.VBox([])
        super().__init__([ipywidgets.HBox([self.bar, self.cancel]), self.message, self.found])
        self.job = Thread(target=self._run, daemon=True)
        self.job.start()

    def stop(self) -> None:
        """Stop the question; what was found of it is not shown."""
        self._ended.set()
        if self._spark is not None:
            self._spark.sparkContext.cancelJobGroup(self._group)

    def _run(self) -> None:
        watcher = None
        try:
            spark = self._session()
            views = spark_views(self._explorer, spark, self._sql)
            if self._ended.is_set():
                raise Cancelled("stopped before it began")
            spark.sparkContext.setJobGroup(self._group, "a question", interruptOnCancel=True)
            watcher = Thread(target=partial(self._watch, spark), daemon=True)
            watcher.start()
            found = views.sql(self._sql).limit(LINES).toPandas()
            if not self._ended.is_set():
                self.frame = found
                self.message.value = fragment("done.html", text=f"{len(found):,} lines")
                self.found.children = [table_of(found)]
        except Exception as error:  # a thread's errors are seen by nobody unless shown
            text = "stopped" if self._ended.is_set() else str(error).splitlines()[0]
            self.message.value = fragment("error.html", text=text)
        finally:
            self._ended.set()
            # Its last look would otherwise be written over the end.
            if watcher:
                watcher.join()
            self.bar.value = self.bar.max

    def _session(self) -> SparkSession:
        if self._spark is None:
            from claims.session import spark_session

            self._spark = spark_session("vigie-notebook")
        return self._spark

    def _watch(self, spark: SparkSession) -> None:
        """Tasks done of those begun; a plan that adapts skips some, so the end sets it to full."""
        tracker = spark.sparkContext.statusTracker()
        while not self._ended.wait(EVERY):
            done = total = 0
            for job in tracker.getJobIdsForGroup(self._group):
                told = tracker.getJobInfo(job)
                for stage in told.stageIds if told else ():
                    seen = tracker.getStageInfo(stage)
                    if seen:
                        done, total = done + seen.numCompletedTasks, total + seen.numTasks
            self.bar.max, self.bar.value = max(total, 1), done
