"""Handing in: the draft rows become one frozen document, and the check is left as a job."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_submit
from applications.actions import checking, correcting, receipting
from applications.actions.completeness import Missing, with_everything
from applications.actions.dossier_document import current_documents, digest
from applications.actions.finding_standing import forget_outcome
from applications.actions.fingerprinting import keep_fingerprint
from applications.actions.last_look import LastLook, correction_of, last_look, stamped
from applications.checks import Dossier
from applications.events import HandedInAgain, Submitted
from applications.models import (
    CORRECTION_TRANSITIONS,
    PROPOSAL_TRANSITIONS,
    CorrectionPurpose,
    CorrectionRequest,
    Document,
    Moment,
    Proposal,
    ProposalState,
    Submission,
    SubmissionRevision,
)
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState

Json = dict[str, Any]


class Incomplete(Exception):
    """Something must be given first; `missing` says what. Nothing was written."""

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__(f"{len(missing)} missing")
        self.missing = missing


class ShownOtherwise(Exception):
    """The page showed something else than what is written now. Nothing was written."""

    message = _("Something changed since you opened this page.")


class NothingCorrected(Exception):
    """The reopened sections are as they were filed. Nothing was written."""

    message = _("Nothing is corrected yet: the sections are as you handed them in.")


def submit(*, actor: User, proposal_id: int, seen: Json | None = None) -> Submission:
    """Hand the proposal in at its present stage, once; under a correction, hand it in again.

    `seen` is the document that the person read (`last_look`), with the declarations they made.
    A second click finds the submission of the first and returns it. After the deadline the
    proposal is kept and marked late: it is not refused (bpf.lu, a late form goes to the next
    edition). Raises Incomplete, ShownOtherwise, NothingCorrected, NotAllowed, WrongState (also
    when the correction was withdrawn or its day is over) or Proposal.DoesNotExist.
    """
    return hand_in(actor=actor, proposal_id=proposal_id, moment=timezone.now(), seen=seen)


@transaction.atomic
def hand_in(
    *, actor: User, proposal_id: int, moment: datetime, seen: Json | None = None
) -> Submission:
    """What `submit` does, as of a moment. A company hands in now; the demonstration data, whose
    last round lies in the past, hand in then. Raises what `submit` raises.
    """
    moment = timezone.localtime(moment).replace(microsecond=0)
    locked = (
        Proposal.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=proposal_id)
    )
    require(may_submit(actor, locked))
    if locked.state == ProposalState.SUBMITTED or _was_to_be_renewed(locked):
        return _hand_in_again(locked, actor, moment, seen)
    target = PROPOSAL_TRANSITIONS.target(locked.state, "submit")
    proposal = with_everything(locked.pk)
    document = _agreed(last_look(proposal, actor, moment), seen, moment)
    submission = Submission.objects.create(
        proposal=proposal,
        call=proposal.call,
        organisation=proposal.organisation,
        stage=proposal.stage,
        submitted_at=moment,
        submitted_by=actor,
        late=proposal.call.is_late(proposal.stage, moment),
        reference=proposal.reference,
        language=proposal.language,
        **columns_of(document),
    )
    files = current_documents(proposal)
    submission.documents.add(*files)
    revision = file_revision(submission, files)
    before, locked.state = locked.state, target
    locked.save(update_fields=["state"])
    record(
        Submitted(stage=submission.stage, sha256=submission.sha256, late=submission.late),
        about=submission,
        actor=actor,
        from_state=before,
        to_state=target,
    )
    checking.request_check(submission=submission, moment=Moment.SUBMISSION, actor=actor)
    receipting.request_receipt(revision)
    return submission


def _was_to_be_renewed(proposal: Proposal) -> bool:
    """Whether this is a running project whose due diligence is, or was, to be renewed."""
    return (
        proposal.state == ProposalState.CONCLUDED
        and CorrectionRequest.objects.filter(
            submission__proposal=proposal, purpose=CorrectionPurpose.RENEWAL
        ).exists()
    )


def _agreed(
    look: LastLook, seen: Json | None, moment: datetime, *, unchanged: bool = False
) -> Json:
    """The document to freeze, if nothing is missing and it is the one that was read.

    `unchanged`: it may say what was filed before; a renewal then says that it still holds."""
    if look.missing or look.document is None:
        raise Incomplete(look.missing)
    if seen is not None and digest(seen) != look.fingerprint:
        raise ShownOtherwise
    if not (look.changed or unchanged):
        raise NothingCorrected
    document = stamped(look.document, moment)
    Dossier.from_document(document)  # what we hand on is always a dossier
    return document


def columns_of(document: Json) -> dict[str, Any]:
    """The document with what is taken out of it for lists and figures."""
    return {
        "document": document,
        "sha256": digest(document),
        "title": document["project"]["title"][:200],
        "lead_name": document["lead"]["legal_name"][:200],
        "lead_country": document["lead"]["country"],
        "countries": document["project"]["countries"],
        "sectors": document["project"].get("sectors", []),
        "requested": Decimal(document["budget"]["requested"]),
        "total": Decimal(document["budget"]["total"]),
    }


def file_revision(
    submission: Submission,
    files: list[Document],
    *,
    actor: User | None = None,
    moment: datetime | None = None,
    correction: CorrectionRequest | None = None,
) -> SubmissionRevision:
    """The hand-in as it stays: of the submission's own text and moment unless others are given."""
    revision = SubmissionRevision.objects.create(
        submission=submission,
        number=submission.revision,
        document=submission.document,
        sha256=submission.sha256,
        submitted_at=moment or submission.submitted_at,
        submitted_by=actor or submission.submitted_by,
        correction=correction,
    )
    held = SubmissionRevision.documents.through
    held.objects.bulk_create(
        held(submissionrevision_id=revision.pk, document_id=file.pk) for file in files
    )
    keep_fingerprint(revision, submission.call.questions.all())
    return revision


