"""Calls: what they ask for, and their rules, which an officer chooses until they open."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import writes_rules
from applications.access import may_write_rules
from applications.actions.call_rules import choose_rules
from applications.models import Call, QuestionSection, RuleSet, Stage
from bpf_portal.core.access import require
from bpf_portal.core.templatetags.portal import euro, euro_round
from reviews.admin.attempts import attempt
from reviews.admin.dossier import NOT_GIVEN, Section
from reviews.admin.dossier import Table as Facts
from reviews.admin.history import happenings
from reviews.admin.lists import Column, assumed_mark, link
from reviews.admin.pages import (
    PageView,
    find_or_404,
    person,
    reason_of,
    render_page,
    status_of,
)
from reviews.admin.phases import drifts_in_words, phase_table, phases_page, shift_phases_view
from reviews.admin.reference import ReferenceAdmin, when
from reviews.forms.rule_steps import CallRulesForm


@admin.register(Call)
class CallAdmin(ReferenceAdmin):
    order = ("-deadline_at",)
    related = ("rule_set",)

    def columns(self) -> list[Column]:
        return [
            Column(_("Call"), lambda row: self.to(row, row.title, row.code), "desk-wide"),
            Column(_("Deadline"), lambda row: when(row.deadline_at)),
            Column(_("Stage 2 deadline"), lambda row: when(row.stage_2_deadline_at)),
            Column(_("Envelope"), lambda row: euro(row.envelope), "desk-figure"),
            Column(_("Rule set"), lambda row: str(row.rule_set)),
            Column(_("Assumed"), lambda row: assumed_mark(row.assumed)),
        ]

    def object_page(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return self._page(request, object_id)

    def _page(
        self,
        request: HttpRequest,
        object_id: int,
        form: CallRulesForm | None = None,
        refused: Exception | None = None,
    ) -> HttpResponse:
        rows = self.get_queryset(request).select_related(*self.related)
        call: Call = find_or_404(rows, pk=object_id)
        has_opened = call.has_opened
        if form is None and writes_rules(request.user) and not has_opened:
            form = _rules_form(call)
        context = {
            "title": str(call),
            "sections": self.sections(call),
            "call": call,
            "call_of_phases": call,
            "has_opened": has_opened,
            "stages": Stage.choices,
            "drifts": drifts_in_words(call),
            "form": form,
            "history": happenings("call", call.pk),
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/call.html", context, status=status)

    def extra_pages(self) -> dict[str, PageView]:
        return {"phases": phases_page}

    def action_views(self) -> dict[str, PageView]:
        return {"rules": self.choose_rules, "shift_phases": shift_phases_view}

    def choose_rules(self, request: HttpRequest, object_id: int) -> HttpResponse:
        rows = self.get_queryset(request).select_related(*self.related)
        call: Call = find_or_404(rows, pk=object_id)
        require(may_write_rules(request.user))
        form = _rules_form(call, request.POST)

        def act() -> str:
            given = form.cleaned_data
            chosen = choose_rules(
                actor=person(request),
                call_id=object_id,
                rule_set_id=given["rules"],
                seen=given["seen"],
            )
            return _("The call goes under %(rules)s.") % {"rules": chosen.rule_set}

        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:applications_call_change", object_id),
            refused=lambda error: self._page(request, object_id, form, error),
        )

    def sections(self, row: Any) -> list[Section]:
        rules = reverse("admin:applications_ruleset_change", args=(row.rule_set_id,))
        facts = [
            (_("Code"), row.code),
            (_("Opens"), when(row.opens_at)),
            (_("Deadline"), when(row.deadline_at)),
            (_("Stage 2 deadline"), when(row.stage_2_deadline_at)),
            (_("Envelope"), euro_round(row.envelope)),
            (_("Rule set"), link(rules, row.rule_set)),
            (_("Published"), _("yes") if row.published else _("no")),
            (_("Source"), row.source or NOT_GIVEN),
            (_("Assumed"), ", ".join(_columns(row)) or _("nothing")),
        ]
        texts = [(_("Summary"), row.summary)] if row.summary else []
        return [
            Section(
                "call",
                _("Call"),
                facts,
                texts,
                [_documents(row), _questions(row), _grids(row), phase_table(row)],
            )
        ]


def _columns(call: Call) -> list[str]:
    """What no public source says of a call, in words."""
    names = {field.name: str(field.verbose_name) for field in Call._meta.concrete_fields}
    return [names.get(name, name) for name in call.assumed]


def _rules_form(call: Call, *args: Any) -> CallRulesForm:
    rule_sets = RuleSet.objects.in_force().order_by("code", "version")
    return CallRulesForm(*args, rule_sets=rule_sets, seen=call.rule_set)


def _documents(call: Call) -> Facts:
    stages = dict(Stage.choices)
    return Facts(
        _("Documents asked for"),
        (_("Document"), _("Stage"), _("Required"), _("Assumed")),
        [
            (
                row.label,
                stages[row.stage],
                _("yes") if row.required else _("no"),
                assumed_mark(row.assumed),
            )
            for row in call.document_requirements.all()
        ],
    )


def _questions(call: Call) -> Facts:
    sections = dict(QuestionSection.choices)
    return Facts(
        _("Questions of the form"),
        (_("Question"), _("Section"), _("Required"), _("Assumed")),
        [
            (
                row.label,
                sections[QuestionSection(row.section)],
                _("yes") if row.required else _("no"),
                assumed_mark(row.assumed),
            )
            for row in call.questions.order_by("position")
        ],
    )


def _grids(call: Call) -> Facts:
    stages = dict(Stage.choices)
    grids = call.rubrics.select_related("rubric")
    return Facts(
        _("Scoring grids"),
        (_("Stage"), _("Grid"), _("Assumed")),
        [(stages[g.stage], g.rubric.title, assumed_mark(g.rubric.assumed)) for g in grids],
    )
