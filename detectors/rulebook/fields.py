"""The keys of a rule file: which there are, which a grain admits, and what each holds."""

from __future__ import annotations

from collections.abc import Mapping

from detectors.rulebook.rule import Grain

REQUIRED = (
    "id", "title", "status", "owner", "grain", "subject", "overpayment", "reason", "weight",
    "basis", "false_positives", "examples",
)  # fmt: skip
ANYWHERE = (
    *REQUIRED, "rows", "jurisdiction", "effective", "params", "needs", "optional", "ask",
    "overrides",
)  # fmt: skip
ROW_CLAUSES = ("given", "let", "match", "absent", "where")
CLAUSES: Mapping[Grain, tuple[str, ...]] = {
    "line": ("where",),
    "member_timeline": ROW_CLAUSES,
    "pair": (*ROW_CLAUSES, "key", "together", "evidence", "flag"),
    "provider_period": (
        *ROW_CLAUSES, "lookback", "every", "by", "measures", "among", "derive", "having",
        "extreme", "flag",
    ),
    "account": (
        *ROW_CLAUSES, "lookback", "by", "measures", "among", "derive", "having", "extreme", "flag",
    ),
    "employer_period": (
        *ROW_CLAUSES, "lookback", "every", "by", "measures", "among", "derive", "having",
        "extreme", "flag", "evidence",
    ),
}  # fmt: skip
NEEDED_CLAUSES: Mapping[Grain, tuple[str, ...]] = {
    "line": ("where",),
    "member_timeline": (),
    "pair": ("key",),
    "provider_period": ("measures",),
    "account": ("measures",),
    "employer_period": (),
}
DEFAULT_ROWS: Mapping[Grain, str] = {
    "line": "lines",
    "member_timeline": "lines",
    "pair": "lines",
    "provider_period": "lines",
    "account": "ledger",
    "employer_period": "",
}
MATCH_KEYS = ("view", "as", "where", "order")
ABSENT_KEYS = ("view", "as", "where", "excuse")
EXTREME_KEYS = ("measure", "peers", "z", "min_peers", "once", "as", "fence")
EFFECTIVE_KEYS = ("from", "to")
EXAMPLE_KEYS = ("expect", "sets", "note")
EXPECT_KEYS = ("rows", "overpayment", "reason", "weight")
MAPPINGS = ("let", "together", "measures", "derive", "params", "needs")
CONDITIONS = ("given", "where", "among", "having", "flag")
