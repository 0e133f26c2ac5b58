"""The review phases of a call: to read on its page, and an officer's form."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.access import runs_calls
from applications.models import Call, Stage
from bpf_portal.core.access import require
from bpf_portal.core.states import WrongState
from reviews.access import may_run_call
from reviews.actions.phasing import (
    change_phases,
    drifts,
    fingerprint,
    phases_of,
    shift_phases,
)
from reviews.admin.attempts import attempt
from reviews.admin.dossier import Table as Facts
from reviews.admin.labels import reader_language
from reviews.admin.lists import assumed_mark
from reviews.admin.pages import find_or_404, person, reason_of, render_page, status_of
from reviews.forms.phases import RIGHTS, PhasesForm, ShiftForm
from reviews.phases import Phase, first_day, last_day


def phase_table(call: Call) -> Facts:
    """For the call's page. One query."""
    stages = dict(Stage.choices)
    return Facts(
        _("Review phases"),
        (_("Stage"), _("Phase"), _("From"), _("Until"), _("Reviewers may"), _("Assumed")),
        [
            (
                stages[phase.stage],
                phase.name_fr if reader_language() == "fr" else phase.name_en,
                *days(phase),
                ", ".join(str(label) for name, label in RIGHTS if name in phase.rights) or "–",
                assumed_mark(phase.assumed),
            )
            for phase in phases_of(call)
        ],
    )


def days(phase: Phase) -> tuple[str, str]:
    """First and last day in words."""
    zone = timezone.get_default_timezone()
    first, last = first_day(phase, zone), last_day(phase, zone)
    return (
        formats.date_format(first, "j F Y") if first else _("from the start"),
        formats.date_format(last, "j F Y") if last else _("without end"),
    )


def drifts_in_words(call: Call) -> list[dict[str, Any]]:
    """Where a deadline moved and the phases did not. One query."""
    return [
        {
            "stage": Stage(drift.stage),
            "before": timezone.localdate(drift.before),
            "now": timezone.localdate(drift.now),
            "days": drift.days,
            "later": drift.days > 0,
            "by": abs(drift.days),
        }
        for drift in drifts(call)
    ]


def shift_phases_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """The button beside a deadline that moved."""
    user = person(request)
    call: Call = find_or_404(Call.objects.visible_to(user), pk=object_id)
    require(may_run_call(user))
    form = ShiftForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        shift_phases(actor=user, call_id=call.pk, **form.cleaned_data)
    except WrongState as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The review phases are shifted."))
    return redirect("admin:applications_call_change", object_id)


def phases_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """All phases of a call at once. For other roles than officers there is no such page."""
    user = person(request)
    if not runs_calls(user):
        raise Http404
    call: Call = find_or_404(Call.objects.visible_to(user), pk=object_id)
    kept = phases_of(call)
    if request.method != "POST":
        return _page(request, call, PhasesForm(kept=kept, seen=fingerprint(kept)))
    form = PhasesForm(request.POST, kept=kept, seen=fingerprint(kept))

    def act() -> str:
        change_phases(
            actor=user,
            call_id=call.pk,
            seen=form.cleaned_data["seen"],
            phases=form.phases(),
        )
        return _("The review phases are kept.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect("admin:applications_call_change", object_id),
        refused=lambda error: _page(request, call, form, error),
    )


def _page(
    request: HttpRequest, call: Call, form: PhasesForm, refused: Exception | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "title": _("Review phases"),
        "call": call,
        "drifts": drifts_in_words(call),
        "form": form,
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/phases.html", context, status=status)
