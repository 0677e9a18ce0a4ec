"""What is in the store of decisions, and its upkeep, from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cases.decisions import STATUSES, DecisionError, open_store
from cases.decisions.known import KnownCases
from cases.decisions.place import place_of
from cases.decisions.schema import REVISION, connect
from cases.decisions.schema import upgrade as bring_up
from cases.decisions.settings import LEARNED_ORDER, OFF, ON
from cases.printing import print_csv, print_json
from cases.standing import standings
from claims.lake import Lake
from jobs.options import Decisions, Format, LakeUri, Output

Rows = Sequence[Mapping[str, Any]]


def list_(
    lake: LakeUri,
    status: Annotated[
        list[str] | None, typer.Option(help=f"Only these; repeatable: {', '.join(STATUSES)}.")
    ] = None,
    decisions: Decisions = None,
    output: Format = Output.table,
) -> None:
    """List the cases that somebody has touched, and where each stands; none is left out."""
    wrong = [name for name in status or () if name not in STATUSES]
    if wrong:
        raise DecisionError(f"status '{wrong[0]}' is not one of {', '.join(STATUSES)}")
    opened = Lake(lake)
    found = standings(opened, open_store(decisions, lake=opened))
    rows = [
        {
            "case_id": case,
            "status": standing.state.status,
            "assignee": standing.state.assignee,
            "outcome": standing.state.outcome,
            "amount": standing.state.amount,
            "in_queue": standing.in_queue,
            "standing": standing.state.sentence,
            "suppressed_detectors": ", ".join(
                f"{name} until {end}" for name, end in standing.state.suppressed_detectors.items()
            ),
            "news": standing.news.sentence if standing.news else None,
        }
        for case, standing in sorted(found.items())
        if not status or standing.state.status in status
    ]
    told = ("case_id", "standing", "suppressed_detectors", "news")
    _print(rows, output, lambda row: "  ".join(str(row[name]) for name in told if row[name]))


def history(
    case: Annotated[str, typer.Argument(help="The case's id, or its first characters.")],
    lake: LakeUri,
    decisions: Decisions = None,
    output: Format = Output.table,
) -> None:
    """Print all that was done on a case, oldest first."""
    opened = Lake(lake)
    store = open_store(decisions, lake=opened)
    case_id, subject = KnownCases(opened).find(case)
    acts = [{**asdict(act), "sentence": act.sentence} for act in store.history(case_id)]
    if output == Output.table:
        typer.echo(f"Case {case_id}, {subject}: {store.state(case_id).sentence}")

    def line(act: Mapping[str, Any]) -> str:
        note = f" ({act['note']})" if act["note"] and act["kind"] != "note" else ""
        return f"{act['sequence']:>4}  {act['at']:%Y-%m-%d %H:%M}  {act['sentence']}{note}"

    _print(acts, output, line)


def upgrade(lake: LakeUri, decisions: Decisions = None) -> None:
    """Bring the database to this version's tables; what is recorded stays."""
    before = bring_up(connect(place_of(Lake(lake), decisions)))
    typer.echo(f"revision {REVISION} (was {before})")


def confirm_above(
    amount: Annotated[str, typer.Argument(help="In the lake's currency, to the cent.")],
    lake: LakeUri,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a few words.")],
    decisions: Decisions = None,
) -> None:
    """Set the confirmed amount above which a colleague has to confirm a decision."""
    store = open_store(decisions, lake=Lake(lake))
    store.set_confirm_above(amount, reason)
    typer.echo(f"decisions above {store.confirm_above:,.2f} need a second person")


def learned_order(
    state: Annotated[str, typer.Argument(help="on or off")],
    lake: LakeUri,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a few words.")],
    decisions: Decisions = None,
) -> None:
    """Let runs use the learned order where it is ahead on later decisions, or no longer."""
    if state not in (ON, OFF):
        raise DecisionError(f"the learned order is switched {ON} or {OFF}, not '{state}'")
    open_store(decisions, lake=Lake(lake)).switch(LEARNED_ORDER, state == ON, reason)
    typer.echo(f"the learned order is {state} from the next run on")


COMMANDS: Mapping[str, Callable[..., None]] = {
    "list": list_,
    "history": history,
    "upgrade": upgrade,
    "confirm-above": confirm_above,
    "learned-order": learned_order,
}


def _print(rows: Rows, output: Output, line: Callable[[Mapping[str, Any]], str]) -> None:
    if output == Output.json:
        print_json(list(rows), sys.stdout)
    elif output == Output.csv:
        print_csv(rows, sys.stdout)
    else:
        for row in rows:
            typer.echo(line(row))
