"""What the reviewers of a proposal write to each other, in a phase that lets them."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from reviews.access import may_discuss
from reviews.events import RemarkWritten
from reviews.models import REMARK_LENGTH, Assignment, Remark, ReviewPhase


@transaction.atomic
def write_remark(*, actor: User, assignment_id: int, text: str) -> Remark:
    """One remark for the others who review the same proposal. It is never changed.

    Raises ValidationError (nothing written, too long), NotAllowed, Assignment.DoesNotExist.
    """
    assignment = (
        Assignment.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("submission")
        .defer("submission__document", "submission__search")
        .get(pk=assignment_id)
    )
    submission = assignment.submission
    rights = ReviewPhase.objects.held(submission.call_id, submission.stage, timezone.now())
    require(may_discuss(actor, assignment, rights))
    text = text.strip()
    if not text:
        raise ValidationError({"text": [_("Write something first.")]})
    if len(text) > REMARK_LENGTH:
        raise ValidationError({"text": [_("At most %(n)d characters.") % {"n": REMARK_LENGTH}]})
    remark = Remark.objects.create(submission=submission, author=actor, text=text)
    record(RemarkWritten(submission=submission.pk), about=assignment, actor=actor)
    return remark
