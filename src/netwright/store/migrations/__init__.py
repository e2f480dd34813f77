"""From the schema of an earlier version to the present one, by Alembic: one revision a version in `versions/`.

A revision says what it changes in words of its own, and never by the tables in `netwright.store.schema`, which go on
changing.
"""
