"""What can happen to a proposal and to a submission."""

from dataclasses import dataclass
from typing import ClassVar

from bpf_portal.core.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ProposalEvent(DomainEvent):
    aggregate: ClassVar[str] = "proposal"


@dataclass(frozen=True, kw_only=True)
class ProposalBegun(ProposalEvent):
    call: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class ProposalWithdrawn(ProposalEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class ClauseAnswered(ProposalEvent):
    clause: str
    sha256: str
    accepted: bool
    signatory: str


@dataclass(frozen=True, kw_only=True)
class StageOpened(ProposalEvent):
    stage: str


@dataclass(frozen=True, kw_only=True)
class ProposalConcluded(ProposalEvent):
    decision: str


@dataclass(frozen=True, kw_only=True)
class SubmissionEvent(DomainEvent):
    aggregate: ClassVar[str] = "submission"


@dataclass(frozen=True, kw_only=True)
class Submitted(SubmissionEvent):
    stage: str
    sha256: str
    late: bool


@dataclass(frozen=True, kw_only=True)
class Imported(SubmissionEvent):
    stage: str
    sha256: str
    filename: str


@dataclass(frozen=True, kw_only=True)
class CheckRequested(SubmissionEvent):
    check_run: int
    rule_set: str
    moment: str


@dataclass(frozen=True, kw_only=True)
class Checked(SubmissionEvent):
    check_run: int
    outcome: str
    due_diligence: str


@dataclass(frozen=True, kw_only=True)
class EligibilityConfirmed(SubmissionEvent):
    eligible: bool
    machine: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class EligibilityReconsidered(SubmissionEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class SubmissionWithdrawn(SubmissionEvent):
    reason: str
