"""The company's side, by subject."""

from applications.models.budget import BudgetLine, OtherFunding
from applications.models.business_plan import Projection
from applications.models.call import (
    Call,
    ClauseVersion,
    DocumentRequirement,
    Stage,
)
from applications.models.check_run import (
    AS_OF_THEIR_DAY,
    COUNTERSIGNED_FROM,
    CheckRun,
    Finding,
    Moment,
    Rechecking,
)
from applications.models.correction import (
    CORRECTION_TRANSITIONS,
    CorrectionPurpose,
    CorrectionRequest,
    CorrectionState,
)
from applications.models.countersignature import (
    COUNTERSIGNATURE_TRANSITIONS,
    Countersignature,
    CountersignatureState,
)
from applications.models.declaration import DeclarationVersion
from applications.models.document import Document, DocumentScan
from applications.models.due_diligence import (
    ClauseAcceptance,
    DueDiligence,
    Measure,
    Risk,
    RiskLevel,
)
from applications.models.finding_decision import (
    FINDING_TRANSITIONS,
    SHORTEST_REASON,
    FindingDecision,
    FindingQuestion,
    FindingVerdict,
)
from applications.models.invitation import (
    INVITATION_VALID_FOR,
    Invitation,
    JoinRequest,
    token_digest,
)
from applications.models.message import (
    THREAD_TRANSITIONS,
    Message,
    MessageFile,
    Side,
    Thread,
    ThreadReading,
    ThreadState,
)
from applications.models.organisation import (
    SIGNING_ROLES,
    AnnualTurnover,
    DeMinimisAid,
    Membership,
    MembershipRole,
    Organisation,
    OrganisationPerson,
)
from applications.models.partner import Partner, PartnerRole
from applications.models.partner_invitation import (
    INVITATION_TRANSITIONS,
    InvitationState,
    PartnerInvitation,
    VoidReason,
)
from applications.models.proposal import PROPOSAL_TRANSITIONS, Proposal, ProposalState
from applications.models.question import Question, QuestionSection
from applications.models.receipt import Receipt
from applications.models.register_answer import RegisterAnswer, RegisterName, RegisterVerdict
from applications.models.reminder import Reminder, ReminderStep
from applications.models.results import Indicator
from applications.models.revision import SubmissionRevision
from applications.models.rule_set import RULE_SET_TRANSITIONS, RuleSet, RuleSetState
from applications.models.rule_trial import RuleTrial
from applications.models.scanned_file import ScannedFile, ScanState
from applications.models.screening import (
    MATCH_TRANSITIONS,
    NAME_LENGTH,
    ListSource,
    MatchState,
    NameMatch,
    Rescreening,
    SanctionsEntry,
    SanctionsImport,
    SanctionsList,
    Screening,
)
from applications.models.submission import (
    NOT_YET_REVIEWED,
    SUBMISSION_TRANSITIONS,
    Submission,
    SubmissionState,
)
from applications.models.text_fingerprint import TextFingerprint
from applications.models.upload import UPLOAD_KEPT_FOR, Upload
from applications.models.vocabulary import (
    Country,
    CountryList,
    CountryListEntry,
    CountryRating,
    Term,
    Vocabulary,
)
from applications.models.withholding import not_kept_out, withheld_from, withhold
from applications.models.work_plan import WorkPackage, package_label

__all__ = [
    "AS_OF_THEIR_DAY",
    "CORRECTION_TRANSITIONS",
    "COUNTERSIGNATURE_TRANSITIONS",
    "COUNTERSIGNED_FROM",
    "FINDING_TRANSITIONS",
    "INVITATION_TRANSITIONS",
    "INVITATION_VALID_FOR",
    "MATCH_TRANSITIONS",
    "NAME_LENGTH",
    "NOT_YET_REVIEWED",
    "PROPOSAL_TRANSITIONS",
    "RULE_SET_TRANSITIONS",
    "SHORTEST_REASON",
    "SIGNING_ROLES",
    "SUBMISSION_TRANSITIONS",
    "THREAD_TRANSITIONS",
    "UPLOAD_KEPT_FOR",
    "AnnualTurnover",
    "BudgetLine",
    "Call",
    "CheckRun",
    "ClauseAcceptance",
    "ClauseVersion",
    "CorrectionPurpose",
    "CorrectionRequest",
    "CorrectionState",
    "Countersignature",
    "CountersignatureState",
    "Country",
    "CountryList",
    "CountryListEntry",
    "CountryRating",
    "DeMinimisAid",
    "DeclarationVersion",
    "Document",
    "DocumentRequirement",
    "DocumentScan",
    "DueDiligence",
    "Finding",
    "FindingDecision",
    "FindingQuestion",
    "FindingVerdict",
    "Indicator",
    "Invitation",
    "InvitationState",
    "JoinRequest",
    "ListSource",
    "MatchState",
    "Measure",
    "Membership",
    "MembershipRole",
    "Message",
    "MessageFile",
    "Moment",
    "NameMatch",
    "Organisation",
    "OrganisationPerson",
    "OtherFunding",
    "Partner",
    "PartnerInvitation",
    "PartnerRole",
    "Projection",
    "Proposal",
    "ProposalState",
    "Question",
    "QuestionSection",
    "Receipt",
    "Rechecking",
    "RegisterAnswer",
    "RegisterName",
    "RegisterVerdict",
    "Reminder",
    "ReminderStep",
    "Rescreening",
    "Risk",
    "RiskLevel",
    "RuleSet",
    "RuleSetState",
    "RuleTrial",
    "SanctionsEntry",
    "SanctionsImport",
    "SanctionsList",
    "ScanState",
    "ScannedFile",
    "Screening",
    "Side",
    "Stage",
    "Submission",
    "SubmissionRevision",
    "SubmissionState",
    "Term",
    "TextFingerprint",
    "Thread",
    "ThreadReading",
    "ThreadState",
    "Upload",
    "Vocabulary",
    "VoidReason",
    "WorkPackage",
    "not_kept_out",
    "package_label",
    "token_digest",
    "withheld_from",
    "withhold",
]
