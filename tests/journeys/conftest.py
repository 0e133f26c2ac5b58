"""A real browser, a real worker and a real server for the journeys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.processes import Worker

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

    def arrive(
        language: str = "en", *, narrow: bool = False, dark: bool = False, scripts: bool = True
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            locale=language,
            viewport=NARROW if narrow else WIDE,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
            java_script_enabled=scripts,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        complaints.listen(page)
        return page

    yield arrive
    for context in contexts:
        context.close()


@pytest.fixture
def worker(live_server: LiveServer, settings: Settings) -> Iterator[Worker]:
    """A Celery worker on the database and the Redis of the live server."""
    process = Worker(settings.REDIS_URL)
    yield process
    process.stop()


@pytest.fixture
def pictures(settings: Settings) -> Path:
    """Where a journey leaves its screenshots (`BPF_PICTURES`; else in the folder of the data)."""
    folder = Path(os.environ.get("BPF_PICTURES") or settings.VAR / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
