"""Rules as an officer works with them: read, written anew, compared, put in force."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import writes_rules
from applications.access import may_write_rules
from applications.actions.checking_context import rule_parameters
from applications.actions.rule_sets import (
    NOT_A_DRAFT,
    RuleSetText,
    discard_draft,
    draft_version,
    missing_of,
    put_in_force,
    revise_draft,
)
from applications.checks.texts import load_texts
from applications.models import Call, RuleSet, RuleSetState, RuleTrial
from applications.views.plain_rules import RuleNames
from applications.views.rule_parameters import COLUMNS
from applications.views.rule_words import reading_language, state_all
from bpf_portal.core.access import require
from bpf_portal.core.states import WrongState
from reviews.admin.attempts import attempt
from reviews.admin.history import happenings
from reviews.admin.lists import Column, Table, assumed_mark, badge, link, paginate
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
from reviews.admin.rule_differences import compare
from reviews.admin.simulation import SHOWN_TRIALS, summary_of
from reviews.admin.wording import Badge
from reviews.forms.rule_sets import RuleSetForm
from reviews.forms.rule_steps import StepForm

STATES = {
    RuleSetState.DRAFT: Badge(gettext_lazy("draft"), "waiting"),
    RuleSetState.IN_FORCE: Badge(gettext_lazy("in force"), "done"),
    RuleSetState.DISCARDED: Badge(gettext_lazy("discarded"), "neutral"),
}
#: Other versions that one can be compared with; older ones by their own page.
SHOWN_OTHERS = 50
SHOWN_CALLS = 50


def state_of(rule_set: RuleSet) -> Badge:
    return STATES[RuleSetState(rule_set.state)]


@admin.register(RuleSet)
class RuleSetAdmin(PortalModelAdmin):
    """Every version with its state; drafts only for those who write or audit rules."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return RuleSet.objects.visible_to(request.user)

    def list_page(self, request: HttpRequest) -> HttpResponse:
        rows = self.get_queryset(request).order_by("code", "-version")
        table = Table(
            columns=_columns(),
            page=paginate(request, rows),
            empty=_("Nothing is loaded yet: manage.py load_reference does it."),
        )
        return render_page(
            request, "reviews/rule_sets.html", {"title": _("Rule sets"), "table": table}
        )

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._page(request, object_id)

    def extra_pages(self) -> dict[str, PageView]:
        return {"edit": self.edit, "compare": self.compare_page}

    def action_views(self) -> dict[str, PageView]:
        return {
            "version": self.new_version,
            "put_in_force": self.put_in_force,
            "discard": self.discard,
        }

    # --- reading --------------------------------------------------------------------------------

    def _page(
        self,
        request: HttpRequest,
        object_id: int,
        *,
        forms: dict[str, StepForm] | None = None,
        refused: Exception | None = None,
    ) -> HttpResponse:
        rows = self.get_queryset(request).select_related("based_on", "made_by", "put_in_force_by")
        rule_set: RuleSet = find_or_404(rows, pk=object_id)
        rules = rule_parameters(rule_set)
        writes, is_draft = writes_rules(request.user), rule_set.is_draft
        context: dict[str, Any] = {
            "title": rule_set.title or str(rule_set),
            "rule_set": rule_set,
            "badge": state_of(rule_set),
            "subjects": state_all(rule_set, rules, RuleNames.for_rules(rules)),
            "calls": Call.objects.visible_to(request.user)
            .filter(rule_set=rule_set)
            .order_by("-deadline_at")[:SHOWN_CALLS],
            "others": self.get_queryset(request)
            .exclude(pk=rule_set.pk)
            .exclude(state=RuleSetState.DISCARDED)
            .order_by("code", "-version")[:SHOWN_OTHERS],
            "history": happenings("rule set", rule_set.pk),
            "trials": _trials(request, rule_set),
            "missing": [(COLUMNS[name], text) for name, text in missing_of(rule_set)]
            if is_draft
            else [],
            "writes": writes,
            "step_forms": forms or (_step_forms(rule_set) if writes and is_draft else {}),
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/rule_set.html", context, status=status)

    def compare_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """This version beside another (`?with=`, else the one it was made from)."""
        rows = self.get_queryset(request).select_related("based_on")
        rule_set: RuleSet = find_or_404(rows, pk=object_id)
        asked = request.GET.get("with", "")
        if asked.isascii() and asked.isdigit() and len(asked) < 10:
            other = find_or_404(self.get_queryset(request), pk=int(asked))
        else:
            other = rule_set.based_on
        context: dict[str, Any] = {
            "title": _("Compare %(rules)s") % {"rules": rule_set},
            "rule_set": rule_set,
            "other": other,
            "others": self.get_queryset(request)
            .exclude(pk=rule_set.pk)
            .order_by("code", "-version")[:SHOWN_OTHERS],
        }
        if other is not None:
            context["comparison"] = compare(other, rule_set)
        return render_page(request, "reviews/rule_set_compare.html", context)

    # --- writing --------------------------------------------------------------------------------

    def new_version(self, request: HttpRequest, object_id: int) -> HttpResponse:
        find_or_404(self.get_queryset(request), pk=object_id)
        draft = draft_version(actor=person(request), rule_set_id=object_id)
        return redirect("admin:applications_ruleset_edit", draft.pk)

    def edit(self, request: HttpRequest, object_id: int) -> HttpResponse:
        rule_set: RuleSet = find_or_404(self.get_queryset(request), pk=object_id)
        require(may_write_rules(request.user))
        if not rule_set.is_draft:
            stopped = WrongState("rule set", rule_set.state, "revise", NOT_A_DRAFT)
            return self._page(request, object_id, refused=stopped)
        if request.method != "POST":
            form = RuleSetForm(rule_set=rule_set, revision=rule_set.revision)
            return self._editing(request, rule_set, form)
        form = RuleSetForm(request.POST, rule_set=rule_set, revision=rule_set.revision)

        def act() -> str:
            revise_draft(
                actor=person(request),
                rule_set_id=object_id,
                revision=form.cleaned_data["revision"],
                text=form.text(),
            )
            return _("The draft is saved.")

        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:applications_ruleset_change", object_id),
            refused=lambda error: self._refused(request, object_id, form, error),
        )

    def _refused(
        self, request: HttpRequest, object_id: int, form: RuleSetForm, error: Exception
    ) -> HttpResponse:
        """With what was typed. Where somebody saved meanwhile, both texts are there to compare, and
        who saves again has seen the other."""
        stored: RuleSet = find_or_404(self.get_queryset(request), pk=object_id)
        if not isinstance(error, WrongState) or not stored.is_draft:
            return self._editing(request, stored, form, error)
        form.show_revision(stored.revision)
        comparison = compare(stored, _as_row(form.text()))
        return self._editing(request, stored, form, error, comparison)

    def _editing(
        self,
        request: HttpRequest,
        rule_set: RuleSet,
        form: RuleSetForm,
        refused: Exception | None = None,
        comparison: object = None,
    ) -> HttpResponse:
        known = load_texts(reading_language())["sources"].values()
        context = {
            "title": _("Draft: %(rules)s") % {"rules": rule_set},
            "rule_set": rule_set,
            "form": form,
            "subjects": list(form.subjects()),
            "known_sources": known,
            "comparison": comparison,
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/rule_set_edit.html", context, status=status)

    def put_in_force(self, request: HttpRequest, object_id: int) -> HttpResponse:
        def act(form: StepForm) -> str:
            given = form.cleaned_data
            rule_set = put_in_force(actor=person(request), rule_set_id=object_id, **given)
            return _("%(rules)s is in force. Choose it at the page of a call.") % {
                "rules": rule_set
            }

        return self._step(request, object_id, "put_in_force", act)

    def discard(self, request: HttpRequest, object_id: int) -> HttpResponse:
        def act(form: StepForm) -> str:
            given = form.cleaned_data
            rule_set = discard_draft(actor=person(request), rule_set_id=object_id, **given)
            return _("%(rules)s is given up.") % {"rules": rule_set}

        return self._step(request, object_id, "discard", act)

    def _step(self, request: HttpRequest, object_id: int, step: str, act: Any) -> HttpResponse:
        rule_set: RuleSet = find_or_404(self.get_queryset(request), pk=object_id)
        forms = _step_forms(rule_set)
        form = forms[step] = StepForm(request.POST, auto_id=f"{step}_%s")

        def refused(error: Exception) -> HttpResponse:
            return self._page(request, object_id, forms=forms, refused=error)

        require(may_write_rules(request.user))
        return attempt(
            request,
            form,
            lambda: act(form),
            done=lambda: redirect("admin:applications_ruleset_change", object_id),
            refused=refused,
        )


def _step_forms(rule_set: RuleSet) -> dict[str, StepForm]:
    initial = {"revision": rule_set.revision}
    return {
        step: StepForm(initial=initial, auto_id=f"{step}_%s")
        for step in ("put_in_force", "discard")
    }


def _as_row(text: RuleSetText) -> RuleSet:
    """What was typed, as a version that is not stored."""
    return RuleSet(
        code=text.code,
        title_fr=text.title_fr,
        title_en=text.title_en,
        valid_from=text.valid_from,
        parameters=dict(text.parameters),
        sources=dict(text.sources),
        assumed=text.assumed,
    )


def _trials(request: HttpRequest, rule_set: RuleSet) -> Sequence[Any]:
    rows = RuleTrial.objects.visible_to(request.user).filter(rule_set=rule_set)
    newest = rows.select_related("asked_by").defer("csv", "parameters", "submissions")[
        :SHOWN_TRIALS
    ]
    return [
        (trial, summary_of(trial), trial.rule_set_revision == rule_set.revision) for trial in newest
    ]


def _columns() -> list[Column]:
    def name(row: RuleSet) -> object:
        address = reverse("admin:applications_ruleset_change", args=(row.pk,))
        return link(address, row.title or row, str(row))

    return [
        Column(_("Rule set"), name, "desk-wide"),
        Column(_("State"), lambda row: badge(state_of(row))),
        Column(_("Valid from"), lambda row: when(row.valid_from)),
        Column(_("Assumed"), lambda row: assumed_mark(row.assumed)),
    ]
