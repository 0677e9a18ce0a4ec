"""The rules that a run goes by: ours, a site's own, and a site's values of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from detectors.rulebook.loader import load_rules, rulebook_hash
from detectors.rulebook.rule import Rule
from detectors.rulebook.site_params import Values, read_params, with_values


@dataclass(frozen=True)
class Library:
    """Rules ready to run, and where a site's part of them comes from.

    Args:
        rules: all of them, by name, with the site's values.
        folders: the site's own folders of rules.
        params_file: the site's file of parameters; empty where there is none.
        params: what that file says, by rule id and parameter.
    """

    rules: tuple[Rule, ...]
    folders: tuple[str, ...] = ()
    params_file: str = ""
    params: Values = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Hash of what all rules mean together, as a run records it."""
        return rulebook_hash(self.rules)

    @property
    def origin(self) -> dict[str, Any]:
        """What a run's row keeps of it beside the hash, to be replayed by."""
        return {
            "folders": [str(Path(folder).resolve()) for folder in self.folders],
            "params_file": str(Path(self.params_file).resolve()) if self.params_file else None,
            "params": {rule: dict(values) for rule, values in self.params.items()},
        }


def library(
    folders: Sequence[str | PathLike[str]] = (), params_file: str | PathLike[str] | None = None
) -> Library:
    """Our rules with a site's folders and parameters.

    Args:
        folders: laid out as ours, ``<group>/<id>.yaml``.
        params_file: YAML, by rule id a mapping of parameters to values.

    Raises:
        RuleError: a rule file or the file of parameters cannot be used; every defect is named.
    """
    named = tuple(fspath(folder) for folder in folders)
    rules = load_rules(named)
    if params_file is None:
        return Library(rules, named)
    file = fspath(params_file)
    values = read_params(file, rules)
    return Library(with_values(rules, values), named, file, values)
