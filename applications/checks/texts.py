"""Findings in words, French and English, for the people who must act on them.

The texts stand in `texts.fr.json` and `texts.en.json`: by rule and reason a message and what to do;
under "to_company" the wording for the company where the other one names somebody else.
Nothing is translated at import; a finding stored as JSON renders the same years later.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from .findings import Finding, PlainValue

LANGUAGES = ("fr", "en")
# Names by kind ("country", "document", "sector", …) and code, in one language.
Labels: TypeAlias = Mapping[str, Mapping[str, str]]
_NO_LABELS: Labels = {}
_NARROW_SPACE, _HARD_SPACE = "\u202f", "\u00a0"


@dataclass(frozen=True, slots=True)
class RenderedFinding:
    """What was found, what to do about it (empty when nothing is), and where the rule is from."""

    message: str
    remedy: str
    source: str


def render(finding: Finding, language: str, labels: Labels = _NO_LABELS) -> RenderedFinding:
    """The finding in words. `language` is "fr" or "en"; codes without a label stay codes."""
    return render_reason(
        finding.code, finding.reason, finding.values, finding.source, language, labels
    )


def render_reason(
    code: str,
    reason: str,
    values: Mapping[str, PlainValue],
    source: str,
    language: str,
    labels: Labels = _NO_LABELS,
    *,
    to_company: bool = False,
) -> RenderedFinding:
    """The same from the parts of a stored finding. Raises KeyError for a text that is not there.

    `to_company`: as it may be said to the company itself, which learns nothing of other companies.
    """
    texts = load_texts(language)
    rule = texts["rules"][code]
    said = {**rule["reasons"], **(rule.get("to_company", {}) if to_company else {})}
    message, remedy = said[reason]
    formatter = _ValueFormatter(language, labels)
    return RenderedFinding(
        message=formatter.vformat(message, (), values),
        remedy=formatter.vformat(remedy, (), values),
        source=render_source(source, language),
    )


def fill_in(
    template: str, values: Mapping[str, PlainValue], language: str, labels: Labels = _NO_LABELS
) -> str:
    """A template with its values as the language writes them. Raises KeyError for one missing."""
    return _ValueFormatter(language, labels).vformat(template, (), values)


def render_source(source: str, language: str) -> str:
    """ "[S] …" for a public source, "[A] …" for what the portal assumed."""
    mark, _, _ = source.partition(":")
    return f"[{mark}] {source_text(source, language)}"


def source_text(source: str, language: str) -> str:
    """A known source by its name in that language; what an officer wrote, as it was written."""
    known: Mapping[str, str] = load_texts(language)["sources"]
    return known.get(source) or source.partition(":")[2]


def source_from_text(text: str, *, assumed: bool) -> str:
    """The source that a person wrote or left standing: a known one in either language by its key,
    where its mark is the same; any other as it is written. Empty where nothing is assumed, and
    the text says nothing, or what the portal assumes."""
    text, mark = " ".join(text.split()), "A" if assumed else "S"
    if not text:
        return "A:portal" if assumed else ""
    for language in LANGUAGES:
        for key, known in load_texts(language)["sources"].items():
            if " ".join(known.split()) == text and (key.startswith(mark) or not assumed):
                return str(key) if key.startswith(mark) else ""
    return f"{mark}:{text}"


def rule_title(code: str, language: str) -> str:
    """The rule's name for a list of findings."""
    title: str = load_texts(language)["rules"][code]["title"]
    return title


@cache
def load_texts(language: str) -> Mapping[str, Any]:
    if language not in LANGUAGES:
        raise KeyError(f"no texts in language {language!r}")
    path = Path(__file__).with_name(f"texts.{language}.json")
    texts: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return texts


class _ValueFormatter(string.Formatter):
    """Writes a plain value as its placeholder asks: `{amount:money}`, `{countries:country}`."""

    def __init__(self, language: str, labels: Labels) -> None:
        self.language = language
        self.labels = labels
        self.texts = load_texts(language)

    def format_field(self, value: Any, format_spec: str) -> str:
        match format_spec:
            case "money":
                amounts = value if isinstance(value, list) else [value]
                between = "\u00a0; " if self.language == "fr" else "; "
                return between.join(format_money(Decimal(each), self.language) for each in amounts)
            case "percent":
                return self._percent(Decimal(value))
            case "date":
                return self._day(date.fromisoformat(value))
            case "moment":
                moment = datetime.fromisoformat(value)
                return f"{self._day(moment)} {self.texts['at']} {moment:%H:%M:%S}"
            case "":
                return self._listed(value)
            case _:
                return self._listed(value, format_spec)

    def _percent(self, rate: Decimal) -> str:
        number = f"{(rate * 100).normalize():f}"
        return f"{_decimal_point(number, self.language)}{_HARD_SPACE}%"

    def _day(self, day: date) -> str:
        if self.language == "fr" and day.day == 1:
            return f"1er {self.texts['months'][day.month - 1]} {day.year}"
        return f"{day.day} {self.texts['months'][day.month - 1]} {day.year}"

    def _listed(self, value: Any, kind: str = "") -> str:
        items = value if isinstance(value, list) else [value]
        names = self.labels.get(kind) or self.texts["labels"].get(kind) or {}
        return ", ".join(names.get(str(item), str(item)) for item in items)


def format_money(amount: Decimal, language: str) -> str:
    """EUR as the language writes it: "1 040 000,00 EUR" or "EUR 1,040,000.00"."""
    grouped = f"{amount:,.2f}"
    if language == "fr":
        whole, _, cents = grouped.partition(".")
        return f"{whole.replace(',', _NARROW_SPACE)},{cents}{_HARD_SPACE}EUR"
    return f"EUR{_HARD_SPACE}{grouped}"


def _decimal_point(number: str, language: str) -> str:
    return number.replace(".", ",") if language == "fr" else number
