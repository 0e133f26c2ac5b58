"""What people said of each finding, what the company was asked, and what may be done now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from applications.actions.checking import StatedFinding
from applications.actions.finding_decisions import DECIDABLE
from applications.checks.decided import Answers, counted
from applications.checks.facts import Fact, render_observed
from applications.models import (
    FINDING_TRANSITIONS,
    FindingDecision,
    FindingQuestion,
    Message,
    Side,
    Submission,
    SubmissionState,
)
from bpf_portal.core.access import Text
from reviews.admin.labels import Labels
from reviews.admin.wording import FINDINGS, VERDICTS, Badge
from reviews.forms.desk_form import DeskForm
from reviews.forms.eligibility import FindingForm

#: What the page shows of a decision; read together with its submission, in one query.
_SHOWN = (
    "code",
    "facts",
    "outcome",
    "reason_code",
    "observed",
    "values",
    "verdict",
    "reason",
    "decided_at",
    "check_run_id",
)
BUTTONS: dict[str, Text] = {
    "confirm": _("Confirm: not met"),
    "overrule": _("Overrule"),
    "clear": _("Settled by the company’s answer"),
    "take_back": _("Take the decision back"),
}


@dataclass(frozen=True)
class GivenAnswer:
    """One stored decision, in words."""

    code: str
    facts: str
    verdict: str
    badge: Badge
    reason: str
    by: str
    at: datetime | None
    #: What the machine had said then.
    machine: Badge
    observed: Fact
    check_run: int


@dataclass(frozen=True)
class Question:
    """That the company was asked about a finding, and when it wrote next."""

    by: str
    at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True)
class FindingAnswers:
    """One finding's people: the answer that counts, the others, the questions and the buttons."""

    anchor: str
    in_force: GivenAnswer | None
    on_other_facts: GivenAnswer | None
    earlier: Sequence[GivenAnswer]
    questions: Sequence[Question]
    #: How the finding counts now, where a person changed it.
    counts_as: Badge | None
    waits: bool
    #: Whether the proposal can be excluded for it.
    is_ground: bool
    form: DeskForm | None
    buttons: Sequence[tuple[str, Text]]
    may_ask: bool


def _name(person: str) -> Coalesce:
    return Coalesce(NullIf(f"{person}__full_name", Value("")), f"{person}__email")


def decisions_as_rows() -> ArraySubquery:
    """Every decision on a submission's findings, newest first."""
    rows = FindingDecision.objects.filter(submission=OuterRef("pk")).order_by("-pk")
    members = {column: F(column) for column in _SHOWN}
    return ArraySubquery(rows.values(json=JSONObject(by=_name("decided_by"), **members)))


def questions_as_rows() -> ArraySubquery:
    """Every question about a submission's findings, newest first, with the company's next words."""
    later = Message.objects.filter(
        thread=OuterRef("message__thread"), pk__gt=OuterRef("message"), side=Side.COMPANY
    )
    rows = FindingQuestion.objects.filter(submission=OuterRef("pk")).order_by("-pk")
    told = JSONObject(
        code="code",
        by=_name("message__author"),
        at="message__sent_at",
        answered_at=Subquery(later.order_by("pk").values("sent_at")[:1]),
    )
    return ArraySubquery(rows.values(json=told))


def answers_to(
    findings: Iterable[StatedFinding],
    submission: Submission,
    labels: Labels,
    *,
    may_decide: bool,
    refused: DeskForm | None = None,
) -> dict[str, FindingAnswers]:
    """By rule, from what `decisions_as_rows` and `questions_as_rows` read. No query."""
    answers = Answers([_given(row, labels) for row in submission.decision_rows])  # type: ignore[attr-defined]
    questions: dict[str, list[Question]] = {}
    for row in submission.question_rows:  # type: ignore[attr-defined]
        questions.setdefault(row["code"], []).append(_question(row))
    decides = may_decide and is_decidable(submission)
    return {
        each.code: _answers(each, answers, questions.get(each.code, ()), decides, refused)
        for each in findings
    }


def is_decidable(submission: Submission) -> bool:
    """Whether an answer counts now; the action asks again."""
    proposed = submission.exclusion_proposed_by_id is not None
    waiting = submission.state == SubmissionState.RECEIVED and proposed
    return submission.state in DECIDABLE and bool(submission.outcome) and not waiting


def _answers(
    finding: StatedFinding,
    answers: Answers[GivenAnswer],
    questions: Sequence[Question],
    decides: bool,
    refused: DeskForm | None,
) -> FindingAnswers:
    code, facts = finding.code, finding.facts
    current = answers.in_force(code, facts)
    now = counted(code, finding.outcome, current.verdict if current else None)
    anchor = f"finding-{code.replace('.', '-')}"
    answered = any(each.answered_at for each in questions)
    return FindingAnswers(
        anchor=anchor,
        in_force=current,
        on_other_facts=answers.on_other_facts(code, facts),
        earlier=[each for each in answers.all_on(code) if each is not current],
        questions=questions,
        counts_as=FINDINGS[now.outcome] if now.outcome != finding.outcome else None,
        waits=now.waits,
        is_ground=now.is_ground,
        form=_form(finding, anchor, refused) if decides else None,
        buttons=list(_buttons(finding, current, answered)) if decides else [],
        may_ask=decides and finding.outcome != "pass",
    )


def _buttons(
    finding: StatedFinding, current: GivenAnswer | None, answered: bool
) -> Iterable[tuple[str, Text]]:
    for action in FINDING_TRANSITIONS.actions(current.verdict if current else "open"):
        if finding.outcome == "pass" and action in ("confirm", "clear"):
            continue
        if action == "clear" and not answered:
            continue
        yield action, BUTTONS[action]


def _form(finding: StatedFinding, anchor: str, refused: DeskForm | None) -> DeskForm:
    """What was typed stays beside the finding that it is about."""
    if isinstance(refused, FindingForm) and refused.data.get("code") == finding.code:
        return refused
    return FindingForm(auto_id=f"{anchor}_%s")


def refused_form(data: Mapping[str, Any]) -> FindingForm:
    code = str(data.get("code", ""))[:40]
    return FindingForm(data, auto_id=f"finding-{code.replace('.', '-')}_%s")


def _given(row: Mapping[str, Any], labels: Labels) -> GivenAnswer:
    return GivenAnswer(
        code=row["code"],
        facts=row["facts"],
        verdict=row["verdict"],
        badge=VERDICTS[row["verdict"]],
        reason=row["reason"],
        by=row["by"],
        at=parse_datetime(row["decided_at"]),
        machine=FINDINGS[row["outcome"]],
        observed=render_observed(
            row["code"],
            row["reason_code"],
            row["observed"],
            row["values"],
            labels.language,
            labels.by_kind,
        ),
        check_run=row["check_run_id"],
    )


def _question(row: Mapping[str, Any]) -> Question:
    answered = row["answered_at"]
    return Question(
        row["by"], parse_datetime(row["at"]), parse_datetime(answered) if answered else None
    )
