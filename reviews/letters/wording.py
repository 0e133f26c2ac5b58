"""The words of a letter: a closed list of named fields, put into plain text and nothing else.

A template row is text with `{fields}`. It is never code, its fields are replaced once and what was
put in is not read again, so neither a template nor a company's name can reach further than its own
place. The result is plain text; the page's template escapes it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from reviews.letters.figures import day

#: What a template may name, and what it stands for. None where the decision has no such thing.
FIELDS: Mapping[str, str] = {
    "company": "the company's legal name, as handed in",
    "proposal": "the proposal's reference",
    "project": "the project's title",
    "call": "the call's title",
    "letter": "this letter's own reference",
    "date": "the day of the letter",
    "contact": "the facility's e-mail address",
    "amount": "the grant in figures",
    "amount_in_words": "the grant in words",
    "rate": "the grant as a share of the project's cost",
    "total": "the project's cost",
    "score": "the points reached, of 100",
    "threshold": "the points needed, of 100",
    "stage_2_deadline": "until when the detailed proposal is awaited",
    "clause_version": "the version of the due-diligence clause",
    "replaced_letter": "the letter that told of the decision which this one corrects",
    "replaced_on": "the day of that decision",
    "clause_accepted_on": "the day on which the company accepted the clause",
}

_PLACE = re.compile(r"\{([a-z_0-9]+)(?:\+(\d{1,3}))?\}")
_BRACE = re.compile(r"[{}]")
#: Kept of the invisible format characters: Persian and Indic names are misspelt without them.
_JOINERS = "\u200c\u200d"
_BREAKS = str.maketrans({"\r": "\n", "\u2028": "\n", "\u2029": "\n", "\t": " ", "\x0b": " "})
_MARKS_IN_A_ROW = 4
_FRENCH = (
    (re.compile(r"[ \u00a0\u202f]+(?=[;!?])"), "\u202f"),
    (re.compile(r"[ \u00a0\u202f]+(?=[:»%€])"), "\u00a0"),
    (re.compile(r"(?<=«)[ \u00a0\u202f]+"), "\u00a0"),
    (re.compile(r"(?<=\d) (?=\d{3}(?!\d))"), "\u202f"),
)


class WrongWording(ValueError):
    """A template names a field that does not exist, or one that this decision does not have."""


def clean(text: str) -> str:
    """The text as it may be printed: composed, without characters that control or disguise.

    Overrides of the writing direction, controls, tags and private or unassigned characters go; of
    marks piled upon one letter the first few stay. Line ends remain.
    """
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_BREAKS)):
        category = unicodedata.category(character)
        marks = marks + 1 if category.startswith("M") else 0
        printable = category[0] != "C" or character in _JOINERS or character == "\n"
        if printable and marks <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept).strip()


def in_one_line(text: str) -> str:
    return " ".join(clean(text).split())


def lines_of(text: str) -> list[str]:
    """The lines that say something, e.g. one condition each."""
    return [line for raw in clean(text).split("\n") if (line := " ".join(raw.split()))]


def typeset(text: str, language: str) -> str:
    """French high punctuation, guillemets, signs and thousands keep together by no-break spaces.

    Spaces that are there are made unbreakable; none is added, so an address stays as it is.
    """
    if language == "fr":
        for pattern, space in _FRENCH:
            text = pattern.sub(space, text)
    return text


class Words:
    """Puts the fields of one letter into its template's texts."""

    def __init__(self, values: Mapping[str, str | None], *, on: date, language: str) -> None:
        self.values, self.on, self.language = values, on, language

    def known(self, name: str) -> bool:
        return bool(self.values.get(name))

    def say(self, text: str) -> str:
        """The text with its fields; `{date+30}` is the day thirty days after the letter's.

        Raises WrongWording for an unknown field and for one without a value.
        """
        return typeset(_replaced(text, self._value), self.language)

    def _value(self, name: str, days: int | None) -> str:
        if days is not None:
            return day(self.on + timedelta(days=days), self.language)
        value = self.values.get(name)
        if not value:
            raise WrongWording(f"this decision has no {name!r} to write of")
        return value


def check(text: str) -> None:
    """Raises WrongWording when the text names anything outside the closed list."""
    _replaced(text, lambda name, days: "")


def _replaced(text: str, value: Callable[[str, int | None], str]) -> str:
    """Each named field replaced once. What a value brings along is not looked at again."""
    pieces, end = [], 0
    for place in _PLACE.finditer(text):
        name, days = place[1], place[2]
        if name not in FIELDS or (days and name != "date"):
            raise WrongWording(f"{place[0]} is not one of the fields of a letter")
        pieces += [_plain(text[end : place.start()]), value(name, int(days) if days else None)]
        end = place.end()
    return "".join([*pieces, _plain(text[end:])])


def _plain(text: str) -> str:
    if _BRACE.search(text):
        raise WrongWording(f"a brace stands alone in {text[:80]!r}")
    return text
