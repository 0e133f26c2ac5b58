"""Sends bad values to a page as a browser would, and looks at what the page answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.cookies import Morsel
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.db import transaction
from django.test import Client, TestCase
from django.urls import get_resolver, reverse

from accounts.models import User
from applications.forms.section import SectionForms
from reviews.admin.findings import FindingGroup
from tests.applications.bad_values import Bad, bad_values
from tests.applications.pages import form_data
from tests.applications.reading import Controls

W = TypeVar("W")


@dataclass(frozen=True)
class Page(Generic[W]):
    """An address with the forms on it. `good` makes an empty page right.

    `to` is the address that the form is sent to, where that is another one; `query` belongs to the
    address of the page.
    `saves`: what is taken is shown again at the same address, and saved while one types too.
    """

    name: str
    forms: Sequence[type[forms.Form]]
    args: Callable[[W], Sequence[object]] = lambda world: []
    who: Callable[[Any], User | None] = lambda world: world.owner
    good: Callable[[W], Mapping[str, object]] = lambda world: {}
    to: str = ""
    query: str = ""
    saves: bool = False

    @property
    def title(self) -> str:
        return f"{self.name} {self.to} {self.forms[0].__name__}"


Data = dict[str, list[Any]]
FORM = "application/x-www-form-urlencoded"
#: Numbers of registers lose their blanks and signs; a line without a quantity has one of it.
RESHAPED = ("registration_number", "quantity")
#: More refusals in a row than there are rounds of fields that contradict each other.
TRIES = 6


def forms_on(response: Any) -> dict[tuple[type, str], forms.BaseForm]:
    """The forms a page was made from, by class and prefix, rows within rows included."""
    found: dict[tuple[type, str], forms.BaseForm] = {}
    for context in response.context or ():
        for value in (each for layer in context.dicts for each in layer.values()):
            for form in _forms_in(value):
                key = (type(form), str(form.prefix or ""))
                # Of the same form several times on a page, the one that was sent.
                if key not in found or form.is_bound:
                    found[key] = form
    return found


def _forms_in(value: Any) -> Iterator[forms.BaseForm]:
    if isinstance(value, forms.BaseForm):
        yield value
    elif isinstance(value, SectionForms):
        yield from value.forms
        for rows in value.all_lists():
            yield from rows.forms
    elif isinstance(value, dict):  # the forms of a page of the desk, by name
        for each in value.values():
            yield from _forms_in(each)
    elif isinstance(value, FindingGroup):
        for _finding, answers in (*value.open, *value.met):
            yield from _forms_in(answers.form)
    elif isinstance(value, list):
        for each in value:
            yield from _forms_in(each)


def forms_of(*packages: str) -> set[type]:
    """Every class of forms that these packages make."""
    get_resolver().url_patterns  # noqa: B018  every view is imported, and with it every form
    found: set[type] = set()
    left: list[type[forms.BaseForm]] = [forms.BaseForm]
    while left:
        for each in left.pop().__subclasses__():
            left.append(each)
            if each.__module__.startswith(packages):
                found.add(each)
    return found


def send(client: Client, url: str, data: Data, **headers: str) -> Any:
    """As a browser sends a form without files; bytes stay what they are."""
    body = urlencode(data, doseq=True)
    return client.post(url, body, content_type=FORM, headers=headers)


def same_text(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


class PagesTest(TestCase):
    """One world for all pages of a table; what a round changed is rolled back."""

    world: ClassVar[Any]
    said: dict[str, set[str]]

    def check(self, page: Page[Any]) -> None:
        self.said = {"fr": set(), "en": set()}
        url = reverse(page.name, args=page.args(self.world)) + page.query
        user = page.who(self.world)
        clients = {language: self.visitor(user, language) for language in ("fr", "en")}
        shown = {language: client.get(url) for language, client in clients.items()}
        before = {language: form_data(there) for language, there in shown.items()}
        fields = self.fields_of(page, shown["en"])
        good: Data = {name: [value] for name, value in page.good(self.world).items()}
        rounds = max(len(bad_values(field)) for field in fields.values())
        for number in range(rounds):
            language = ("fr", "en")[number % 2]
            sent = {
                name: values[(number + place) % len(values)]
                for place, (name, field) in enumerate(fields.items())
                if (values := bad_values(field))
            }
            client = clients[language]
            session = client.cookies.get(settings.SESSION_COOKIE_NAME, Morsel()).value
            with self.subTest(round=number), transaction.atomic():
                to = reverse(page.to, args=page.args(self.world)) if page.to else url
                Round(self, page, client, language, to, sent, before[language], good).play(
                    by_itself=number % 4 == 0
                )
                transaction.set_rollback(True)
            # Signing in begins another session, and that is rolled back too.
            client.cookies[settings.SESSION_COOKIE_NAME] = session or ""
        both = self.said["fr"] & self.said["en"]
        assert not both, f"said in French as in English: {both}"

    def visitor(self, user: Any, language: str) -> Client:
        client = Client(headers={"accept-language": language}, raise_request_exception=True)
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        return client

    def fields_of(self, page: Page[Any], shown: Any) -> dict[str, forms.Field]:
        """By name as it is sent: of each form once, of each kind of row the first one."""
        found: dict[type, dict[str, forms.Field]] = {}
        for (its_type, _prefix), form in forms_on(shown).items():
            kind = next((each for each in page.forms if issubclass(its_type, each)), None)
            if kind is not None:
                found.setdefault(
                    kind, {form.add_prefix(name): field for name, field in form.fields.items()}
                )
        assert set(found) == set(page.forms), f"on the page stand {set(forms_on(shown))}"
        fields = {
            name: field
            for each in found.values()
            for name, field in each.items()
            if not field.widget.is_hidden
        }
        missing = [name for name in fields if name not in Controls(shown).names]
        assert not missing, f"not on the page: {missing}"
        return fields


class Round:
    """One set of bad values on one page: sent, put right where refused, and read again."""

    def __init__(
        self,
        test: PagesTest,
        page: Page[Any],
        client: Client,
        language: str,
        url: str,
        sent: Mapping[str, Bad],
        before: Data,
        good: Data,
    ) -> None:
        self.test, self.page, self.client = test, page, client
        self.language, self.url, self.sent = language, url, dict(sent)
        self.before, self.good = before, good
        self.left = dict(sent)

    def play(self, *, by_itself: bool) -> None:
        if self.page.saves and by_itself:
            self._while_typing()
        for _try in range(TRIES):
            response = self._post()
            if response.status_code == 302:
                break
            errors = self._refused(response)
        else:
            raise AssertionError(f"what was put right is still refused: {errors}")
        wrong = [name for name, bad in self.left.items() if bad.kept is None]
        assert not wrong, f"taken as right: {[(name, self.left[name].sent[:60]) for name in wrong]}"
        if self.page.saves:
            self._kept()

    def _data(self) -> Data:
        data: Data = {**self.before, **self.good}
        for name, bad in self.left.items():
            data[name] = [bad.sent]
        return data

    def _post(self, **headers: str) -> Any:
        return send(self.client, self.url, self._data(), **headers)

    def _while_typing(self) -> None:
        """A pause in typing: saved as far as it is right, each wrong field is named."""
        with transaction.atomic():
            response = self._post(**{"X-Autosave": "pause"})
            transaction.set_rollback(True)
        said = response.json()
        assert response.status_code in (200, 422) or said["state"] == "by_hand", said
        if said["state"] == "by_hand":
            return
        named = set(said["errors"])
        wrong = {f"id_{name}" for name, bad in self.left.items() if bad.kept is None}
        assert wrong <= named, f"not said while typing: {wrong - named}"

    def _refused(self, response: Any) -> dict[str, list[str]]:
        assert response.status_code == 422, response.status_code
        errors: dict[str, list[str]] = {}
        for (_kind, prefix), form in forms_on(response).items():
            if not form.is_bound:
                continue
            for name, said in form.errors.items():
                full = form.add_prefix(name) if name in form.fields else f"{prefix}__all__"
                errors[full] = [str(message) for message in said]
        controls = Controls(response)
        assert errors, "refused, and no field says why"
        for name, messages in errors.items():
            for message in messages:
                self.test.said[self.language].add(message)
                assert controls.says(name, message), f"{name}: not beside the field: {message}"
        unsaid = {name for name, bad in self.left.items() if bad.kept is None} - set(errors)
        assert not unsaid, f"wrong, and not named: {[(n, self.left[n].sent[:60]) for n in unsaid]}"
        self._nothing_lost(controls)
        before = dict(self.left)
        for name in errors:
            self.left.pop(name, None)
        if before == self.left:
            self.left.clear()
        return errors

    def _nothing_lost(self, controls: Controls) -> None:
        for name, bad in self.left.items():
            typed = bad.sent if isinstance(bad.sent, str) else bad.sent.decode(errors="replace")
            typed = typed.replace("\x00", "\ufffd")
            if there := controls.texts.get(name):
                kept = [same_text(each) for each in there]
                assert same_text(typed) in kept, f"{name}: lost {typed[:60]!r}"

    def _kept(self) -> None:
        shown = form_data(self.client.get(self.url))
        for name, bad in self.left.items():
            row = re.match(r"(.+-\d+)-\w+$", name)
            if name.rpartition("-")[2] in RESHAPED:
                continue
            if row and shown.get(f"{row[1]}-id") != self.before.get(f"{row[1]}-id"):
                continue  # emptied, it is no row any more
            there = shown.get(name, [""])[0]
            kept = str(bad.kept)
            if re.fullmatch(r"[\d.,]+", kept):
                there, kept = re.sub(r"\D", "", there), re.sub(r"\D", "", kept)
            assert same_text(there) == same_text(kept), f"{name}: {there[:60]!r} for {kept[:60]!r}"
