"""Decisions: the list, and the page where an approver confirms or sends back."""

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.models import Call
from bpf_portal.core import money
from reviews.access import (
    may_confirm_decision,
    may_publish,
    may_run_call,
    may_send_back_decision,
)
from reviews.actions.correcting_decisions import drop_correction
from reviews.actions.deciding import (
    confirm_decision,
    publish_decisions,
    send_back_decision,
)
from reviews.actions.issuing import letter_preview
from reviews.admin.attempts import attempt
from reviews.admin.bulk import choice, choosing
from reviews.admin.decision_corrections import decision_correction
from reviews.admin.dossier_page import sheets_of
from reviews.admin.lists import Column, Table, badge, link, paginate, two_lines
from reviews.admin.pages import (
    PageView,
    PortalModelAdmin,
    find_or_404,
    person,
    reason_of,
    render_page,
    status_of,
)
from reviews.admin.wording import decision_badge, submission_badge
from reviews.forms.desk_form import DeskForm
from reviews.forms.eligibility import ReasonForm
from reviews.forms.filters import DecisionFilter, call_choices
from reviews.models import IN_HAND, Decision, DecisionState


@admin.register(Decision)
class DecisionAdmin(PortalModelAdmin):
    """Prepared, confirmed, sent back, published."""

    def list_page(self, request: HttpRequest) -> HttpResponse:
        calls = Call.objects.visible_to(person(request))
        chosen = DecisionFilter(request.GET, calls=call_choices(calls))
        rows = (
            chosen.apply(self.get_queryset(request))
            .select_related("submission", "prepared_by")
            .defer("submission__document", "submission__search")
        )
        many = choosing(request, "decision")
        ticks = [choice(lambda row: row.submission.reference)] if many else []
        table = Table(
            columns=[*ticks, *_columns()],
            page=paginate(request, rows.order_by("-prepared_at", "-id")),
            empty=_("No decision matches.") if chosen.is_used() else _("No decision yet."),
        )
        context = {"title": _("Decisions"), "table": table, "filter": chosen, "choosing": many}
        return render_page(request, "reviews/list.html", context)

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._page(request, object_id)

    def extra_pages(self) -> dict[str, PageView]:
        return {"preview": self.preview, "correct": decision_correction}

    def preview(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The letter as it would be sent now, without its number: read before it is published."""
        rows = self.get_queryset(request).filter(state__in=IN_HAND)
        related = rows.select_related("submission__call", "submission__organisation__country")
        decision = find_or_404(related, pk=object_id)
        return HttpResponse(
            letter_preview(decision),
            content_type="application/pdf",
            headers={
                "Content-Disposition": f'inline; filename="{decision.submission.reference}.pdf"',
                "Cache-Control": "private, no-store",
            },
        )

    def action_views(self) -> dict[str, PageView]:
        return {
            "confirm": self.confirm,
            "send_back": self.send_back,
            "publish": self.publish,
            "drop": self.drop,
        }

    def confirm(self, request: HttpRequest, object_id: int) -> HttpResponse:
        def act() -> str:
            confirm_decision(actor=person(request), decision_id=object_id)
            return _("Confirmed. It can be published now.")

        return self._attempt(request, object_id, DeskForm(request.POST), act)

    def send_back(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = ReasonForm(request.POST)

        def act() -> str:
            send_back_decision(
                actor=person(request),
                decision_id=object_id,
                reason=form.cleaned_data["reason"],
            )
            return _("Sent back to the programme officer.")

        return self._attempt(request, object_id, form, act)

    def publish(self, request: HttpRequest, object_id: int) -> HttpResponse:
        def act() -> str:
            publish_decisions(actor=person(request), decision_ids=[object_id])
            return _("Published. The company sees it; the letter is being made.")

        return self._attempt(request, object_id, DeskForm(request.POST), act)

    def drop(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = ReasonForm(request.POST, auto_id="drop_%s")

        def act() -> str:
            drop_correction(
                actor=person(request),
                decision_id=object_id,
                reason=form.cleaned_data["reason"],
            )
            return _("The correction is given up; the published decision stands.")

        return self._attempt(request, object_id, form, act)

    def _attempt(
        self, request: HttpRequest, object_id: int, form: DeskForm, act: Callable[[], str]
    ) -> HttpResponse:
        find_or_404(self.get_queryset(request).only("pk"), pk=object_id)
        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:reviews_decision_change", object_id),
            refused=lambda error: self._page(request, object_id, form=form, refused=error),
        )

    def _page(
        self,
        request: HttpRequest,
        object_id: int,
        *,
        form: DeskForm | None = None,
        refused: Exception | None = None,
    ) -> HttpResponse:
        rows = self.get_queryset(request).select_related(
            "submission__call",
            "prepared_by",
            "confirmed_by",
            "published_by",
            "letter",
            "letter_batch",
            "replaces",
        )
        decision = find_or_404(rows.defer("submission__search"), pk=object_id)
        forms = {each.auto_id: each for each in (form,) if isinstance(each, ReasonForm)}
        send_back = forms.get("reasonform_%s") or ReasonForm()
        context = {
            "title": _("Decision on %(reference)s") % {"reference": decision.submission.reference},
            "decision": decision,
            "submission": decision.submission,
            "letter": getattr(decision, "letter", None),
            "badge": decision_badge(decision.state),
            "state_badge": submission_badge(decision.submission.state),
            "reasons": decision.reasons.select_related("criterion"),
            "sheets": sheets_of(decision.submission) if decision.submission.review_count else [],
            "offered": _offered(request, decision),
            "later": decision.corrections.exclude(state=DecisionState.DROPPED).first(),
            "in_hand": decision.state in IN_HAND,
            "send_back": send_back,
            "drop": forms.get("drop_%s") or ReasonForm(auto_id="drop_%s"),
            "form": form or send_back,
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/decision.html", context, status=status)


def _offered(request: HttpRequest, decision: Decision) -> dict[str, object]:
    """The buttons of this person in this state; why not, where an approver would expect one."""
    user = person(request)
    prepared = decision.state == DecisionState.PREPARED
    may_confirm = may_confirm_decision(user, decision)
    sendable = decision.state in (DecisionState.PREPARED, DecisionState.CONFIRMED)
    may_send = sendable and may_send_back_decision(user, decision)
    return {
        "confirm": prepared and bool(may_confirm),
        "why_not": may_confirm.reason if prepared and not may_confirm else "",
        "send_back": bool(may_send),
        "publish": bool(may_publish(user, decision)),
        "correct": decision.state == DecisionState.PUBLISHED and bool(may_run_call(user)),
        "drop": bool(decision.replaces_id)
        and decision.state in IN_HAND
        and bool(may_run_call(user)),
    }


def _columns() -> list[Column]:
    def proposal(row: Decision) -> object:
        address = reverse("admin:reviews_decision_change", args=(row.pk,))
        return link(address, row.submission.reference, row.submission.title)

    def kind(row: Decision) -> object:
        said = row.get_kind_display()
        return two_lines(said, _("correction")) if row.replaces_id else said

    return [
        Column(_("Proposal"), proposal, "desk-wide"),
        Column(_("Company"), lambda row: row.submission.lead_name),
        Column(_("Decision"), kind),
        Column(
            _("Amount"),
            lambda row: "–" if row.amount is None else money.display(row.amount),
            "desk-figure",
        ),
        Column(_("State"), lambda row: badge(decision_badge(row.state))),
        Column(_("Prepared by"), lambda row: str(row.prepared_by)),
    ]
