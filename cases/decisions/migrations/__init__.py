"""Alembic's scripts: one a revision of the store's tables, shipped with the code that needs it."""
