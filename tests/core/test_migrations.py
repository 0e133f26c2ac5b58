"""The migrations make the tables that the models describe, which all other tests stand on."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from tests.processes import database_url

#: What a database consists of, each part as text; names that Django makes up carry a hash.
PARTS = {
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision,
               numeric_scale, is_nullable, is_identity, generation_expression
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conrelid::regclass::text, contype, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "named constraints": """
        SELECT conrelid::regclass::text, conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype = 'c'
        AND conname !~ '(_check\\d*|_not_null)$'""",
    "indexes": """
        SELECT tablename, regexp_replace(indexdef, '^(.*INDEX) \\S+ ON', '\\1 ON')
        FROM pg_indexes WHERE schemaname = 'public'""",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(pg_trigger.oid), prosrc
        FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal""",
}


@pytest.fixture
def migrated(transactional_db: None) -> Iterator[psycopg2.extensions.connection]:
    """An empty database, migrated by the command that an operator runs."""
    name = f"bpf_migrations_{uuid.uuid4().hex[:8]}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": database_url(name)},
            check=True,
        )
        with closing(
            psycopg2.connect(**{**connection.get_connection_params(), "dbname": name})
        ) as opened:
            yield opened
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


#: Tables of ours, and of their history. Those of packages are their makers' to test.
OURS = ("accounts_", "applications_", "core_", "reviews_")


def parts_of(opened: object, statement: str) -> list[tuple[str, ...]]:
    with opened.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(statement)
        rows = (tuple(map(str, row)) for row in cursor.fetchall())
        return sorted(row for row in rows if row[0].startswith(OURS))


def test_they_make_what_the_models_describe(
    migrated: psycopg2.extensions.connection,
) -> None:
    for part, statement in PARTS.items():
        made, described = parts_of(migrated, statement), parts_of(connection, statement)
        assert [row for row in made if row not in described] == [], f"{part} of the migrations only"
        assert [row for row in described if row not in made] == [], f"{part} of the models only"
