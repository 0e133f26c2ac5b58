"""A correction that an officer asks for: named sections, a day, one at a time, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import correcting, drafting, eligibility, submitting
from applications.actions.completeness import with_everything
from applications.actions.documents import add_document
from applications.actions.last_look import last_look
from applications.models import (
    CorrectionRequest,
    CorrectionState,
    Proposal,
    Submission,
    SubmissionRevision,
)
from applications.tasks import lapse_corrections
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import OutgoingEmail
from bpf_portal.core.states import WrongState
from reviews.actions import assigning, deciding
from tests import builders
from tests.applications.pages import form_data, hand_in_data
from tests.concurrently import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(applicant: User) -> Submission:
    return builders.build_submission(applicant)


def writing(user: User, submission: Submission, section: str | None) -> Any:
    proposal = Proposal.objects.get(pk=submission.proposal_id)
    return drafting.editing(
        actor=user, proposal=proposal, expected_version=proposal.version, section=section
    )


def passed(correction: CorrectionRequest) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    CorrectionRequest.objects.filter(pk=correction.pk).update(due_on=yesterday)


def test_it_works(filed: Submission, applicant: User, officer: User) -> None:
    before, first_hash = filed.document, filed.sha256
    asked = builders.build_correction(officer, filed)
    builders.correct(applicant, filed, "For 3,200 growers.")
    filed.refresh_from_db()
    assert filed.document == before  # until it is handed in again

    again = submitting.submit(actor=applicant, proposal_id=filed.proposal_id)

    assert again == filed
    again.refresh_from_db()
    asked.refresh_from_db()
    assert asked.state == CorrectionState.ANSWERED
    assert asked.closed_by == applicant
    assert again.document["project"]["summary"] == "For 3,200 growers."
    assert (again.revision, again.submitted_at) == (2, filed.submitted_at)
    first, second = again.revisions.order_by("number")
    assert (first.document, first.sha256) == (before, first_hash)
    assert (second.document, second.sha256) == (again.document, again.sha256)
    assert second.correction == asked
    # The deadline counts by the first hand-in; the second has its own moment.
    assert again.document["submitted_at"] == before["submitted_at"]
    assert again.document["extra"]["correction"]["handed_in_at"]


def test_only_the_named_sections_open_and_only_until_the_day_is_over(
    filed: Submission, applicant: User, officer: User
) -> None:
    asked = builders.build_correction(officer, filed, "project", "documents")
    with writing(applicant, filed, "project") as row:
        row.summary = "Open."
    for closed in ("budget", "partners", "company", "due_diligence", None):
        with pytest.raises(WrongState), writing(applicant, filed, closed):
            pytest.fail(f"{closed} was open")
    proposal = Proposal.objects.get(pk=filed.proposal_id)
    kind = filed.files[0].kind
    add_document(actor=applicant, proposal=proposal, kind=kind, upload=builders.upload("new.pdf"))
    passed(asked)
    with pytest.raises(WrongState), writing(applicant, filed, "project"):
        pytest.fail("the day was over")
    with pytest.raises(WrongState):
        add_document(actor=applicant, proposal=proposal, kind=kind, upload=builders.upload())


def test_what_was_not_asked_for_stays_as_filed(
    filed: Submission, applicant: User, officer: User
) -> None:
    """The company's profile serves all its proposals: it may change, this dossier does not."""
    builders.build_correction(officer, filed)
    filed.organisation.legal_name = "Renamed S.A."
    filed.organisation.employees = None
    filed.organisation.save()
    builders.correct(applicant, filed)

    again = submitting.submit(actor=applicant, proposal_id=filed.proposal_id)

    for part in ("lead", "partners", "budget", "due_diligence", "documents"):
        assert again.document[part] == filed.document[part], part
    assert again.lead_name == filed.lead_name


def test_a_replaced_file_is_the_newest_and_the_old_one_is_kept(
    filed: Submission, applicant: User, officer: User, as_user: Any
) -> None:
    builders.build_correction(officer, filed, "documents")
    old = list(filed.files)
    proposal = Proposal.objects.get(pk=filed.proposal_id)
    new = add_document(
        actor=applicant, proposal=proposal, kind=old[0].kind, upload=builders.upload("better.pdf")
    )

    again = submitting.submit(actor=applicant, proposal_id=proposal.pk)

    assert new in again.files
    assert old[0] not in again.files
    assert set(SubmissionRevision.objects.get(number=1).documents.all()) == set(old)
    assert set(again.documents.all()) == {*old, new}
    for user in (applicant, officer):
        url = reverse("proposals:document", args=[old[0].pk])
        assert as_user(user).get(url).status_code == 200


def test_the_checks_run_again_and_the_person_confirms_by_the_new_ones(
    filed: Submission, applicant: User, officer: User
) -> None:
    builders.build_correction(officer, filed)
    with pytest.raises(WrongState):  # not while the company corrects
        eligibility.confirm_eligible(actor=officer, submission_id=filed.pk)
    builders.correct(applicant, filed)
    again = submitting.submit(actor=applicant, proposal_id=filed.proposal_id)
    assert again.outcome == ""
    with pytest.raises(WrongState):
        eligibility.confirm_eligible(
            actor=officer, submission_id=filed.pk, reason="Checked by hand."
        )
    builders.do_waiting_jobs()
    assert list(again.check_runs.values_list("moment", flat=True)) == ["correction", "submission"]
    eligibility.confirm_eligible(actor=officer, submission_id=filed.pk, reason="Checked by hand.")


