"""Two analysts at once, on SQLite and on a real PostgreSQL: one comes first, nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from cases.decisions import CaseState, ConflictError, Identity, Store, open_store
from claims.lake import Lake
from tests.cases.decisions.stores import at_work, new_schema

CASES = ("case-P1", "case-P2", "case-P3", "case-OLD")
COLLEAGUE = """
import sys
from cases.decisions import ConflictError, Identity, open_store
from claims.lake import Lake
url, lake, name, *cases = sys.argv[1:]
store = open_store(url, lake=Lake(lake), identity=Identity(name))
print("ready", flush=True)
sys.stdin.readline()
for case in cases:
    for n in range(3):
        store.note(case, f"{name} {n}")
    try:
        print(case, store.decide(case, "education", seen=0).sequence)
    except ConflictError as error:
        print(case, "after", error.act.analyst)
"""


def together(*acts: Callable[[], Any]) -> list[Any]:
    """All acts in threads that start at one moment: what each gave, or what it raised."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(timeout=30)
        try:
            return act()
        except ConflictError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def test_of_two_decisions_on_one_state_one_counts_and_the_other_is_told(store: Store) -> None:
    bob = at_work(store, "bob")
    for case in CASES:
        found = together(
            lambda case=case: store.decide(case, "substantiated", seen=0),
            lambda case=case: bob.decide(case, "unsubstantiated", seen=0),
        )
        (won,) = [state for state in found if isinstance(state, CaseState)]
        (lost,) = [error for error in found if isinstance(error, ConflictError)]
        assert lost.act.sentence == f"{won.decided_by} decided: {won.outcome}"
        assert f"{won.decided_by} decided: {won.outcome} at " in str(lost)
        assert [d.outcome for d in store.dispositions(case)] == [won.outcome]
        assert store.state(case) == won
    bob.engine.dispose()


def test_one_press_sent_twice_at_once_counts_once(store: Store) -> None:
    act = lambda: store.decide("case-P1", "education", seen=0, press="double")  # noqa: E731
    first, second = together(act, act)
    assert first == second
    assert len(store.history("case-P1")) == len(store.dispositions("case-P1")) == 1


def test_colleagues_in_processes_of_their_own_lose_nothing(
    store: Store, url: str, lake: Lake, tmp_path: Path
) -> None:
    script = tmp_path / "colleague.py"
    script.write_text(COLLEAGUE)
    workers = [
        subprocess.Popen(
            [sys.executable, str(script), url, lake.root, name, *CASES],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={"PYTHONPATH": ":".join(sys.path)},
        )
        for name in ("ann", "bob")
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    told = [worker.communicate("go\n", timeout=120)[0].split("\n") for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    refused = Counter(line.split()[0] for lines in told for line in lines if "after" in line)
    assert refused == Counter(CASES)
    for case in CASES:
        acts = store.history(case)
        assert [act.sequence for act in acts] == list(range(1, 8))
        assert Counter(act.kind for act in acts) == {"note": 6, "decide": 1}


def test_a_writer_that_takes_no_turn_is_met_by_the_database(lake: Lake, server: str) -> None:
    """The unique place within the case holds where a program does not wait as ours do."""
    store = open_store(new_schema(server), lake=lake, identity=Identity("ann"))
    insert = text(
        "insert into acts (case_id, sequence, kind, at, analyst, identity_source, press, details)"
        " values ('case-P1', 1, 'take', now(), 'eve', 'stated', 'raw', '{}')"
    )
    with ThreadPoolExecutor(1) as threads, store.engine.connect() as outside:
        outside.execute(insert)
        waiting = threads.submit(store.decide, "case-P1", "education", seen=0)
        _until_blocked(store)
        outside.commit()
        with pytest.raises(ConflictError, match="eve took the case"):
            waiting.result(timeout=30)
    assert store.dispositions() == []
    assert store.note("case-P1", "so be it").sequence == 2
    store.engine.dispose()


def _until_blocked(store: Store) -> None:
    """Wait for the state of the database, not for the clock: somebody waits for a lock."""
    blocked = text("select count(*) from pg_locks where not granted")
    while True:
        with store.engine.connect() as connection:
            if connection.scalar(blocked):
                return


def test_an_empty_database_opened_twice_at_once_is_made_once(url: str, lake: Lake) -> None:
    stores = together(*[lambda: open_store(url, lake=lake, identity=Identity("ann"))] * 4)
    assert stores[0].note("case-P1", "made").sequence == 1
    assert {len(store.history("case-P1")) for store in stores} == {1}
    for store in stores:
        store.engine.dispose()
