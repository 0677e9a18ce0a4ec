"""The analysts' workbench: a queue of cases and the dossier of each, for notebooks.

``queue(lake)`` shows the cases of the last run; ``queue(lake).open(case)`` tells one of them.
Nothing here starts Spark.
"""

from __future__ import annotations

from cases.workbench.opening import opening
from cases.workbench.worklist import Queue, queue

__all__ = ["Queue", "opening", "queue"]
