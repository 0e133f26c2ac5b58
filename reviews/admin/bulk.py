"""Choosing many rows of a list, saying once what is to be done, and what came of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.models import Submission
from bpf_portal.core.jobs import JobState
from reviews.actions.bulk import begin_bulk, call_off_bulk, kinds_on, may_begin
from reviews.admin.lists import Column, Table, badge, link, paginate
from reviews.admin.pages import (
    REFUSED,
    RUNNING,
    PageView,
    PortalModelAdmin,
    find_or_404,
    person,
    reason_of,
    render_page,
    require_role,
    status_of,
)
from reviews.admin.wording import Badge
from reviews.forms.bulk import FORMS, BulkForm
from reviews.models import (
    MOST_ITEMS,
    ON_DECISIONS,
    BulkAction,
    BulkItem,
    BulkKind,
    Decision,
    ItemResult,
)

_TONES = {"waiting": "waiting", "done": "done", "refused": "attention", "left": "neutral"}
_LISTS = {
    "submission": "admin:applications_submission_changelist",
    "decision": "admin:reviews_decision_changelist",
}


@dataclass(frozen=True)
class Choosing:
    """What stands above and beside a list whose rows can be chosen."""

    target: str
    kinds: list[tuple[str, Any]]


def choosing(request: HttpRequest, target: str) -> Choosing | None:
    """None where this person does nothing with many."""
    kinds = [(kind.value, kind.label) for kind in kinds_on(target, person(request))]
    return Choosing(target, kinds) if kinds else None


def choice(name: Callable[[Any], str]) -> Column:
    """The column with a box to tick; `name` is what the row is called."""

    def cell(row: Any) -> object:
        return format_html(
            '<label class="desk-choice"><input type="checkbox" name="chosen" value="{}">'
            '<span class="desk-hidden">{}</span></label>',
            row.pk,
            _("Choose %(what)s") % {"what": name(row)},
        )

    return Column(_("Choose"), cell, "desk-tick")


@require_POST
def bulk_begin(request: HttpRequest) -> HttpResponse:
    """First which of them, then what the action needs; the second time it begins."""
    user = require_role(request, *RUNNING)
    kind = request.POST.get("kind", "")
    target = "decision" if request.POST.get("target") == "decision" else "submission"
    if kind not in BulkKind.values or (kind in ON_DECISIONS) != (target == "decision"):
        messages.warning(request, _("Choose what is to be done."))
        return redirect(_LISTS[target])
    if not may_begin(user, kind):
        raise Http404
    chosen = _chosen(request)
    if not chosen:
        messages.warning(request, _("Choose at least one."))
        return redirect(_LISTS[target])
    if "sure" not in request.POST:
        return _ask(request, kind, chosen, FORMS[kind]())
    form = FORMS[kind](request.POST)
    if not form.is_valid():
        return _ask(request, kind, chosen, form, ValidationError(""))
    try:
        bulk = begin_bulk(
            actor=user,
            kind=kind,
            chosen=chosen,
            options=form.options(),
            at=form.cleaned_data.get("at"),
        )
    except REFUSED as error:
        if isinstance(error, ValidationError):
            form.refuse(error)
        return _ask(request, kind, chosen, form, error)
    return redirect("admin:reviews_bulkaction_change", bulk.pk)


def _chosen(request: HttpRequest) -> set[int]:
    texts = request.POST.getlist("chosen")[: MOST_ITEMS + 1]
    return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 18}


def _ask(
    request: HttpRequest,
    kind: str,
    chosen: set[int],
    form: BulkForm,
    refused: Exception | None = None,
) -> HttpResponse:
    user = person(request)
    if kind in ON_DECISIONS:
        decisions = Decision.objects.visible_to(user).filter(pk__in=chosen)
        related = decisions.select_related("submission")
        decided = related.defer("submission__document", "submission__search").order_by("pk")
        rows = [(each.pk, each.submission, each.get_kind_display()) for each in decided]
    else:
        filed = Submission.objects.visible_to(user).filter(pk__in=chosen)
        few = filed.only("reference", "title", "lead_name", "state").order_by("pk")
        rows = [(each.pk, each, each.get_state_display()) for each in few]
    if not rows:
        raise Http404
    context = {
        "title": str(BulkKind(kind).label).capitalize(),
        "kind": kind,
        "target": "decision" if kind in ON_DECISIONS else "submission",
        "rows": rows,
        "form": form,
        "back": _LISTS["decision" if kind in ON_DECISIONS else "submission"],
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/bulk_begin.html", context, status=status)


@admin.register(BulkAction)
class BulkActionAdmin(PortalModelAdmin):
    """What was done with many, what waits for its time, and what came of each."""

    def list_page(self, request: HttpRequest) -> HttpResponse:
        rows = self.get_queryset(request).select_related("actor").order_by("-id")
        table = Table(
            columns=_columns(),
            page=paginate(request, rows),
            empty=_("Nothing was done with many proposals at once yet."),
        )
        context = {"title": _("Actions on many proposals"), "table": table}
        return render_page(request, "reviews/list.html", context)

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._page(request, object_id)

    def action_views(self) -> dict[str, PageView]:
        return {"call_off": self.call_off}

    def call_off(self, request: HttpRequest, object_id: int) -> HttpResponse:
        find_or_404(self.get_queryset(request).only("pk"), pk=object_id)
        try:
            call_off_bulk(actor=person(request), bulk_id=object_id)
        except REFUSED as error:
            return self._page(request, object_id, refused=error)
        messages.success(request, _("Called off. Nothing was done."))
        return redirect("admin:reviews_bulkaction_change", object_id)

    def _page(
        self, request: HttpRequest, object_id: int, refused: Exception | None = None
    ) -> HttpResponse:
        bulk = find_or_404(self.get_queryset(request).select_related("actor"), pk=object_id)
        items = BulkItem.objects.visible_to(person(request)).filter(bulk=bulk)
        related = items.select_related("submission").only(
            "result", "why", "decision_id", "submission__reference", "submission__lead_name"
        )
        waits = bulk.state == JobState.QUEUED and bulk.scheduled
        context = {
            "title": str(bulk.get_action_display()).capitalize(),
            "bulk": bulk,
            "items": [(item, _badge(item)) for item in related[:MOST_ITEMS]],
            "waits": waits,
            "may_call_off": waits and bool(may_begin(person(request), bulk.action)),
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/bulk_action.html", context, status=status)


def _badge(item: BulkItem) -> Badge:
    return Badge(ItemResult(item.result).label, _TONES[item.result])


def _columns() -> list[Column]:
    def what(row: BulkAction) -> object:
        address = reverse("admin:reviews_bulkaction_change", args=(row.pk,))
        return link(address, str(row.get_action_display()).capitalize())

    def when(row: BulkAction) -> str:
        moment = row.not_before if row.scheduled else row.created_at
        return formats.date_format(timezone.localtime(moment), "j F Y, H:i")

    tones = {"queued": "waiting", "running": "waiting", "done": "done", "failed": "attention"}
    return [
        Column(_("Action"), what, "desk-wide"),
        Column(_("Proposals"), lambda row: row.progress_total, "desk-figure"),
        Column(_("When"), when),
        Column(_("State"), lambda row: badge(Badge(row.get_state_display(), tones[row.state]))),
        Column(_("By"), lambda row: str(row.actor)),
    ]
