"""Acts on cases from the command line: each is recorded with who and when, and none is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from cases.decisions import CaseState, DecisionError, Identity, Store, open_store
from cases.decisions.vocabulary import OUTCOMES, REASONS
from claims.lake import Lake
from claims.runs import latest
from jobs import show_decisions
from jobs.options import Decisions, LakeUri

app = typer.Typer(
    help="Decide cases, and see what was decided.", no_args_is_help=True, add_completion=False
)
for _name, _command in show_decisions.COMMANDS.items():
    app.command(_name)(_command)

Case = Annotated[str, typer.Argument(help="The case's id, or its first characters.")]
Analyst = Annotated[
    str | None,
    typer.Option("--analyst", help="Who acts, where it is not you; recorded as stated only."),
]
Seen = Annotated[
    int | None,
    typer.Option(help="Number of the act you saw last; what is there now if absent."),
]
Note = Annotated[str | None, typer.Option(help="A note with the act.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a few words.")]
Until = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day it is back.")]
Amount = Annotated[str | None, typer.Option(help="In the lake's currency, to the cent.")]


@dataclass(frozen=True)
class _Opened:
    """A store with one case of it."""

    store: Store
    case_id: str
    seen: int
    run_id: str

    def act(self, verb: Callable[..., CaseState], *values: Any, **told: Any) -> None:
        """Record the act and print where the case stands now."""
        state = verb(self.case_id, *values, run_id=self.run_id, **told)
        typer.echo(f"{self.case_id}: {state.sentence}")

    def move(self, verb: Callable[..., CaseState], *values: Any, **told: Any) -> None:
        """As :meth:`act`, for an act that depends on what was seen."""
        self.act(verb, *values, seen=self.seen, **told)


def _open(
    case: str, lake: str, decisions: str | None, analyst: str | None, seen: int | None = None
) -> _Opened:
    opened = Lake(lake)
    run = latest(opened, "run")["run_id"]
    store = open_store(decisions, lake=opened, identity=Identity(analyst) if analyst else None)
    if store.known is None:
        raise DecisionError("the store knows no lake")
    case_id, _ = store.known.find(case)
    return _Opened(store, case_id, store.state(case_id).sequence if seen is None else seen, run)


def _amount(told: str | None) -> Decimal | None:
    """The number as typed; the store says what is wrong with it."""
    try:
        return None if told is None else Decimal(told)
    except ArithmeticError:
        return Decimal("NaN")


@app.command("decide")
def decide(
    case: Case,
    outcome: Annotated[str, typer.Argument(help=", ".join(OUTCOMES))],
    lake: LakeUri,
    amount: Amount = None,
    minutes: Annotated[int | None, typer.Option(help="Minutes spent on the case.")] = None,
    reason: Annotated[
        list[str] | None, typer.Option(help=f"Repeatable: {', '.join(REASONS)}.")
    ] = None,
    note: Note = None,
    decisions: Decisions = None,
    analyst: Analyst = None,
    seen: Seen = None,
) -> None:
    """Decide a case; above the office's amount a colleague has to confirm it."""
    opened = _open(case, lake, decisions, analyst, seen)
    opened.move(
        opened.store.decide, outcome, amount_confirmed=_amount(amount), minutes_spent=minutes,
        reasons=reason or (), note=note,
    )  # fmt: skip


@app.command("take")
def take(
    case: Case, lake: LakeUri, decisions: Decisions = None, analyst: Analyst = None,
    seen: Seen = None,
) -> None:  # fmt: skip
    """Take a case."""
    opened = _open(case, lake, decisions, analyst, seen)
    opened.move(opened.store.take)


@app.command("assign")
def assign(
    case: Case,
    to: Annotated[str, typer.Argument(help="Who shall have it.")],
    lake: LakeUri,
    note: Note = None,
    decisions: Decisions = None,
    analyst: Analyst = None,
    seen: Seen = None,
) -> None:
    """Give a case to somebody."""
    opened = _open(case, lake, decisions, analyst, seen)
    opened.move(opened.store.assign, to, note=note)


