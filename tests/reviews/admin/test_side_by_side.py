"""Two alike proposals side by side, for LuxDev's eyes only."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import Submission
from tests import builders
from tests.applications.test_similar_proposals import OTHER, TEXT
from tests.measuring import counted
from tests.reviews.admin.test_costs import AT_MOST
from tests.reviews.admin.test_dossier_page import change

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
Two = tuple[Submission, Submission]


def compare(submission: Submission, beside: str = "") -> str:
    address = reverse("admin:applications_submission_compare", args=(submission.pk,))
    return f"{address}?with={beside}" if beside else address


@pytest.fixture
def two(applicant: User, stranger: User) -> Two:
    """The second says in another section what the first says in its summary."""
    first = builders.build_submission(applicant, title="Fevers <b>told</b> apart", summary=TEXT)
    second = builders.build_submission(
        stranger,
        title="Another title for it",
        summary=TEXT.upper().replace("TEN MINUTES", "an hour"),
        language="en",
    )
    return first, second


def test_the_finding_leads_to_both_texts_with_what_is_alike_marked(
    as_user: AsUser, officer: User, two: Two
) -> None:
    first, second = two
    client = as_user(officer)
    assert (
        f'href="{compare(second, first.reference)}"' in client.get(change(second)).content.decode()
    )
    html = client.get(compare(second, first.reference)).content.decode()
    marked = html.partition("<mark>")[2].partition("</mark>")[0]
    assert marked.endswith("A STRIP READER TELLS DENGUE FROM OTHER FEVERS IN")
    assert "</mark> an hour <mark>" in html.replace("\n", "")
    assert "Fevers &lt;b&gt;told&lt;/b&gt; apart" in html
    assert re.search("The texts are [89][0-9] % alike", html)
    assert "From 85 % on" in html
    assert "They are of two companies." in html
    for each in two:
        assert f'href="{change(each)}"' in html
    # Without a choice beside the first that the checks found; whatever was not found can be chosen.
    assert first.reference in client.get(compare(second)).content.decode()
    unlike = builders.build_submission(builders.build_user(), summary=OTHER)
    assert (
        "The texts are 0 % alike" in client.get(compare(first, unlike.reference)).content.decode()
    )
    french = as_user(officer, "fr").get(compare(second, first.reference)).content.decode()
    assert re.search("Les textes se ressemblent à [89]", french)


@pytest.mark.parametrize("beside", ["", "BPF-NOBODY-1", "%00", "x" * 300, "own"])
def test_there_is_no_page_beside_nothing(
    as_user: AsUser, officer: User, applicant: User, beside: str
) -> None:
    alone = builders.build_submission(applicant, summary=TEXT)
    wanted = alone.reference if beside == "own" else beside
    assert as_user(officer).get(compare(alone, wanted)).status_code == 404


def test_its_cost_does_not_grow_with_the_proposals_beside(
    as_user: AsUser, officer: User, two: Two
) -> None:
    first, second = two
    small = counted(as_user(officer), compare(second, first.reference))
    builders.build_submission(builders.build_user(), summary=TEXT)
    assert counted(as_user(officer), compare(second, first.reference)) == small
    assert small.queries <= AT_MOST
