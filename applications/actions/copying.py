"""A draft that begins with what an earlier proposal of the same company said.

What people wrote is copied; what somebody confirmed, signed or declared for the earlier call is
not, nor is a file, nor a day that has passed. What the new call offers no longer is left out and
told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.actions.completeness import with_everything
from applications.actions.drafting import begin_proposal, editing
from applications.actions.offered import offered_countries, offered_sectors
from applications.events import ProposalCopied
from applications.models import Call, Organisation, Partner, Proposal
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.events import record

#: Copied as they stand. Not among them: `excluded_activities`, which is a declaration.
_TEXTS = (
    "title",
    "summary",
    "kind",
    "nace",
    "sdgs",
    "duration_months",
    "requested",
    "own_contribution",
    "partners_contribution",
    "jobs_total",
    "jobs_women",
    "jobs_young",
    "markers",
)
_DUE_DILIGENCE = (
    "policy_dated",
    "policy_signed_by_management",
    "policy_responsible_person",
    "policy_url",
    "flags",
    "communication",
    "remedy_channel",
    "remedy_languages",
    "remedy_contact",
    "protects_from_reprisal",
    "open_to_partner_workers",
    "open_to_communities",
    "remedy_criteria",
)


@dataclass(frozen=True)
class LeftOut:
    """What the new call does not offer or ask any more: codes, and questions by their code."""

    countries: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    passed_dates: bool = False


def copyable(user: User, call: Call) -> models.QuerySet[Proposal]:
    """The proposals to earlier calls of the companies one may write for, newest first."""
    return (
        Proposal.objects.writable_by(user)
        .filter(call__deadline_at__lt=call.deadline_at)
        .exclude(title="", summary="")
        .select_related("call", "organisation")
        .order_by("-call__deadline_at", "-pk")
    )


@transaction.atomic
def begin_copy(
    *, actor: User, call: Call, organisation: Organisation, language: str, source_id: int
) -> tuple[Proposal, LeftOut]:
    """A new draft with what the earlier proposal said; the second value says what was left out.

    Raises NotAllowed for a closed call, a reader, or another company's proposal, and
    Proposal.DoesNotExist for one that is not the actor's.
    """
    source = copyable(actor, call).get(pk=source_id)
    if source.organisation_id != organisation.pk:
        raise NotAllowed(_("A proposal can be copied for the same company only."))
    begun = begin_proposal(actor=actor, call=call, organisation=organisation, language=language)
    earlier = with_everything(source.pk)
    with editing(actor=actor, proposal=begun, expected_version=begun.version) as draft:
        left_out = _copy(earlier, draft, timezone.localdate())
        record(
            ProposalCopied(source=earlier.reference, left_out=_codes(left_out)),
            about=draft,
            actor=actor,
        )
    begun.refresh_from_db()
    return begun, left_out


def _codes(left_out: LeftOut) -> list[str]:
    return [*left_out.countries, *left_out.sectors, *left_out.questions]


def _copy(earlier: Proposal, draft: Proposal, today: date) -> LeftOut:
    for name in _TEXTS:
        setattr(draft, name, getattr(earlier, name))
    countries, sectors = offered_countries(draft.call), offered_sectors(draft.call)
    draft.countries = [c for c in earlier.countries if countries is None or c in countries]
    draft.sectors = [code for code in earlier.sectors if code in sectors]
    asked = set(draft.call.questions.values_list("code", flat=True))
    draft.answers = {code: text for code, text in earlier.answers.items() if code in asked}
    dates = _Dates(today)
    draft.starts_on = dates.still_to_come(earlier.starts_on)
    draft.break_even_year = dates.year_to_come(earlier.break_even_year)
    partners = _copy_partners(earlier, draft)
    _copy_rows(earlier.other_funding.all(), proposal=draft)
    _copy_due_diligence(earlier, draft, dates)
    _copy_detailed(earlier, draft, partners, dates)
    return LeftOut(
        countries=tuple(code for code in earlier.countries if code not in draft.countries),
        sectors=tuple(code for code in earlier.sectors if code not in draft.sectors),
        questions=tuple(
            code for code, text in earlier.answers.items() if text and code not in asked
        ),
        passed_dates=dates.some_passed,
    )


class _Dates:
    """Keeps the days that are still to come, and remembers whether some were not."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.some_passed = False

    def still_to_come(self, day: date | None) -> date | None:
        if day is None or day > self.today:
            return day
        self.some_passed = True
        return None

    def year_to_come(self, year: int | None) -> int | None:
        if year is None or year >= self.today.year:
            return year
        self.some_passed = True
        return None


def _copy_rows(rows: Iterable[models.Model], **changed: Any) -> list[Any]:
    """New rows like these, with other values in the fields named; in their order."""
    return _create([_like(row, **changed) for row in rows])


def _create(copies: list[Any]) -> list[Any]:
    if copies:
        type(copies[0])._default_manager.bulk_create(copies)
    return copies


def _like(row: models.Model, **changed: Any) -> Any:
    """A row with the same values and no number yet; not saved."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in changed
    }
    return type(row)(**values, **changed)


def _copy_partners(earlier: Proposal, draft: Proposal) -> dict[int, Partner]:
    """The new partners by the number of the old ones. None of them has confirmed anything."""
    rows = list(earlier.partners.all())
    copies = _copy_rows(rows, proposal=draft, confirmed_at=None)
    return {row.pk: copy for row, copy in zip(rows, copies, strict=True)}


def _copy_due_diligence(earlier: Proposal, draft: Proposal, dates: _Dates) -> None:
    file = draft.due_diligence
    for name in _DUE_DILIGENCE:
        setattr(file, name, getattr(earlier.due_diligence, name))
    file.save()
    risks = list(earlier.risks.all())
    copies = _copy_rows(risks, proposal=draft)
    _create(
        [
            _like(measure, risk=copy, due_on=dates.still_to_come(measure.due_on))
            for risk, copy in zip(risks, copies, strict=True)
            for measure in risk.measures.all()
        ]
    )


def _copy_detailed(
    earlier: Proposal, draft: Proposal, partners: dict[int, Partner], dates: _Dates
) -> None:
    """What waits until the company is invited to a detailed proposal again."""
    _copy_costs(earlier, draft, partners)
    indicators = [
        _like(row, proposal=draft, due_month=dates.still_to_come(row.due_month))
        for row in earlier.indicators.all()
    ]
    projections = [
        _like(row, proposal=draft)
        for row in earlier.projections.all()
        if row.year is None or dates.year_to_come(row.year) is not None
    ]
    for copies in (indicators, projections):
        _create(copies)


def _copy_costs(earlier: Proposal, draft: Proposal, partners: dict[int, Partner]) -> None:
    """Work packages, and the lines of the budget with the new package and partner of each."""
    old = list(earlier.work_packages.all())
    new = _create(
        [
            _like(package, proposal=draft, partner=partners.get(package.partner_id or 0))
            for package in old
        ]
    )
    packages = {package.pk: copy for package, copy in zip(old, new, strict=True)}
    _create(
        [
            _like(
                line,
                proposal=draft,
                work_package=packages.get(line.work_package_id or 0),
                partner=partners.get(line.partner_id or 0),
            )
            for line in earlier.budget_lines.all()
        ]
    )
