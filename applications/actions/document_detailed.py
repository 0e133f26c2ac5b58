"""The detailed proposal's part of the document: `project.indicators`, and what lies in `extra`."""

from decimal import Decimal
from typing import Any

from applications.models import Proposal, QuestionSection, WorkPackage
from bpf_portal.core import money

Json = dict[str, Any]


def plain_number(value: Decimal) -> str:
    """A number without trailing zeros, as the schema's texts want it: 12, 12.5."""
    return f"{value.normalize():f}"


def _if_known(value: Decimal | None) -> str | None:
    return None if value is None else plain_number(value)


def indicators(proposal: Proposal) -> list[Json]:
    """The indicators in order; an empty value is null, "not known"."""
    return [
        {
            "code": row.code,
            "name": row.name,
            "unit": row.unit,
            "baseline": _if_known(row.baseline),
            "target": _if_known(row.target),
        }
        for row in proposal.indicators.all()
    ]


def business_plan_codes(proposal: Proposal) -> set[str]:
    """The codes of the questions whose answers belong to the business plan."""
    return {
        question.code
        for question in proposal.call.questions.all()
        if question.section == QuestionSection.BUSINESS_PLAN
    }


# `extra` of a detailed proposal, by section (applications/checks/extra.schema.json).
def work_plan_part(proposal: Proposal) -> list[Json]:
    """Raises ValueError where `completeness.missing` would have said what is missing."""
    return [_work_package(each, proposal) for each in proposal.work_packages.all()]


def budget_part(proposal: Proposal) -> Json:
    """Beside `budget.lines`, in their order: the work package of each, and who bears it."""
    codes = {package.pk: package.code for package in proposal.work_packages.all()}
    return {
        "lines": [
            {
                "work_package": codes.get(line.work_package_id or 0),
                "borne_by": _who(line.borne_by_company, line.partner_id, proposal),
            }
            for line in proposal.budget_lines.all()
        ]
    }


def results_part(proposal: Proposal) -> Json:
    """What lies beside `project.indicators`."""
    return {
        "results": {
            "due": {
                row.code: f"{row.due_month:%Y-%m}"
                for row in proposal.indicators.all()
                if row.due_month
            }
        },
        "markers": dict(sorted(proposal.markers.items())),
        "jobs": {
            "total": proposal.jobs_total,
            "women": proposal.jobs_women,
            "young": proposal.jobs_young,
        },
    }


def business_plan_part(proposal: Proposal) -> Json:
    codes = business_plan_codes(proposal)
    return {
        "answers": {
            code: text for code, text in proposal.answers.items() if text and code in codes
        },
        "projections": [
            {
                "year": row.year,
                "revenue": _euros(row.revenue),
                "costs": _euros(row.costs),
            }
            for row in proposal.projections.all()
        ],
        "break_even_year": proposal.break_even_year,
    }


def _euros(value: Decimal | None) -> str | None:
    return None if value is None else money.as_text(value)


def _work_package(package: WorkPackage, proposal: Proposal) -> Json:
    if package.first_month is None or package.last_month is None:
        raise ValueError("a work package without its months")
    return {
        "code": package.code,
        "title": package.title,
        "description": package.description,
        "leader": _who(package.led_by_company, package.partner_id, proposal),
        "first_month": package.first_month,
        "last_month": package.last_month,
        "deliverables": package.deliverables,
    }


def _who(company: bool, partner_id: int | None, proposal: Proposal) -> Json | None:
    if company:
        return {"role": "lead", "legal_name": proposal.organisation.legal_name}
    for partner in proposal.partners.all():
        if partner.pk == partner_id:
            return {"role": partner.role, "legal_name": partner.legal_name}
    return None
