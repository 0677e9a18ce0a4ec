"""What a person switched for the whole office: each switch a record with author and reason.

The last record of a name holds. Rules promoted out of shadow are settings as well, so that a run
which reads the store knows them, and the store knows who promoted them and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine, insert, select

from cases.decisions.admission import text
from cases.decisions.identity import Identity
from cases.decisions.schema import take_turn, writing
from cases.decisions.tables import SETTINGS
from claims.runs import now

CONFIRM_ABOVE = "confirm_above"
LEARNED_ORDER = "learned_order"
PROMOTED = "promoted."
ON, OFF = "on", "off"

DEFAULT_CONFIRM_ABOVE = Decimal("10000.00")


@dataclass(frozen=True)
class Setting:
    """One switch, by whom and why."""

    setting_id: int
    name: str
    value: str
    reason: str
    set_at: datetime
    analyst: str
    identity_source: str


def put(engine: Engine, identity: Identity, name: str, value: str, reason: str) -> None:
    """Record a switch.

    Raises:
        DecisionError: no reason is given.
    """
    values = {
        "name": name,
        "value": value,
        "reason": text("reason", reason),
        "set_at": now(),
        "analyst": identity.name,
        "identity_source": identity.source,
    }
    with writing(engine).begin() as connection:
        take_turn(connection)
        connection.execute(insert(SETTINGS).values(values))


def every(engine: Engine) -> list[Setting]:
    """All switches, oldest first."""
    with engine.connect() as connection:
        found = connection.execute(select(SETTINGS).order_by(SETTINGS.c.setting_id))
        return [Setting(**row._mapping) for row in found]


def current(engine: Engine) -> dict[str, Setting]:
    """By name, the switch that holds."""
    return {setting.name: setting for setting in every(engine)}


def confirm_above(engine: Engine) -> Decimal:
    """Confirmed amounts above this, in the lake's currency, need a second person."""
    found = current(engine).get(CONFIRM_ABOVE)
    return Decimal(found.value) if found else DEFAULT_CONFIRM_ABOVE
