"""What is still to come for a proposal, as its company may know it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from applications.models import Proposal, ProposalState, Stage
from bpf_portal.core.templatetags.portal import day, deadline


@dataclass(frozen=True)
class Step:
    """Something still to come. `when` is a sentence; `assumed`: no source says so."""

    sentence: str
    when: str = ""
    due: datetime | None = None
    assumed: bool = False


def next_steps(proposal: Proposal, now: datetime) -> list[Step]:
    """What is still to come, with its date where the call gives one."""
    if proposal.state == ProposalState.WITHDRAWN:
        return []
    if proposal.state == ProposalState.CONCLUDED:
        return [Step(_("Your letter says what follows from the decision."))]
    steps = [
        _examination(proposal, now),
        Step(_("Reviewers read and score it.")),
        _decision(proposal),
    ]
    return [_hand_in(proposal, now), *steps] if proposal.is_draft else steps


def _hand_in(proposal: Proposal, now: datetime) -> Step:
    due = proposal.deadline_at
    if due is None:
        return Step(_("You hand in your proposal."), _("The date is not fixed yet."))
    if due < now:
        return Step(
            _("You hand in your proposal."),
            _("The deadline was on %(moment)s. What comes later is kept for the next edition.")
            % {"moment": deadline(due)},
        )
    return Step(
        _("You hand in your proposal."),
        _("Until %(moment)s.") % {"moment": deadline(due)},
        due=due,
    )


def _examination(proposal: Proposal, now: datetime) -> Step:
    due = proposal.deadline_at
    when = _("No date is fixed; usually in the weeks after the deadline.")
    if due is not None and due > now:
        when = _("No date is fixed; usually in the weeks after the deadline of %(day)s.") % {
            "day": day(due)
        }
    return Step(
        _(
            "The facility checks whether the proposal is complete and eligible. A person decides,"
            " never a machine alone."
        ),
        when,
        assumed=True,
    )


def _decision(proposal: Proposal) -> Step:
    sentence = _("You receive the decision by letter; it appears on this page too.")
    second = proposal.call.deadline_of(Stage.DETAILED_PROPOSAL)
    if proposal.stage != Stage.PRESELECTION or second is None:
        return Step(sentence, _("No date is fixed."))
    return Step(
        sentence,
        _("No date is fixed; usually well before the detailed proposals are due, on %(day)s.")
        % {"day": day(second)},
        assumed=True,
    )
