"""A database whose tables are made once, and copied by everybody.

They are made from the models, in a second; the migrations render every model anew for every trigger
and take a minute of a busy machine. `tests/core/test_migrations.py` runs these and finds the same
tables. The copy's name carries the hash of what it was made by, so that it is never an old one. On
the embedded server it stays for the next run; a server that `DATABASE_URL` names is left as it was
found.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

_LOCK = 4_201_118


def copied_from() -> str:
    """The name of the database, made now unless it is there. Two callers make one."""
    name = f"bpf_laid_out_{_fingerprint()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                _make(cursor, name)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    return name


def forget() -> None:
    """Leave nothing on a server that is not ours; called when everybody has copied."""
    if not os.environ.get("DATABASE_URL"):
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS bpf_laid_out_{_fingerprint()}")


def _make(cursor: object, name: str) -> None:
    """Under another name until it is whole: a killed run leaves nothing that looks finished."""
    unfinished, before = f"{name}_unfinished", connection.settings_dict["NAME"]
    cursor.execute(f"DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")  # type: ignore[attr-defined]
    cursor.execute(f"CREATE DATABASE {unfinished}")  # type: ignore[attr-defined]
    connection.close()
    connection.settings_dict["NAME"] = unfinished
    try:
        lay_out()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
    cursor.execute(f"ALTER DATABASE {unfinished} RENAME TO {name}")  # type: ignore[attr-defined]


def lay_out() -> None:
    """Tables and triggers from the models, and every migration noted as applied."""
    # Its functions, which our triggers call, stand in its migrations only.
    call_command("migrate", "pghistory", verbosity=0, interactive=False)
    there = set(connection.introspection.table_names())
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection) and model._meta.db_table not in there:
                editor.create_model(model)
    pgtrigger.install()
    call_command("migrate", fake=True, verbosity=0, interactive=False)


def _fingerprint() -> str:
    """Of every migration and model of ours and of the packages' versions."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    digest.update(Path(__file__).read_bytes())
    for app in sorted(apps.get_app_configs(), key=lambda each: each.label):
        folder = Path(app.path)
        if not folder.is_relative_to(settings.BASE_DIR) or "site-packages" in folder.parts:
            continue
        models = (*folder.glob("models.py"), *folder.glob("models/*.py"))
        for file in sorted((*models, *folder.glob("migrations/*.py"))):
            digest.update(f"{app.label}/{file.name}".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
