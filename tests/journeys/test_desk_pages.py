"""Each page of LuxDev's side as a machine looks at it: as it is read, refused, and empty.

The pages are those of the access table. Reader, language, width and darkness take turns.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.access.table import DESK, REFERENCE
from tests.access.world import build_world
from tests.journeys import states
from tests.journeys.looking import Gallery

#: A minute of work for a machine, which may have other work too.
pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(1200),
]


def test_every_page_of_the_desk_in_every_state(
    reference: None, person: Callable[..., Page]
) -> None:
    gallery = Gallery(person())
    for what, answer, status in states.empty_lists(DESK, gallery):
        gallery.show(what, answer, status)
    world = build_world()
    # Of all forms beside a dossier, that of a finding is the one shown refused.
    first = sorted(DESK, key=lambda each: each.name != "admin:applications_submission_finding")
    for what, answer, status in states.readings([*first, *REFERENCE], world, gallery):
        gallery.show(what, answer, status)
    for what, answer, status in states.later_that_year(world, gallery):
        gallery.show(what, answer, status)
    assert not gallery.found, gallery.found
