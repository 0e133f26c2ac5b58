"""Names are compared with the lists in force; a person answers once, and a new list asks anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from applications.actions import screening
from applications.models import CheckRun, Finding, NameMatch, Rescreening, Submission
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import Event
from bpf_portal.core.states import WrongState
from tests import builders, invented, sanctions

pytestmark = pytest.mark.django_db

DoJobs = Callable[[], int]
#: The builders' companies are directed and owned by Claire Exemple.
LISTED = {"501": ("Klaire Exempel", "Clara E."), "502": ("Zoltan Karovic",)}


def finding_of(submission: Submission) -> Finding:
    run = CheckRun.objects.filter(submission=submission, state="done").first()
    assert run is not None
    return run.findings.get(code="screening.sanctions")


@pytest.fixture
def submission(applicant: User, do_jobs: DoJobs) -> Submission:
    handed_in = builders.build_submission(applicant)
    do_jobs()
    return handed_in


def load(entries: invented.Names, do_jobs: DoJobs, day: int = 1) -> None:
    sanctions.load(sanctions.eu_file(entries, dated=date(2024, 4, day)))
    do_jobs()


def test_without_a_list_nothing_was_screened(submission: Submission) -> None:
    finding = finding_of(submission)
    assert (finding.outcome, finding.reason) == ("review", "not_screened")
    assert not NameMatch.objects.exists()


def test_a_new_list_compares_living_proposals_and_asks_a_person(
    submission: Submission, do_jobs: DoJobs
) -> None:
    load(LISTED, do_jobs)
    finding = finding_of(submission)
    assert (finding.outcome, finding.reason) == ("review", "candidates")
    assert "Claire Exemple: EU EU.501.1, Klaire Exempel" in finding.observed
    assert ">= 0.90" in finding.required
    match = NameMatch.objects.get()
    assert (match.name, match.state, match.entry.reference) == ("Claire Exemple", "open", "501")
    assert Decimal("0.90") <= match.score < 1
    run = CheckRun.objects.filter(submission=submission).latest("pk")
    assert run.moment == "screening"
    assert [str(listed) for listed in run.screening.lists.all()] == ["EU 2024-04-01"]


def test_a_list_without_a_likeness_clears_what_was_not_screened(
    submission: Submission, do_jobs: DoJobs
) -> None:
    load({"502": ("Zoltan Karovic",)}, do_jobs)
    assert finding_of(submission).outcome == "pass"


def test_a_list_that_changes_nothing_runs_no_checks_and_is_kept_as_a_screening(
    submission: Submission, do_jobs: DoJobs
) -> None:
    load(LISTED, do_jobs)
    runs = submission.check_runs.count()
    load({**LISTED, "503": ("Orsolya Belgur",)}, do_jobs, day=2)
    assert submission.check_runs.count() == runs
    newest = submission.screenings.first()
    assert newest is not None
    assert newest.check_run is None
    assert [str(listed) for listed in newest.lists.all()] == ["EU 2024-04-02"]
    job = Rescreening.objects.latest("pk")
    assert (job.state, job.progress_done, job.progress_total, job.changed) == ("done", 1, 1, 0)


def test_what_was_cleared_is_not_asked_again(
    submission: Submission, applicant: User, officer: User, do_jobs: DoJobs
) -> None:
    load(LISTED, do_jobs)
    match = NameMatch.objects.get()
    screening.answer_name(
        actor=officer, match_id=match.pk, action="clear", reason="Born in 1990, not in 1948."
    )
    do_jobs()
    finding = finding_of(submission)
    assert (finding.outcome, finding.reason) == ("pass", "cleared")

    another = builders.build_submission(applicant)
    do_jobs()
    assert another.organisation_id == submission.organisation_id
    assert finding_of(another).reason == "cleared"
    load({**LISTED, "503": ("Orsolya Belgur",)}, do_jobs, day=2)
    assert finding_of(another).reason == "cleared"
    assert NameMatch.objects.count() == 1

    stranger = builders.build_submission(builders.build_user())
    do_jobs()
    assert finding_of(stranger).reason == "candidates"


def test_an_entry_that_changed_is_asked_again(
    submission: Submission, officer: User, do_jobs: DoJobs
) -> None:
    load(LISTED, do_jobs)
    screening.answer_name(
        actor=officer, match_id=NameMatch.objects.get().pk, action="clear", reason="Another one."
    )
    do_jobs()
    load({"501": ("Klaire Exempel", "Claire Exemple")}, do_jobs, day=2)
    assert finding_of(submission).reason == "candidates"
    assert list(NameMatch.objects.order_by("pk").values_list("state", flat=True)) == [
        "cleared",
        "open",
    ]


def test_a_confirmed_name_stays_to_be_looked_at_and_refuses_nothing(
    submission: Submission, officer: User, do_jobs: DoJobs
) -> None:
    load(LISTED, do_jobs)
    match = screening.answer_name(
        actor=officer, match_id=NameMatch.objects.get().pk, action="confirm", reason="It is her."
    )
    do_jobs()
    finding = finding_of(submission)
    assert (finding.outcome, finding.reason) == ("review", "confirmed")
    assert "EU.501.1" in finding.observed
    submission.refresh_from_db()
    assert (submission.state, submission.outcome) == ("received", "to_review")
    event = Event.objects.get(name="NameConfirmed")
    assert (event.actor, event.details["reason"]) == (officer, "It is her.")

    screening.answer_name(
        actor=officer, match_id=match.pk, action="reopen", reason="Seen too fast."
    )
    do_jobs()
    assert finding_of(submission).reason == "candidates"


def test_an_answer_needs_a_reason_an_officer_and_an_open_question(
    submission: Submission, officer: User, auditor: User, reviewer: User, do_jobs: DoJobs
) -> None:
    load(LISTED, do_jobs)
    match = NameMatch.objects.get()
    with pytest.raises(ValidationError):
        screening.answer_name(actor=officer, match_id=match.pk, action="clear", reason=" ")
    for person in (auditor, reviewer):
        with pytest.raises(NotAllowed):
            screening.answer_name(actor=person, match_id=match.pk, action="clear", reason="No.")
    screening.answer_name(actor=officer, match_id=match.pk, action="clear", reason="No.")
    with pytest.raises(WrongState):
        screening.answer_name(actor=officer, match_id=match.pk, action="confirm", reason="Yes.")
    with pytest.raises(IntegrityError), transaction.atomic():
        NameMatch.objects.filter(pk=match.pk).update(answered_by=None)


def test_withdrawn_and_decided_proposals_are_left_alone(
    submission: Submission, applicant: User, do_jobs: DoJobs
) -> None:
    from applications.actions.drafting import withdraw_proposal

    withdraw_proposal(actor=applicant, proposal_id=submission.proposal_id, reason="No money left.")
    load(LISTED, do_jobs)
    assert finding_of(submission).reason == "not_screened"
    assert Rescreening.objects.get().progress_total == 0


def test_a_large_list_costs_a_check_no_more_queries_than_a_small_one(
    applicant: User, do_jobs: DoJobs
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        builders.build_submission(applicant)
        do_jobs()  # the list is in memory from here on
        builders.build_submission(applicant)
        with CaptureQueriesContext(connection) as captured:
            do_jobs()
        return len(captured)

    load({"502": ("Zoltan Karovic",)}, do_jobs)
    small = queries()
    load(invented.large(300), do_jobs, day=2)
    assert queries() == small
