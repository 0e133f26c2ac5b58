"""The score sheet: saved by itself, private notes, what stands beside a criterion, the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import Call, Stage
from bpf_portal.core.kept import AUTOSAVE_HEADER
from bpf_portal.core.models import OutgoingEmail
from reviews.actions import interests, scoring
from reviews.models import Assignment, ReadingNotes, Remark, ReviewPhase, ScoreSheet
from tests import builders
from tests.measuring import counted
from tests.reviews.admin.test_reviewing import action, answers, change

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]


@pytest.fixture
def mine(officer: User, reviewer: User) -> Assignment:
    return builders.build_assignment(officer, reviewer)


def in_phase(call: Call, *rights: str) -> None:
    """The call is in a phase with these rights of reviewers, at both stages."""
    ReviewPhase.objects.filter(call=call).delete()
    for stage in Stage.values:
        ReviewPhase.objects.create(
            call=call,
            stage=stage,
            name_fr="Phase",
            name_en="Phase",
            **{
                "see": False,
                "score": False,
                **dict.fromkeys(rights, True),
            },
        )


def by_itself(client: Client, assignment: Assignment, data: dict[str, Any]) -> Any:
    return client.post(change(assignment), data, headers={AUTOSAVE_HEADER: "pause"})


def test_it_saves_itself_and_tells_what_another_window_saved(
    as_user: AsUser, reviewer: User, mine: Assignment
) -> None:
    client, first = as_user(reviewer), answers(mine, "4")
    saved = by_itself(client, mine, {**first, "notes": "Ask about the stations."})
    said = saved.json()
    assert (saved.status_code, said["state"], said["errors"]) == (200, "saved", {})
    assert said["message"].startswith("Saved at ")
    # The answer was lost: the very same again is no conflict.
    assert by_itself(client, mine, {**first, "notes": "Ask about the stations."}).json() == {
        **said,
        "message": by_itself(client, mine, {**first, "notes": "Ask about the stations."}).json()[
            "message"
        ],
    }
    other = by_itself(client, mine, {**answers(mine, "1", "From the old window."), "version": 1})
    assert (other.status_code, other.json()["state"]) == (409, "changed_elsewhere")
    for text in ("From the old window.", "Well founded."):
        assert text in other.json()["html"]
    assert mine.score_sheet.scores.filter(value=4).count() == 7
    assert "Ask about the stations." in client.get(change(mine)).content.decode()


def test_what_cannot_be_stored_is_named_and_the_rest_is_saved(
    as_user: AsUser, reviewer: User, mine: Assignment
) -> None:
    given = answers(mine, "3")
    score = next(key for key in given if key.startswith("score_"))
    said = by_itself(as_user(reviewer), mine, {**given, score: "9"}).json()
    assert said["state"] == "saved"
    assert list(said["errors"]) == [f"scoreform_{score}"]
    assert "not saved yet" in said["message"]
    assert mine.score_sheet.scores.filter(value=3).count() == 6


def test_a_sheet_that_closed_meanwhile_says_why(
    as_user: AsUser, reviewer: User, mine: Assignment
) -> None:
    in_phase(mine.submission.call, "see")
    closed = by_itself(as_user(reviewer), mine, answers(mine))
    assert (closed.status_code, closed.json()["state"]) == (409, "closed")
    assert "Scoring is closed" in closed.json()["html"]
    page = as_user(reviewer).post(change(mine), {**answers(mine), "next": "submit"})
    assert page.status_code == 403
    assert "Scoring is closed" in page.content.decode()


def test_when_the_session_ends_what_was_typed_comes_back(
    as_user: AsUser, reviewer: User, mine: Assignment
) -> None:
    client = as_user(reviewer)
    typist = client.get(change(mine)).content.decode().split('name="typist" value="')[1]
    data = {**answers(mine, "2", "Typed too late."), "typist": typist.split('"')[0]}
    client.session.flush()
    gone = Client(headers={"accept-language": "en"})
    said = gone.post(
        change(mine), data, headers={AUTOSAVE_HEADER: "pause", "Origin": "http://testserver"}
    )
    assert said.json()["state"] == "signed_out"
    assert said.json()["kept"] is True
    gone.force_login(reviewer, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = gone.get(change(mine)).content.decode()
    assert "Typed too late." in page
    assert "was not saved" in page
    assert not mine.score_sheet.scores.filter(value=2).exists()


def test_notes_are_on_no_page_of_anybody_else_and_stay(
    as_user: AsUser, officer: User, reviewer: User, mine: Assignment
) -> None:
    client = as_user(reviewer)
    given = {**answers(mine), "notes": "Entre nous: a doubt."}
    assert client.post(change(mine), {**given, "next": "submit"}).status_code == 302
    assert ReadingNotes.objects.get().text == "Entre nous: a doubt."
    assert "Entre nous" in client.get(change(mine)).content.decode()
    for name, pk in (
        ("reviews_assignment", mine.pk),
        ("applications_submission", mine.submission_id),
    ):
        page = as_user(officer).get(reverse(f"admin:{name}_change", args=(pk,)))
        assert "Well founded." in page.content.decode()
        assert "Entre nous" not in page.content.decode()


def test_beside_a_criterion_stands_what_concerns_it(
    as_user: AsUser, reviewer: User, mine: Assignment
) -> None:
    form = as_user(reviewer).get(change(mine)).context["form"]
    beside = {each.code: form.beside[each.pk] for each in form.criteria}
    rights = beside["human_rights_environment"]
    assert rights.due_diligence is not None
    assert [anchor for anchor, _title in rights.sections] == ["due_diligence"]
    assert rights.met + len(rights.findings) > 3
    assert beside["innovation"].due_diligence is None
    assert {anchor for anchor, _title in beside["financial_viability"].sections} == {"budget"}
    codes = [finding.code for finding, _badge in beside["financial_viability"].findings]
    assert not any(code.startswith("hrdd.") for code in codes)


def test_the_next_dossier_is_the_next_that_waits(
    as_user: AsUser, officer: User, reviewer: User
) -> None:
    call = builders.build_call()
    first, second, third = (builders.build_assignment(officer, reviewer, call=call) for _ in "abc")
    Assignment.objects.filter(pk=first.pk).update(due_on=third.due_on - timedelta(days=1))
    builders.build_scored(second)
    client = as_user(reviewer)
    onward = {**answers(third), "next": "dossier"}
    assert client.post(change(third), onward).headers["Location"] == change(first)
    assert change(third) in client.get(change(second)).content.decode()
    for each in (first, third):
        builders.build_scored(each)
    last = builders.build_assignment(officer, reviewer, call=call)
    gone = client.post(change(last), {**answers(last), "next": "dossier"})
    assert gone.headers["Location"] == reverse("admin:reviews_assignment_changelist")


def test_what_was_submitted_is_kept_when_the_sheet_is_given_back(
    as_user: AsUser, officer: User, reviewer: User, mine: Assignment
) -> None:
    builders.build_scored(mine, 4)
    given = {"reason": "The budget was read wrongly."}
    assert as_user(officer).post(action(mine, "reopen"), given).status_code == 302
    mail = OutgoingEmail.objects.filter(recipient=reviewer.email).latest("pk")
    assert "The budget was read wrongly." in mail.body
    sheet = ScoreSheet.objects.get(assignment=mine)
    changed = [
        scoring.CriterionAnswer(each.criterion_id, 1, False, "Read again.")
        for each in sheet.scores.all()
    ]
    scoring.save_scores(
        actor=reviewer,
        assignment_id=mine.pk,
        expected_version=sheet.version,
        answers=changed,
        comment=None,
    )
    for user in (officer, reviewer):
        html = as_user(user).get(change(mine)).content.decode()
        for told in ("The budget was read wrongly.", "80.00 of 100", "Convincing and well founded"):
            assert told in html


SERGE = "Serge Klein"


def test_blind_unless_the_phase_shows_names_and_scores(
    as_user: AsUser, officer: User, reviewer: User, second_reviewer: User, mine: Assignment
) -> None:
    """Seen on every page that the reviewer can open; at most twelve queries, with everything."""
    other = builders.build_assignment(officer, second_reviewer, mine.submission)
    builders.build_scored(other, 2)
    call, client = mine.submission.call, as_user(reviewer)

    def pages() -> str:
        addresses = (change(mine), "/admin/", reverse("admin:reviews_assignment_changelist"))
        return "".join(client.get(address).content.decode() for address in addresses)

    in_phase(call, "see", "score", "scores", "names", "discuss")
    assert "Convincing" not in pages(), "before one's own scores are in"
    assert SERGE not in pages()
    builders.build_scored(mine, 4)

    in_phase(call, "see")
    assert "Convincing and well founded." in client.get(change(mine)).content.decode()  # one's own
    assert "40.00" not in pages()
    assert client.post(action(mine, "remark"), {"text": "Too early"}).status_code == 403

    in_phase(call, "see", "scores", "discuss")
    assert client.post(action(mine, "remark"), {"text": " "}).status_code == 422
    assert client.post(action(mine, "remark"), {"text": "Is the market real?"}).status_code == 302
    as_user(second_reviewer).post(action(other, "remark"), {"text": "I doubt it."})
    html = pages()
    assert "40.00 / 100" in html
    assert "I doubt it." in html
    assert "Reviewer " in html
    assert SERGE not in html
    assert second_reviewer.email not in html
    assert counted(client, change(mine)).queries <= 12

    in_phase(call, "see", "scores", "names", "discuss")
    assert SERGE in pages()
    assert "Discussion of the reviewers" in as_user(officer).get(change(mine)).content.decode()
    interests.recuse(reviewer, mine.submission.proposal_id, "I know them after all.")
    assert client.get(change(mine)).status_code == 404
    assert Remark.objects.count() == 2


def test_outside_of_the_phases_only_ones_own_words_are_left(
    as_user: AsUser, reviewer: User, mine: Assignment
) -> None:
    builders.build_scored(mine, 4)
    submission, client = mine.submission, as_user(reviewer)
    ReviewPhase.objects.filter(call=submission.call).delete()
    document = reverse("proposals:document", args=(submission.documents.all()[0].pk,))
    assert client.get(document).status_code == 404
    for address in (change(mine), "/admin/", reverse("admin:reviews_assignment_changelist")):
        html = client.get(address).content.decode()
        for hidden in (submission.title, submission.lead_name):
            assert hidden not in html, address
    html = client.get(change(mine)).content.decode()
    assert "Convincing and well founded." in html
    assert "no longer open" in html
