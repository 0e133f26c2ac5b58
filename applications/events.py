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
class ProposalCopied(ProposalEvent):
    """A draft took over what an earlier proposal said, but for these codes."""

    source: str
    left_out: list[str]


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
class SignatureAsked(ProposalEvent):
    """An editor asked those who may sign the clause; people by number."""

    people: list[int]


@dataclass(frozen=True, kw_only=True)
class StageOpened(ProposalEvent):
    stage: str


@dataclass(frozen=True, kw_only=True)
class ProposalConcluded(ProposalEvent):
    decision: str


@dataclass(frozen=True, kw_only=True)
class DocumentInfected(ProposalEvent):
    """Without an actor: the scanner found it. `found` is the scanner's name for it."""

    document: int
    kind: str
    found: str


@dataclass(frozen=True, kw_only=True)
class OrganisationEvent(DomainEvent):
    """What happens among a company's people. People by number: names stand in the rows."""

    aggregate: ClassVar[str] = "organisation"


@dataclass(frozen=True, kw_only=True)
class PersonInvited(OrganisationEvent):
    invitation: int
    role: str


@dataclass(frozen=True, kw_only=True)
class InvitationWithdrawn(OrganisationEvent):
    invitation: int


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(OrganisationEvent):
    invitation: int
    person: int
    role: str


@dataclass(frozen=True, kw_only=True)
class JoiningRequested(OrganisationEvent):
    join_request: int


@dataclass(frozen=True, kw_only=True)
class JoiningAnswered(OrganisationEvent):
    join_request: int
    accepted: bool
    role: str


@dataclass(frozen=True, kw_only=True)
class RoleChanged(OrganisationEvent):
    person: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class OwnershipHandedOver(OrganisationEvent):
    person: int


@dataclass(frozen=True, kw_only=True)
class PersonRemoved(OrganisationEvent):
    person: int
    role: str


@dataclass(frozen=True, kw_only=True)
class PersonLeft(OrganisationEvent):
    person: int
    role: str


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
class FindingDecided(SubmissionEvent):
    """`outcome`: what the machine had said."""

    rule: str
    check_run: int
    outcome: str
    verdict: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FindingAsked(SubmissionEvent):
    rule: str
    check_run: int
    message: int


@dataclass(frozen=True, kw_only=True)
class ExclusionProposed(SubmissionEvent):
    rules: list[str]
    reason: str


@dataclass(frozen=True, kw_only=True)
class ExclusionDismissed(SubmissionEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class EligibilityReconsidered(SubmissionEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class SubmissionWithdrawn(SubmissionEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class PartnerAsked(ProposalEvent):
    partner: int
    invitation: int
    email: str


@dataclass(frozen=True, kw_only=True)
class PartnerReminded(ProposalEvent):
    partner: int
    invitation: int
    email: str


@dataclass(frozen=True, kw_only=True)
class CountersignatureAsked(ProposalEvent):
    partner: int
    email: str
    clause: str


@dataclass(frozen=True, kw_only=True)
class ClauseCountersigned(ProposalEvent):
    """Without an actor, as `PartnerConfirmed`."""

    partner: int
    person: str
    function: str
    clause: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class CountersignatureRefused(ProposalEvent):
    partner: int
    person: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PartnerConfirmed(ProposalEvent):
    """Without an actor: the partner has no account. `person` is the name that was given."""

    partner: int
    invitation: int
    legal_name: str
    person: str
    function: str
    human_rights_commitment: bool


@dataclass(frozen=True, kw_only=True)
class PartnerDeclined(ProposalEvent):
    """Without an actor, as above."""

    partner: int
    invitation: int
    person: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PartnerInvitationVoided(ProposalEvent):
    """The link, or the confirmation that came through it, no longer counts."""

    partner: int | None
    invitation: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class PartnerCorrectionsTaken(ProposalEvent):
    partner: int
    invitation: int
    fields: str


@dataclass(frozen=True, kw_only=True)
class SanctionsListLoaded(DomainEvent):
    aggregate: ClassVar[str] = "sanctions list"

    source: str
    dated: str
    sha256: str
    entries: int


@dataclass(frozen=True, kw_only=True)
class NameAnswered(DomainEvent):
    """What people said about a name that is like one of a sanctions list."""

    aggregate: ClassVar[str] = "name match"

    reason: str


@dataclass(frozen=True, kw_only=True)
class NameCleared(NameAnswered):
    pass


@dataclass(frozen=True, kw_only=True)
class NameConfirmed(NameAnswered):
    pass


@dataclass(frozen=True, kw_only=True)
class NameReopened(NameAnswered):
    pass


@dataclass(frozen=True, kw_only=True)
class RegisterEvent(DomainEvent):
    """What is known of a company's number in a register; the number stands in the row."""

    aggregate: ClassVar[str] = "register answer"


@dataclass(frozen=True, kw_only=True)
class RegisterAnswered(RegisterEvent):
    verdict: str


@dataclass(frozen=True, kw_only=True)
class RegisterAskedAgain(RegisterEvent):
    before: str


@dataclass(frozen=True, kw_only=True)
class RegisterAnswerRecorded(RegisterEvent):
    """By a person, who says how they know."""

    before: str
    verdict: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ThreadEvent(DomainEvent):
    """What happens in a conversation; what was written stands in the messages only."""

    aggregate: ClassVar[str] = "thread"


@dataclass(frozen=True, kw_only=True)
class MessageWritten(ThreadEvent):
    message: int
    side: str


@dataclass(frozen=True, kw_only=True)
class ThreadSettled(ThreadEvent):
    """An officer found that nothing need be answered."""


@dataclass(frozen=True, kw_only=True)
class CorrectionEvent(SubmissionEvent):
    correction: int


@dataclass(frozen=True, kw_only=True)
class CorrectionRequested(CorrectionEvent):
    """An officer asks for it; `due_on` is its last day, ISO."""

    sections: list[str]
    text: str
    due_on: str


@dataclass(frozen=True, kw_only=True)
class HandedInAgain(CorrectionEvent):
    revision: int
    sections: list[str]
    sha256: str


@dataclass(frozen=True, kw_only=True)
class RenewalAsked(SubmissionEvent):
    """The yearly renewal of the due diligence of a running project, asked by the portal."""

    correction: int
    due_on: str


@dataclass(frozen=True, kw_only=True)
class CorrectionWithdrawn(CorrectionEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class CorrectionLapsed(CorrectionEvent):
    """Without an actor: the day was over."""

    due_on: str


# --- rules --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class RuleSetEvent(DomainEvent):
    aggregate: ClassVar[str] = "rule set"


@dataclass(frozen=True, kw_only=True)
class RuleSetDrafted(RuleSetEvent):
    based_on: str


@dataclass(frozen=True, kw_only=True)
class RuleSetRevised(RuleSetEvent):
    """`changed` are the names of the parameters and columns that became another value."""

    changed: list[str]


@dataclass(frozen=True, kw_only=True)
class RuleSetPutInForce(RuleSetEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class RuleSetDiscarded(RuleSetEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class CallRulesChosen(DomainEvent):
    """A call that has not opened goes under other rules."""

    aggregate: ClassVar[str] = "call"

    before: str
    rule_set: str
