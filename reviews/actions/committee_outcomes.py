"""What a committee said of a dossier, which whoever prepares the decision cannot pass over."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.models import Submission
from bpf_portal.core import money
from reviews.models import AgendaItem, DecisionKind, ItemState, MeetingState, Outcome


def newest_item(submission: Submission) -> AgendaItem | None:
    """The dossier's place on the newest agenda, cancelled meetings aside."""
    rows = AgendaItem.objects.filter(submission=submission).select_related("meeting")
    return rows.exclude(meeting__state=MeetingState.CANCELLED).order_by("-pk").first()


def refuse_other_outcome(submission: Submission, kind: str, amount: Decimal | None) -> None:
    """A decision says what the committee concluded, once the meeting is closed.

    A dossier on no agenda is not held back. Raises ValidationError on `kind` or `amount`.
    """
    item = None if kind == DecisionKind.INELIGIBLE else newest_item(submission)
    if item is None:
        return
    if item.meeting.state != MeetingState.CLOSED:
        raise ValidationError(
            {
                "kind": [
                    _("This proposal is on a committee’s agenda. Its meeting is not closed yet.")
                ]
            }
        )
    if item.state != ItemState.CONCLUDED:
        return
    if item.outcome != kind:
        text = _("The committee concluded otherwise: %(outcome)s.")
        raise ValidationError({"kind": [text % {"outcome": Outcome(item.outcome).label}]})
    if amount != item.amount:
        text = _("The committee concluded on %(amount)s.")
        shown = money.display(item.amount or Decimal(0))
        raise ValidationError({"amount": [text % {"amount": shown}]})