def test_no_decision_is_prepared_while_the_company_corrects(
    officer: User, reviewer: User, applicant: User
) -> None:
    assignment = builders.build_assignment(officer, reviewer)
    builders.build_scored(assignment)
    submission = Submission.objects.get(pk=assignment.submission_id)
    builders.build_correction(officer, submission)
    with pytest.raises(WrongState):
        deciding.prepare_decision(actor=officer, submission_id=submission.pk, kind="shortlisted")
    asked = CorrectionRequest.objects.get()
    correcting.withdraw_correction(
        actor=officer, submission_id=submission.pk, correction_id=asked.pk, reason="Not needed."
    )
    deciding.prepare_decision(actor=officer, submission_id=submission.pk, kind="shortlisted")
    with pytest.raises(WrongState):
        builders.build_correction(officer, submission)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"sections": ()}, "sections"),
        ({"sections": ("no_such",)}, "sections"),
        ({"text": "  "}, "text"),
        ({"due_on": timezone.localdate() - timedelta(days=1)}, "due_on"),
        ({"due_on": timezone.localdate() + timedelta(days=5000)}, "due_on"),
    ],
)
def test_a_request_says_what_where_and_until_when(
    filed: Submission, officer: User, wrong: dict[str, Any], field: str
) -> None:
    asked = {
        "sections": ("project",),
        "text": "Please.",
        "due_on": timezone.localdate(),
        **wrong,
    }
    with pytest.raises(ValidationError) as refusal:
        correcting.request_correction(actor=officer, submission_id=filed.pk, **asked)
    assert set(refusal.value.error_dict) == {field}
    assert not CorrectionRequest.objects.exists()


@pytest.mark.parametrize("role", ["applicant", "reviewer", "approver", "auditor", "administrator"])
def test_only_an_officer_asks_and_withdraws(filed: Submission, officer: User, role: str) -> None:
    other = builders.build_user(role)
    with pytest.raises(NotAllowed):
        builders.build_correction(other, filed)
    asked = builders.build_correction(officer, filed)
    with pytest.raises(NotAllowed):
        correcting.withdraw_correction(
            actor=other, submission_id=filed.pk, correction_id=asked.pk, reason="No."
        )


def test_an_answer_without_a_change_is_no_answer(
    filed: Submission, applicant: User, officer: User
) -> None:
    builders.build_correction(officer, filed)
    with pytest.raises(submitting.NothingCorrected):
        submitting.submit(actor=applicant, proposal_id=filed.proposal_id)
    assert CorrectionRequest.objects.get().state == CorrectionState.OPEN


def test_only_what_is_missing_in_the_open_sections_stands_in_the_way(
    filed: Submission, applicant: User, officer: User
) -> None:
    builders.build_correction(officer, filed)
    filed.organisation.annual_turnover.all().delete()
    with writing(applicant, filed, "project") as row:
        row.title = ""
    with pytest.raises(submitting.Incomplete) as refusal:
        submitting.submit(actor=applicant, proposal_id=filed.proposal_id)
    assert {gap.section for gap in refusal.value.missing} == {"project"}


