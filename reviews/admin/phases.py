"""The review phases of a call: to read on its page, and an officer's form."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.access import runs_calls
from applications.models import Call, Stage
from reviews.actions.phasing import change_phases, fingerprint, phases_of
from reviews.admin.attempts import attempt
from reviews.admin.dossier import Table as Facts
from reviews.admin.labels import reader_language
from reviews.admin.lists import assumed_mark
from reviews.admin.pages import find_or_404, person, reason_of, render_page, status_of
from reviews.forms.phases import RIGHTS, PhasesForm
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
        "form": form,
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/phases.html", context, status=status)
