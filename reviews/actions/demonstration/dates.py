"""When things happened in the demonstration: a calendar for each hand-in, and setting it.

Actions write the moment at which they run. What is told as past gets its date right after the
action, by `update`; history and events keep the moment at which the rows were really written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.utils import timezone

from applications.models import Stage

LUXEMBOURG = ZoneInfo("Europe/Luxembourg")


@dataclass(frozen=True)
class Calendar:
    """The moments of one hand-in, from the first line written to the publication."""

    begun: datetime
    handed_in: datetime
    confirmed_eligible: datetime
    assigned: datetime
    declared: datetime
    scored: datetime
    prepared: datetime
    decided: datetime
    published: datetime

    @classmethod
    def days_ago(cls, days: int) -> Calendar:
        """Handed in so many days ago, and then handled step by step; never in the future."""
        now = timezone.now()

        def at(after: int) -> datetime:
            return min(now, now - timedelta(days=days - after, minutes=37 * (days % 9)))

        return cls(at(-9), at(0), at(2), at(3), at(4), at(7), at(9), at(10), at(13))

    @classmethod
    def of_round(cls, year: int, stage: str, days_before: int, *, next_year: bool) -> Calendar:
        """In the round of a year: pre-selection in spring, detailed proposals in autumn.

        `next_year`: the last decision was published only in January.
        """
        if stage == Stage.PRESELECTION:
            deadline, months = _day(year, 4, 30), (5, 6, 7)
        else:
            deadline, months = _day(year, 10, 31), (11, 11, 12)
        first, second, third = months
        published = _day(year + 1, 1, 20) if next_year else _day(year, third, 12)
        return cls(
            begun=deadline - timedelta(days=days_before + 30),
            handed_in=deadline - timedelta(days=days_before, hours=days_before % 5),
            confirmed_eligible=_day(year, first, 6),
            assigned=_day(year, first, 7),
            declared=_day(year, first, 9),
            scored=_day(year, second, 24),
            prepared=_day(year, third, 2),
            decided=_day(year, third, 5),
            published=min(published, timezone.now()),
        )


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 15, 30, tzinfo=LUXEMBOURG)


def end_of(moment: datetime) -> datetime:
    """The last second of that day in Luxembourg, as deadlines are."""
    return moment.astimezone(LUXEMBOURG).replace(hour=23, minute=59, second=59, microsecond=0)


def set_values(row: Model, **values: object) -> None:
    """Write the dates of a past step over those of the seeding."""
    type(row)._default_manager.filter(pk=row.pk).update(**values)
    for name, value in values.items():
        setattr(row, name, value)
