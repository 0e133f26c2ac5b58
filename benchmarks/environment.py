"""Where the measurements run: production's settings, and a database that is dropped afterwards."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

#: With the process in it, so that two runs at once do not meet.
DATABASE = f"bpf_bench_{os.getpid()}"


def prepare() -> None:
    """Find or start the servers and set Django up. DEMO only, since synthetic data need it."""
    os.environ.update(DEMO="1", DEBUG="0", LOG_LEVEL="ERROR", EMAIL_URL="dummymail://")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bpf_portal.settings")
    from bpf_portal import embedded

    embedded.ensure_from_environment()
    import django
    from django.conf import settings

    settings.ROOT_URLCONF = "benchmarks.urls"
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = DATABASE
    settings.CACHES["default"]["KEY_PREFIX"] = DATABASE
    # A worker that runs here must not be told of jobs of another database.
    settings.CELERY_BROKER_URL = "memory://"
    django.setup()


@contextmanager
def database(number: int) -> Iterator[None]:
    """A new database with reference data and so many synthetic proposals, and a media folder."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from tests import laid_out

    # A kill in the middle also drops the database.
    signal.signal(signal.SIGTERM, _end)
    before = str(settings.DATABASES["default"]["NAME"])
    with tempfile.TemporaryDirectory(prefix="bpf-bench-") as media:
        settings.MEDIA_ROOT = media
        connection.settings_dict["TEST"]["TEMPLATE"] = laid_out.copied_from()
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            with open(os.devnull, "w") as nowhere:
                call_command("load_reference", stdout=nowhere)
                call_command("seed_load", str(number), stdout=nowhere)
            yield
        finally:
            connection.creation.destroy_test_db(before, verbosity=0)
            laid_out.forget()


def _end(_signal: int, _frame: object) -> None:
    raise SystemExit(143)
