"""The page beside the ranking that says how far its order can be relied on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import Call, Submission
from reviews.models import Assignment, Criterion
from tests import builders
from tests.measuring import counted
from tests.reviews.admin import rows

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]


def text_of(client: Client, address: str, data: Mapping[str, str | int] | None = None) -> str:
    page = client.get(address, data or {})
    return " ".join(page.content.decode().split()).replace("\xa0", " ")


def scored(officer: User, reviewer: User, submission: Submission | None, value: int) -> Assignment:
    assignment = builders.build_assignment(officer, reviewer, submission)
    builders.build_scored(assignment, value)
    return assignment


def test_it_says_who_is_strict_which_place_is_safe_and_what_other_weights_change(
    as_user: AsUser, officer: User, reviewer: User, second_reviewer: User
) -> None:
    first = scored(officer, reviewer, None, 5)
    scored(officer, second_reviewer, first.submission, 3)
    address = address_of(first.submission.call)

    text = text_of(as_user(officer), address)
    assert first.submission.reference in text
    assert "1 proposal was read by more than one" in text
    assert "apart" in text
    assert "points less" in text
    assert "points more" in text

    criteria = list(Criterion.objects.filter(rubric=first.score_sheet.rubric))
    weights = {f"weight_{each.code}": each.weight for each in criteria}
    assert "With the other weights" in text_of(as_user(officer), address, weights)
    french = text_of(as_user(officer, "fr"), address, weights)
    assert "Quelle est la sévérité de chaque évaluateur" in french


def address_of(call: Call) -> str:
    return reverse("admin:ranking_comparison", args=(call.code, "preselection"))


@pytest.mark.parametrize("value", ["-1", "x", "", "1000000", "41"])
def test_weights_that_do_not_add_up_are_refused(
    as_user: AsUser, officer: User, reviewer: User, value: str
) -> None:
    assignment = scored(officer, reviewer, None, 4)
    criteria = Criterion.objects.filter(rubric=assignment.score_sheet.rubric)
    weights: dict[str, str | int] = {f"weight_{each.code}": each.weight for each in criteria}
    weights[next(iter(weights))] = value
    page = as_user(officer).get(address_of(assignment.submission.call), weights)
    assert page.status_code == 422
    assert f'value="{value}"' in page.content.decode()


def test_what_the_page_costs_does_not_grow(as_user: AsUser, officer: User, reviewer: User) -> None:
    assignment = scored(officer, reviewer, None, 4)
    call = assignment.submission.call
    client = as_user(officer)
    small = counted(client, address_of(call))
    copies = rows.copies(Submission.objects.get(pk=assignment.submission_id), 20)
    for submission in copies:
        rows.sheet_like(assignment, submission)
    large = counted(client, address_of(call))
    assert small.queries == large.queries <= 12
    assert large.rows - small.rows <= 20 * (2 + assignment.score_sheet.scores.count())
