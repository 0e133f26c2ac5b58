"""What every test stands on: real PostgreSQL and Redis, the reference data, and a few people."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import translation
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from applications.models import Call
from bpf_portal import embedded
from tests import builders, laid_out
from tests.shared import SHARED

pytest_plugins = ["tests.hygiene"]

embedded.ensure_from_environment()


@pytest.fixture(scope="session", autouse=True)
def _a_machine_of_ones_own() -> Iterator[None]:
    """Files of tests go into a folder of their own that ends with them; password hashes are quick;
    pages are plain http, also those of the live server, which reads the settings before any test
    does; static files are looked for when asked for, not listed anew for every test's client."""
    settings.WHITENOISE_AUTOREFRESH = True
    settings.SECURE_SSL_REDIRECT = False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with tempfile.TemporaryDirectory(prefix="bpf-") as folder:
        settings.MEDIA_ROOT = Path(folder) / "media"
        yield


@pytest.fixture(autouse=True)
def _plain_settings(settings: Settings) -> None:
    """Static files without a build, a cache of one's own, and no language left by another test."""
    translation.activate("en")
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    alone = uuid.uuid4().hex
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "KEY_PREFIX": alone},
        "pages": {**settings.CACHES["pages"], "LOCATION": alone},
    }


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Each process tests on a copy of one database."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = laid_out.copied_from()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Only the process that started the others knows that all of them have copied."""
    if not hasattr(config, "workerinput"):
        laid_out.forget()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The reference data is loaded once; each test's transaction stands on it."""
    with django_db_blocker.unblock():
        _load_reference()


def _load_reference() -> None:
    with open(os.devnull, "w") as nowhere:
        call_command("load_reference", stdout=nowhere)


@pytest.fixture
def reference(db: None) -> None:
    """The reference data, loaded again where a transactional test emptied the database."""
    from applications.models import RuleSet

    if not RuleSet.objects.exists():
        _load_reference()


@pytest.fixture
def shared() -> Path:
    """The folder of real input beside the project; a public clone has none."""
    if not SHARED.is_dir():
        pytest.skip("the folder of real input is not here")
    return SHARED


@pytest.fixture
def do_jobs() -> Callable[[], int]:
    """Call it to do all waiting jobs in this process, as the sweeper would send them."""
    return builders.do_waiting_jobs


def _person(role: str, name: str, **fields: Any) -> User:
    return builders.build_user(role, name, **fields)


@pytest.fixture
def applicant(reference: None) -> User:
    return _person("applicant", "Alice Muller")


@pytest.fixture
def stranger(reference: None) -> User:
    """An applicant of another company, with a company of their own."""
    user = _person("applicant", "Sven Fremd")
    builders.build_organisation(user, legal_name="Fremd S.A.", registration_number="B654321")
    return user


@pytest.fixture
def reviewer(reference: None) -> User:
    return _person("reviewer", "Rita Weis")


@pytest.fixture
def second_reviewer(reference: None) -> User:
    return _person("reviewer", "Serge Klein")


@pytest.fixture
def officer(reference: None) -> User:
    return _person("officer", "Odile Hoffmann")


@pytest.fixture
def approver(reference: None) -> User:
    return _person("approver", "Armand Schmit")


@pytest.fixture
def auditor(reference: None) -> User:
    return _person("auditor", "Aude Thill")


@pytest.fixture
def administrator(reference: None) -> User:
    return _person("administrator", "Adam Wagner")


@pytest.fixture
def as_user() -> Callable[..., Client]:
    """`as_user(user)` is a browser signed in as that person, in that person's language."""

    def sign_in(user: User, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def open_call(reference: None) -> Call:
    return builders.build_call()
