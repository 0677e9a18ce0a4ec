"""Starters: for each grain a rule file that works, for an author to change into a rule."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from detectors.rulebook.loader import PACKAGED, RuleFile, packaged_files, read_files, site_files
from detectors.rulebook.problems import Problem, RuleError
from detectors.rulebook.rule import Grain
from detectors.rulebook.unwritten import MARK

_NAME = re.compile(r"([a-z][a-z0-9_]*)/([a-z][a-z0-9_]*)")
_ROWS = (
    "billing_provider_id", "rendering_provider_id", "ordering_provider_id",
    "facility_provider_id", "person_id", "claim",
)  # fmt: skip
# Whom a starter can be about, the usual one first; its examples hold that column.
SUBJECTS: Mapping[Grain, tuple[str, ...]] = {
    "line": _ROWS,
    "member_timeline": _ROWS,
    "pair": _ROWS,
    "provider_period": _ROWS[:4],
    "account": ("account_id",),
    "employer_period": ("employer_id",),
}
_GIVEN = ("billing_provider_id", "person_id", "claim", "account_id", "employer_id")
# A lead weighs less than what names money.
_WEIGHTS: Mapping[Grain, float] = {"provider_period": 0.3, "account": 0.3}


def starter(
    name: str,
    grain: Grain,
    subject: str | None = None,
    title: str = "",
    owner: str = "",
    basis: str = "",
) -> str:
    """The text of a new rule's file, a draft whose examples pass as written.

    Args:
        name: ``<group>/<id>``.
        subject: whom its findings are about; the grain's usual one where absent.
        title, owner, basis: placeholders (or the group, for the owner) where empty.

    Raises:
        RuleError: the name is none, or the grain has no starter about that subject.
    """
    group, rule_id = _parted(name)
    choices = SUBJECTS[grain]
    about = subject or choices[0]
    if about not in choices:
        fault = f"no starter of the grain {grain} is about {about}"
        remedy = f"use {', '.join(choices)}, and change the file where it is another"
        raise RuleError([Problem(name, 0, fault, remedy)])
    made = Environment(
        loader=PackageLoader(PACKAGED, "starters"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )
    return made.get_template(f"{grain}.yaml.jinja").render(
        group=group,
        id=rule_id,
        grain=grain,
        title=_text(title or f"{MARK}: what does not fit, in a few words"),
        owner=_text(owner or group),
        subject=about,
        named="" if about in _GIVEN else f", {about}: S1",
        weight=_WEIGHTS.get(grain, 0.5),
        basis=_text(basis or f"{MARK}: law, contract or report that it rests on"),
        false_positive=_text(f"{MARK}: an honest case that it would flag"),
        ask=_text(f"{MARK}: what to ask the subject for"),
    )


def write_starter(folder: str, name: str, text: str) -> Path:
    """Write a new rule's file below a site's folder.

    Raises:
        RuleError: a rule of that id exists, or the text is none that could be loaded.
    """
    group, rule_id = _parted(name)
    path = Path(folder) / group / f"{rule_id}.yaml"
    standing = [*packaged_files(), *(site_files([folder]) if Path(folder).is_dir() else ())]
    for file in standing:
        if file.stem == rule_id:
            remedy = "choose another id" + (
                "" if file.site else "; to change what ours says, copy it with `overrides: true`"
            )
            problem = Problem(str(path), 0, f"{rule_id} exists in {file.label}", remedy)
            raise RuleError([problem])
    problems = read_files([RuleFile(str(path), rule_id, group, text, True)])[1]
    if problems:
        raise RuleError(problems)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _parted(name: str) -> Sequence[str]:
    found = _NAME.fullmatch(name)
    if found is None:
        remedy = "write <group>/<id> in small letters, digits and _, such as house/odd_visits"
        raise RuleError([Problem(name, 0, "no name of a rule", remedy)])
    return found.groups()


def _text(value: str) -> str:
    """A text as YAML that means just it, whatever it holds."""
    plain = re.fullmatch(r"[A-Za-z][\w ,.()/'’-]*", value) and value == value.strip()
    return value if plain and value.lower() not in _WORDS else json.dumps(value, ensure_ascii=False)


# Plain words that YAML reads as something else than text.
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
