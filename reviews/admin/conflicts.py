"""The register of interests: conflicts that stand or were cleared, and declarations for calls."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import runs_calls
from applications.models import Call, Submission
from bpf_portal.core.access import Text
from reviews.actions.interests import settle_conflict
from reviews.admin.attempts import attempt
from reviews.admin.dossier import NOT_GIVEN, Section
from reviews.admin.lists import Column, Table, badge, link, paginate
from reviews.admin.pages import (
    PageView,
    PortalModelAdmin,
    find_or_404,
    person,
    reason_of,
    render_page,
    status_of,
)
from reviews.admin.reference import ReferenceAdmin, when
from reviews.admin.wording import conflict_badge
from reviews.forms.filters import call_choices
from reviews.forms.interests import ConflictFilter, SettleForm
from reviews.models import CallDeclaration, Conflict, ConflictState

#: How a likeness came about, by its kind.
KINDS: dict[str, Text] = {
    "mail_domain": gettext_lazy("Same mail domain"),
    "company": gettext_lazy("Like the company"),
    "partner": gettext_lazy("Like a partner"),
    "director": gettext_lazy("Like a director or owner"),
}


def grounds_in_words(conflict: Conflict) -> list[tuple[Text, str, str]]:
    """Kind, what of the person, what of the proposal."""
    return [(KINDS[each["kind"]], each["own"], each["theirs"]) for each in conflict.grounds]


@admin.register(Conflict)
class ConflictAdmin(PortalModelAdmin):
    """Everybody who reads all dossiers reads it, but for what is kept from themselves."""

    def list_page(self, request: HttpRequest) -> HttpResponse:
        calls = Call.objects.visible_to(person(request))
        chosen = ConflictFilter(request.GET, calls=call_choices(calls))
        rows = chosen.apply(self.get_queryset(request)).select_related(
            "person", "proposal__organisation"
        )
        table = Table(
            columns=_columns(),
            page=paginate(request, rows.order_by("-id")),
            empty=_("No conflict matches.") if chosen.is_used() else _("No conflict yet."),
            caption=_("Conflicts of interest, newest first"),
        )
        context = {"title": _("Conflicts of interest"), "table": table, "filter": chosen}
        return render_page(request, "reviews/list.html", context)

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._page(request, object_id, SettleForm())

    def action_views(self) -> dict[str, PageView]:
        return {"settle": self.settle}

    def settle(self, request: HttpRequest, object_id: int) -> HttpResponse:
        find_or_404(self.get_queryset(request), pk=object_id)
        form = SettleForm(request.POST)

        def act() -> str:
            settle_conflict(actor=person(request), conflict_id=object_id, **form.cleaned_data)
            return _("Your decision is kept in the register.")

        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:reviews_conflict_change", object_id),
            refused=lambda error: self._page(request, object_id, form, error),
        )

    def _page(
        self,
        request: HttpRequest,
        object_id: int,
        form: SettleForm,
        refused: Exception | None = None,
    ) -> HttpResponse:
        seen = Submission.objects.visible_to(person(request)).filter(proposal=OuterRef("proposal"))
        rows = self.get_queryset(request).annotate(
            submission_id=Subquery(seen.order_by("-pk").values("pk")[:1])
        )
        conflict: Conflict = find_or_404(
            rows.select_related("person", "settled_by", "proposal__organisation", "proposal__call"),
            pk=object_id,
        )
        buttons = BUTTONS.get(conflict.state, []) if runs_calls(request.user) else []
        context: dict[str, Any] = {
            "title": f"{conflict.proposal.reference}: {conflict.person}",
            "conflict": conflict,
            "badge": conflict_badge(conflict.state),
            "grounds": grounds_in_words(conflict),
            "buttons": buttons,
            "form": form,
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/conflict.html", context, status=status)


#: What an officer can say, by state: the action, and the words of its button.
BUTTONS: dict[str, list[tuple[str, Text]]] = {
    ConflictState.SUSPECTED: [
        ("confirm", gettext_lazy("There is a conflict: recuse")),
        ("clear", gettext_lazy("There is none: open the proposal")),
    ],
    ConflictState.RECUSED: [("lift", gettext_lazy("Lift the recusal"))],
}


def _columns() -> list[Column]:
    def proposal(row: Conflict) -> object:
        address = reverse("admin:reviews_conflict_change", args=(row.pk,))
        return link(address, row.proposal.reference, row.proposal.organisation.legal_name)

    def found(row: Conflict) -> str:
        kinds = dict.fromkeys(str(kind) for kind, _own, _theirs in grounds_in_words(row))
        return ", ".join(kinds) or _("declared by the person")

    return [
        Column(_("Proposal"), proposal, "desk-wide"),
        Column(_("Person"), lambda row: str(row.person)),
        Column(_("What was found"), found),
        Column(_("State"), lambda row: badge(conflict_badge(row.state))),
        Column(_("Since"), lambda row: _moment(row.found_at)),
        Column(_("Settled"), lambda row: _moment(row.settled_at)),
    ]


def _moment(moment: Any) -> str:
    if moment is None:
        return NOT_GIVEN
    return formats.date_format(timezone.localtime(moment), "j F Y, H:i")


@admin.register(CallDeclaration)
class CallDeclarationAdmin(ReferenceAdmin):
    """What reviewers declared for the calls, for those who run and audit them."""

    order = ("-declared_at", "-id")
    related = ("person", "call")

    def columns(self) -> list[Column]:
        return [
            Column(
                _("Reviewer"), lambda row: self.to(row, row.person, row.call.title), "desk-wide"
            ),
            Column(_("Declared"), lambda row: when(row.declared_at)),
            Column(_("Interests"), lambda row: ", ".join(row.interests) or _("none declared")),
        ]

    def sections(self, row: Any) -> list[Section]:
        facts = [
            (_("Reviewer"), str(row.person)),
            (_("Call"), row.call.title),
            (_("Declared"), when(row.declared_at)),
            (_("Promised confidentiality"), _("yes")),
            (_("Interests"), ", ".join(row.interests) or _("none declared")),
        ]
        return [Section("declaration", _("Declaration"), facts)]
