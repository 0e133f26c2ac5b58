"""Handing in: once, frozen, and never lost."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from applications.actions import checking, drafting, submitting
from applications.actions.dossier_document import digest
from applications.checks import Dossier
from applications.models import CheckRun, Proposal, Submission
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.states import WrongState
from tests import builders

pytestmark = pytest.mark.django_db


def test_it_works(applicant: User) -> None:
    proposal = builders.build_complete_proposal(applicant)

    submission = submitting.submit(actor=applicant, proposal_id=proposal.pk)

    proposal.refresh_from_db()
    assert proposal.state == "submitted"
    assert submission.state == "received"
    assert submission.sha256 == digest(submission.document)
    assert Dossier.from_document(submission.document).project.title == proposal.title
    assert submission.check_runs.count() == 1
    assert submission.documents.count() == 5


def test_what_is_missing_is_named_and_nothing_is_written(applicant: User) -> None:
    proposal = builders.build_draft(applicant)

    with pytest.raises(submitting.Incomplete) as refusal:
        submitting.submit(actor=applicant, proposal_id=proposal.pk)

    sections = {item.section for item in refusal.value.missing}
    assert sections == {"partners", "project", "budget", "due_diligence", "documents"}
    assert not Submission.objects.exists()
    assert Proposal.objects.get(pk=proposal.pk).is_draft


def test_a_second_click_finds_the_first_submission(applicant: User) -> None:
    proposal = builders.build_complete_proposal(applicant)
    first = submitting.submit(actor=applicant, proposal_id=proposal.pk)

    second = submitting.submit(actor=applicant, proposal_id=proposal.pk)

    assert first.pk == second.pk
    assert CheckRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_submission(applicant: User) -> None:
    proposal = builders.build_complete_proposal(applicant)
    ready, made = threading.Barrier(2), []

    def click() -> None:
        ready.wait()
        try:
            made.append(submitting.submit(actor=applicant, proposal_id=proposal.pk).pk)
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()

    assert len(made) == 2
    assert len(set(made)) == 1
    assert Submission.objects.count() == 1


def test_after_the_deadline_it_is_kept_and_marked_late(applicant: User) -> None:
    call = builders.build_call()
    proposal = builders.build_complete_proposal(applicant, call)
    call.deadline_at = timezone.now() - timedelta(seconds=1)
    call.save()
    builders.build_call(code="bpf-next", open_for_days=180)

    submission = submitting.submit(actor=applicant, proposal_id=proposal.pk)
    builders.do_waiting_jobs()

    submission.refresh_from_db()
    assert submission.late
    finding = submission.check_runs.get().findings.get(code="call.deadline")
    assert finding.outcome == "review"
    assert "bpf-next" in json.dumps(finding.values)


def test_nobody_at_all_changes_a_submission(applicant: User) -> None:
    submission = builders.build_submission(applicant)

    with pytest.raises(DatabaseError), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(title="Another title")
    with pytest.raises(DatabaseError), transaction.atomic():
        submission.delete()


def test_the_draft_may_change_afterwards_without_the_submission_moving(
    applicant: User, officer: User
) -> None:
    submission = builders.build_submission(applicant)
    before = submission.sha256
    organisation = submission.organisation
    organisation.legal_name = "Renamed S.A."
    organisation.save()

    submission.refresh_from_db()
    assert submission.document["lead"]["legal_name"] != "Renamed S.A."
    assert digest(submission.document) == before


def test_a_stranger_finds_nothing_to_submit(applicant: User, stranger: User) -> None:
    proposal = builders.build_complete_proposal(applicant)
    with pytest.raises(Proposal.DoesNotExist):
        submitting.submit(actor=stranger, proposal_id=proposal.pk)


def test_a_reader_of_the_company_reads_only(applicant: User) -> None:
    proposal = builders.build_complete_proposal(applicant)
    reader = builders.build_user("applicant")
    proposal.organisation.memberships.create(user=reader, role="viewer")

    with pytest.raises(NotAllowed):
        submitting.submit(actor=reader, proposal_id=proposal.pk)
    with (
        pytest.raises(NotAllowed),
        drafting.editing(actor=reader, proposal=proposal, expected_version=proposal.version),
    ):
        pytest.fail("a reader got to write")


def test_a_second_tab_cannot_overwrite_newer_text(applicant: User) -> None:
    proposal = builders.build_draft(applicant)
    opened: dict[str, Any] = {
        "actor": applicant,
        "proposal": proposal,
        "expected_version": proposal.version,
    }
    with drafting.editing(**opened) as locked:
        locked.title = "The first tab"

    with pytest.raises(drafting.ChangedElsewhere), drafting.editing(**opened) as locked:
        locked.title = "The second tab"

    proposal.refresh_from_db()
    assert proposal.title == "The first tab"


def test_a_submitted_proposal_is_no_draft_any_more(applicant: User) -> None:
    proposal = builders.build_submission(applicant).proposal
    proposal.refresh_from_db()
    with (
        pytest.raises(WrongState),
        drafting.editing(actor=applicant, proposal=proposal, expected_version=proposal.version),
    ):
        pytest.fail("a submitted proposal was opened for writing")


def test_withdrawing_takes_the_submission_along_and_deletes_nothing(applicant: User) -> None:
    submission = builders.build_submission(applicant)

    drafting.withdraw_proposal(
        actor=applicant, proposal_id=submission.proposal_id, reason="The partner left."
    )

    submission.refresh_from_db()
    assert submission.state == "withdrawn"
    assert submission.proposal.state == "withdrawn"
    assert submission.check_runs.exists()


def test_the_checks_never_change_a_state(applicant: User) -> None:
    proposal = builders.build_complete_proposal(applicant)
    proposal.organisation.employees = 1
    proposal.organisation.save()

    submission = submitting.submit(actor=applicant, proposal_id=proposal.pk)
    checking.perform(CheckRun.objects.claim(submission.check_runs.get().pk))  # type: ignore[arg-type]

    submission.refresh_from_db()
    assert submission.outcome == "ineligible"
    assert submission.state == "received"
