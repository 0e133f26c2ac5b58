"""The parameters of a rule set, typed and strict.

A parameter that is absent or null is empty: the rule it belongs to gives no finding. One that is
unknown or of the wrong type is an error that names it, because a rule set decides about money.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self, TypeVar

from .findings import RiskLevel

_Choice = TypeVar("_Choice", bound=StrEnum)
_DECIMAL = re.compile(r"(0|[1-9]\d{0,14})(\.\d{1,6})?", re.ASCII)


class InvalidParameter(ValueError):
    """A rule set's parameter is unknown or malformed; `name` says which."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"parameter {name!r}: {reason}")


class Combine(StrEnum):
    ANY = "any"
    ALL = "all"


class TurnoverStatistic(StrEnum):
    LAST_YEAR = "last_year"
    AVERAGE_OF_THREE = "average_of_three"


class MultipleBase(StrEnum):
    REQUESTED = "requested"
    PROJECT_TOTAL = "project_total"


@dataclass(frozen=True, slots=True)
class TurnoverRule:
    """Floor in EUR; multiple of the requested grant or the project total; one may be empty."""

    floor: Decimal | None
    multiple: Decimal | None
    base: MultipleBase
    combine: Combine
    statistic: TurnoverStatistic


@dataclass(frozen=True, slots=True)
class RegistrationWindow:
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class MonthRange:
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class DeMinimisRule:
    """`member_state` is the one that grants: the Regulation's ceiling is per granting state."""

    ceiling: Decimal
    years: int
    member_state: str


@dataclass(frozen=True, slots=True)
class RegisterFormat:
    """How a country writes its trade-register numbers, and the sections that are companies."""

    pattern: re.Pattern[str]
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleParameters:
    """Amounts in EUR; country lists by their code in `CheckContext.country_lists`."""

    lead_kinds: tuple[str, ...] | None = None
    lead_country_list: str | None = None
    lead_countries: tuple[str, ...] | None = None
    register_formats: Mapping[str, RegisterFormat] | None = None
    min_years: int | None = None
    turnover: TurnoverRule | None = None
    min_employees: int | None = None
    registration_window: RegistrationWindow | None = None
    max_external_funding: Decimal | None = None
    min_local_partners: int | None = None
    partner_country_list: str | None = None
    associated_country_list: str | None = None
    max_partners: int | None = None
    project_country_list: str | None = None
    project_countries: tuple[str, ...] | None = None
    sectors: tuple[str, ...] | None = None
    duration_months: MonthRange | None = None
    excluded_activities: tuple[str, ...] | None = None
    grant_ceiling: Decimal | None = None
    grant_ceiling_haulage: Decimal | None = None
    max_rate: Decimal | None = None
    audit_category: str | None = None
    de_minimis: DeMinimisRule | None = None
    sanctions_threshold: Decimal | None = None
    duplicate_threshold: Decimal | None = None
    due_diligence_scope: Mapping[RiskLevel, frozenset[str]] | None = None
    policy_max_age_years: int | None = None
    remedy_criteria: tuple[str, ...] | None = None
    # Source key per parameter ("S:guichet", "A:portal"); see texts.json.
    sources: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_mapping(
        cls, parameters: Mapping[str, Any], sources: Mapping[str, Any] | None = None
    ) -> Self:
        """Read the JSON of a rule set. Raises InvalidParameter with the parameter's name."""
        read: dict[str, Any] = {}
        for name, value in parameters.items():
            if name not in _READERS:
                raise InvalidParameter(name, "is not a parameter of the rules")
            if value is not None and value != "" and value != [] and value != {}:
                read[name] = _READERS[name](name, value)
        for name, source in (sources or {}).items():
            if name not in _READERS:
                raise InvalidParameter(name, "has a source but is not a parameter")
            if not isinstance(source, str) or source[:2] not in ("S:", "A:"):
                raise InvalidParameter(name, "has a source that is neither S: nor A:")
        return cls(**read, sources=dict(sources or {}))


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidParameter(name, "must be text")
    return value


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise InvalidParameter(name, "must be a list of texts")
    return tuple(_text(name, item) for item in value)


