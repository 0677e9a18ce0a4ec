"""Triggers by which a database refuses to change or remove a row, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

REFUSAL = "records of decisions are never changed"

PLACE = f"""
create or replace function vigie_refuse_change() returns trigger language plpgsql as $$
begin raise exception '{REFUSAL}' using errcode = 'integrity_constraint_violation'; end $$
"""


def triggers(table: str, key: str, dialect: str) -> Iterator[str]:
    """The statements that guard one table.

    Args:
        key: its primary key; SQLite's ``insert or replace`` removes a row without a word to the
            triggers on removal, so a key that is there is refused as well.
    """
    if dialect == "sqlite":
        for change in ("update", "delete"):
            yield (
                f"create trigger if not exists no_{change}_of_{table} before {change} on {table} "
                f"begin select raise(abort, '{REFUSAL}'); end"
            )
        yield (
            f"create trigger if not exists no_replacement_of_{table} before insert on {table} "
            f"when exists (select 1 from {table} where {key} = new.{key}) "
            f"begin select raise(abort, '{REFUSAL}'); end"
        )
        return
    yield PLACE
    for name, when in (
        ("change", "update or delete on {0} for each row"),
        ("truncate", "truncate on {0} for each statement"),
    ):
        yield (
            f"create or replace trigger no_{name}_of_{table} before {when.format(table)} "
            "execute function vigie_refuse_change()"
        )
