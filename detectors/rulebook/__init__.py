"""The rule library: one rule, one file, evaluated as DuckDB programs over member buckets."""

from detectors.rulebook.detector import Rulebook

__all__ = ["Rulebook"]
