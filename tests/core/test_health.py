"""What a machine that watches the portal sees."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from bpf_portal.core.models import OutgoingEmail

pytestmark = pytest.mark.django_db


def test_it_is_alive_and_ready(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert answer.json()["database"]["oldest_job_seconds"] == 0.0


def test_redis_away_is_said_and_does_not_make_the_portal_unready(
    client: Client, settings: Settings
) -> None:
    settings.CACHES = {
        **settings.CACHES,
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"},
    }
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["redis"] == {"ok": False, "error": "ConnectionError"}


def test_the_numbers_are_for_those_who_know_the_token(client: Client, settings: Settings) -> None:
    OutgoingEmail.objects.create(recipient="a@example.org", subject="s", body="b")
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "let-me-in"
    assert client.get("/metrics", headers={"authorization": "Bearer no"}).status_code == 404

    answer = client.get("/metrics", headers={"authorization": "Bearer let-me-in"})

    assert 'bpf_jobs{kind="outgoingemail",state="queued"} 1.0' in answer.content.decode()
