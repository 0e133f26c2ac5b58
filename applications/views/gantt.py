"""The work packages along the months of the project: a picture that says itself in words too."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, date

from django.utils import formats
from django.utils.translation import gettext as _

from applications.models import Proposal


@dataclass(frozen=True)
class Bar:
    """A work package. `start` and `length` are in months; `length` 0: months not given yet."""

    name: str
    leader: str
    months: str
    start: int = 0
    length: int = 0


@dataclass(frozen=True)
class Gantt:
    """`months` is the width of the picture: the project's duration, or more if work goes beyond."""

    bars: tuple[Bar, ...]
    months: int
    first: str
    last: str


@dataclass(frozen=True)
class Package:
    """What a picture needs to know of a work package; months count from 1."""

    label: str
    title: str
    leader: str
    first_month: int | None
    last_month: int | None


def gantt(
    packages: Iterable[Package], *, duration: int | None, starts_on: date | None
) -> Gantt | None:
    """The picture of these packages; None where there is none of them."""
    rows = list(packages)
    if not rows:
        return None
    months = max([duration or 0, *(row.last_month or 0 for row in rows), 1])
    bars = tuple(_bar(row, duration, starts_on) for row in rows)
    return Gantt(bars, months, _month(1, starts_on), _month(months, starts_on))


def stored_gantt(proposal: Proposal) -> Gantt | None:
    """The picture of a draft's work plan."""
    names = {partner.pk: partner.legal_name for partner in proposal.partners.all()}
    company = proposal.organisation.legal_name
    return gantt(
        (
            Package(
                row.label,
                row.title,
                company if row.led_by_company else names.get(row.partner_id or 0, ""),
                row.first_month,
                row.last_month,
            )
            for row in proposal.work_packages.all()
        ),
        duration=proposal.duration_months,
        starts_on=proposal.starts_on,
    )


def _bar(row: Package, duration: int | None, starts_on: date | None) -> Bar:
    name = f"{row.label} {row.title}".strip()
    if row.first_month is None or row.last_month is None:
        return Bar(name, row.leader, _("months not given yet"))
    words = _span(row.first_month, row.last_month, starts_on)
    if duration and row.last_month > duration:
        words = _("%(months)s: after the end of the project") % {"months": words}
    return Bar(name, row.leader, words, row.first_month - 1, row.last_month - row.first_month + 1)


def _span(first: int, last: int, starts_on: date | None) -> str:
    if first == last:
        return _month(first, starts_on)
    return _("%(first)s to %(last)s") % {
        "first": _month(first, starts_on),
        "last": _month(last, starts_on),
    }


def _month(number: int, starts_on: date | None) -> str:
    """`month 7`, with its name where the start is planned: `month 7 (September 2027)`."""
    years, month = divmod(starts_on.month - 1 + number - 1, 12) if starts_on else (0, 0)
    if starts_on is None or starts_on.year + years > MAXYEAR:
        return _("month %(number)d") % {"number": number}
    day = date(starts_on.year + years, month + 1, 1)
    return _("month %(number)d (%(name)s)") % {
        "number": number,
        "name": formats.date_format(day, "F Y"),
    }
