"""What people decided on findings, applied to them. Pure, like the rules.

A decision holds for the finding it was made on, and for the same finding of a later run: the same
rule with the same outcome on the same facts. On other facts it waits again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from applications.checks.findings import (
    DUE_DILIGENCE_PREFIX,
    DueDiligenceOutcome,
    Outcome,
    ReportOutcome,
    sum_up,
    sum_up_due_diligence,
)


class Answer(StrEnum):
    """What a person said of a finding."""

    CONFIRMED = "confirmed"
    OVERRULED = "overruled"
    CLEARED = "cleared"
    #: The decision before it no longer counts.
    TAKEN_BACK = "taken_back"


class Found(Protocol):
    """A finding, stored or just made."""

    @property
    def code(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def observed(self) -> str: ...
    @property
    def required(self) -> str: ...
    @property
    def values(self) -> Mapping[str, Any]: ...


#: Which lists a name was compared with says nothing of the name: a newer list that finds the same
#: leaves the answer standing. The same for the day it was looked at, as long as the same was seen.
_BACKGROUND = frozenset(("lists", "reference_date"))
#: Of one rule only: where a window begins that holds the same aid as the day before.
_MOVING = frozenset((("aid.de_minimis", "after"),))


def facts_of(finding: Found) -> str:
    """The finding's fingerprint: equal for what a person would call the same finding."""
    said = [finding.code, str(finding.outcome), finding.reason, finding.observed, finding.required]
    values = {
        name: each
        for name, each in finding.values.items()
        if name not in _BACKGROUND and (finding.code, name) not in _MOVING
    }
    text = json.dumps([*said, values], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


#: An answer: a row, or what a page read of it. It has `code`, `facts` (of what was answered) and
#: `verdict`.
D = TypeVar("D")


class Answers(Generic[D]):
    """Everything people said of one submission's findings, by rule, newest first."""

    def __init__(self, newest_first: Iterable[D]) -> None:
        self._by_code: dict[str, list[Any]] = {}
        for each in newest_first:
            row: Any = each
            self._by_code.setdefault(row.code, []).append(row)

    def all_on(self, code: str) -> Sequence[D]:
        return self._by_code.get(code, ())

    def in_force(self, code: str, facts: str) -> D | None:
        """The newest answer on exactly these facts, unless it was taken back."""
        given = self._by_code.get(code, ())
        newest = next((each for each in given if each.facts == facts), None)
        return None if newest is None or newest.verdict == Answer.TAKEN_BACK else newest

    def on_other_facts(self, code: str, facts: str) -> D | None:
        """The newest answer to this rule where it is about something else."""
        newest = next(iter(self._by_code.get(code, ())), None)
        if newest is None or newest.facts == facts or newest.verdict == Answer.TAKEN_BACK:
            return None
        return newest


@dataclass(frozen=True)
class Counted:
    """A finding as it counts once a person has answered."""

    code: str
    outcome: Outcome
    #: Whether a person answered; only then may it be held against anybody.
    by_person: bool

    @property
    def is_due_diligence(self) -> bool:
        return self.code.startswith(DUE_DILIGENCE_PREFIX)

    @property
    def waits(self) -> bool:
        """Whether a person must still say something before the proposal can go on."""
        return not (self.by_person or self.is_due_diligence or self.outcome is Outcome.PASS)

    @property
    def is_ground(self) -> bool:
        """Whether the proposal can be excluded for it."""
        return self.by_person and self.outcome is Outcome.FAIL and not self.is_due_diligence


def counted(code: str, outcome: str, verdict: str | None) -> Counted:
    """Confirmed is not met, overruled is the other way round, cleared is met.

    Human-rights findings never exclude: confirmed they stay what they are, and one that the machine
    passed is to be looked at.
    """
    found = Outcome(outcome)
    careful = code.startswith(DUE_DILIGENCE_PREFIX)
    if verdict == Answer.CONFIRMED and found is not Outcome.PASS and not careful:
        found = Outcome.FAIL
    elif verdict == Answer.CLEARED:
        found = Outcome.PASS
    elif verdict == Answer.OVERRULED:
        against = Outcome.REVIEW if careful else Outcome.FAIL
        found = against if found is Outcome.PASS else Outcome.PASS
    return Counted(code, found, verdict is not None)


@dataclass(frozen=True)
class Standing:
    """The machine's findings with the people's answers applied."""

    findings: tuple[Counted, ...]
    outcome: ReportOutcome
    due_diligence: DueDiligenceOutcome

    @property
    def open(self) -> int:
        return sum(each.waits for each in self.findings)

    @property
    def grounds(self) -> frozenset[str]:
        """The rules that a person says are not met."""
        return frozenset(each.code for each in self.findings if each.is_ground)


def standing(findings: Iterable[Found], answers: Answers[Any]) -> Standing:
    rows = []
    for each in findings:
        answer = answers.in_force(each.code, facts_of(each))
        rows.append(counted(each.code, each.outcome, answer.verdict if answer else None))
    return Standing(tuple(rows), sum_up(rows), sum_up_due_diligence(rows))
