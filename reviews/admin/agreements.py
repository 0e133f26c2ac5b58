"""Running projects: from the award to the contract, its yearly due diligence, and the end."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import runs_calls
from applications.actions.countersigning import CannotAsk, ask_countersignatures
from applications.models import (
    CorrectionRequest,
    CorrectionState,
    Countersignature,
    Partner,
    PartnerRole,
    Submission,
)
from bpf_portal.core.models import Event
from bpf_portal.core.templatetags.portal import euro_round
from reviews.actions.contracting import (
    check_before_contract,
    end_agreement,
    give_up_agreement,
    move_end,
    sign_agreement,
    why_no_contract,
)
from reviews.admin.attempts import attempt
from reviews.admin.lists import Column, Table, badge, link, paginate, two_lines
from reviews.admin.pages import (
    REFUSED,
    PageView,
    PortalModelAdmin,
    find_or_404,
    person,
    reason_of,
    render_page,
    status_of,
)
from reviews.admin.reference import when
from reviews.admin.wording import DUE_DILIGENCE, Badge
from reviews.forms.agreements import AgreementFilter, EndForm, MoveForm, SignForm
from reviews.forms.desk_form import DeskForm
from reviews.forms.eligibility import ReasonForm
from reviews.models import AGREEMENT_TRANSITIONS, Agreement, AgreementState, Renewal

_TONES = {
    AgreementState.PREPARING: "waiting",
    AgreementState.RUNNING: "info",
    AgreementState.ENDED: "done",
    AgreementState.GIVEN_UP: "neutral",
}
SIGNATURES = {
    "": Badge(gettext_lazy("not asked yet"), "neutral"),
    "sent": Badge(gettext_lazy("waiting for an answer"), "waiting"),
    "expired": Badge(gettext_lazy("link expired"), "attention"),
    "signed": Badge(gettext_lazy("countersigned"), "done"),
    "refused": Badge(gettext_lazy("refused"), "refused"),
}
RENEWALS = {
    "": Badge(gettext_lazy("not due yet"), "neutral"),
    "asked": Badge(gettext_lazy("asked"), "waiting"),
    "overdue": Badge(gettext_lazy("overdue"), "refused"),
    CorrectionState.ANSWERED: Badge(gettext_lazy("renewed"), "done"),
    CorrectionState.WITHDRAWN: Badge(gettext_lazy("request withdrawn"), "neutral"),
}


def agreement_badge(state: str) -> Badge:
    return Badge(AgreementState(state).label, _TONES[AgreementState(state)])


def renewal_badge(state: str, due_on: Any) -> Badge:
    if state == CorrectionState.OPEN:
        return RENEWALS["overdue" if due_on < timezone.localdate() else "asked"]
    return RENEWALS[state]


def overdue() -> Any:
    """Agreements whose company owes the renewal of its due diligence."""
    late = Renewal.objects.filter(
        agreement=OuterRef("pk"),
        request__state=CorrectionState.OPEN,
        request__due_on__lt=timezone.localdate(),
    )
    return Exists(late)


@admin.register(Agreement)
class AgreementAdmin(PortalModelAdmin):
    """Every address about an agreement."""

    def list_page(self, request: HttpRequest) -> HttpResponse:
        chosen = AgreementFilter(request.GET)
        rows = _with_renewal(self.get_queryset(request))
        state = chosen.value("state")
        if state == "overdue":
            rows = rows.filter(overdue())
        elif state:
            rows = rows.filter(state=state)
        table = Table(
            columns=_columns(),
            page=paginate(request, rows.order_by("-id")),
            empty=_("No project. One stands here as soon as its award is published."),
        )
        context = {"title": _("Running projects"), "table": table, "filter": chosen}
        return render_page(request, "reviews/list.html", context)

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._agreement(request, object_id)

    def action_views(self) -> dict[str, PageView]:
        return {
            "countersign": self.countersign,
            "recheck": self.recheck,
            "sign": self.sign,
            "move": self.move,
            "end": self.end,
            "give_up": self.give_up,
        }

    def countersign(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask the local partners for their signature."""
        agreement: Agreement = find_or_404(
            self.get_queryset(request).select_related("decision"), pk=object_id
        )
        try:
            sent = ask_countersignatures(
                actor=person(request), submission_id=agreement.decision.submission_id
            )
        except CannotAsk as refusal:
            messages.warning(request, str(refusal.message))
        except REFUSED as error:
            return self._agreement(request, object_id, refused=error)
        else:
            text = ngettext(
                "%(n)d local partner was asked.", "%(n)d local partners were asked.", len(sent)
            )
            messages.success(request, text % {"n": len(sent)})
        return redirect("admin:reviews_agreement_change", object_id)

    def recheck(self, request: HttpRequest, object_id: int) -> HttpResponse:
        def act() -> str:
            check_before_contract(actor=person(request), agreement_id=object_id)
            return _("The rules are being checked as of today.")

        return self._attempt(request, object_id, "recheck", DeskForm(request.POST), act)

    def sign(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = SignForm(request.POST)

        def act() -> str:
            sign_agreement(actor=person(request), agreement_id=object_id, **form.cleaned_data)
            return _("The contract is recorded; the project runs.")

        return self._attempt(request, object_id, "sign", form, act)

    def move(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = MoveForm(request.POST)

        def act() -> str:
            move_end(actor=person(request), agreement_id=object_id, **form.cleaned_data)
            return _("The project has another last day.")

        return self._attempt(request, object_id, "move", form, act)

    def end(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = EndForm(request.POST)

        def act() -> str:
            end_agreement(actor=person(request), agreement_id=object_id, **form.cleaned_data)
            return _("The project is ended.")

        return self._attempt(request, object_id, "end", form, act)

    def give_up(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = ReasonForm(request.POST, auto_id="give_up_%s")

        def act() -> str:
            give_up_agreement(actor=person(request), agreement_id=object_id, **form.cleaned_data)
            return _("There will be no contract.")

        return self._attempt(request, object_id, "give_up", form, act)

    def _attempt(
        self,
        request: HttpRequest,
        object_id: int,
        name: str,
        form: DeskForm,
        act: Callable[[], str],
    ) -> HttpResponse:
        find_or_404(self.get_queryset(request).only("pk"), pk=object_id)
        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:reviews_agreement_change", object_id),
            refused=lambda error: self._agreement(request, object_id, {name: form}, error),
        )

    def _agreement(
        self,
        request: HttpRequest,
        object_id: int,
        forms: dict[str, DeskForm] | None = None,
        refused: Exception | None = None,
    ) -> HttpResponse:
        rows = self.get_queryset(request).select_related("decision", "officer")
        agreement: Agreement = find_or_404(rows, pk=object_id)
        submission = (
            Submission.objects.select_related("call__rule_set")
            .defer("search")
            .get(pk=agreement.decision.submission_id)
        )
        preparing = agreement.state == AgreementState.PREPARING
        given = forms or {}
        context: dict[str, Any] = {
            "title": f"{submission.reference} – {submission.title}",
            "agreement": agreement,
            "submission": submission,
            "badge": agreement_badge(agreement.state),
            "due_diligence_badge": DUE_DILIGENCE[submission.decided_due_diligence],
            "partners": _partners(submission.proposal_id),
            "why_not": why_no_contract(submission) if preparing else "",
            "renewals": [] if preparing else _renewals(agreement),
            "happened": _happened(agreement),
            "forms": _forms(agreement, given) if runs_calls(request.user) else {},
            "form": next(iter(given.values()), None),
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/agreement.html", context, status=status)


def _with_renewal(rows: QuerySet[Agreement]) -> QuerySet[Agreement]:
    """With what the list shows of each: its proposal, and the newest renewal."""
    asked = CorrectionRequest.objects.filter(renewal__agreement=OuterRef("pk")).order_by("-pk")
    filed = Submission.objects.filter(decisions=OuterRef("decision"))
    return rows.select_related("decision").annotate(
        reference=Subquery(filed.values("reference")[:1]),
        project=Subquery(filed.values("title")[:1]),
        company=Subquery(filed.values("lead_name")[:1]),
        renewal_state=Subquery(asked.values("state")[:1]),
        renewal_due=Subquery(asked.values("due_on")[:1]),
    )


def _columns() -> list[Column]:
    def project(row: Any) -> object:
        address = reverse("admin:reviews_agreement_change", args=(row.pk,))
        return link(address, row.reference, row.project)

    def days(row: Any) -> str:
        return f"{when(row.starts_on)} – {when(row.ends_on)}" if row.starts_on else "–"

    def renewal(row: Any) -> object:
        if row.renewal_due is None:
            return badge(RENEWALS[""]) if row.state == AgreementState.RUNNING else "–"
        word = badge(renewal_badge(row.renewal_state, row.renewal_due))
        return two_lines(word, when(row.renewal_due))

    return [
        Column(_("Project"), project, "desk-wide"),
        Column(_("Company"), lambda row: row.company),
        Column(_("State"), lambda row: badge(agreement_badge(row.state))),
        Column(_("Awarded"), lambda row: euro_round(row.decision.amount), "desk-figure"),
        Column(_("Project from – to"), days),
        Column(_("Yearly due diligence"), renewal),
    ]


def _partners(proposal_id: int) -> Sequence[tuple[Partner, Badge, Countersignature | None]]:
    """The local partners with where each stands with its signature. Two queries."""
    current = Countersignature.objects.current().select_related("clause")
    rows = Partner.objects.filter(proposal=proposal_id, role=PartnerRole.LOCAL).prefetch_related(
        Prefetch("countersignatures", current, to_attr="current_signature")
    )
    found = []
    for partner in rows:
        asked = next(iter(partner.current_signature), None)
        state = "" if asked is None else asked.state
        if asked is not None and state == "sent" and asked.is_expired:
            state = "expired"
        found.append((partner, SIGNATURES[state], asked))
    return found


def _renewals(agreement: Agreement) -> list[tuple[Renewal, Badge]]:
    rows = agreement.renewals.select_related("request", "request__closed_by")
    return [(row, renewal_badge(row.request.state, row.request.due_on)) for row in rows]


def _happened(agreement: Agreement) -> list[tuple[Event, str]]:
    said = {
        "AgreementSigned": _("Contract signed"),
        "AgreementMoved": _("Another last day"),
        "AgreementEnded": _("Project ended"),
        "AgreementGivenUp": _("Given up before the contract"),
    }
    rows = Event.objects.filter(aggregate="agreement", aggregate_id=agreement.pk)
    return [(row, said[row.name]) for row in rows.select_related("actor").order_by("-id")]


def _forms(agreement: Agreement, given: dict[str, DeskForm]) -> dict[str, DeskForm]:
    """What an officer may do now, with what was typed where it was refused."""
    offered: dict[str, Callable[[], DeskForm]] = {
        "sign": SignForm,
        "give_up": lambda: ReasonForm(auto_id="give_up_%s"),
        "move": lambda: MoveForm(initial={"ends_on": agreement.ends_on}),
        "end": EndForm,
    }
    possible = set(AGREEMENT_TRANSITIONS.actions(agreement.state))
    return {name: given.get(name) or make() for name, make in offered.items() if name in possible}
