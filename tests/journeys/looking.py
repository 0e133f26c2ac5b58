"""A machine's eye on pages: accessible, no wider than the screen; the looks take turns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Route

from accounts.models import User
from tests.journeys.conftest import NARROW, WIDE

#: Of the tests' live server.
HOST = "localhost"
#: What is right is not told: telling it takes longer than finding it.
WRONG_ONLY = {"resultTypes": ["violations"]}


def faults(page: Page) -> Iterator[str]:
    """What is wrong with the page that the browser shows."""
    for each in Axe().run(page, options=WRONG_ONLY).response["violations"]:
        yield f"{each['id']}: {[node['html'] for node in each['nodes'][:3]]}"
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        yield "wider than the screen"


@dataclass
class Gallery:
    """Shows answers of the portal in a browser, each in the next language, width and darkness."""

    page: Page
    found: dict[str, list[str]] = field(default_factory=dict)
    _turn: Iterator[int] = field(default_factory=count)
    language: str = "fr"

    def reader(self, user: User | None = None) -> Client:
        """Somebody who reads in the language of the next picture."""
        turn = next(self._turn)
        self.language = ("fr", "en")[turn % 2]
        self.page.set_viewport_size((WIDE, NARROW)[turn // 2 % 2])  # type: ignore[arg-type]
        dark = turn % 3 == 2
        self.page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        client = Client()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = self.language
        return client

    def show(self, what: str, response: Any, status: int = 200) -> None:
        """Look at an answer as the browser that asked for it would show it."""
        assert response.status_code == status, f"{what}: {response.status_code}"
        request = response.wsgi_request
        path, headers = request.path, dict(response.items())
        # The console complains of a 500 even where it is meant.
        told = min(status, 499)

        def answer(route: Route) -> None:
            route.fulfill(status=told, headers=headers, body=response.content)

        given = {name: morsel.value for name, morsel in response.cookies.items()}
        self._sit_down({**request.COOKIES, **given})
        self.page.route(f"**{path}", answer, times=1)
        self.page.goto(path)
        assert self.page.locator("html").get_attribute("lang") == self.language, what
        if wrong := list(faults(self.page)):
            width = self.page.evaluate("window.innerWidth")
            self.found[f"{what} ({path}, {self.language}, {width})"] = wrong

    def _sit_down(self, cookies: Mapping[str, str]) -> None:
        """The browser is the reader's, for what the page's scripts ask."""
        context = self.page.context
        context.clear_cookies()
        context.add_cookies(
            [{"name": n, "value": v, "domain": HOST, "path": "/"} for n, v in cookies.items()]
        )
