"""Every field of every form of the public side, with everything that should not stand in it.

Nothing is ever a 500. What is taken is kept exactly and shown again; what is not is refused beside
the very field, in the visitor's language, with everything typed still on the page. A form that no
page of the table shows fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from django import forms
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from applications.models import RuleSet
from tests.applications.bad_pages import ELSEWHERE, PAGES, World, build_world
from tests.applications.bad_round import Data, Page, PagesTest, forms_of, send
from tests.applications.bad_values import TECHNICAL
from tests.applications.pages import form_data

#: What is pressed, and what it carries.
BUTTONS: list[Data] = [
    {},
    {"add": ["lines"]},
    {"move": ["lines-99999999999999999999-up"]},
    {"next": ["https://example.org/"]},
    {"add": ["\x00"]},
    {"restore": [""]},
]


class BadInputTest(PagesTest):
    world: ClassVar[World]

    @classmethod
    def setUpTestData(cls) -> None:
        if not RuleSet.objects.exists():
            call_command("load_reference", verbosity=0)
        cls.world = build_world()

    def test_what_pages_carry_along_does_no_harm(self) -> None:
        """Versions, numbers of rows, counts of rows and pressed buttons, with anything in them."""
        # The two kinds of lists, with and without places; more rows are slow to show.
        for page in (each for each in PAGES if each.title.endswith(("PlanForm", "FinancingForm"))):
            url = reverse(page.name, args=page.args(self.world))
            client = self.visitor(self.world.owner, "fr")
            shown = client.get(url)
            before = form_data(shown)
            carried = [name for name in before if name not in self.fields_of(page, shown)]
            assert "version" in carried
            for number, bad in enumerate(TECHNICAL):
                data: Data = {**before, **BUTTONS[number % len(BUTTONS)]}
                for place, name in enumerate(carried):
                    data[name] = [TECHNICAL[(number + place) % len(TECHNICAL)]]
                with self.subTest(page=page.title, bad=bad[:20]), transaction.atomic():
                    assert send(client, url, data).status_code in (200, 302, 409, 422)
                    transaction.set_rollback(True)

    def test_a_strangers_rows_are_not_touched(self) -> None:
        """Their numbers in our own form make new rows of ours at most."""
        theirs = self.visitor(self.world.stranger, "en")
        ours = self.visitor(self.world.owner, "en")
        for page in (each for each in PAGES if each.saves):
            url = reverse(page.name, args=page.args(self.world))
            their_url = url.replace(self.world.draft.reference, self.world.their_draft.reference)
            before = form_data(theirs.get(their_url))
            numbers = {name: value for name, value in before.items() if name.endswith("-id")}
            with self.subTest(page=page.title), transaction.atomic():
                answer = send(ours, url, {**form_data(ours.get(url)), **numbers})
                assert answer.status_code in (302, 422)
                after = form_data(theirs.get(their_url))
                changed = {name for name in before if after.get(name) != before[name]}
                assert changed <= {"typist", "csrfmiddlewaretoken"}
                transaction.set_rollback(True)


def _test_of(page: Page[World]) -> Callable[[BadInputTest], None]:
    return lambda self: self.check(page)


for _page in PAGES:
    setattr(BadInputTest, "test_" + re.sub(r"\W+", "_", _page.title), _test_of(_page))


def test_every_form_is_on_a_page_of_the_table() -> None:
    tried = {each for page in PAGES for each in page.forms}
    known = tried | set(ELSEWHERE)
    assert forms_of("applications.") == known
    forgotten = type("Forgotten", (forms.Form,), {"__module__": "applications.forms.forgotten"})
    assert forms_of("applications.") - known == {forgotten}
