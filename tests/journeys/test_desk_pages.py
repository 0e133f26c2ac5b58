"""Each page of LuxDev's side as a machine looks at it: as it is read, refused, and empty.

The pages are those of the access table. Reader, language, width and darkness take turns.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import pytest
from playwright.sync_api import Page

from tests.access.table import DESK, REFERENCE
from tests.access.world import build_world
from tests.journeys import states
from tests.journeys.looking import Gallery

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_every_page_of_the_desk_in_every_state(
    reference: None, person: Callable[..., Page]
) -> None:
    gallery = Gallery(person())
    for what, answer, status in states.empty_lists(DESK, gallery):
        gallery.show(what, answer, status)
    world = build_world()
    scenes = chain(
        states.pages([*DESK, *REFERENCE], world, gallery), states.refusals(DESK, world, gallery)
    )
    for what, answer, status in scenes:
        gallery.show(what, answer, status)
    assert not gallery.found, gallery.found
