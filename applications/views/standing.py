"""Where a proposal stands, in the words of everyday life.

Only the company's own paper and what was published speak here: nothing of eligibility, reviews or
decisions shows before LuxDev published it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from applications.models import Proposal, ProposalState, Stage, Submission
from applications.views.outcome import Outcome


@dataclass(frozen=True)
class Standing:
    """A sentence for the list and the page; `tone` colours the badge (components/status_badge)."""

    badge: str
    tone: str
    sentence: str


def standing(
    proposal: Proposal, submissions: Sequence[Submission], outcomes: Sequence[Outcome]
) -> Standing:
    """For the company; `submissions` of this proposal, newest first."""
    if proposal.state == ProposalState.WITHDRAWN:
        return Standing(_("withdrawn"), "neutral", _("You withdrew this proposal."))
    if proposal.is_draft:
        return _draft(proposal, outcomes)
    published = [outcome for outcome in outcomes if outcome.stage == proposal.stage]
    if published:
        last = published[-1]
        day = formats.date_format(timezone.localtime(last.published_at), "j F Y")
        sentence = _("Decision of %(day)s: %(decision)s.") % {"day": day, "decision": last.label}
        return Standing(str(last.label), "done" if last.favourable else "neutral", sentence)
    handed_in = submissions[0] if submissions else None
    if handed_in is None:
        return Standing(_("handed in"), "info", _("Handed in; it is being examined."))
    due = getattr(handed_in, "correction_due", None)  # annotated where it is shown
    if due is not None:
        day = formats.date_format(due, "j F Y")
        sentence = _("The facility asks for a correction until %(day)s.") % {"day": day}
        return Standing(_("to be corrected"), "attention", sentence)
    return Standing(_("being examined"), "info", handed_in_sentence(handed_in))


def _draft(proposal: Proposal, outcomes: Sequence[Outcome]) -> Standing:
    if proposal.stage == Stage.DETAILED_PROPOSAL:
        return Standing(
            _("to be written"),
            "attention",
            _("You are invited to write the detailed proposal."),
        )
    return Standing(_("being written"), "waiting", _("You are writing it; nobody else sees it."))


def handed_in_sentence(submission: Submission) -> str:
    """`Handed in on 29 April 2026 at 16:20.`, Luxembourg time."""
    moment = timezone.localtime(submission.submitted_at)
    return _("Handed in on %(day)s at %(time)s.") % {
        "day": formats.date_format(moment, "j F Y"),
        "time": formats.time_format(moment, "H:i"),
    }
