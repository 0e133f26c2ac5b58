"""What can happen on LuxDev's side."""

from dataclasses import dataclass
from typing import ClassVar

from applications.events import SubmissionEvent
from bpf_portal.core.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ReviewersAssigned(SubmissionEvent):
    reviewers: list[str]
    due_on: str


@dataclass(frozen=True, kw_only=True)
class AssignmentEvent(DomainEvent):
    aggregate: ClassVar[str] = "assignment"
    submission: int


@dataclass(frozen=True, kw_only=True)
class InterestDeclared(AssignmentEvent):
    conflict: bool
    details: str


@dataclass(frozen=True, kw_only=True)
class ReviewTakenBack(AssignmentEvent):
    reviewer: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReviewerReminded(AssignmentEvent):
    reviewer: str
    due_on: str


@dataclass(frozen=True, kw_only=True)
class PlanEvent(DomainEvent):
    aggregate: ClassVar[str] = "assignment plan"


@dataclass(frozen=True, kw_only=True)
class PlanAsked(PlanEvent):
    call: str
    stage: str
    way: str
    wanted: int
    most: int


@dataclass(frozen=True, kw_only=True)
class PlanFilled(PlanEvent):
    reviews: int


@dataclass(frozen=True, kw_only=True)
class PlanChanged(PlanEvent):
    submission: int
    reviewers: list[str]


@dataclass(frozen=True, kw_only=True)
class PlanDiscarded(PlanEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class PlanSendingBegun(PlanEvent):
    due_on: str


@dataclass(frozen=True, kw_only=True)
class PlanSent(PlanEvent):
    asked: int
    held: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class ScoresSubmitted(AssignmentEvent):
    total: str


@dataclass(frozen=True, kw_only=True)
class ScoresReopened(AssignmentEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class RemarkWritten(AssignmentEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class InterestsDeclared(DomainEvent):
    """For a call, before anything of it is seen."""

    aggregate: ClassVar[str] = "call declaration"
    call: str
    interests: list[str]


@dataclass(frozen=True, kw_only=True)
class PhasesChanged(DomainEvent):
    aggregate: ClassVar[str] = "call"
    call: str
    before: list[dict[str, object]]
    after: list[dict[str, object]]


@dataclass(frozen=True, kw_only=True)
class ConflictEvent(DomainEvent):
    aggregate: ClassVar[str] = "conflict"
    person: str


@dataclass(frozen=True, kw_only=True)
class ConflictSuspected(ConflictEvent):
    kinds: list[str]


@dataclass(frozen=True, kw_only=True)
class ConflictDeclared(ConflictEvent):
    details: str


@dataclass(frozen=True, kw_only=True)
class ConflictSettled(ConflictEvent):
    action: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DecisionEvent(DomainEvent):
    aggregate: ClassVar[str] = "decision"
    submission: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class DecisionPrepared(DecisionEvent):
    amount: str


@dataclass(frozen=True, kw_only=True)
class DecisionConfirmed(DecisionEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class DecisionSentBack(DecisionEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class DecisionPublished(DecisionEvent):
    batch: int


@dataclass(frozen=True, kw_only=True)
class CorrectionPrepared(DecisionEvent):
    """Of the new decision; `replaces` is the number of the earlier one."""

    replaces: int
    amount: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CorrectionDropped(DecisionEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class DecisionReplaced(DecisionEvent):
    """Of the earlier decision; `by` is the number of the one that stands from now on."""

    by: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class LetterIssued(DecisionEvent):
    reference: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class BulkBegun(DomainEvent):
    """`at`: the chosen time, empty for at once."""

    aggregate: ClassVar[str] = "bulk"
    kind: str
    count: int
    at: str


@dataclass(frozen=True, kw_only=True)
class BulkCalledOff(DomainEvent):
    aggregate: ClassVar[str] = "bulk"
    kind: str


@dataclass(frozen=True, kw_only=True)
class JobRetried(DomainEvent):
    """`job_kind` and the row's number name the job; `error` is why it had failed."""

    aggregate: ClassVar[str] = "job"
    job_kind: str
    reason: str
    attempts: int
    error: str


@dataclass(frozen=True, kw_only=True)
class MeetingEvent(DomainEvent):
    aggregate: ClassVar[str] = "meeting"


@dataclass(frozen=True, kw_only=True)
class MeetingConvened(MeetingEvent):
    call: str
    stage: str
    held_on: str
    members: list[str]
    observers: list[str]
    proposals: list[str]


@dataclass(frozen=True, kw_only=True)
class MemberSigned(MeetingEvent):
    conflicts: list[str]


@dataclass(frozen=True, kw_only=True)
class MeetingOpened(MeetingEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class MeetingCancelled(MeetingEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class MeetingClosed(MeetingEvent):
    sha256: str


@dataclass(frozen=True, kw_only=True)
class AgendaItemEvent(DomainEvent):
    aggregate: ClassVar[str] = "agenda item"
    submission: int


@dataclass(frozen=True, kw_only=True)
class ItemTakenUp(AgendaItemEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class ItemSetAside(AgendaItemEvent):
    pass


@dataclass(frozen=True, kw_only=True)
class VoteCast(AgendaItemEvent):
    value: str


@dataclass(frozen=True, kw_only=True)
class ItemConcluded(AgendaItemEvent):
    outcome: str
    amount: str
    votes: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class AgreementEvent(DomainEvent):
    aggregate: ClassVar[str] = "agreement"


@dataclass(frozen=True, kw_only=True)
class AgreementSigned(AgreementEvent):
    signed_on: str
    starts_on: str
    ends_on: str


@dataclass(frozen=True, kw_only=True)
class AgreementMoved(AgreementEvent):
    before: str
    ends_on: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AgreementEnded(AgreementEvent):
    ended_on: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AgreementGivenUp(AgreementEvent):
    reason: str
