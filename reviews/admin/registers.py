"""What company registers said, what they have not said yet, and what an officer may do about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import runs_calls
from applications.actions.registers import ask_again, record_answer
from applications.checks.register_answers import is_same_name
from applications.models import RegisterAnswer, RegisterVerdict, Submission
from bpf_portal.core import company_registers
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
from reviews.forms.desk_form import DeskForm
from reviews.forms.registers import RegisterFilter, RegisterRecordForm

VERDICTS = {
    "": Badge(gettext_lazy("not answered"), "waiting"),
    RegisterVerdict.VALID: Badge(gettext_lazy("known"), "done"),
    RegisterVerdict.INVALID: Badge(gettext_lazy("not known"), "attention"),
}
UNREACHABLE = Badge(gettext_lazy("unreachable"), "attention")


def badge_of(answer: RegisterAnswer) -> Badge:
    return UNREACHABLE if answer.is_unreachable else VERDICTS[answer.verdict]


@admin.register(RegisterAnswer)
class RegisterAnswerAdmin(PortalModelAdmin):
    """Numbers that registers are asked about, and the answers."""

    def list_page(self, request: HttpRequest) -> HttpResponse:
        chosen = RegisterFilter(request.GET)
        rows = chosen.apply(self.get_queryset(request))
        table = Table(
            columns=_columns(),
            page=paginate(request, rows.select_related("organisation").order_by("-id")),
            empty=_("Nothing is awaited from a register."),
        )
        context = {"title": _("Company registers"), "table": table, "filter": chosen}
        return render_page(request, "reviews/list.html", context)

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._answer(request, object_id, RegisterRecordForm())

    def action_views(self) -> dict[str, PageView]:
        return {"ask": self.ask, "record": self.record}

    def ask(self, request: HttpRequest, object_id: int) -> HttpResponse:
        def act() -> str:
            ask_again(actor=person(request), answer_id=object_id)
            return _("The register is being asked; its answer appears here.")

        return self._attempt(request, object_id, DeskForm(request.POST), act)

    def record(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = RegisterRecordForm(request.POST)

        def act() -> str:
            record_answer(
                actor=person(request),
                answer_id=object_id,
                verdict=form.cleaned_data["verdict"],
                name=form.cleaned_data["name"],
                reason=form.cleaned_data["reason"],
            )
            return _("Kept. The company’s proposals with this number are checked again.")

        return self._attempt(request, object_id, form, act)

    def _attempt(
        self, request: HttpRequest, object_id: int, form: DeskForm, act: Callable[[], str]
    ) -> HttpResponse:
        find_or_404(self.get_queryset(request), pk=object_id)
        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:applications_registeranswer_change", object_id),
            refused=lambda error: self._answer(request, object_id, form, error),
        )

    def _answer(
        self, request: HttpRequest, object_id: int, form: DeskForm, refused: Exception | None = None
    ) -> HttpResponse:
        rows = self.get_queryset(request).select_related("organisation", "recorded_by")
        answer: RegisterAnswer = find_or_404(rows, pk=object_id)
        submissions = Submission.objects.visible_to(person(request)).filter(
            organisation=answer.organisation_id
        )
        own = answer.organisation.legal_name
        context: dict[str, Any] = {
            "title": f"{answer.country} {answer.number}",
            "answer": answer,
            "badge": badge_of(answer),
            "other_name": bool(answer.name) and not is_same_name(answer.name, own),
            "is_asked": answer.register in company_registers.configured(),
            "submissions": submissions.only("pk", "reference", "title"),
            "form": _record_form(form) if runs_calls(request.user) else None,
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/register_answer.html", context, status=status)


def _record_form(form: DeskForm) -> DeskForm:
    """The form as it was typed, or an empty one carrying the refusal of the other button."""
    if isinstance(form, RegisterRecordForm):
        return form
    fresh = RegisterRecordForm(data={})
    fresh.full_clean()
    for error in form.non_field_errors():
        fresh.add_error(None, error)
    return fresh


def _columns() -> list[Column]:
    def number(row: RegisterAnswer) -> object:
        address = reverse("admin:applications_registeranswer_change", args=(row.pk,))
        return link(address, f"{row.country} {row.number}", row.get_register_display())

    return [
        Column(_("Number"), number, "desk-wide"),
        Column(_("Company"), lambda row: row.organisation),
        Column(_("Name in the register"), lambda row: row.name or "–"),
        Column(_("Attempts"), lambda row: row.attempts, "desk-figure"),
        Column(_("Answered"), lambda row: when(row.answered_at) if row.answered_at else "–"),
        Column(_("State"), lambda row: badge(badge_of(row))),
    ]
