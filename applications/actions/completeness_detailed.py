"""What the detailed proposal must hold besides the pre-selection's sections."""

from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from applications.models import Indicator, Proposal, QuestionSection, WorkPackage
from bpf_portal.core.access import Text

#: For how many years the business plan looks ahead, at least.
LEAST_YEARS = 3
Part = Iterator[tuple[Text, str]]


def business_plan(proposal: Proposal) -> Part:
    for question in proposal.call.questions.all():
        asked_here = question.section == QuestionSection.BUSINESS_PLAN and question.required
        if asked_here and not proposal.answers.get(question.code):
            yield (
                _("your answer: %(question)s") % {"question": question.label},
                f"id_answer_{question.code}",
            )
    yield from _projections(proposal)
    if proposal.break_even_year is None:
        yield _("the year of break-even"), "id_break_even_year"


def _projections(proposal: Proposal) -> Part:
    rows = list(proposal.projections.all())
    if len(rows) < LEAST_YEARS:
        yield (
            _("the financial projections for %(years)d years at least") % {"years": LEAST_YEARS},
            f"id_projections-{len(rows)}-year",
        )
    seen: Counter[int] = Counter()
    for index, row in enumerate(rows):
        number, anchor = {"number": index + 1}, f"id_projections-{index}"
        if row.year is None:
            yield _("the year of projection %(number)d") % number, f"{anchor}-year"
        else:
            seen[row.year] += 1
            if seen[row.year] == 2:
                yield (
                    _("one projection for %(year)d, not two") % {"year": row.year},
                    f"{anchor}-year",
                )
        if row.revenue is None:
            yield _("the revenue of projection %(number)d") % number, f"{anchor}-revenue"
        if row.costs is None:
            yield _("the costs of projection %(number)d") % number, f"{anchor}-costs"


def work_plan(proposal: Proposal) -> Part:
    packages = list(proposal.work_packages.all())
    if not packages:
        yield _("the work packages"), "id_packages-0-title"
    for index, package in enumerate(packages):
        yield from _work_package(package, f"id_packages-{index}")
        yield from _months_within(proposal, package, f"id_packages-{index}")


def _work_package(package: WorkPackage, anchor: str) -> Part:
    wanted: tuple[tuple[object, Text, str], ...] = (
        (package.title, _("the title of %(package)s"), "title"),
        (
            package.led_by_company or package.partner_id,
            _("who leads %(package)s"),
            "leader",
        ),
        (package.description, _("what is done in %(package)s"), "description"),
        (package.first_month, _("the first month of %(package)s"), "first_month"),
        (package.last_month, _("the last month of %(package)s"), "last_month"),
        (package.deliverables, _("the deliverables of %(package)s"), "deliverables"),
    )
    for value, message, name in wanted:
        if not value:
            yield message % {"package": package.label}, f"{anchor}-{name}"


def _months_within(proposal: Proposal, package: WorkPackage, anchor: str) -> Part:
    months = proposal.duration_months
    if months and package.last_month and package.last_month > months:
        yield (
            _("months of %(package)s within the %(months)d months of the project")
            % {"package": package.label, "months": months},
            f"{anchor}-last_month",
        )


def results(proposal: Proposal) -> Part:
    indicators = list(proposal.indicators.all())
    if not indicators:
        yield _("an indicator with its target"), "id_indicators-0-name"
    for index, indicator in enumerate(indicators):
        yield from _indicator(indicator, f"id_indicators-{index}")
    if proposal.jobs_total is None:
        yield _("how many jobs the project makes"), "id_jobs_total"


def _indicator(indicator: Indicator, anchor: str) -> Part:
    """The value at the start may stay open: it is then not known, and said so."""
    code = {"code": indicator.code}
    if not indicator.name:
        yield _("what indicator %(code)s measures") % code, f"{anchor}-name"
    if indicator.target is None:
        yield _("the target of indicator %(code)s") % code, f"{anchor}-target"
    if indicator.due_month is None:
        yield _("when the target of indicator %(code)s is reached") % code, f"{anchor}-due_month"


def begun(proposal: Proposal) -> dict[str, bool]:
    """Which of these sections somebody has written in."""
    asked = [
        question.code
        for question in proposal.call.questions.all()
        if question.section == QuestionSection.BUSINESS_PLAN
    ]
    return {
        "business_plan": bool(
            proposal.projections.all()
            or proposal.break_even_year
            or any(proposal.answers.get(code) for code in asked)
        ),
        "work_plan": bool(proposal.work_packages.all()),
        "results": bool(
            proposal.indicators.all() or proposal.jobs_total is not None or proposal.markers
        ),
    }
