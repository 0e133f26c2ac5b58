"""A Redis and workers that a test may kill, with this process as the web server in front."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import kombu.pools
import pytest
from pytest_django import Settings

from bpf_portal.celery import app
from tests.processes import OwnRedis, Worker


def _forget_the_broker() -> None:
    """Celery keeps its connections by address; the next one is made anew."""
    kombu.pools.reset()
    app._pool = None  # type: ignore[attr-defined]
    app.amqp._producer_pool = None  # type: ignore[attr-defined]


@pytest.fixture
def own_redis(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnRedis]:
    """Not started yet; the portal of this process looks for its broker and cache there."""
    with tempfile.TemporaryDirectory(prefix="bpf-") as folder:
        redis = OwnRedis(Path(folder))
        monkeypatch.setenv("CELERY_BROKER_URL", redis.broker_url)
        settings.CACHES = {
            **settings.CACHES,
            "default": {**settings.CACHES["default"], "LOCATION": redis.url},
        }
        _forget_the_broker()
        try:
            yield redis
        finally:
            redis.stop()
            monkeypatch.undo()
            _forget_the_broker()


@pytest.fixture
def start_worker(own_redis: OwnRedis) -> Iterator[Callable[..., Worker]]:
    """Call it for one more worker; all of them end with the test."""
    workers: list[Worker] = []

    def start(**options: bool) -> Worker:
        workers.append(Worker(own_redis.url, **options))
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()
