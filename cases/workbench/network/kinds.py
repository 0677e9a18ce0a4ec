"""Kinds of links between subjects, each a pair of columns of one table."""

from __future__ import annotations

from dataclasses import dataclass

End = tuple[str, str]
"""Type of node and column that names it; a type that begins with ``$`` is read from a column."""


@dataclass(frozen=True)
class LinkKind:
    """Two columns that name two subjects on one row.

    Args:
        name: as an analyst reads it, from ``a`` to ``b``.
        day, amount: columns that date the row and give its money; empty where it has none.
    """

    name: str
    table: str
    a: End
    b: End
    day: str = ""
    amount: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that it reads."""
        types = [kind[1:] for kind, _ in (self.a, self.b) if kind.startswith("$")]
        return tuple(c for c in (self.a[1], self.b[1], self.day, self.amount, *types) if c)

    def touches(self, node_type: str) -> bool:
        """Whether subjects of a type can have such a link."""
        return any(admits(end, node_type) for end in (self.a, self.b))


_ON_FILE = {"provider": "provider_id", "member": "person_id", "employer": "employer_id"}


def admits(end: End, node_type: str) -> bool:
    """Whether an end can be a subject of a type."""
    return end[0] == node_type or (end[0].startswith("$") and node_type in _ON_FILE)


def _line(name: str, a: str, b: End) -> LinkKind:
    return LinkKind(
        name, "claim_lines", ("provider", a), b, "claim_line_start_date", "paid_amount"
    )  # fmt: skip


def _payment(name: str, a: End, b: End) -> LinkKind:
    return LinkKind(name, "benefit_payments", a, b, "period_start_date", "paid_amount")


_MEMBER = ("member", "person_id")
_EMPLOYER = ("employer", "employer_id")
_CERTIFIER = ("provider", "certifying_provider_id")
_BILLER = ("provider", "billing_provider_id")

KINDS: tuple[LinkKind, ...] = (
    _line("billed for", "billing_provider_id", _MEMBER),
    _line("ordered from", "ordering_provider_id", _BILLER),
    _line("rendered for", "rendering_provider_id", _BILLER),
    _line("was paid on", "billing_provider_id", ("account", "payee_account_id")),
    _payment("certified leave of", _CERTIFIER, _MEMBER),
    _payment("certified leave for workers of", _CERTIFIER, _EMPLOYER),
    _payment("had benefits as worker of", _MEMBER, _EMPLOYER),
    _payment("had benefits paid on", _MEMBER, ("account", "bank_account_id")),
    LinkKind("worked for", "employments", _MEMBER, _EMPLOYER, "start_date"),
    LinkKind(
        "is a relative of", "relationships", _MEMBER, ("member", "related_person_id"), "start_date"
    ),
    LinkKind(
        "belongs to",
        "affiliations",
        ("$subject_type", "subject_id"),
        ("$organisation_type", "organisation_id"),
        "start_date",
    ),
    LinkKind("is directed by", "employers", _EMPLOYER, ("member", "director_person_id")),
    LinkKind("is the person", "providers", ("provider", "provider_id"), _MEMBER),
    *(
        LinkKind("has on file the account", f"{kind}s", (kind, own), ("account", "bank_account_id"))
        for kind, own in _ON_FILE.items()
    ),
    *(
        LinkKind(f"shares the {what}", f"{kind}s", (kind, own), (what, what))
        for what in ("phone", "address")
        for kind, own in _ON_FILE.items()
    ),
)
SHARED_PATIENTS = "shares patients with"
PERSONAL = ("phone", "address")
"""Types of node whose id is a person's own value, never shown as it is."""
