"""What if? Other rules tried on what was handed in, read only: figures, a picture, a CSV file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.contrib.admin.sites import AdminSite
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from applications.actions.simulating import Simulation, simulate, submissions_of, summed
from applications.actions.simulation_words import (
    country_names,
    outcome_words,
    simulation_csv,
    tables,
)
from applications.checks import InvalidParameter
from applications.checks.texts import rule_title
from applications.models import Call, RuleSet
from bpf_portal.core.exports import Cell
from bpf_portal.core.templatetags.portal import figures
from reviews.admin.labels import reader_language
from reviews.admin.pages import RUNNING, person, render_page, require_role
from reviews.forms.simulating import SimulationForm

#: One reading of the rows, about half a second of checking on one core; more is for the command,
#: which keeps nobody waiting.
AT_MOST = 500


@dataclass(frozen=True)
class Bar:
    """A rule in the picture; the widths are counts of proposals."""

    name: str
    excluded: int
    admitted: int


def simulation_urls(site: AdminSite) -> list[URLPattern]:
    return [path("what-if/", site.admin_view(simulation_page), name="simulation")]


def simulation_page(request: HttpRequest) -> HttpResponse:
    """The choice, and below it what came of it; all in the address, so it can be passed on."""
    user = require_role(request, *RUNNING)
    asked = bool(request.GET)
    form = SimulationForm(
        request.GET if asked else None,
        rule_sets=RuleSet.objects.order_by("code", "version"),
        calls=Call.objects.visible_to(user).select_related("rule_set"),
    )
    context: dict[str, Any] = {"title": _("What if?"), "form": form}
    if asked and form.is_valid():
        try:
            if "csv" in request.GET:
                return _csv(form, user)
            context |= _results(request, form)
        except InvalidParameter as error:
            form.add_error("rules", str(error))
        except ValidationError as error:
            form.refuse(error)
    status = 422 if asked and form.errors else 200
    return render_page(request, "reviews/simulation.html", context, status=status)


def _refuse_too_many(calls: list[Call], reader: User) -> None:
    if submissions_of(calls, reader)[AT_MOST : AT_MOST + 1].values_list("pk"):
        text = _(
            "These calls have more than %(most)s proposals, too many for a page. Choose fewer"
            " calls, or use the command simulate_rules."
        )
        raise ValidationError({"calls": text % {"most": AT_MOST}})


def _csv(form: SimulationForm, reader: User) -> HttpResponse:
    _refuse_too_many(form.chosen_calls(), reader)
    lines = simulation_csv(simulate(form.chosen_rules(), form.chosen_calls(), reader))
    return HttpResponse(
        "".join(lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="what-if.csv"'},
    )


def _results(request: HttpRequest, form: SimulationForm) -> dict[str, Any]:
    language = reader_language()
    reader = person(request)
    _refuse_too_many(form.chosen_calls(), reader)
    simulation = summed(simulate(form.chosen_rules(), form.chosen_calls(), reader))
    words = outcome_words()
    query = request.GET.copy()
    query["csv"] = "1"
    return {
        "simulation": simulation,
        "tables": [
            replace(table, rows=[[_shown(cell) for cell in row] for row in table.rows])
            for table in tables(simulation, language, country_names(language))
        ],
        "bars": _bars(simulation, language),
        "widest": max(1, simulation.whole.all.count),
        "changed": [(row, words[row.before], words[row.after]) for row in simulation.changed],
        "csv": f"{reverse('admin:simulation')}?{query.urlencode()}",
    }


def _shown(cell: Cell) -> Cell:
    return figures(cell) if isinstance(cell, Decimal) else cell


def _bars(simulation: Simulation, language: str) -> list[Bar]:
    rules: Mapping[str, Any] = simulation.rules
    bars = [
        Bar(rule_title(code, language), both.excluded.count, both.admitted.count)
        for code, both in rules.items()
    ]
    return sorted(bars, key=lambda bar: -bar.excluded - bar.admitted)
