"""Which sections of a proposal its company may write in now.

A draft is open as a whole. What was handed in is closed, but for the sections that an officer asks
to correct, until the day that was given; and those whose yearly renewal is asked for while the
project runs.
"""

from applications.models import CorrectionRequest, Proposal, ProposalState
from bpf_portal.core.access import Text
from bpf_portal.core.states import WrongState


def open_correction(proposal: Proposal) -> CorrectionRequest | None:
    """The correction that is asked for now; None without one and once its day is over.

    No query for a draft.
    """
    if proposal.state not in (ProposalState.SUBMITTED, ProposalState.CONCLUDED):
        return None
    asked = (
        CorrectionRequest.objects.open()
        .filter(submission__proposal=proposal, submission__stage=proposal.stage)
        .select_related("submission")
        .defer("submission__document", "submission__search")
        .first()
    )
    return None if asked is None or asked.is_over() else asked


def is_open(proposal: Proposal, section: str | None) -> bool:
    """Whether this section may be written now; None: something that belongs to a draft only."""
    if proposal.is_draft:
        return True
    if section is None:
        return False
    asked = open_correction(proposal)
    return asked is not None and section in asked.sections


def require_open(proposal: Proposal, section: str | None, message: Text | None = None) -> None:
    """Raise WrongState unless the section may be written now."""
    if not is_open(proposal, section):
        raise WrongState("proposal", proposal.state, "edit", message)
