"""Sanctions lists, and the names that a person must clear or confirm."""

from typing import Any

from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import runs_calls
from applications.access import may_load_lists
from applications.actions.sanctions import upload_list
from applications.actions.sanctions_files import refusal_text
from applications.actions.screening import answer_name
from applications.models import (
    MatchState,
    NameMatch,
    Rescreening,
    SanctionsImport,
    SanctionsList,
    Submission,
)
from bpf_portal.core.access import require
from reviews.admin.attempts import attempt
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
from reviews.admin.reference import when
from reviews.admin.wording import Badge
from reviews.forms.screening import NameAnswerForm, NameFilter, SanctionsUploadForm

SHOWN_IMPORTS = 5

MATCHES = {
    MatchState.OPEN: Badge(gettext_lazy("to be looked at"), "waiting"),
    MatchState.CLEARED: Badge(gettext_lazy("somebody else"), "done"),
    MatchState.CONFIRMED: Badge(gettext_lazy("the listed one"), "refused"),
}
CAPACITIES = {
    "lead": gettext_lazy("lead partner"),
    "partner": gettext_lazy("partner"),
    "signatory": gettext_lazy("signatory of the clause"),
    "director": gettext_lazy("director"),
    "beneficial_owner": gettext_lazy("beneficial owner"),
}


@admin.register(SanctionsList)
class SanctionsListAdmin(PortalModelAdmin):
    """The lists with their files' hashes, how far the work is, and where a new one is loaded."""

    def list_page(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self._lists(request, SanctionsUploadForm())
        form = SanctionsUploadForm(request.POST, request.FILES)

        def act() -> str:
            upload: UploadedFile[bytes] = form.cleaned_data["file"]
            upload_list(
                actor=person(request),
                upload=upload,
                accept_shorter=form.cleaned_data["accept_shorter"],
            )
            return _("The file is being read; how far it is stands below.")

        require(may_load_lists(request.user))
        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:applications_sanctionslist_changelist"),
            refused=lambda error: self._lists(request, form, error),
        )

    def _lists(
        self, request: HttpRequest, form: SanctionsUploadForm, refused: Exception | None = None
    ) -> HttpResponse:
        rows = self.get_queryset(request).select_related("loaded_by", "rescreening")
        context = {
            "title": _("Sanctions lists"),
            "form": form if runs_calls(request.user) else None,
            "problem": reason_of(refused) if refused else "",
            "imports": [
                (each, refusal_text(each.refusal) if each.refusal else "")
                for each in SanctionsImport.objects.select_related("sanctions_list")[:SHOWN_IMPORTS]
            ],
            "table": Table(
                columns=_list_columns(),
                page=paginate(request, rows),
                empty=_("No list is loaded: until then no name was compared."),
            ),
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/sanctions_lists.html", context, status=status)

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        rows = self.get_queryset(request).select_related("loaded_by", "rescreening")
        listed = find_or_404(rows, pk=object_id)
        context = {
            "title": str(listed),
            "listed": listed,
            "rescreening": getattr(listed, "rescreening", None),
        }
        return render_page(request, "reviews/sanctions_list.html", context)


def _list_columns() -> list[Column]:
    def name(row: SanctionsList) -> object:
        address = reverse("admin:applications_sanctionslist_change", args=(row.pk,))
        return link(address, row.get_source_display(), row.filename)

    def compared(row: SanctionsList) -> object:
        job: Rescreening | None = getattr(row, "rescreening", None)
        if job is None:
            return "–"
        return _("%(done)s of %(total)s") % {
            "done": job.progress_done,
            "total": job.progress_total,
        }

    return [
        Column(_("List"), name, "desk-wide"),
        Column(_("Date of the list"), lambda row: when(row.dated)),
        Column(_("Entries"), lambda row: row.entry_count, "desk-figure"),
        Column(_("Names"), lambda row: row.name_count, "desk-figure"),
        Column(_("Loaded"), lambda row: when(row.loaded_at)),
        Column(_("By"), lambda row: row.loaded_by or _("the command line")),
        Column(_("Proposals compared"), compared, "desk-figure"),
        Column(
            _("State"),
            lambda row: badge(
                Badge(_("replaced"), "neutral") if row.replaced_at else Badge(_("in force"), "done")
            ),
        ),
    ]


@admin.register(NameMatch)
class NameMatchAdmin(PortalModelAdmin):
    """Names that are like an entry, and what people answered."""

    def list_page(self, request: HttpRequest) -> HttpResponse:
        chosen = NameFilter(request.GET)
        rows = chosen.apply(self.get_queryset(request))
        table = Table(
            columns=_match_columns(),
            page=paginate(request, rows.select_related("organisation").order_by("-id")),
            empty=_("No name to look at."),
        )
        context = {"title": _("Names to clear"), "table": table, "filter": chosen}
        return render_page(request, "reviews/list.html", context)

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._match(request, object_id, NameAnswerForm())

    def action_views(self) -> dict[str, PageView]:
        return {"answer": self.answer}

    def answer(self, request: HttpRequest, object_id: int) -> HttpResponse:
        find_or_404(self.get_queryset(request), pk=object_id)
        form = NameAnswerForm(request.POST)

        def act() -> str:
            match = answer_name(
                actor=person(request),
                match_id=object_id,
                action=form.cleaned_data["action"],
                reason=form.cleaned_data["reason"],
            )
            return _("Kept: %(answer)s. The proposals with this name are checked again.") % {
                "answer": match.get_state_display()
            }

        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:applications_namematch_change", object_id),
            refused=lambda error: self._match(request, object_id, form, error),
        )

    def _match(
        self,
        request: HttpRequest,
        object_id: int,
        form: NameAnswerForm,
        refused: Exception | None = None,
    ) -> HttpResponse:
        rows = self.get_queryset(request).select_related(
            "organisation", "entry__sanctions_list", "answered_by"
        )
        match = find_or_404(rows, pk=object_id)
        submissions = Submission.objects.visible_to(person(request)).filter(
            screenings__matches=match
        )
        context: dict[str, Any] = {
            "title": match.name,
            "match": match,
            "badge": MATCHES[MatchState(match.state)],
            "capacity": CAPACITIES[match.capacity],
            "percent": int(match.score * 100),
            "submissions": submissions.only("pk", "reference", "title").distinct(),
            "form": form if runs_calls(request.user) else None,
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/name_match.html", context, status=status)


def _match_columns() -> list[Column]:
    def name(row: NameMatch) -> object:
        address = reverse("admin:applications_namematch_change", args=(row.pk,))
        return link(address, row.name, CAPACITIES[row.capacity])

    return [
        Column(_("Name"), name, "desk-wide"),
        Column(_("Company"), lambda row: row.organisation),
        Column(_("Listed as"), lambda row: row.listed_as),
        Column(_("List"), lambda row: f"{row.source} {row.reference}"),
        Column(_("Likeness"), lambda row: f"{int(row.score * 100)}\u00a0%", "desk-figure"),
        Column(_("Found"), lambda row: when(row.found_at)),
        Column(_("State"), lambda row: badge(MATCHES[MatchState(row.state)])),
    ]
