"""Errors a user can act on: each names the file or table, the row where known, and the remedy."""

from __future__ import annotations


class VigieError(Exception):
    """Something the user can put right.

    The command line prints it on one line and exits with code 2; it never holds a row's values.
    """


class SourceError(VigieError):
    """A file or folder of a source cannot be read as what its name says."""


class LakeError(VigieError):
    """The lake lacks what a command needs, or holds what no reader may use."""


class GateError(VigieError):
    """The data-quality gate found a critical failure: no detector ran."""
