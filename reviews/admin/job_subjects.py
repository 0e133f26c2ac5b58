"""What a job is about, as a link to the page where it is worked on."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.db.models import Model
from django.urls import reverse

from accounts.models import User
from applications.models import (
    CheckRun,
    Document,
    DocumentScan,
    MessageFile,
    Receipt,
    RegisterAnswer,
    Rescreening,
    SanctionsImport,
    Submission,
)
from bpf_portal.core.jobs import Job
from bpf_portal.core.models import OutgoingEmail
from reviews.models import BulkAction, LetterBatch, PlanWork


class Subject(NamedTuple):
    """A text, and the address behind it; empty where no page of the desk shows it."""

    text: str
    address: str = ""


def subject_of(job: Job, user: User) -> Subject | None:
    """None where a job is about nothing that this person reads. Two queries at most."""
    find = _SUBJECTS.get(type(job))
    return find(job, user) if find else None


def _submission(number: int, user: User) -> Subject | None:
    filed = Submission.objects.visible_to(user).filter(pk=number).only("reference").first()
    if filed is None:
        return None
    return Subject(filed.reference, reverse("admin:applications_submission_change", args=(number,)))


def _newest_of(proposal_id: int | None, user: User) -> Subject | None:
    """The newest hand-in of a proposal; a draft is nobody's but its company's."""
    filed = Submission.objects.filter(proposal=proposal_id).order_by("-pk").only("pk").first()
    return _submission(filed.pk, user) if filed else None


def _of_mail(mail: OutgoingEmail, user: User) -> Subject | None:
    return _newest_of(mail.aggregate_id, user) if mail.aggregate == "proposal" else None


#: Which files belong to a proposal, by which path.
_FILES: Mapping[str, tuple[type[Model], str]] = {
    model._meta.label: (model, to_proposal)
    for model, to_proposal in ((Document, "proposal"), (MessageFile, "message__thread__proposal"))
}


def _of_scan(scan: DocumentScan, user: User) -> Subject | None:
    if scan.subject not in _FILES:
        return None
    model, to_proposal = _FILES[scan.subject]
    found = model._default_manager.filter(pk=scan.subject_id).values_list(to_proposal, flat=True)
    return _newest_of(found.first(), user)


def _of_register(answer: RegisterAnswer, user: User) -> Subject | None:
    if not RegisterAnswer.objects.visible_to(user).filter(pk=answer.pk).exists():
        return None
    address = reverse("admin:applications_registeranswer_change", args=(answer.pk,))
    return Subject(f"{answer.country} {answer.number}", address)


def _of_rescreening(job: Rescreening, user: User) -> Subject:
    address = reverse("admin:applications_sanctionslist_change", args=(job.sanctions_list_id,))
    return Subject(str(job.sanctions_list), address)


_SUBJECTS: Mapping[type[Job], Callable[[Any, User], Subject | None]] = {
    CheckRun: lambda job, user: _submission(job.submission_id, user),
    Receipt: lambda job, user: _submission(job.revision.submission_id, user),
    OutgoingEmail: _of_mail,
    DocumentScan: _of_scan,
    RegisterAnswer: _of_register,
    Rescreening: _of_rescreening,
    SanctionsImport: lambda job, user: Subject(
        job.filename, reverse("admin:applications_sanctionslist_changelist")
    ),
    LetterBatch: lambda job, user: Subject(
        str(job.call), reverse("admin:letter_batch", args=(job.pk,))
    ),
    BulkAction: lambda job, user: Subject(
        str(job), reverse("admin:reviews_bulkaction_change", args=(job.pk,))
    ),
    PlanWork: lambda job, user: Subject(
        str(job.plan.call), reverse("admin:assignment_plan", args=(job.plan_id,))
    ),
}
