"""What a dossier to read is made of, and how single values are said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from applications.forms.choices import Choices
from applications.models import Document, Vocabulary
from applications.views.gantt import Gantt
from applications.views.section_titles import SECTION_TITLES
from bpf_portal.core import money
from bpf_portal.core.access import Text

Json = Mapping[str, Any]
#: Letters of the longest word that a narrow column holds.
LONGEST_NARROW = 8


@dataclass(frozen=True)
class Table:
    """A table; `amounts` are the columns that hold money, to the right."""

    caption: Text
    head: Sequence[Text]
    rows: Sequence[Sequence[str]]
    amounts: frozenset[int] = frozenset()

    @property
    def narrow(self) -> frozenset[int]:
        """The columns that hold numbers and codes only: on paper they leave room to the others."""
        return frozenset(
            column
            for column, heading in enumerate(self.head)
            if max(map(len, str(heading).split()), default=0) <= LONGEST_NARROW
            and all(len(row[column]) <= LONGEST_NARROW for row in self.rows if column < len(row))
        )

    @property
    def cells(self) -> list[list[tuple[Text, str, bool]]]:
        """Row by row: each value with its column's heading, and whether it is money."""
        return [
            [
                (label, text, column in self.amounts)
                for column, (label, text) in enumerate(zip(self.head, row, strict=False))
            ]
            for row in self.rows
        ]


@dataclass(frozen=True)
class Part:
    """A section of the dossier."""

    section: str
    title: Text
    answers: Sequence[tuple[Text, str]]
    tables: Sequence[Table] = ()
    gantt: Gantt | None = None


@dataclass(frozen=True)
class Reading:
    """A dossier to read; `documents` are its files, to download."""

    parts: Sequence[Part]
    documents: Sequence[Document] = field(default_factory=list)


def yes_no(value: bool | None) -> str:
    return _("not answered") if value is None else (_("yes") if value else _("no"))


def day(value: str | None) -> str:
    if not value:
        return ""
    return formats.date_format(date.fromisoformat(value[:10]), "j F Y")


def moment(value: str) -> str:
    local = timezone.localtime(datetime.fromisoformat(value))
    return formats.date_format(local, "j F Y, H:i")


def euros(value: str | None) -> str:
    return money.display(Decimal(value)) if value else ""


def text_of(value: object) -> str:
    return "" if value is None else str(value)


def words(choices: Choices, vocabulary: Vocabulary, codes: Sequence[object]) -> str:
    return ", ".join(choices.label(vocabulary, code) for code in codes)


def asked_by(call: str, choices: Choices) -> dict[str, str]:
    """The questions of the call's form by code, in order."""
    return {each.code: each.label for each in choices.questions(call)}


def answered(asked: Mapping[str, str], given: Mapping[str, str]) -> list[tuple[Text, str]]:
    """The texts under the questions as they were asked; an answer to none keeps its code."""
    known: list[tuple[Text, str]] = [
        (asked[code], given[code]) for code in asked if given.get(code)
    ]
    others = [(code, text) for code, text in given.items() if code not in asked and text]
    return [*known, *others]


def part_of(
    section: str,
    answers: Sequence[tuple[Text, str]],
    tables: Sequence[Table] = (),
    gantt: Gantt | None = None,
) -> Part:
    """Without the questions that were not answered, and without empty tables."""
    return Part(
        section,
        SECTION_TITLES[section],
        [(label, text) for label, text in answers if text],
        [table for table in tables if table.rows],
        gantt,
    )
