"""What a finding observed and what is required, in words, French and English.

The rules write both for programs (`check_proposal`): exact, with codes, in English. For people they
are made here from the finding's values, by the templates of `facts.fr.json` and `facts.en.json`.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from .findings import PlainValue
from .texts import Labels, fill_in

# By rule, "observed" or "required", and reason ("*": any other), templates: the first is taken
# whose values the finding has.
_Facts: TypeAlias = Mapping[str, Mapping[str, Mapping[str, list[str]]]]


@dataclass(frozen=True, slots=True)
class Fact:
    """`translated` is false where only the rule's own English is there: a page marks it so."""

    text: str
    translated: bool = True


def render_observed(
    code: str,
    reason: str,
    observed: str,
    values: Mapping[str, PlainValue],
    language: str,
    labels: Labels,
) -> Fact:
    """What the rule observed, empty where it observed nothing.

    A finding of an older version of the portal may lack a value: it then stays as it was written.
    """
    return _render("observed", code, reason, observed, values, language, labels)


def render_required(
    code: str,
    reason: str,
    required: str,
    values: Mapping[str, PlainValue],
    language: str,
    labels: Labels,
) -> Fact:
    """What the rule requires, as `render_observed`."""
    return _render("required", code, reason, required, values, language, labels)


def _render(
    side: str,
    code: str,
    reason: str,
    written: str,
    values: Mapping[str, PlainValue],
    language: str,
    labels: Labels,
) -> Fact:
    if not written:
        return Fact("")
    by_reason = load_facts(language).get(code, {}).get(side, {})
    known: dict[str, PlainValue] = {**values, side: written.split(", ")}
    for template in by_reason.get(reason) or by_reason.get("*", []):
        if _placeholders(template) <= known.keys():
            return Fact(fill_in(template, known, language, labels))
    return Fact(written, translated=False)


@cache
def _placeholders(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


@cache
def load_facts(language: str) -> _Facts:
    """The templates in "fr" or "en"."""
    path = Path(__file__).with_name(f"facts.{language}.json")
    facts: _Facts = json.loads(path.read_text(encoding="utf-8"))
    return facts
