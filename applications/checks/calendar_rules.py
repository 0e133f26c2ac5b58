"""Days as the rules count them.

The 29th of February has its anniversary on the 28th in a common year, as the Union counts periods
(Regulation (EEC, Euratom) 1182/71, Article 3: a day the last month lacks is that month's last).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date


def shift_months(day: date, months: int) -> date:
    """The same day so many months later (or earlier), or the last day of a shorter month.

    Beyond the calendar the first or last day it has is returned: for a rule that is "never".
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        return date.max
    if year < MINYEAR:
        return date.min
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def shift_years(day: date, years: int) -> date:
    return shift_months(day, 12 * years)


def full_years(start: date, end: date) -> int:
    """Completed years between two days: the anniversary itself completes the year."""
    if end < start:
        return 0
    years = end.year - start.year
    return years if shift_years(start, years) <= end else years - 1


def in_rolling_window(day: date, *, end: date, years: int) -> bool:
    """From the same day `years` earlier, that day excluded, to `end`, included."""
    return shift_years(end, -years) < day <= end
