"""A batch of letters: how far the work is."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from reviews.admin.pages import RUNNING, find_or_404, render_page, require_role
from reviews.models import Decision, LetterBatch

SHOWN = 200


def letter_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of one batch, with its decisions and the letters that exist already."""
    user = require_role(request, *RUNNING)
    batches = LetterBatch.objects.visible_to(user).select_related("call", "published_by")
    batch = find_or_404(batches, pk=pk)
    decisions = (
        Decision.objects.visible_to(user)
        .filter(letter_batch=batch)
        .select_related("submission", "letter")
        .defer("submission__document", "submission__search")
        .order_by("submission__reference")[:SHOWN]
    )
    context = {"title": _("Letters"), "batch": batch, "decisions": decisions}
    return render_page(request, "reviews/letter_batch.html", context)
