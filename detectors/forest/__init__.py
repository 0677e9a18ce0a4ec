"""The forest family: subjects whose whole profile stands apart from their peers' profiles."""

from detectors.forest.detector import Forest

__all__ = ["Forest"]
