"""Handing in: the draft rows become one frozen document, and the check is left as a job."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from applications.access import may_submit
from applications.actions import checking
from applications.actions.completeness import Missing, missing, with_everything
from applications.actions.dossier_document import (
    budget_total,
    current_documents,
    digest,
    document_of,
)
from applications.checks import Dossier
from applications.events import Submitted
from applications.models import (
    PROPOSAL_TRANSITIONS,
    Moment,
    Proposal,
    ProposalState,
    Submission,
)
from bpf_portal.core.access import require
from bpf_portal.core.events import record


class Incomplete(Exception):
    """Something must be given first; `missing` says what. Nothing was written."""

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__(f"{len(missing)} missing")
        self.missing = missing


def submit(*, actor: User, proposal_id: int) -> Submission:
    """Hand the proposal in at its present stage, once.

    A second click finds the submission of the first and returns it. After the deadline the
    proposal is kept and marked late: it is not refused (bpf.lu, a late form goes to the next
    edition). Raises Incomplete, NotAllowed, WrongState or Proposal.DoesNotExist.
    """
    return hand_in(actor=actor, proposal_id=proposal_id, moment=timezone.now())


@transaction.atomic
def hand_in(*, actor: User, proposal_id: int, moment: datetime) -> Submission:
    """What `submit` does, as of a moment. A company hands in now; the demonstration data, whose
    last round lies in the past, hand in then. Raises what `submit` raises.
    """
    locked = (
        Proposal.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=proposal_id)
    )
    require(may_submit(actor, locked))
    if locked.state == ProposalState.SUBMITTED:
        return locked.submissions.get(stage=locked.stage)
    target = PROPOSAL_TRANSITIONS.target(locked.state, "submit")
    proposal = with_everything(locked.pk)
    if gaps := missing(proposal):
        raise Incomplete(gaps)
    submission = _freeze(proposal, actor, timezone.localtime(moment).replace(microsecond=0))
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
    return submission


def _freeze(proposal: Proposal, actor: User, moment: datetime) -> Submission:
    document = document_of(proposal, submitted_at=moment.isoformat())
    Dossier.from_document(document)  # what we hand on is always a dossier
    submission = Submission.objects.create(
        proposal=proposal,
        call=proposal.call,
        organisation=proposal.organisation,
        stage=proposal.stage,
        document=document,
        sha256=digest(document),
        submitted_at=moment,
        submitted_by=actor,
        late=proposal.call.is_late(proposal.stage, moment),
        reference=proposal.reference,
        language=proposal.language,
        title=proposal.title,
        lead_name=proposal.organisation.legal_name,
        lead_country=proposal.organisation.country_id or "",
        countries=proposal.countries,
        sectors=proposal.sectors,
        requested=proposal.requested or 0,
        total=budget_total(proposal),
    )
    submission.documents.add(*current_documents(proposal))
    return submission
