"""A reviewer's way: declare, read, score; and what a reviewer never sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.actions.reference import ReferenceConflict
from applications.models import Submission
from reviews.actions.reference import load_review_reference
from reviews.models import Assignment, Rubric, ScoreSheet
from tests import builders

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]


def change(assignment: Assignment) -> str:
    return reverse("admin:reviews_assignment_change", args=(assignment.pk,))


def action(assignment: Assignment, name: str) -> str:
    return reverse(f"admin:reviews_assignment_{name}", args=(assignment.pk,))


def answers(assignment: Assignment, value: str = "4", why: str = "Well founded.") -> dict[str, Any]:
    """The sheet as a browser would send it, with the same answer everywhere."""
    sheet = ScoreSheet.objects.get(assignment=assignment)
    given: dict[str, Any] = {"version": sheet.version, "comment": "Sound."}
    for score in sheet.scores.all():
        given[f"score_{score.criterion_id}"] = value
        given[f"why_{score.criterion_id}"] = why
    return given


@pytest.fixture
def undeclared(officer: User, reviewer: User) -> Assignment:
    return builders.build_assignment(officer, reviewer, declared=False)


@pytest.fixture
def declared(officer: User, reviewer: User) -> Assignment:
    return builders.build_assignment(officer, reviewer)


def test_before_declaring_a_reviewer_sees_names_and_nothing_of_the_dossier(
    as_user: AsUser, reviewer: User, undeclared: Assignment
) -> None:
    page = as_user(reviewer).get(change(undeclared))
    html = page.content.decode()
    for name in ("Coopérative Exemple de Thiès", "Claire Exemple", "Senegal"):
        assert name in html
    project = undeclared.submission.document["project"]
    for hidden in (project["summary"], "EUR", "Stations météo", "Grievance", "register_extract"):
        assert hidden not in html, hidden
    for document in undeclared.submission.documents.all():
        address = reverse("proposals:document", args=(document.pk,))
        assert as_user(reviewer).get(address).status_code == 404


def test_what_is_still_to_be_done_comes_first(
    as_user: AsUser, officer: User, reviewer: User, declared: Assignment
) -> None:
    builders.build_scored(declared)
    waiting = builders.build_assignment(officer, reviewer)
    Assignment.objects.filter(pk=waiting.pk).update(due_on=declared.due_on + timedelta(days=9))
    page = as_user(reviewer).get(reverse("admin:reviews_assignment_changelist")).content.decode()
    first, second = (each.submission.reference for each in (waiting, declared))
    assert page.index(first) < page.index(second)


def test_declaring_no_conflict_opens_dossier_and_sheet(
    as_user: AsUser, reviewer: User, undeclared: Assignment
) -> None:
    client = as_user(reviewer)
    answer = client.post(action(undeclared, "declare"), {"conflict": "no"}, follow=True)
    html = answer.content.decode()
    assert undeclared.submission.document["project"]["summary"] in html
    assert "Submit the scores" in html


def test_a_conflict_needs_its_details_and_then_everything_is_gone(
    as_user: AsUser, reviewer: User, undeclared: Assignment
) -> None:
    client = as_user(reviewer)
    refused = client.post(action(undeclared, "declare"), {"conflict": "yes", "details": " "})
    assert refused.status_code == 422
    assert "Say in a few words what your interest is." in refused.content.decode()

    given = {"conflict": "yes", "details": "My sister works there."}
    assert client.post(action(undeclared, "declare"), given).status_code == 302
    assert client.get(change(undeclared)).status_code == 404
    assert client.post(change(undeclared), {}).status_code == 404
    assert client.post(action(undeclared, "declare"), {"conflict": "no"}).status_code == 404
    listed = client.get(reverse("admin:reviews_assignment_changelist")).content.decode()
    assert undeclared.submission.reference not in listed
    assert undeclared.submission.reference not in client.get("/admin/").content.decode()


def test_a_conflict_found_later_takes_the_dossier_away_again(
    as_user: AsUser, reviewer: User, declared: Assignment
) -> None:
    client = as_user(reviewer)
    given = {"conflict": "yes", "details": "I found my brother's name in it."}
    assert client.post(action(declared, "declare"), given).status_code == 302
    assert client.get(change(declared)).status_code == 404


def test_scores_are_saved_in_any_state_and_the_total_is_shown(
    as_user: AsUser, reviewer: User, declared: Assignment
) -> None:
    client = as_user(reviewer)
    sheet = ScoreSheet.objects.get(assignment=declared)
    first = sheet.scores.first()
    assert first is not None
    given = {"version": sheet.version, f"score_{first.criterion_id}": "3", "comment": ""}
    answer = client.post(change(declared), {**given, "save": "1"}, follow=True)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "1 of 7 criteria answered." in html
    assert "60.00</output> / 100" in html
    assert "Saved at" in html


def test_submitting_insists_on_a_score_and_a_reason_and_keeps_what_was_typed(
    as_user: AsUser, reviewer: User, declared: Assignment
) -> None:
    client = as_user(reviewer)
    given = answers(declared)
    keys = [key for key in given if key.startswith("score_")]
    given[keys[0]] = ""
    given[keys[1].replace("score", "why")] = ""
    given[keys[2]] = "unable"
    refused = client.post(change(declared), {**given, "next": "submit"})
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "Give a score, or say that you are not able to judge." in html
    assert "Write why, in a sentence or two." in html
    assert "Well founded." in html
    declared.refresh_from_db()
    assert declared.state == "accepted"

    given = {**answers(declared), "version": refused.context["form"].data["version"]}
    done = client.post(change(declared), {**given, "next": "submit"}, follow=True)
    assert "Submitted: 80.00 of 100." in done.content.decode()
    assert "Submit the scores" not in done.content.decode()
    submission = Submission.objects.get(pk=declared.submission_id)
    assert (submission.review_count, str(submission.score_mean)) == (1, "80.00")


def test_a_second_tab_cannot_overwrite_newer_scores(
    as_user: AsUser, reviewer: User, declared: Assignment
) -> None:
    client = as_user(reviewer)
    stale = answers(declared, "1", "From the old window.")
    client.post(change(declared), answers(declared, "5", "From the new window."))
    refused = client.post(change(declared), stale)
    html = refused.content.decode()
    assert refused.status_code == 409
    assert "This sheet was saved in another window" in html
    assert "From the old window." in html
    assert "From the new window." in html
    kept = ScoreSheet.objects.get(assignment=declared).scores.first()
    assert kept is not None
    assert (kept.value, kept.justification) == (5, "From the new window.")

    again = {**stale, "version": refused.context["form"].data["version"]}
    assert client.post(change(declared), again).status_code == 302
    kept.refresh_from_db()
    assert kept.value == 1


@pytest.mark.parametrize("bad", ["9", "-1", "x"])
def test_a_score_outside_the_scale_is_refused(
    as_user: AsUser, reviewer: User, declared: Assignment, bad: str
) -> None:
    answer = as_user(reviewer).post(change(declared), answers(declared, bad))
    assert answer.status_code == 422
    assert not declared.score_sheet.scores.filter(value__isnull=False).exists()


def test_a_sheet_without_its_version_is_refused(
    as_user: AsUser, reviewer: User, declared: Assignment
) -> None:
    given = answers(declared)
    del given["version"]
    assert as_user(reviewer).post(change(declared), given).status_code == 422


def test_reviewers_never_see_each_other(
    as_user: AsUser, officer: User, reviewer: User, second_reviewer: User, declared: Assignment
) -> None:
    other = builders.build_assignment(officer, second_reviewer, declared.submission)
    builders.build_scored(other, 2)
    client = as_user(reviewer)
    assert client.get(change(other)).status_code == 404
    assert client.post(change(other), answers(other)).status_code == 404
    for address in (change(declared), reverse("admin:reviews_assignment_changelist"), "/admin/"):
        html = client.get(address).content.decode()
        assert "Serge Klein" not in html
        assert "40.00" not in html


def test_before_it_is_submitted_a_sheet_is_its_reviewers_alone(
    as_user: AsUser, officer: User, reviewer: User, declared: Assignment
) -> None:
    as_user(reviewer).post(change(declared), answers(declared, "2", "Not yet final."))
    html = as_user(officer).get(change(declared)).content.decode()
    assert "Not yet final." not in html
    refused = as_user(officer).post(action(declared, "declare"), answers(declared))
    assert refused.status_code == 404
    as_user(officer).post(change(declared), answers(declared, "5", "By the officer."))
    assert not declared.score_sheet.scores.filter(value=5).exists()
    builders.build_scored(declared, 3)
    assert "Convincing and well founded." in as_user(officer).get(change(declared)).content.decode()


def test_an_officer_gives_a_sheet_back_with_a_reason(
    as_user: AsUser, officer: User, auditor: User, declared: Assignment
) -> None:
    builders.build_scored(declared)
    given = {"reason": "One criterion was read wrongly."}
    assert as_user(auditor).post(action(declared, "reopen"), given).status_code == 403
    assert as_user(officer).post(action(declared, "reopen"), {"reason": ""}).status_code == 422
    assert as_user(officer).post(action(declared, "reopen"), given).status_code == 302
    declared.refresh_from_db()
    assert declared.state == "accepted"


def test_a_grid_that_was_scored_with_keeps_its_apostrophes(declared: Assignment) -> None:
    rubric = ScoreSheet.objects.get(assignment=declared).rubric
    Rubric.objects.filter(pk=rubric.pk).update(title_fr="Grille d'évaluation (exemple)")
    assert load_review_reference().changed is False
    Rubric.objects.filter(pk=rubric.pk).update(title_fr="Une autre grille")
    with pytest.raises(ReferenceConflict, match="scored with this version"):
        load_review_reference()
