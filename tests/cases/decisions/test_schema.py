"""A database is made when empty, brought up by a command, and never read at a wrong revision."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, inspect, text

from cases.decisions import Identity, SchemaError, open_store
from cases.decisions.place import kept, place_of
from cases.decisions.schema import REVISION, VERSION_TABLE, connect, revision, upgrade
from cases.decisions.tables import METADATA
from claims.lake import Lake

# What stores were before they knew of migrations.
FIRST = """
create table dispositions (disposition_id integer primary key, case_id varchar(64) not null,
    subject varchar, analyst varchar not null, decided_at timestamp not null,
    outcome varchar(32) not null, amount_confirmed {money}, minutes_spent integer, note varchar);
create table recoveries (recovery_id integer primary key, case_id varchar(64) not null,
    recovered_at date not null, amount {money} not null);
insert into dispositions values
    (1, 'case-P1', 'provider P1', 'ann', '2024-05-02 09:00:00', 'substantiated', 12.3, 40, 'yes'),
    (2, 'case-P1', null, 'bob', '2024-05-01 09:00:00', 'more_information', null, null, null);
insert into recoveries values (1, 'case-P1', '2024-06-01', 5)
"""


def make_first(url: str) -> None:
    engine = create_engine(url)
    money = "float" if engine.dialect.name == "sqlite" else "numeric(18,2)"
    with engine.begin() as connection:
        for statement in FIRST.format(money=money).split(";\n"):
            connection.execute(text(statement))
    engine.dispose()


def test_a_store_from_before_migrations_is_refused_then_upgraded_with_its_history(
    url: str, lake: Lake
) -> None:
    make_first(url)
    with pytest.raises(SchemaError, match=r"revision 0001.*`vigie decisions upgrade`"):
        open_store(url)
    engine = connect(url)
    assert upgrade(engine) == "0001"
    assert revision(engine) == REVISION
    assert upgrade(engine) == REVISION
    store = open_store(url, lake=lake, identity=Identity("ann"))
    assert [act.sentence for act in store.history("case-P1")] == [
        "bob decided: more_information",
        "ann decided: substantiated, 12.30",
    ]
    assert store.state("case-P1").sentence.startswith("decided: substantiated, 12.30 by ann")
    assert [d.analyst for d in store.dispositions("case-P1")] == ["bob", "ann"]
    assert store.reopen("case-P1", "new records", seen=2).status == "reopened"
    engine.dispose()
    store.engine.dispose()


def test_a_newer_database_is_refused(url: str) -> None:
    engine = connect(url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text(f"update {VERSION_TABLE} set version_num = '9999'"))
    with pytest.raises(SchemaError, match="revision 9999, newer than this code"):
        open_store(url)
    engine.dispose()


def test_what_the_code_names_is_what_the_migrations_make(url: str) -> None:
    engine = connect(url)
    upgrade(engine)
    made = MetaData()
    made.reflect(engine)
    for name, table in METADATA.tables.items():
        assert [c.name for c in made.tables[name].columns] == [c.name for c in table.columns]
        assert [c.nullable for c in made.tables[name].columns] == [
            c.nullable for c in table.columns
        ]
    model = {"case_id", "subject", "analyst", "decided_at", "outcome", "amount_confirmed",
             "minutes_spent", "note"}  # fmt: skip
    assert model <= {c["name"] for c in inspect(engine).get_columns("dispositions")}
    assert {"case_id", "recovered_at", "amount"} <= {
        c["name"] for c in inspect(engine).get_columns("recoveries")
    }
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "no database URL"),
        ("mysql://host/db", "not in mysql"),
        ("sqlite:////nowhere/at/all.db", "cannot be made"),
        ("postgresql://ann:secret@127.0.0.1:1/x", "cannot be read or made"),
    ],
)
def test_a_database_that_cannot_be_used_is_said_without_its_password(url: str, told: str) -> None:
    with pytest.raises(SchemaError, match=told) as error:
        open_store(url)
    assert "secret" not in str(error.value)


def test_the_file_lies_beside_the_lake_and_is_its_owners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIGIE_DECISIONS", raising=False)
    lake = Lake(str(tmp_path / "lake"))
    assert kept(lake) is None
    assert place_of(lake) == f"sqlite:///{tmp_path}/lake.decisions.db"
    open_store(lake=lake).engine.dispose()
    file = tmp_path / "lake.decisions.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept(lake) == f"sqlite:///{file}"
    assert place_of(lake, "sqlite:///other.db") == "sqlite:///other.db"
    monkeypatch.setenv("VIGIE_DECISIONS", "postgresql://team/decisions")
    assert kept(lake) == place_of(lake) == "postgresql://team/decisions"
    monkeypatch.delenv("VIGIE_DECISIONS")
    with pytest.raises(SchemaError, match="VIGIE_DECISIONS"):
        place_of(Lake("s3://bucket/lake"))
    assert kept(Lake("s3://bucket/lake")) is None
