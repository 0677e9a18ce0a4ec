"""Deviation from fair peers."""

from detectors.deviation.comparisons import DEVIATION
from detectors.deviation.detector import Deviation

__all__ = ["DEVIATION", "Deviation"]
