"""The parts of a dossier that only a detailed proposal has, as people read them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils import formats
from django.utils.translation import gettext as _

from applications.forms.results import MARKER_LEVELS, NOT_ASSESSED
from applications.models import Projection, package_label
from applications.views.gantt import Package, gantt
from applications.views.reading_parts import Json, Part, Table, answered, part_of
from bpf_portal.core import money
from bpf_portal.core.access import Text


def detailed_parts(
    document: Json, questions: Mapping[str, str], markers: Mapping[str, str]
) -> list[Part]:
    """Business plan, work plan and results; each only where the document has it.

    `questions` and `markers` are the words for the codes, in order.
    """
    extra = document.get("extra") or {}
    parts = []
    if "business_plan" in extra:
        parts.append(_business_plan(extra["business_plan"], questions))
    if extra.get("work_plan"):
        parts.append(_work_plan(extra["work_plan"], document["project"]))
    if "jobs" in extra or "markers" in extra or document["project"].get("indicators"):
        parts.append(_results(document["project"], extra, markers))
    return parts


def budget_detail(document: Json) -> list[tuple[str, str]]:
    """The work package of each line of the budget, and who bears it; empty where nothing is."""
    lines = ((document.get("extra") or {}).get("budget") or {}).get("lines", ())
    found = [
        (
            package_label(line["work_package"] or ""),
            line["borne_by"]["legal_name"] if line["borne_by"] else "",
        )
        for line in lines
    ]
    return found if any(any(each) for each in found) else []


def not_known() -> str:
    return _("not known")


def _euros(value: Decimal | None) -> str:
    return not_known() if value is None else money.display(value)


def projection_table(rows: Iterable[Projection]) -> Table:
    """Revenue, costs and what is left of each year, EUR."""
    head = (_("Year"), _("Revenue"), _("Costs"), _("Result"))
    cells = [
        (
            str(row.year or "–"),
            _euros(row.revenue),
            _euros(row.costs),
            _euros(row.result),
        )
        for row in rows
    ]
    return Table(_("Financial projections"), head, cells, frozenset({1, 2, 3}))


def frozen_projections(rows: Sequence[Json]) -> list[Projection]:
    """The rows of the document; not stored."""
    return [
        Projection(year=row["year"], revenue=_exact(row["revenue"]), costs=_exact(row["costs"]))
        for row in rows
    ]


def _exact(text: str | None) -> Decimal | None:
    return None if text is None else money.from_text(text)


def _business_plan(plan: Json, questions: Mapping[str, str]) -> Part:
    year = plan["break_even_year"]
    answers = [
        *answered(questions, plan["answers"]),
        (_("Break-even reached in"), not_known() if year is None else str(year)),
    ]
    table = projection_table(frozen_projections(plan["projections"]))
    return part_of("business_plan", answers, [table])


def packages_of(work_plan: Sequence[Json]) -> list[Package]:
    """The work packages of the document, for the picture."""
    return [
        Package(
            package_label(row["code"]),
            row["title"],
            row["leader"]["legal_name"] if row["leader"] else "",
            row["first_month"],
            row["last_month"],
        )
        for row in work_plan
    ]


def _work_plan(work_plan: Sequence[Json], project: Json) -> Part:
    starts_on = project.get("starts_on")
    picture = gantt(
        packages_of(work_plan),
        duration=project["duration_months"],
        starts_on=date.fromisoformat(starts_on) if starts_on else None,
    )
    head = (_("Work package"), _("Months"), _("What is done"), _("Deliverables"))
    rows = [
        (
            f"{package_label(row['code'])} {row['title']}".strip(),
            f"{row['first_month']}–{row['last_month']}",
            row.get("description") or "",
            row.get("deliverables") or "",
        )
        for row in work_plan
    ]
    return part_of("work_plan", [], [Table(_("Work packages"), head, rows)], picture)


def _results(project: Json, extra: Json, markers: Mapping[str, str]) -> Part:
    table = indicator_table(project.get("indicators") or (), (extra.get("results") or {}))
    answers = [*job_lines(extra.get("jobs")), *marker_lines(extra.get("markers"), markers)]
    return part_of("results", answers, [table])


def indicator_table(indicators: Sequence[Json], results: Json) -> Table:
    due = results.get("due", {})
    head = (_("Indicator"), _("Unit"), _("At the start"), _("Target"), _("Reached by"))
    rows = [
        (
            f"{row['code']} {row['name']}".strip(),
            row.get("unit") or "–",
            figure(row.get("baseline")),
            figure(row.get("target")),
            month(due.get(row["code"])),
        )
        for row in indicators
    ]
    return Table(_("Indicators"), head, rows)


def figure(value: str | None) -> str:
    """A number in the visitor's format; any other text as it is; nothing is "not known"."""
    if value is None or not value.strip():
        return not_known()
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite() or abs(number.adjusted()) > 15:
        return value
    return formats.number_format(number, use_l10n=True, force_grouping=True)


def month(value: str | None) -> str:
    """`June 2028` for 2028-06."""
    if value is None or value.startswith("0000"):
        return not_known()
    return formats.date_format(date.fromisoformat(f"{value}-01"), "F Y")


def job_lines(jobs: Json | None) -> list[tuple[Text, str]]:
    if jobs is None:
        return []
    labels = (
        ("total", _("Jobs foreseen")),
        ("women", _("Of these for women")),
        ("young", _("Of these for young people")),
    )
    return [
        (label, not_known() if jobs[key] is None else formats.number_format(jobs[key]))
        for key, label in labels
    ]


def marker_lines(given: Json | None, markers: Mapping[str, str]) -> list[tuple[Text, str]]:
    """Every marker there is; one that the document lacks is not assessed."""
    if given is None:
        return []
    named = {**markers, **{code: code for code in given if code not in markers}}
    return [
        (label, str(MARKER_LEVELS[given[code]] if code in given else NOT_ASSESSED))
        for code, label in named.items()
    ]
