"""What analysts did with cases: an append-only record in a SQL database, and what follows from it.

A decision is never changed or removed; a later act outweighs an earlier one, and the state of a
case is a function of its acts.
"""

from cases.decisions.acts import Act
from cases.decisions.faults import ConflictError, DecisionError, SchemaError, UnknownCaseError
from cases.decisions.identity import Identity
from cases.decisions.log import Pin
from cases.decisions.records import Disposition, Recovery
from cases.decisions.state import CaseState
from cases.decisions.store import Store, open_store
from cases.decisions.vocabulary import OUTCOMES, REASONS, STATUSES

__all__ = [
    "OUTCOMES",
    "REASONS",
    "STATUSES",
    "Act",
    "CaseState",
    "ConflictError",
    "DecisionError",
    "Disposition",
    "Identity",
    "Pin",
    "Recovery",
    "SchemaError",
    "Store",
    "UnknownCaseError",
    "open_store",
]
