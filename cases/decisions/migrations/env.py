"""Run the migrations over the connection that the store hands in, within its transaction."""

from __future__ import annotations

from alembic import context

from cases.decisions.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
