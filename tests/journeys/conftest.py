"""A real browser, a real worker and a real server for the journeys."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

# Playwright's synchronous API runs its own event loop in this thread; our tests talk to the
# database between two steps of a browser, never from inside the loop.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "the journeys need Chromium: run script/setup"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class Complaints(list[str]):
    """What a page's console complained of; a journey must end with none."""

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.append(f"{page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.append(f"{message.location.get('url', '')}: {message.text}")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    heard = Complaints()
    yield heard
    assert not heard, "\n".join(heard)


@pytest.fixture
def person(
    chromium: Browser, live_server: LiveServer, complaints: Complaints
) -> Iterator[Callable[..., Page]]:
    """`person("en")` is a new person in front of a browser of their own."""
    contexts: list[BrowserContext] = []

    def arrive(language: str = "en", *, narrow: bool = False, dark: bool = False) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            locale=language,
            viewport=NARROW if narrow else WIDE,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        complaints.listen(page)
        return page

    yield arrive
    for context in contexts:
        context.close()


def database_url() -> str:
    """The address of the test database, for a process of its own."""
    current = connection.settings_dict
    host, port = str(current["HOST"]), current["PORT"] or 5432
    user, password = quote(str(current["USER"] or "")), quote(str(current["PASSWORD"] or ""))
    place = quote(host, safe="") if host.startswith("/") else f"{host}:{port}"
    return f"postgres://{user}{':' + password if password else ''}@{place}/{current['NAME']}"


@pytest.fixture
def worker(live_server: LiveServer, settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker on the test database, on a queue of its own in Redis."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "LOG_LEVEL": "WARNING",
        "BPF_VAR": str(Path(settings.MEDIA_ROOT).parent),
    }
    command = [
        *(sys.executable, "-m", "celery", "--quiet", "-A", "bpf_portal", "worker"),
        *("--pool", "solo", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
    ]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


@pytest.fixture
def pictures(settings: Settings) -> Path:
    """Where a journey leaves its screenshots (`BPF_PICTURES`; else in the folder of the data)."""
    folder = Path(os.environ.get("BPF_PICTURES") or settings.VAR / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