def test_nobody_at_all_changes_a_hand_in(filed: Submission, applicant: User, officer: User) -> None:
    builders.answer_correction(applicant, builders.build_correction(officer, filed))
    revisions = SubmissionRevision.objects
    attempts: list[Callable[[], object]] = [
        lambda: revisions.update(sha256="0" * 64),
        lambda: revisions.filter(number=1).delete(),
        lambda: Submission.objects.update(revision=1),
        lambda: Submission.objects.update(revision=3),
        lambda: Submission.objects.update(title="Another"),
        lambda: Submission.objects.update(document={}),
        lambda: Submission.objects.update(late=True),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    # Not even together with a step to a hand-in that says something else.
    first = SubmissionRevision.objects.get(number=1)
    SubmissionRevision.objects.create(
        submission=filed,
        number=3,
        document={"another": "text"},
        sha256="1" * 64,
        submitted_at=first.submitted_at,
        correction=_closed(officer, filed),
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        Submission.objects.update(revision=3, sha256="1" * 64)


def _closed(officer: User, submission: Submission) -> CorrectionRequest:
    asked = builders.build_correction(officer, submission)
    return correcting.withdraw_correction(
        actor=officer, submission_id=submission.pk, correction_id=asked.pk, reason="No."
    )


def test_the_day_passes_while_one_types(
    filed: Submission, applicant: User, officer: User, as_user: Any
) -> None:
    asked = builders.build_correction(officer, filed)
    client = as_user(applicant)
    section = reverse("proposals:section", args=[filed.reference, "project"])
    submit = reverse("proposals:submit", args=[filed.reference])
    page = client.get(section)
    client.post(section, form_data(page, summary="Typed in time."))
    typed = form_data(client.get(section), summary="Typed too late.")
    look = hand_in_data(client.get(submit))
    passed(asked)  # the beat has not come by yet

    late = client.post(section, typed)
    assert late.status_code == 409
    assert "Typed too late." in late.content.decode()
    told = client.post(submit, look, follow=True).content.decode()
    assert "is over" in told
    assert "kept in your sections" in told
    lapse_corrections()

    filed.refresh_from_db()
    assert filed.revision == 1
    assert "Typed" not in filed.document["project"]["summary"]
    own = client.get(reverse("proposals:correction", args=[filed.reference, asked.pk]))
    text = own.content.decode()
    assert "What you wrote and did not hand in" in text
    assert "Typed in time." in text.replace("<ins>", "").replace("</ins>", "") or "Typed" in text
    subjects = list(OutgoingEmail.objects.values_list("subject", flat=True))
    assert f"{filed.reference}: not corrected in time" in subjects
    assert lapse_corrections() == 0


def test_the_officer_withdraws_while_the_company_is_about_to_hand_in(
    filed: Submission, applicant: User, officer: User, as_user: Any
) -> None:
    asked = builders.build_correction(officer, filed)
    builders.correct(applicant, filed)
    client = as_user(applicant)
    submit = reverse("proposals:submit", args=[filed.reference])
    look = hand_in_data(client.get(submit))
    correcting.withdraw_correction(
        actor=officer, submission_id=filed.pk, correction_id=asked.pk, reason="A letter came."
    )

    told = client.post(submit, look, follow=True)

    assert told.redirect_chain[0][0] == reverse("proposals:detail", args=[filed.reference])
    assert "withdrew its request" in told.content.decode()
    filed.refresh_from_db()
    assert filed.revision == 1


def test_a_proposal_that_is_withdrawn_takes_its_request_along(
    filed: Submission, applicant: User, officer: User
) -> None:
    asked = builders.build_correction(officer, filed)
    drafting.withdraw_proposal(
        actor=applicant, proposal_id=filed.proposal_id, reason="No money left."
    )
    asked.refresh_from_db()
    assert asked.state == CorrectionState.WITHDRAWN


def test_two_answers_one_after_the_other(filed: Submission, applicant: User, officer: User) -> None:
    for number in (2, 3):
        asked = builders.build_correction(officer, filed)
        builders.correct(applicant, filed, f"Text of hand-in {number}.")
        again = submitting.submit(actor=applicant, proposal_id=filed.proposal_id)
        assert again.revision == number
        assert again.document["extra"]["correction"]["request"] == asked.pk
    assert SubmissionRevision.objects.count() == 3


def test_a_sheet_remembers_which_text_its_reviewer_read(
    applicant: User, officer: User, reviewer: User, second_reviewer: User
) -> None:
    submission = builders.build_eligible(officer, builders.build_submission(applicant))
    early = builders.build_scored(builders.build_assignment(officer, reviewer, submission))
    builders.answer_correction(applicant, builders.build_correction(officer, submission))
    (later,) = assigning.assign_reviewers(
        actor=officer,
        submission_id=submission.pk,
        reviewer_ids=[second_reviewer.pk],
        due_on=timezone.localdate(),
    )
    builders.declare_for_call(second_reviewer, submission.call)
    assigning.declare_interest(actor=second_reviewer, assignment_id=later.pk, conflict=False)
    assert early.revision == 1
    assert builders.build_scored(later).revision == 2
    told = OutgoingEmail.objects.filter(subject__contains="was corrected")
    assert {mail.recipient for mail in told} == {reviewer.email}


# --- at the same moment ---------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_officers_ask_at_once_and_one_request_stands(applicant: User, officer: User) -> None:
    filed = builders.build_submission(applicant)
    other = builders.build_user("officer")
    results = at_once(
        lambda: builders.build_correction(officer, filed),
        lambda: builders.build_correction(other, filed),
    )
    assert sorted(type(each).__name__ for each in results) == ["CorrectionRequest", "WrongState"]
    assert CorrectionRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_handing_in_while_the_officer_withdraws_ends_in_one_of_the_two(
    applicant: User, officer: User
) -> None:
    filed = builders.build_submission(applicant)
    asked = builders.build_correction(officer, filed)
    builders.correct(applicant, filed)
    rows = with_everything(filed.proposal_id)
    look = last_look(rows, applicant, timezone.now(), asked, filed)
    results = at_once(
        lambda: submitting.submit(
            actor=applicant, proposal_id=filed.proposal_id, seen=look.document
        ),
        lambda: correcting.withdraw_correction(
            actor=officer, submission_id=filed.pk, correction_id=asked.pk, reason="No need."
        ),
    )
    asked.refresh_from_db()
    filed.refresh_from_db()
    handed_in = asked.state == CorrectionState.ANSWERED
    assert filed.revision == (2 if handed_in else 1)
    assert isinstance(results[1 if handed_in else 0], WrongState)
    assert not isinstance(results[0 if handed_in else 1], Exception)
