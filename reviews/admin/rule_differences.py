"""Two versions of rules side by side, in the words of the reader."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from applications.actions.checking_context import rule_parameters
from applications.models import RuleSet
from applications.views.plain_rules import RuleNames
from applications.views.rule_words import StatedParameter, StatedSubject, state_all
from bpf_portal.core.access import Text
from reviews.admin.reference import when


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a value; `only` where the other version does not have it."""

    text: str
    only: bool


@dataclass(frozen=True, slots=True)
class Side:
    lines: Sequence[Line]
    source: str
    assumed: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter that two versions state otherwise."""

    subject: Text
    label: Text
    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class Comparison:
    """`before` is the older text. `same` counts the parameters that both state alike."""

    before: RuleSet
    after: RuleSet
    differences: Sequence[Difference]
    same: int


def compare(before: RuleSet, after: RuleSet) -> Comparison:
    """Neither need be stored. Three queries."""
    rules = rule_parameters(before), rule_parameters(after)
    names = RuleNames.for_rules(*rules)
    stated = [
        _every(state_all(row, each, names))
        for row, each in zip((before, after), rules, strict=True)
    ]
    pairs = [(subject, was, now) for (subject, was), (_subject, now) in zip(*stated, strict=True)]
    differences = [
        _difference(subject, was, now) for subject, was, now in pairs if was.said != now.said
    ]
    same = len(pairs) - len(differences)
    return Comparison(before, after, [*_head(before, after), *differences], same)


def _every(subjects: Sequence[StatedSubject]) -> list[tuple[Text, StatedParameter]]:
    return [(subject.title, each) for subject in subjects for each in subject.parameters]


def _difference(subject: Text, was: StatedParameter, now: StatedParameter) -> Difference:
    return Difference(
        subject,
        now.label,
        _side(was, now),
        _side(now, was),
    )


def _side(this: StatedParameter, other: StatedParameter) -> Side:
    lines = [Line(text, text not in other.lines) for text in this.lines]
    return Side(lines, this.source, this.assumed)


def _head(before: RuleSet, after: RuleSet) -> list[Difference]:
    """The columns that are no parameters."""
    columns = (
        (_("Title in French"), before.title_fr, after.title_fr),
        (_("Title in English"), before.title_en, after.title_en),
        (_("Valid from"), when(before.valid_from), when(after.valid_from)),
    )
    return [
        Difference(
            _("The whole"),
            label,
            Side([Line(was, True)], "", False),
            Side([Line(now, True)], "", False),
        )
        for label, was, now in columns
        if was != now
    ]
