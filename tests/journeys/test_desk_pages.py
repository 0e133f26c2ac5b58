"""Each page of LuxDev's side once, as a machine looks at it: accessible, no wider than the screen.

The pages are those of the access table. Reader, language, width and darkness take turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from accounts.models import User
from tests.access.table import DESK, REFERENCE
from tests.access.world import World, build_world
from tests.journeys.conftest import NARROW, WIDE
from tests.journeys.looking import faults

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

#: Answers of 200 that are files.
FILES = {"admin:reviews_decision_preview", "admin:annual_report_download"}


def readings(world: World) -> Iterator[tuple[str, str]]:
    """Each page's address with one of those who may open it, in turn."""
    turn = count()
    for address in (*DESK, *REFERENCE):
        readers = [name for name, answer in address.get.items() if answer == 200]
        if readers and address.name.startswith("admin:") and address.name not in FILES:
            yield (
                reverse(address.name, args=address.args(world)),
                readers[next(turn) % len(readers)],
            )


def sit_down(page: Page, user: User, language: str) -> None:
    """The person is signed in and reads in that language."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    given = {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.LANGUAGE_COOKIE_NAME: language,
    }
    page.context.add_cookies(
        [
            {"name": name, "value": value, "domain": urlsplit(page.url).hostname, "path": "/"}
            for name, value in given.items()
        ]
    )


def test_every_page_of_the_desk(reference: None, person: Callable[..., Page]) -> None:
    world = build_world()
    page = person()
    page.goto("/accounts/login/")
    found = {}
    for number, (address, reader) in enumerate(readings(world)):
        language = ("fr", "en")[number % 2]
        size = (WIDE, NARROW)[number // 2 % 2]
        light = ("dark", "light", "light")[number % 3]
        sit_down(page, world.people[reader], language)
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=light, reduced_motion="reduce")  # type: ignore[arg-type]
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        assert page.locator("html").get_attribute("lang") == language
        if wrong := list(faults(page)):
            found[f"{address} ({reader}, {language}, {size['width']}, {light})"] = wrong
    assert not found, found
