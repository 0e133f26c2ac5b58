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

from applications.models import RuleSet
from tests.applications.bad_pages import ELSEWHERE, PAGES, World, build_world
from tests.applications.bad_round import Page, PagesTest, forms_of


class BadInputTest(PagesTest):
    world: ClassVar[World]

    @classmethod
    def setUpTestData(cls) -> None:
        if not RuleSet.objects.exists():
            call_command("load_reference", verbosity=0)
        cls.world = build_world()


def _test_of(page: Page[World]) -> Callable[[BadInputTest], None]:
    return lambda self: self.check(page)


for _page in PAGES:
    setattr(BadInputTest, "test_" + re.sub(r"\W+", "_", _page.title), _test_of(_page))


def test_every_form_is_on_a_page_of_the_table() -> None:
    tried = {each for page in PAGES for each in page.forms}
    known = tried | set(ELSEWHERE)
    assert forms_of("applications.", "accounts.") == known
    forgotten = type("Forgotten", (forms.Form,), {"__module__": "applications.forms.forgotten"})
    assert forms_of("applications.", "accounts.") - known == {forgotten}
