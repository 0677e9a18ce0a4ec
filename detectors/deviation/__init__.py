"""Deviation from fair peers."""

from detectors.deviation.detector import Deviation

__all__ = ["Deviation"]