# --- after a correction ---------------------------------------------------------------------------
def _hand_in_again(
    proposal: Proposal, actor: User, moment: datetime, seen: Json | None
) -> Submission:
    """Answer the open correction; without one, what is filed is the answer to a second click."""
    submission = (
        proposal.submissions.select_for_update(of=("self",))
        .select_related("call__rule_set", "organisation")
        .get(stage=proposal.stage)
    )
    asked = submission.corrections.open().select_related("requested_by")
    correction = asked.select_for_update(of=("self",)).first()
    answers = correction_of(seen)
    if correction is None or (seen is not None and answers != correction.pk):
        if answers is not None:
            correcting.require_answered(submission, answers)
        return submission
    if correction.is_over(moment):
        raise WrongState(
            "correction request", correction.state, "answer", correcting.ENDED["lapsed"]
        )
    target = CORRECTION_TRANSITIONS.target(correction.state, "answer")
    rows = with_everything(proposal.pk)
    look = last_look(rows, actor, moment, correction, submission)
    document = _agreed(look, seen, moment, unchanged=correction.is_renewal)
    correcting.close(correction, target, actor, moment)
    submission.call = rows.call  # with its questions, which are read already
    files = _files(submission, rows, correction)
    for name, value in columns_of(document).items():
        setattr(submission, name, value)
    submission.revision += 1
    # Nobody confirms an eligibility by what the checks found in the text before.
    forget_outcome(submission)
    revision = file_revision(submission, files, actor=actor, moment=moment, correction=correction)
    submission.save()
    submission.documents.add(*files)
    record(
        HandedInAgain(
            correction=correction.pk,
            revision=submission.revision,
            sections=correction.sections,
            sha256=submission.sha256,
        ),
        about=submission,
        actor=actor,
    )
    checked = Moment.RENEWAL if correction.is_renewal else Moment.CORRECTION
    checking.request_check(submission=submission, moment=checked, actor=actor)
    receipting.request_receipt(revision)
    correcting.tell_handed_in_again(submission, correction)
    return submission


def _files(
    submission: Submission, proposal: Proposal, correction: CorrectionRequest
) -> list[Document]:
    if "documents" in correction.sections:
        return current_documents(proposal)
    return list(submission.files)
