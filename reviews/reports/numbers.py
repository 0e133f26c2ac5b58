"""A number that may be unknown, and how what is unknown goes through a sum. No Django here."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

Value = int | Decimal


class Status(StrEnum):
    """What stands behind a number."""

    PUBLISHED = "published"
    COUNTED = "counted"
    CALCULATED = "calculated"
    AT_LEAST = "at_least"
    NOT_PUBLISHED = "not_published"
    NOT_APPLICABLE = "not_applicable"


#: Whether the number is the whole truth.
EXACT = (Status.PUBLISHED, Status.COUNTED, Status.CALCULATED)


@dataclass(frozen=True)
class Number:
    """A value with its status. There is a value unless it is not published or not applicable."""

    value: Value | None
    status: Status

    def __post_init__(self) -> None:
        without = self.status in (Status.NOT_PUBLISHED, Status.NOT_APPLICABLE)
        if without != (self.value is None):
            raise ValueError(f"{self.value} cannot be {self.status}")

    @property
    def exact(self) -> bool:
        return self.status in EXACT


NOT_PUBLISHED = Number(None, Status.NOT_PUBLISHED)
NOT_APPLICABLE = Number(None, Status.NOT_APPLICABLE)


def published(value: Value | None) -> Number:
    """What a public source says; an empty cell is unknown."""
    return NOT_PUBLISHED if value is None else Number(value, Status.PUBLISHED)


def counted(value: Value) -> Number:
    """The portal's own count of everything there was."""
    return Number(value, Status.COUNTED)


def at_least(value: Value) -> Number:
    """A part that is known of a whole that is not; nothing known of it is unknown, not zero."""
    return Number(value, Status.AT_LEAST) if value else NOT_PUBLISHED


def total(numbers: Iterable[Number]) -> Number:
    """The sum. With an unknown part it is "at least" the known ones; with none known, unknown."""
    parts = list(numbers)
    known = [part.value for part in parts if part.value is not None]
    whole = sum(known, start=type(known[0])(0)) if known else None
    if whole is None:
        return NOT_PUBLISHED
    if all(part.exact for part in parts):
        return Number(whole, Status.CALCULATED)
    return at_least(whole)
