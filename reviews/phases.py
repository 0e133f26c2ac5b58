"""Review phases as values: those a new call gets, and what is wrong with a set of them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

#: Problems, by name; `reviews.actions.phasing` has the sentences.
NO_NAME, ENDS_BEFORE, OVERLAPS, BLIND_RIGHTS = "no_name", "ends_before", "overlaps", "blind_rights"


@dataclass(frozen=True)
class Phase:
    """From a moment, included, to a moment, excluded; None is unlimited. `key` names it to whoever
    sent it; `rights` are names of rights."""

    stage: str
    name_fr: str
    name_en: str
    starts_at: datetime | None
    ends_at: datetime | None
    rights: frozenset[str]
    key: str = ""
    assumed: bool = False


@dataclass(frozen=True)
class Problem:
    """`what` is wrong with the phase `key`, in the `field`; `other` is the phase it disturbs."""

    key: str
    field: str
    what: str
    other: Phase | None = None


def shipped(
    given: Iterable[Mapping[str, Any]], deadlines: Mapping[str, datetime | None], zone: tzinfo
) -> list[Phase]:
    """The phases of a new call, by its stages' deadlines, in whole days of the zone. Where a
    deadline is not set, the first phase has no end and no other follows."""
    found = []
    for stage, deadline in deadlines.items():
        for each in given:
            first = each["starts_days_after_deadline"] is None
            if deadline is None and not first:
                continue
            found.append(
                Phase(
                    stage=stage,
                    name_fr=each["name_fr"],
                    name_en=each["name_en"],
                    starts_at=_after(deadline, each["starts_days_after_deadline"], zone),
                    ends_at=_after(deadline, each["ends_days_after_deadline"], zone),
                    rights=frozenset(each["rights"]),
                    assumed=True,
                )
            )
    return found


def _after(deadline: datetime | None, days: int | None, zone: tzinfo) -> datetime | None:
    """The end of the day so many days after the deadline's."""
    if deadline is None or days is None:
        return None
    return end_of_day(deadline.astimezone(zone).date() + timedelta(days=days), zone)


def start_of_day(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The moment at which the day is over: the next one's first."""
    return start_of_day(day + timedelta(days=1), zone)


def first_day(phase: Phase, zone: tzinfo) -> date | None:
    return phase.starts_at.astimezone(zone).date() if phase.starts_at else None


def last_day(phase: Phase, zone: tzinfo) -> date | None:
    """The last day on which the phase is in force."""
    if phase.ends_at is None:
        return None
    return (phase.ends_at.astimezone(zone) - timedelta(microseconds=1)).date()


def shifted(phases: Sequence[Phase], days: int, zone: tzinfo) -> list[Phase]:
    """The same phases so many whole days later (earlier, if negative), by the zone's calendar."""

    def moved(moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        local = moment.astimezone(zone)
        return datetime.combine(local.date() + timedelta(days=days), local.time(), zone)

    return [
        replace(each, starts_at=moved(each.starts_at), ends_at=moved(each.ends_at))
        for each in phases
    ]


def problems(phases: Sequence[Phase]) -> list[Problem]:
    """All that is wrong, in the order of the phases; an empty list is a set that can be kept."""
    found: list[Problem] = []
    for number, phase in enumerate(phases):
        if not phase.name_fr.strip():
            found.append(Problem(phase.key, "name_fr", NO_NAME))
        if not phase.name_en.strip():
            found.append(Problem(phase.key, "name_en", NO_NAME))
        if phase.rights and "see" not in phase.rights:
            found.append(Problem(phase.key, "rights", BLIND_RIGHTS))
        if _is_backwards(phase):
            found.append(Problem(phase.key, "ends_at", ENDS_BEFORE))
            continue
        for earlier in phases[:number]:
            if not _is_backwards(earlier) and _overlap(earlier, phase):
                found.append(Problem(phase.key, "starts_at", OVERLAPS, earlier))
    return found


def _is_backwards(phase: Phase) -> bool:
    return bool(phase.starts_at and phase.ends_at and phase.ends_at <= phase.starts_at)


def _overlap(one: Phase, other: Phase) -> bool:
    if one.stage != other.stage:
        return False
    return _begins_before_end(one, other) and _begins_before_end(other, one)


def _begins_before_end(one: Phase, other: Phase) -> bool:
    return one.starts_at is None or other.ends_at is None or one.starts_at < other.ends_at