def _integer(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidParameter(name, "must be a whole number, 0 or more")
    return value


def _decimal(name: str, value: object) -> Decimal:
    """Numbers with decimals are text in a rule set, so that no float touches them."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise InvalidParameter(name, 'must be a number written as text, such as "0.50"')
    return Decimal(value)


def _share(name: str, value: object) -> Decimal:
    """A part of the whole: 50 percent is written "0.50"."""
    share = _decimal(name, value)
    if share > 1:
        raise InvalidParameter(name, 'must be at most 1: 50 percent is "0.50"')
    return share


def _day(name: str, value: object) -> date:
    try:
        return date.fromisoformat(_text(name, value))
    except ValueError as error:
        raise InvalidParameter(name, "must hold days such as 2024-04-30") from error


def _part(name: str, value: object, *allowed: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidParameter(name, "must be an object")
    if unknown := sorted(set(value) - set(allowed)):
        raise InvalidParameter(f"{name}.{unknown[0]}", "is not known")
    return value


def _required(name: str, part: Mapping[str, Any], key: str) -> Any:
    if part.get(key) is None:
        raise InvalidParameter(f"{name}.{key}", "is required")
    return part[key]


def _choice(name: str, value: object, kind: type[_Choice]) -> _Choice:
    try:
        return kind(_text(name, value))
    except ValueError as error:
        choices = ", ".join(kind)
        raise InvalidParameter(name, f"must be one of {choices}") from error


def _turnover(name: str, value: object) -> TurnoverRule:
    part = _part(name, value, "floor", "multiple", "base", "combine", "statistic")
    floor, multiple = part.get("floor"), part.get("multiple")
    if floor is None and multiple is None:
        raise InvalidParameter(name, "needs a floor or a multiple")
    return TurnoverRule(
        floor=None if floor is None else _decimal(f"{name}.floor", floor),
        multiple=None if multiple is None else _decimal(f"{name}.multiple", multiple),
        base=_choice(f"{name}.base", _required(name, part, "base"), MultipleBase),
        combine=_choice(f"{name}.combine", _required(name, part, "combine"), Combine),
        statistic=_choice(
            f"{name}.statistic", _required(name, part, "statistic"), TurnoverStatistic
        ),
    )


def _window(name: str, value: object) -> RegistrationWindow:
    part = _part(name, value, "first", "last")
    window = RegistrationWindow(
        first=_day(f"{name}.first", _required(name, part, "first")),
        last=_day(f"{name}.last", _required(name, part, "last")),
    )
    if window.last < window.first:
        raise InvalidParameter(name, "ends before it begins")
    return window


def _months(name: str, value: object) -> MonthRange:
    part = _part(name, value, "shortest", "longest")
    months = MonthRange(
        shortest=_integer(f"{name}.shortest", _required(name, part, "shortest")),
        longest=_integer(f"{name}.longest", _required(name, part, "longest")),
    )
    if months.longest < months.shortest:
        raise InvalidParameter(name, "ends before it begins")
    return months


def _de_minimis(name: str, value: object) -> DeMinimisRule:
    part = _part(name, value, "ceiling", "years", "member_state")
    return DeMinimisRule(
        ceiling=_decimal(f"{name}.ceiling", _required(name, part, "ceiling")),
        years=_integer(f"{name}.years", _required(name, part, "years")),
        member_state=_text(f"{name}.member_state", _required(name, part, "member_state")),
    )


def _register_formats(name: str, value: object) -> Mapping[str, RegisterFormat]:
    if not isinstance(value, dict):
        raise InvalidParameter(name, "must be an object by country")
    formats = {}
    for country, given in value.items():
        place = f"{name}.{country}"
        part = _part(place, given, "pattern", "sections")
        try:
            pattern = re.compile(_text(place, _required(place, part, "pattern")), re.ASCII)
        except re.error as error:
            raise InvalidParameter(place, "has a pattern that cannot be read") from error
        formats[country] = RegisterFormat(pattern, _texts(place, part.get("sections", [])))
    return formats


def _scope(name: str, value: object) -> Mapping[RiskLevel, frozenset[str]]:
    part = _part(name, value, *RiskLevel)
    return {
        level: frozenset(_texts(f"{name}.{level}", _required(name, part, level)))
        for level in RiskLevel
    }


_READERS: Mapping[str, Callable[[str, object], object]] = {
    "lead_kinds": _texts,
    "lead_country_list": _text,
    "lead_countries": _texts,
    "register_formats": _register_formats,
    "min_years": _integer,
    "turnover": _turnover,
    "min_employees": _integer,
    "registration_window": _window,
    "max_external_funding": _decimal,
    "min_local_partners": _integer,
    "partner_country_list": _text,
    "associated_country_list": _text,
    "max_partners": _integer,
    "project_country_list": _text,
    "project_countries": _texts,
    "sectors": _texts,
    "duration_months": _months,
    "excluded_activities": _texts,
    "grant_ceiling": _decimal,
    "grant_ceiling_haulage": _decimal,
    "max_rate": _share,
    "audit_category": _text,
    "de_minimis": _de_minimis,
    "sanctions_threshold": _share,
    "duplicate_threshold": _share,
    "due_diligence_scope": _scope,
    "policy_max_age_years": _integer,
    "remedy_criteria": _texts,
}

PARAMETER_NAMES = tuple(f.name for f in fields(RuleParameters) if f.name != "sources")
