"""The closed sets of words that acts on cases are written in."""

from __future__ import annotations

from typing import Literal, get_args

Outcome = Literal["substantiated", "unsubstantiated", "education", "referred", "more_information"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)

# More information leaves the case with the one who asked for it; all others close it.
OPEN_OUTCOME = "more_information"

Status = Literal[
    "open", "assigned", "snoozed", "awaiting_confirmation", "decided", "reopened", "suppressed"
]
STATUSES: tuple[str, ...] = get_args(Status)

Source = Literal["jupyterhub", "database", "operating_system", "stated"]
SOURCES: tuple[str, ...] = get_args(Source)

# Acts that move a case to another state: these depend on the state that their author saw.
MOVING = (
    "assign", "take", "release", "snooze", "decide", "confirm", "decline", "reopen", "suppress"
)  # fmt: skip
# Acts that add to a case and leave its state as it is.
RESTING = ("note", "attach", "unmask", "recover")
KINDS = (*MOVING, *RESTING)

REASONS = {
    "services_not_rendered": "billed services were not rendered",
    "upcoded": "billed at a higher level than rendered",
    "duplicate": "paid twice for one service or period",
    "not_covered": "the person or the service was not covered",
    "undeclared_change": "a change of situation was not declared",
    "false_identity": "a person, office or account is not who it says",
    "collusion": "several parties acted together",
    "documentation_missing": "the records that must support the claim are missing",
    "data_error": "the data are wrong or were recorded late",
    "legitimate_practice": "an unusual practice with a sound reason",
    "case_mix": "sicker patients or another specialty than the peers",
    "authorised": "an authorisation or exception covers it",
    "already_recovered": "paid back or adjusted before",
    "wrong_subject": "another subject is responsible",
    "too_small": "not worth an investigation",
    "insufficient_evidence": "cannot be shown either way",
    "other": "another reason, told in the note",
}
