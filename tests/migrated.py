"""A database that is migrated once and copied by everybody: migrating takes a hundred times longer.

The copy's name carries the hash of what it was migrated by, so that it is never an old one. On the
embedded server it stays for the next run; a server that `DATABASE_URL` names is left as it was
found.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

_LOCK = 4_201_118


def copied_from() -> str:
    """The name of the migrated database, made now unless it is there. Two callers make one."""
    name = f"bpf_migrated_{_fingerprint()}"
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
        cursor.execute(f"DROP DATABASE IF EXISTS bpf_migrated_{_fingerprint()}")


def _make(cursor: object, name: str) -> None:
    """Under another name until it is whole: a killed run leaves nothing that looks finished."""
    unfinished, before = f"{name}_unfinished", connection.settings_dict["NAME"]
    cursor.execute(f"DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")  # type: ignore[attr-defined]
    cursor.execute(f"CREATE DATABASE {unfinished}")  # type: ignore[attr-defined]
    connection.close()
    connection.settings_dict["NAME"] = unfinished
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
    cursor.execute(f"ALTER DATABASE {unfinished} RENAME TO {name}")  # type: ignore[attr-defined]


def _fingerprint() -> str:
    """Of every migration of ours and of the packages' versions."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for app in sorted(apps.get_app_configs(), key=lambda each: each.label):
        folder = Path(app.path)
        if not folder.is_relative_to(settings.BASE_DIR) or "site-packages" in folder.parts:
            continue
        for file in sorted((folder / "migrations").glob("*.py")):
            digest.update(f"{app.label}/{file.name}".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
