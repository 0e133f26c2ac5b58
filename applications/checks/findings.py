"""What the checks say: one finding per rule, and the report that sums them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Protocol, TypeAlias

# What a text may need, in a form that survives JSON: amounts and rates as text, days as ISO.
PlainValue: TypeAlias = str | int | list[str]
GivenValue: TypeAlias = "str | int | Decimal | date | Iterable[str]"


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    REVIEW = "review"
    MISSING = "missing"


class ReportOutcome(StrEnum):
    ELIGIBLE = "eligible"
    TO_REVIEW = "to_review"
    INELIGIBLE = "ineligible"


class DueDiligenceOutcome(StrEnum):
    COMPLETE = "complete"
    GAPS = "gaps"
    REFER = "refer"
    REFUSED = "refused"


class RiskLevel(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {RiskLevel.LOW: 0, RiskLevel.MEDIUM: 1, RiskLevel.HIGH: 2}

DUE_DILIGENCE_PREFIX = "hrdd."
CLAUSE_CODE = "hrdd.clause"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says; `reason` names the text, `values` are the text's parameters."""

    outcome: Outcome
    reason: str
    observed: str
    required: str
    values: Mapping[str, PlainValue]


def passed(reason: str, *, observed: str = "", required: str = "", **values: GivenValue) -> Verdict:
    return Verdict(Outcome.PASS, reason, observed, required, _plain(values))


def failed(reason: str, *, observed: str = "", required: str = "", **values: GivenValue) -> Verdict:
    return Verdict(Outcome.FAIL, reason, observed, required, _plain(values))


def for_review(
    reason: str, *, observed: str = "", required: str = "", **values: GivenValue
) -> Verdict:
    return Verdict(Outcome.REVIEW, reason, observed, required, _plain(values))


def missing(
    reason: str, *, observed: str = "", required: str = "", **values: GivenValue
) -> Verdict:
    return Verdict(Outcome.MISSING, reason, observed, required, _plain(values))


def _plain(values: Mapping[str, GivenValue]) -> dict[str, PlainValue]:
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: GivenValue) -> PlainValue:
    if isinstance(value, (str, int)):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value)


def euros(amount: Decimal) -> str:
    """An amount as the exchange formats write it; a part of a cent in a requirement rounds up."""
    return str(amount.quantize(Decimal("0.01"), rounding=ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's finding. `place` is the dossier's section a page can link to, or empty.

    `source` is a key of the texts: "S:" for a public source, "A:" for an assumption.
    """

    code: str
    outcome: Outcome
    observed: str
    required: str
    reason: str
    values: Mapping[str, PlainValue]
    place: str
    source: str

    @property
    def is_due_diligence(self) -> bool:
        return self.code.startswith(DUE_DILIGENCE_PREFIX)


@dataclass(frozen=True, slots=True)
class Report:
    """All findings on a dossier, with the two sums over them. It proposes; a person decides."""

    findings: tuple[Finding, ...]
    outcome: ReportOutcome
    due_diligence: DueDiligenceOutcome
    risk_level: RiskLevel

    def finding(self, code: str) -> Finding | None:
        return next((finding for finding in self.findings if finding.code == code), None)


class Summed(Protocol):
    """What a sum needs to know of a finding."""

    @property
    def code(self) -> str: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def is_due_diligence(self) -> bool: ...


def sum_up(findings: Iterable[Summed]) -> ReportOutcome:
    """Ineligible if any fails, else to review if any is open; due diligence does not count."""
    outcomes = {finding.outcome for finding in findings if not finding.is_due_diligence}
    if Outcome.FAIL in outcomes:
        return ReportOutcome.INELIGIBLE
    if outcomes & {Outcome.REVIEW, Outcome.MISSING}:
        return ReportOutcome.TO_REVIEW
    return ReportOutcome.ELIGIBLE


def sum_up_due_diligence(findings: Iterable[Summed]) -> DueDiligenceOutcome:
    """Refused if the clause fails; else refer if any is review; else gaps if any is missing."""
    relevant = [finding for finding in findings if finding.is_due_diligence]
    if any(f.code == CLAUSE_CODE and f.outcome is Outcome.FAIL for f in relevant):
        return DueDiligenceOutcome.REFUSED
    outcomes = {finding.outcome for finding in relevant}
    if Outcome.REVIEW in outcomes:
        return DueDiligenceOutcome.REFER
    if Outcome.MISSING in outcomes:
        return DueDiligenceOutcome.GAPS
    return DueDiligenceOutcome.COMPLETE