@app.command("release")
def release(
    case: Case, lake: LakeUri, decisions: Decisions = None, analyst: Analyst = None,
    seen: Seen = None,
) -> None:  # fmt: skip
    """Put your case back into the queue."""
    opened = _open(case, lake, decisions, analyst, seen)
    opened.move(opened.store.release)


@app.command("snooze")
def snooze(
    case: Case, lake: LakeUri, until: Until, reason: Reason, decisions: Decisions = None,
    analyst: Analyst = None, seen: Seen = None,
) -> None:  # fmt: skip
    """Leave a case out of the queue until a day."""
    opened = _open(case, lake, decisions, analyst, seen)
    opened.move(opened.store.snooze, until.date(), reason)


@app.command("confirm")
def confirm(
    case: Case, lake: LakeUri, note: Note = None, decisions: Decisions = None,
    analyst: Analyst = None, seen: Seen = None,
) -> None:  # fmt: skip
    """Confirm a colleague's decision."""
    opened = _open(case, lake, decisions, analyst, seen)
    opened.move(opened.store.confirm, note=note)


@app.command("decline")
def decline(
    case: Case, lake: LakeUri, note: Annotated[str, typer.Option(help="What is wrong.")],
    decisions: Decisions = None, analyst: Analyst = None, seen: Seen = None,
) -> None:  # fmt: skip
    """Not confirm a colleague's decision: the case goes back to its author."""
    opened = _open(case, lake, decisions, analyst, seen)
    opened.move(opened.store.decline, note)


@app.command("reopen")
def reopen(
    case: Case, lake: LakeUri, reason: Reason, decisions: Decisions = None,
    analyst: Analyst = None, seen: Seen = None,
) -> None:  # fmt: skip
    """Bring a decided, snoozed or suppressed case back."""
    opened = _open(case, lake, decisions, analyst, seen)
    opened.move(opened.store.reopen, reason)


@app.command("suppress")
def suppress(
    case: Case,
    lake: LakeUri,
    until: Until,
    reason: Reason,
    detector: Annotated[
        str | None, typer.Option(help="Only this detector's or rule's findings on the subject.")
    ] = None,
    decisions: Decisions = None,
    analyst: Analyst = None,
    seen: Seen = None,
) -> None:
    """Leave a case, or one detector's findings on its subject, out until a day; it stays listed."""
    opened = _open(case, lake, decisions, analyst, seen)
    opened.move(opened.store.suppress, until.date(), reason, detector=detector)


@app.command("note")
def note_(
    case: Case, text: Annotated[str, typer.Argument(help="The note.")], lake: LakeUri,
    decisions: Decisions = None, analyst: Analyst = None,
) -> None:  # fmt: skip
    """Add a note to a case."""
    opened = _open(case, lake, decisions, analyst)
    opened.act(opened.store.note, text)


@app.command("attach")
def attach(
    case: Case,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file.")],
    lake: LakeUri,
    note: Note = None,
    decisions: Decisions = None,
    analyst: Analyst = None,
) -> None:
    """Add a file to a case; its bytes are kept in the database."""
    opened = _open(case, lake, decisions, analyst)
    opened.act(opened.store.attach, file.name, file.read_bytes(), note=note)


@app.command("recover")
def recover(
    case: Case,
    amount: Annotated[str, typer.Argument(help="In the lake's currency, to the cent.")],
    lake: LakeUri,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today if absent.")
    ] = None,
    note: Note = None,
    decisions: Decisions = None,
    analyst: Analyst = None,
) -> None:
    """Record money that came back on a case."""
    opened = _open(case, lake, decisions, analyst)
    day = on.date() if on else None
    opened.act(opened.store.recover, _amount(amount), day, note=note)


if __name__ == "__main__":
    app()
