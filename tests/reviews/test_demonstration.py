"""The demonstration: every state, told once, for people who can sign in."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from stdnum.be import vat as belgian_number

from accounts.models import User
from applications.models import (
    Call,
    Document,
    NameMatch,
    Organisation,
    Proposal,
    SanctionsList,
    Stage,
    Submission,
    SubmissionState,
)
from bpf_portal.core.models import OutgoingEmail
from reviews.actions.demonstration.files import read
from reviews.actions.demonstration.people import PASSWORD, account_addresses
from reviews.models import (
    TOLD,
    Assignment,
    AssignmentState,
    CallRubric,
    Decision,
    DecisionKind,
    DecisionState,
    Letter,
    Meeting,
    PublishedEdition,
    Score,
    ScoreSheet,
)

FIVE = ("applicant", "reviewer", "officer", "approver", "auditor")


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker) -> Iterator[str]:  # type: ignore[no-untyped-def]
    """The demonstration, made once for this file and taken back at its end."""
    said = io.StringIO()
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        django_db_blocker.unblock(),
        override_settings(DEMO=True, PASSWORD_HASHERS=quick),
        transaction.atomic(),
    ):
        call_command("seed_demo", stdout=said)
        yield said.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def demonstration(seeded: str, db: None) -> str:
    return seeded


def person(name: str) -> User:
    return User.objects.get(email=f"{name}@example.org")


def test_it_works(demonstration: str) -> None:
    letters = Letter.objects.count()
    assert demonstration == (
        f"Demonstration data: {len(account_addresses())} people,"
        f" {len(read('companies'))} companies,"
        f" {Proposal.objects.count()} proposals, {letters} letters.\n"
    )
    assert letters == Decision.objects.filter(state__in=TOLD).count()


def test_a_second_run_says_that_the_data_are_there(demonstration: str) -> None:
    before = Proposal.objects.count(), User.objects.count()
    said = io.StringIO()
    call_command("seed_demo", stdout=said)
    assert "already there" in said.getvalue()
    assert (Proposal.objects.count(), User.objects.count()) == before


def test_every_state_of_every_kind_of_paper_is_shown(demonstration: str) -> None:
    proposals = set(Proposal.objects.values_list("state", "stage"))
    assert proposals == {
        ("draft", "preselection"),
        ("draft", "detailed_proposal"),
        ("submitted", "preselection"),
        ("withdrawn", "preselection"),
        ("concluded", "preselection"),
        ("concluded", "detailed_proposal"),
    }
    assert set(Submission.objects.values_list("state", flat=True)) == set(SubmissionState.values)
    assert set(Assignment.objects.values_list("state", flat=True)) == set(AssignmentState.values)
    assert set(Decision.objects.values_list("state", flat=True)) == set(DecisionState.values)
    published = Decision.objects.published().values_list("kind", flat=True)
    assert set(published) == set(DecisionKind.values)
    assert set(Submission.objects.values_list("language", flat=True)) == {"fr", "en"}


def test_the_officer_finds_something_to_do_at_each_step(demonstration: str) -> None:
    received = Submission.objects.filter(state="received")
    assert {"", "ineligible", "to_review"} <= set(received.values_list("outcome", flat=True))
    in_review = Submission.objects.filter(state="in_review")
    assert in_review.filter(review_count=2, decision=None).exists()
    assert in_review.filter(review_count=1).exists()
    assert in_review.filter(review_count=0).exists()
    assert Submission.objects.filter(state="eligible", assignments=None).exists()
    assert Submission.objects.filter(state="ineligible", decision=None).exists()


def test_the_reviewer_has_reviews_in_different_states_and_not_the_recused_one(
    demonstration: str,
) -> None:
    reviewer = person("reviewer")
    this_year = Assignment.objects.visible_to(reviewer).filter(
        submission__call__code=f"bpf-demo-{timezone.localdate().year}"
    )
    assert set(this_year.values_list("state", flat=True)) == {"assigned", "accepted", "submitted"}
    assert Assignment.objects.filter(reviewer=reviewer, state="recused").exists()


def test_the_applicant_has_a_draft_and_last_years_letter(demonstration: str) -> None:
    applicant = person("applicant")
    mine = Proposal.objects.visible_to(applicant)
    assert set(mine.values_list("state", flat=True)) == {"draft", "concluded"}
    letters = Letter.objects.visible_to(applicant).order_by("decision__submission__submitted_at")
    assert [letter.decision.kind for letter in letters] == ["shortlisted", "selected"]
    assert mine.get(state="draft").call.is_open


@pytest.mark.parametrize("name", [*FIVE, "administrator"])
def test_the_accounts_sign_in_without_further_ado(demonstration: str, name: str) -> None:
    client = Client(headers={"accept-language": "en"})
    answer = client.post(
        reverse("account_login"), {"login": f"{name}@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert "confirm" not in answer["Location"]
    assert client.session["_auth_user_id"] == str(person(name).pk)


def test_every_submitted_score_has_its_reason_in_words(demonstration: str) -> None:
    submitted = Score.objects.filter(sheet__assignment__state="submitted")
    assert submitted.exists()
    assert not submitted.filter(justification="").exists()
    assert not ScoreSheet.objects.filter(assignment__state="submitted", comment="").exists()
    assert not Score.objects.filter(justification__contains="{").exists()


def test_nothing_happened_in_the_future_or_before_its_cause(demonstration: str) -> None:
    now = timezone.now()
    for submission in Submission.objects.select_related("decision", "call"):
        moments = [submission.proposal.created_at, submission.submitted_at]
        if submission.eligibility_confirmed_at:
            moments.append(submission.eligibility_confirmed_at)
        decision = Decision.objects.filter(submission=submission).first()
        if decision:
            given = (decision.prepared_at, decision.confirmed_at, decision.published_at)
            moments += [moment for moment in given if moment]
        if submission.stage == Stage.DETAILED_PROPOSAL:
            moments.pop(0)  # a proposal is begun once, at its first stage
        assert moments == sorted(moments), submission
        assert moments[-1] <= now, submission
        assert not submission.late, submission


def test_a_name_is_to_be_cleared_and_another_was(demonstration: str) -> None:
    found = NameMatch.objects.values_list("organisation__legal_name", "name", "state")
    assert set(found) == {
        ("Éislekholz Construction S.A.", "Ishyamba Timber Works Ltd", "open"),
        ("Kirwec Santé S.A.", "Jeanne Kirwec", "cleared"),
    }
    listed = SanctionsList.objects.get()
    assert "demonstration" in listed.filename
    assert all("invent" in entry.details[-1] for entry in listed.entries.all())


def test_files_are_held_and_pending_in_a_draft_and_in_what_was_handed_in(
    demonstration: str,
) -> None:
    for handed_in in (False, True):
        files = Document.objects.filter(submissions__isnull=not handed_in)
        assert files.filter(scan="infected").exclude(removed_at=None).count() == 1
        assert files.filter(scan="pending", removed_at=None).count() == 1
    mine = Document.objects.visible_to(person("applicant"))
    assert set(mine.values_list("scan", flat=True)) == {"clean", "pending", "infected"}


def test_last_years_round_and_this_years_have_numbers(demonstration: str) -> None:
    year = timezone.localdate().year
    for published_in, kinds in ((year - 1, {"selected", "reserve"}), (year, {"selected"})):
        published = Decision.objects.published().filter(published_at__year=published_in)
        assert kinds <= set(published.values_list("kind", flat=True))
    assert PublishedEdition.objects.filter(year=2021, selected=4).exists()


def test_the_calls_cannot_be_taken_for_shipped_ones(demonstration: str) -> None:
    calls = Call.objects.filter(code__startswith="bpf-demo-").order_by("deadline_at")
    now = timezone.now()
    assert [call.is_open for call in calls] == [False, True, False]
    assert calls[0].deadline_at < now < calls[2].opens_at  # type: ignore[operator]
    for call in calls:
        assert CallRubric.objects.filter(call=call).count() == len(Stage.values)
        assert call.document_requirements.exists()
        assert call.stage_2_deadline_at
        assert call.envelope


def test_nobody_is_written_to_about_an_invented_story(demonstration: str) -> None:
    assert not OutgoingEmail.objects.exclude(state="done").exists()


def test_documents_are_pdfs_one_can_read(demonstration: str, applicant: User) -> None:
    from pypdf import PdfReader

    submission = Submission.objects.filter(lead_name__startswith="Vellmer").earliest("submitted_at")
    document = submission.documents.get(kind="letter_of_intent")
    with document.file.open() as file:
        text = PdfReader(file).pages[0].extract_text()
    assert "Vellmer Géodonnées" in text
    assert submission.reference in text


def test_register_numbers_are_formed_as_their_registers_form_them(demonstration: str) -> None:
    numbers = Organisation.objects.values_list("country_id", "registration_number")
    belgian = [number for country, number in numbers if country == "BE"]
    assert belgian
    for number in belgian:
        belgian_number.validate(number)
    luxembourgish = [number for country, number in numbers if country == "LU"]
    assert all(number[0] == "B" and number[1:].isdigit() for number in luxembourgish)


def test_a_committee_waits_for_one_signature(demonstration: str) -> None:
    meeting = Meeting.objects.get()
    assert meeting.state == "planned"
    assert meeting.items.count() > 1
    unsigned = meeting.members.filter(signed_at__isnull=True)
    assert [each.user.email for each in unsigned] == ["reviewer@example.org"]
