"""axe looks once at each page of visitors and applicants, in each of its states."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import pytest
from playwright.sync_api import Page

from tests.access.table import ACCOUNTS, COMPANY, PARTNER, PUBLIC
from tests.access.world import build_world
from tests.journeys import states
from tests.journeys.looking import Gallery

#: A minute of work for a machine, which may have other work too.
pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(1200),
]


def test_every_page_of_the_company_side_in_every_state(
    reference: None, person: Callable[..., Page]
) -> None:
    gallery, world = Gallery(person()), build_world()
    addresses = [*PUBLIC, *COMPANY, *PARTNER, *ACCOUNTS]
    scenes = chain(
        states.readings(addresses, world, gallery),
        states.sections(world, gallery),
        states.files(world, gallery),
        states.links(world, gallery),
        states.second_factor(world, gallery),
        states.errors(world, gallery),
    )
    for what, answer, status in scenes:
        gallery.show(what, answer, status)
    assert not gallery.found, gallery.found
