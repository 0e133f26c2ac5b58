"""Every address, for everybody: what the table says is what the portal answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import ClassVar

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, TestCase
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from applications.models import RuleSet
from tests.access.expecting import LOGIN, VISITORS, Address, Answer, Answers
from tests.access.table import TABLE
from tests.access.world import REVIEWERS, World, build_world
from tests.hygiene import refuse_to_write


def named_addresses(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from named_addresses(each.url_patterns, inner)
        else:
            yield f"{namespace}{each.name or f'without a name: {each.pattern}'}"


def test_every_address_is_in_the_table_and_every_entry_is_an_address() -> None:
    addresses = list(named_addresses(get_resolver().url_patterns))
    assert len(addresses) == len(set(addresses)), "two addresses of one name"
    assert {address.name for address in TABLE} == set(addresses)
    titles = [address.title for address in TABLE]
    assert len(titles) == len(set(titles))


class AccessTest(TestCase):
    """Django's TestCase builds the world once and rolls back what each address changed."""

    world: ClassVar[World]
    sessions: ClassVar[dict[str, str]]

    @classmethod
    def setUpTestData(cls) -> None:
        if not RuleSet.objects.exists():
            call_command("load_reference", verbosity=0)
        cls.world = build_world()
        cls.sessions = {name: cls._sign_in(name) for name in VISITORS if name != "anonymous"}

    @classmethod
    def _sign_in(cls, name: str) -> str:
        client = Client()
        client.force_login(
            cls.world.people[name], backend="django.contrib.auth.backends.ModelBackend"
        )
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def _answers(self, method: str, url: str) -> dict[str, Answer]:
        return {name: self._answer(name, method, url) for name in VISITORS}

    def _answer(self, name: str, method: str, url: str) -> Answer:
        """The answer to one visitor; nothing of it stays for the next."""
        client = Client(raise_request_exception=False)
        if name in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[name]
        ask: Callable[[str], HttpResponse] = getattr(client, method)
        with transaction.atomic():
            response = ask(url)
            if response.streaming:
                b"".join(response)
            transaction.set_rollback(True)
        if response.status_code == 302 and response["Location"].startswith("/accounts/login/"):
            return LOGIN
        return response.status_code

    def test_no_reviewer_meets_another_on_any_address(self) -> None:
        """The review is blind: whoever may read something of it reads nobody else's name. Only
        the members of a committee know each other, who sit at one table."""
        others = {name: self.world.people[name] for name in REVIEWERS}
        met = {}
        for reader in REVIEWERS:
            client = Client()
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[reader]
            for address in TABLE:
                if address.get[reader] != 200 or not address.name.startswith("admin:"):
                    continue
                if address.name == "admin:reviews_meeting_change":
                    continue
                url = reverse(address.name, args=address.args(self.world))
                page = client.get(url).content.decode()
                found = [
                    name
                    for name, user in others.items()
                    if name != reader and (user.email in page or user.full_name in page)
                ]
                if found:
                    met[f"{address.title} ({reader})"] = found
        assert met == {}

    def check(self, address: Address) -> None:
        url = reverse(address.name, args=address.args(self.world))
        assert resolve(url).view_name == address.name

        got = self._answers("get", url)
        assert _differences(got, address.get) == {}

        expected = address.post
        with connection.execute_wrapper(refuse_to_write) if expected is None else nullcontext():
            posted = self._answers("post", url)
        if expected is None:
            expected = _read_only(posted, got)
        assert _differences(posted, expected) == {}


def _read_only(posted: Answers, got: Answers) -> Answers:
    """What a POST may answer where there is nothing to post: 405, or the page as it is read."""
    return {name: 405 if posted[name] == 405 else got[name] for name in VISITORS}


def _differences(answered: Answers, expected: Answers) -> dict[str, str]:
    return {
        name: f"answered {answered[name]}, expected {expected[name]}"
        for name in VISITORS
        if answered[name] != expected[name]
    }


def _test_of(address: Address) -> Callable[[AccessTest], None]:
    return lambda self: self.check(address)


for _address in TABLE:
    _name = re.sub(r"\W+", "_", _address.title).strip("_")
    setattr(AccessTest, f"test_{_name}", _test_of(_address))


def test_an_address_that_the_table_does_not_know_is_found() -> None:
    patterns: list[URLPattern | URLResolver] = list(get_resolver().url_patterns)
    unknown = URLPattern(patterns[0].pattern, lambda request: HttpResponse(), name="forgotten")
    found = set(named_addresses([*patterns, unknown]))
    assert "forgotten" in found - {address.name for address in TABLE}


@pytest.mark.parametrize("name", ["proposals:detail", "letters:download"])
def test_the_table_asks_with_objects_of_a_stranger(name: str) -> None:
    entries = [address for address in TABLE if address.name == name]
    assert entries
    assert all(address.get["stranger"] == 404 for address in entries)
