"""What if? Other rules tried on what was handed in: figures, pictures, a CSV file, all kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.contrib.admin.sites import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from applications.actions.simulating import BothWays, Simulation
from applications.actions.simulation_kept import from_json
from applications.actions.simulation_words import country_names, outcome_words, tables
from applications.actions.trying_rules import try_rules
from applications.checks.texts import rule_title
from applications.models import Call, RuleSet, RuleSetState, RuleTrial
from bpf_portal.core.jobs import JobState
from bpf_portal.core.templatetags.portal import figures
from reviews.admin.attempts import attempt
from reviews.admin.labels import reader_language
from reviews.admin.lists import Column, Table, link, paginate
from reviews.admin.pages import (
    RUNNING,
    find_or_404,
    reason_of,
    render_page,
    require_role,
    status_of,
)
from reviews.admin.reference import when
from reviews.forms.simulating import SimulationForm

SHOWN_TRIALS = 10


@dataclass(frozen=True)
class Bar:
    """A rule or a country in its picture; the widths are counts of proposals."""

    name: str
    excluded: int
    admitted: int


@dataclass(frozen=True)
class Picture:
    heading: str
    out: str
    back: str
    bars: list[Bar]


def simulation_urls(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("what-if/", view(simulation_page), name="simulation"),
        path("what-if/<int:pk>/", view(trial_page), name="simulation_result"),
        path("what-if/<int:pk>/csv/", view(trial_csv), name="simulation_csv"),
    ]


def simulation_page(request: HttpRequest) -> HttpResponse:
    """The choice, and what was tried before. Trying leaves its result at an address of its own."""
    user = require_role(request, *RUNNING)
    if request.method != "POST":
        return _choosing(request, user, _form(user, initial={"rules": request.GET.get("rules")}))
    form, trials = _form(user, request.POST), list[RuleTrial]()

    def act() -> str:
        trial = try_rules(
            actor=user,
            rule_set_id=int(form.cleaned_data["rules"]),
            call_codes=form.cleaned_data["calls"],
        )
        trials.append(trial)
        return _("The rules are tried; the result is kept at this address.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect("admin:simulation_result", trials[0].pk),
        refused=lambda error: _choosing(request, user, form, error),
    )


def _form(user: User, *args: Any, **kwargs: Any) -> SimulationForm:
    return SimulationForm(
        *args,
        rule_sets=RuleSet.objects.visible_to(user)
        .exclude(state=RuleSetState.DISCARDED)
        .order_by("code", "version"),
        calls=Call.objects.visible_to(user),
        **kwargs,
    )


def _choosing(
    request: HttpRequest, user: User, form: SimulationForm, refused: Exception | None = None
) -> HttpResponse:
    rows = RuleTrial.objects.visible_to(user).select_related("rule_set", "asked_by")
    context = {
        "title": _("What if?"),
        "form": form,
        "problem": reason_of(refused) if refused else "",
        "table": Table(
            columns=_trial_columns(),
            page=paginate(request, rows.defer("csv", "parameters", "submissions"), SHOWN_TRIALS),
            empty=_("No rules were tried yet."),
            caption=_("Tried before"),
        ),
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/simulation.html", context, status=status)


def _trial_columns() -> list[Column]:
    def name(trial: RuleTrial) -> object:
        address = reverse("admin:simulation_result", args=(trial.pk,))
        return link(address, trial.rule_set.title or trial.rule_set, str(trial.rule_set))

    return [
        Column(_("Rules"), name, "desk-wide"),
        Column(_("Asked"), lambda trial: when(trial.created_at)),
        Column(_("By"), lambda trial: trial.asked_by),
        Column(_("Result"), summary_of),
    ]


def summary_of(trial: RuleTrial) -> str:
    """What came of it, in one line."""
    if trial.state == JobState.FAILED:
        return _("failed")
    if trial.state != JobState.DONE:
        return _("%(done)s of %(total)s proposals tried") % {
            "done": trial.progress_done,
            "total": trial.progress_total,
        }
    simulation = from_json(trial.result)
    return _("%(changed)s of %(all)s would stand differently") % {
        "changed": simulation.changed_count,
        "all": simulation.whole.all.count,
    }


def trial_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the trial is, then what came of it."""
    user = require_role(request, *RUNNING)
    rows = RuleTrial.objects.visible_to(user).select_related("rule_set", "asked_by")
    trial: RuleTrial = find_or_404(rows.defer("csv", "submissions"), pk=pk)
    context: dict[str, Any] = {
        "title": _("What if? %(rules)s") % {"rules": trial.rule_set},
        "trial": trial,
        "calls": trial.calls.order_by("-deadline_at"),
        "is_changed": trial.rule_set.parameters != trial.parameters,
    }
    if trial.state == JobState.DONE:
        context |= _results(from_json(trial.result))
    return render_page(request, "reviews/simulation_result.html", context)


def trial_csv(request: HttpRequest, pk: int) -> HttpResponse:
    user = require_role(request, *RUNNING)
    rows = RuleTrial.objects.visible_to(user).filter(state=JobState.DONE)
    trial: RuleTrial = find_or_404(rows.defer("result", "parameters", "submissions"), pk=pk)
    return HttpResponse(
        trial.csv,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="what-if-{pk}.csv"'},
    )


def _results(simulation: Simulation) -> dict[str, Any]:
    language = reader_language()
    words, names = outcome_words(), country_names(language)
    return {
        "simulation": simulation,
        "tables": [
            replace(table, rows=[_shown(table.header, row) for row in table.rows])
            for table in tables(simulation, language, names)
        ],
        "pictures": [
            Picture(
                _("Rules that would answer differently"),
                _("would fail"),
                _("would no longer fail"),
                _bars(simulation.rules, lambda code: rule_title(code, language)),
            ),
            Picture(
                _("Countries of the project"),
                _("would no longer be eligible"),
                _("would be eligible or looked at again"),
                _bars(simulation.countries, lambda code: names.get(code, code)),
            ),
        ],
        "widest": max(1, simulation.whole.all.count),
        "changed": [(row, words[row.before], words[row.after]) for row in simulation.changed],
    }


def _shown(header: Any, row: Any) -> Any:
    """Each cell with its heading, for screens that are too narrow for columns."""
    cells = [figures(cell) if isinstance(cell, Decimal) else cell for cell in row]
    return list(zip(header, cells, strict=True))


def _bars(parts: Mapping[str, BothWays], name: Any) -> list[Bar]:
    """Those where something changes, the largest first."""
    bars = [
        Bar(name(code), both.excluded.count, both.admitted.count) for code, both in parts.items()
    ]
    moved = [bar for bar in bars if bar.excluded or bar.admitted]
    return sorted(moved, key=lambda bar: -bar.excluded - bar.admitted)
