"""What a page that saves by itself is answered: in JSON, after a pause in typing.

The page sends what its Save button would send. The answer's `state` says what became of it: saved,
invalid, changed_elsewhere, by_hand, closed; one signed out gets signed_out (bpf_portal.core.kept).
"""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.actions.drafting import NotByItself
from applications.forms.section import SectionForms
from applications.models import Proposal
from applications.views.saving import Attempt, saved_message
from bpf_portal.core.kept import AUTOSAVE_HEADER

#: The header's value when somebody pressed Save, and when it was only a pause in typing.
PRESSED = "save"


def was_pressed(request: HttpRequest) -> bool:
    return request.headers.get(AUTOSAVE_HEADER) == PRESSED


def answer(request: HttpRequest, attempt: Attempt, proposal: Proposal | None) -> JsonResponse:
    """What became of an attempt, and what the page needs for the next one."""
    if attempt.newer is not None and attempt.status == HTTPStatus.CONFLICT:
        return _changed_elsewhere(request, attempt, attempt.newer)
    errors = attempt.forms.messages()
    said: dict[str, Any] = {"errors": errors, "late": is_late(proposal)}
    if attempt.stored is None:
        said |= {"state": "invalid", "message": _("Not saved: please correct the marked fields.")}
        return JsonResponse(said, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    message = saved_message()
    if errors:
        message += " " + _("The marked fields are not saved yet.")
    said |= {
        "state": "saved",
        "message": message,
        "version": attempt.version,
        "seen": attempt.stored.fingerprint,
        "rows": attempt.rows,
    }
    return JsonResponse(said)


def _changed_elsewhere(request: HttpRequest, attempt: Attempt, newer: SectionForms) -> JsonResponse:
    panel = render_to_string(
        "proposals/_conflict.html", {"differences": attempt.forms.differences(newer)}, request
    )
    said = {
        "state": "changed_elsewhere",
        "message": _("Not saved: this section was changed elsewhere."),
        "link": _("Compare"),
        "html": panel,
        "version": attempt.version,
        "seen": newer.fingerprint,
    }
    return JsonResponse(said, status=HTTPStatus.CONFLICT)


def by_hand(refused: NotByItself) -> JsonResponse:
    """Nothing was saved; it waits for the Save button."""
    return JsonResponse(
        {"state": "by_hand", "message": str(refused.message)}, status=HTTPStatus.CONFLICT
    )


def closed(request: HttpRequest, proposal: Proposal, context: dict[str, Any]) -> JsonResponse:
    """The proposal was handed in or withdrawn while somebody typed."""
    said = {
        "state": "closed",
        "message": _("Not saved: this proposal can no longer be changed."),
        "url": reverse("proposals:detail", args=[proposal.reference]),
        "link": _("See the proposal"),
        "html": render_to_string("proposals/_closed.html", context, request),
    }
    return JsonResponse(said, status=HTTPStatus.CONFLICT)


def is_late(proposal: Proposal | None) -> bool:
    """Whether the deadline has passed: what is handed in now is marked late."""
    if proposal is None or not proposal.is_draft or proposal.deadline_at is None:
        return False  # a correction that is asked for is never late
    return proposal.deadline_at < timezone.now()
