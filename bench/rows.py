"""How bench/fill.py writes rows: by the million, past Django's model layer but by its models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model


def run(sql: str, params: list[Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall() if cursor.description else []


def insert(model: type[Model], source: str, /, **columns: str) -> None:
    """INSERT … SELECT: an SQL expression for each column, from `source` (what follows FROM).

    Columns that are not named get their field's default, so that a field which somebody adds to
    a model needs nothing here unless it should be filled.
    """
    names, params = list(columns), []
    expressions = list(columns.values())
    for field in model._meta.concrete_fields:
        # What has a default of the database's own, or may be empty, is left alone.
        if field.column not in columns and not field.null and not field.primary_key:
            names.append(field.column)
            expressions.append("%s")
            params.append(field.get_db_prep_save(field.get_default(), connection))
    listed = ", ".join(f'"{name}"' for name in names)
    chosen = ", ".join(expressions)
    table = model._meta.db_table
    run(f'INSERT INTO "{table}" ({listed}) SELECT {chosen} FROM {source}', params)


def analyse(*models: type[Model]) -> None:
    """Update the planner's statistics before the next statements join these tables."""
    run("ANALYZE " + ", ".join(model._meta.db_table for model in models))


def scratch(name: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    """A temporary table that other statements select from; `columns` as in CREATE TABLE."""
    run(f"CREATE TEMPORARY TABLE {name} ({columns})")
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {name} FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
    run(f"ANALYZE {name}")


@contextmanager
def unindexed() -> Iterator[None]:
    """Without foreign-key checks, and with the indexes made once at the end.

    Primary keys and unique constraints stay. Needs the database's owner to be a superuser.
    """
    tables = [model._meta.db_table for model in _models()]
    indexes = run(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename = ANY(%s) AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        [tables],
    )
    for setting in ("session_replication_role = replica", "synchronous_commit = off"):
        run(f"SET {setting}")
    run("SET work_mem = '256MB'")
    run("SET maintenance_work_mem = '1GB'")
    run("SET jit = off")
    for name, _definition in indexes:
        run(f'DROP INDEX "{name}"')
    yield
    for _name, definition in indexes:
        run(definition)
    run("SET session_replication_role = DEFAULT")


def settle() -> None:
    """Do what a used database has done by itself: sequences, statistics, visibility."""
    for model in _models():
        table, key = model._meta.db_table, model._meta.pk.column
        if run("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', key])[0][0]:
            run(
                f"SELECT setval(pg_get_serial_sequence('\"{table}\"', '{key}'),"
                f' (SELECT coalesce(max("{key}"), 0) + 1 FROM "{table}"), false)'
            )
    run("VACUUM (ANALYZE)")


def _models() -> list[type[Model]]:
    """Of every app that is ours."""
    configs = [c for c in apps.get_app_configs() if Path(c.path).parent == settings.BASE_DIR]
    return [model for config in configs for model in config.get_models(include_auto_created=True)]
