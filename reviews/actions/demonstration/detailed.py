"""Writing the detailed proposals of the demonstration: what they say besides the pre-selection."""

from datetime import date
from decimal import Decimal

from accounts.models import User
from applications.actions.drafting import editing
from applications.models import Indicator, Projection, Proposal, WorkPackage
from reviews.actions.demonstration.files import Json, read


def write_detailed_sections(proposal: Proposal, author: User, key: str) -> None:
    """Business plan, work plan, results and jobs, as the company would write them."""
    given = read("detailed")[key]
    with editing(actor=author, proposal=proposal, expected_version=proposal.version) as draft:
        starts_on = draft.starts_on
        if starts_on is None:
            raise LookupError(f"{draft}: a detailed proposal plans its start")
        draft.answers = {**draft.answers, **given["answers"]}
        _write_business_plan(draft, given, starts_on.year)
        _write_work_plan(draft, given)
        _write_results(draft, given, starts_on)
    proposal.refresh_from_db()


def _write_business_plan(draft: Proposal, given: Json, first_year: int) -> None:
    Projection.objects.bulk_create(
        Projection(
            proposal=draft,
            year=first_year + after,
            revenue=Decimal(revenue),
            costs=Decimal(costs),
        )
        for after, revenue, costs in given["projections"]
    )
    if given["break_even"] is not None:
        draft.break_even_year = first_year + given["break_even"]


def _write_work_plan(draft: Proposal, given: Json) -> None:
    partner = draft.partners.first()
    WorkPackage.objects.bulk_create(
        WorkPackage(
            proposal=draft,
            number=number,
            title=row["title"],
            description=row["description"],
            led_by_company=row["leader"] == "company",
            partner=partner if row["leader"] == "partner" else None,
            first_month=row["first_month"],
            last_month=row["last_month"],
            deliverables=row["deliverables"],
        )
        for number, row in enumerate(given["packages"], start=1)
    )
    _assign_costs(draft)


def _assign_costs(draft: Proposal) -> None:
    """Each line to a package in turn, borne by who leads it; the last is left open."""
    packages = list(draft.work_packages.all())
    lines = list(draft.budget_lines.all())
    for index, line in enumerate(lines[:-1]):
        package = packages[index % len(packages)]
        line.work_package = package
        line.borne_by_company, line.partner_id = package.led_by_company, package.partner_id
        line.save()


def _write_results(draft: Proposal, given: Json, starts_on: date) -> None:
    draft.jobs_total, draft.jobs_women, draft.jobs_young = given["jobs"]
    draft.markers = given["markers"]
    Indicator.objects.bulk_create(
        Indicator(
            proposal=draft,
            number=number,
            name=row["name"],
            unit=row["unit"],
            baseline=None if row["baseline"] is None else Decimal(row["baseline"]),
            target=Decimal(row["target"]),
            due_month=_month_of_project(starts_on, row["month"]),
        )
        for number, row in enumerate(given["indicators"], start=1)
    )


def _month_of_project(starts_on: date, number: int) -> date:
    """The first day of the project's month of that number; its first month is 1."""
    years, month = divmod(starts_on.month - 1 + number - 1, 12)
    return date(starts_on.year + years, month + 1, 1)
