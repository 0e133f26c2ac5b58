"""What if? Any rules against what was handed in: who would stand differently. Nothing is written.

Both sides, the rules of each call and those to try, are checked anew with the same context, so
that whatever differs comes from the rules. What lies outside the rules (names on sanctions lists,
similar proposals, company registers) counts on both sides as the last run found it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from accounts.models import User
from applications.actions.checking_context import ContextBuilder, rule_parameters
from applications.actions.submission_context import worst_scans
from applications.checks import (
    CheckContext,
    Dossier,
    Outcome,
    ReportOutcome,
    RuleParameters,
    check,
)
from applications.checks.findings import DUE_DILIGENCE_PREFIX, sum_up
from applications.models import Call, CheckRun, Finding, RuleSet, Submission, SubmissionState
from applications.models.submission import SubmissionQuerySet
from bpf_portal.core.jobs import JobState

#: Rules over inputs that no rule set changes, with the parameter that switches each on.
AS_LAST_RUN: Mapping[str, str] = {
    "screening.sanctions": "sanctions_threshold",
    "screening.duplicate": "duplicate_threshold",
    "lead.vat_register": "",
    "lead.trade_register": "",
}
#: Dossiers read at a time: two more queries, and their documents are all that memory holds.
AT_A_TIME = 500

Outcomes = Mapping[str, Outcome]


class _Said(NamedTuple):
    """As much of a finding as a sum needs."""

    code: str
    outcome: Outcome

    @property
    def is_due_diligence(self) -> bool:
        return self.code.startswith(DUE_DILIGENCE_PREFIX)


class RuleChange(NamedTuple):
    """A rule that answers differently; None: it is not asked."""

    code: str
    before: Outcome | None
    after: Outcome | None

    @property
    def begins_to_fail(self) -> bool:
        return self.after is Outcome.FAIL

    @property
    def ceases_to_fail(self) -> bool:
        return self.before is Outcome.FAIL


@dataclass(frozen=True, slots=True)
class Simulated:
    """One submission under both rules."""

    pk: int
    call: str
    reference: str
    lead_name: str
    lead_country: str
    countries: tuple[str, ...]
    requested: Decimal
    before: ReportOutcome
    after: ReportOutcome
    changes: tuple[RuleChange, ...]

    @property
    def excluded(self) -> bool:
        return self.after is ReportOutcome.INELIGIBLE is not self.before

    @property
    def admitted(self) -> bool:
        return self.before is ReportOutcome.INELIGIBLE is not self.after


@dataclass(slots=True)
class Tally:
    """Submissions and what they ask for."""

    count: int = 0
    requested: Decimal = Decimal("0.00")

    def add(self, row: Simulated) -> None:
        self.count += 1
        self.requested += row.requested


@dataclass(slots=True)
class BothWays:
    """`excluded`: would no longer pass; `admitted`: would no longer fail."""

    all: Tally = field(default_factory=Tally)
    excluded: Tally = field(default_factory=Tally)
    admitted: Tally = field(default_factory=Tally)


@dataclass(slots=True)
class Simulation:
    """The figures over all rows, and the first rows whose whole outcome changes."""

    shown: int
    moves: dict[tuple[ReportOutcome, ReportOutcome], Tally] = field(default_factory=dict)
    whole: BothWays = field(default_factory=BothWays)
    rules: dict[str, BothWays] = field(default_factory=dict)
    countries: dict[str, BothWays] = field(default_factory=dict)
    changed: list[Simulated] = field(default_factory=list)

    def add(self, row: Simulated) -> None:
        self.moves.setdefault((row.before, row.after), Tally()).add(row)
        for both in (
            self.whole,
            *(self.countries.setdefault(each, BothWays()) for each in row.countries),
        ):
            _count(both, row, excluded=row.excluded, admitted=row.admitted)
        for change in row.changes:
            both = self.rules.setdefault(change.code, BothWays())
            _count(both, row, excluded=change.begins_to_fail, admitted=change.ceases_to_fail)
        if row.before is not row.after and len(self.changed) < self.shown:
            self.changed.append(row)

    @property
    def changed_count(self) -> int:
        return sum(tally.count for (before, after), tally in self.moves.items() if before != after)


def _count(both: BothWays, row: Simulated, *, excluded: bool, admitted: bool) -> None:
    both.all.add(row)
    if excluded:
        both.excluded.add(row)
    if admitted:
        both.admitted.add(row)


def summed(rows: Iterable[Simulated], *, shown: int = 100) -> Simulation:
    simulation = Simulation(shown)
    for row in rows:
        simulation.add(row)
    return simulation


def submissions_of(calls: Iterable[Call], reader: User | None = None) -> SubmissionQuerySet:
    """Of each proposal the newest hand-in that was not withdrawn, so that no money counts twice.

    Of what `reader` may see; a command sees all.
    """
    rows = Submission.objects.all() if reader is None else Submission.objects.visible_to(reader)
    newest = (
        rows.filter(call__in=list(calls))
        .exclude(state=SubmissionState.WITHDRAWN)
        .order_by("proposal_id", "-submitted_at", "-pk")
        .distinct("proposal_id")
    )
    return Submission.objects.filter(pk__in=newest.values("pk")).order_by("call_id", "reference")


def simulate(
    rules: RuleSet, calls: Sequence[Call], reader: User | None = None
) -> Iterator[Simulated]:
    """Row by row. `rules` need not be stored; `calls` come with their rule sets; without a
    `reader` all proposals are tried.

    Raises InvalidParameter, at once, when a rule set cannot be read.
    """
    return _compared(_Sides(rules, calls), calls, reader)


def _compared(sides: _Sides, calls: Sequence[Call], reader: User | None) -> Iterator[Simulated]:
    columns = (
        "pk",
        "call_id",
        "reference",
        "lead_name",
        "lead_country",
        "countries",
        "requested",
        "document",
    )
    rows = submissions_of(calls, reader).values(*columns).iterator(chunk_size=AT_A_TIME)
    while some := list(islice(rows, AT_A_TIME)):
        numbers = [row["pk"] for row in some]
        kept, scans = _last_said(numbers), _scans(numbers)
        for row in some:
            yield sides.compare(row, kept.get(row["pk"], {}), scans.get(row["pk"], {}))


class _Sides:
    """The two rule sets with the contexts of each call, made once."""

    def __init__(self, rules: RuleSet, calls: Sequence[Call]) -> None:
        self.tried = rule_parameters(rules)
        self.codes = {call.pk: call.code for call in calls}
        self.own = {call.pk: rule_parameters(call.rule_set) for call in calls}
        every = [rules, *(call.rule_set for call in calls)]
        self.contexts = ContextBuilder().eligibility_contexts(calls, every)

    def compare(
        self, row: Mapping[str, Any], kept: Outcomes, scans: Mapping[str, str]
    ) -> Simulated:
        call = row["call_id"]
        dossier = Dossier.from_frozen(row["document"])
        context = replace(self.contexts[call], scans=scans)
        before = _outcomes(dossier, self.own[call], context, kept)
        after = _outcomes(dossier, self.tried, context, kept)
        return Simulated(
            pk=row["pk"],
            call=self.codes[call],
            reference=row["reference"],
            lead_name=row["lead_name"],
            lead_country=row["lead_country"],
            countries=tuple(row["countries"]),
            requested=row["requested"],
            before=_sum(before),
            after=_sum(after),
            changes=tuple(_changes(before, after)),
        )


def _outcomes(
    dossier: Dossier, parameters: RuleParameters, context: CheckContext, kept: Outcomes
) -> Outcomes:
    """By rule, without the due diligence, which makes nobody ineligible."""
    found = {
        finding.code: finding.outcome
        for finding in check(dossier, parameters, context).findings
        if not finding.is_due_diligence
    }
    for code, outcome in kept.items():
        switch = AS_LAST_RUN[code]
        if not switch or getattr(parameters, switch) is not None:
            found[code] = outcome
    return found


def _sum(outcomes: Outcomes) -> ReportOutcome:
    return sum_up(_Said(code, outcome) for code, outcome in outcomes.items())


def _changes(before: Outcomes, after: Outcomes) -> Iterator[RuleChange]:
    for code in dict.fromkeys((*before, *after)):
        change = RuleChange(code, before.get(code), after.get(code))
        if change.before is not change.after:
            yield change


def _last_said(submissions: Sequence[int]) -> dict[int, dict[str, Outcome]]:
    """What the newest finished run of each said of what lies outside the rules. One query."""
    runs = (
        CheckRun.objects.filter(submission__in=submissions, state=JobState.DONE)
        .order_by("submission_id", "-pk")
        .distinct("submission_id")
    )
    rows = Finding.objects.filter(check_run__in=runs.values("pk"), code__in=AS_LAST_RUN)
    said: dict[int, dict[str, Outcome]] = {}
    for submission, code, outcome in rows.values_list("check_run__submission", "code", "outcome"):
        said.setdefault(submission, {})[code] = Outcome(outcome)
    return said


def _scans(submissions: Sequence[int]) -> dict[int, dict[str, str]]:
    """As `scans_now`, for many. One query."""
    files = Submission.documents.through.objects.filter(submission__in=submissions)
    found: dict[int, list[tuple[str, str]]] = {}
    rows = files.values_list("submission_id", "document__sha256", "document__scan")
    for submission, sha256, scan in rows:
        found.setdefault(submission, []).append((sha256, scan))
    return {submission: worst_scans(rows) for submission, rows in found.items()}
