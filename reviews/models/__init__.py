"""LuxDev's side, by subject."""

from reviews.models.agreement import (
    AGREEMENT_TRANSITIONS,
    Agreement,
    AgreementState,
    Renewal,
)
from reviews.models.assignment import (
    ASSIGNMENT_TRANSITIONS,
    READING_STATES,
    Assignment,
    AssignmentState,
)
from reviews.models.committee import (
    ABSTAIN,
    ITEM_TRANSITIONS,
    MEETING_TRANSITIONS,
    VOTING_MEMBERS,
    AgendaItem,
    ItemState,
    Meeting,
    MeetingState,
    Member,
    Outcome,
    Vote,
    outcomes_of,
)
from reviews.models.decision import (
    DECISION_TRANSITIONS,
    KINDS_BY_STAGE,
    REFUSALS,
    Decision,
    DecisionKind,
    DecisionReason,
    DecisionState,
    LetterBatch,
)
from reviews.models.discussion import REMARK_LENGTH, Remark
from reviews.models.interest import (
    CONFLICT_TRANSITIONS,
    STANDING_STATES,
    CallDeclaration,
    Conflict,
    ConflictState,
    people_kept_out_of,
    proposals_kept_from,
)
from reviews.models.letter import Letter, LetterTemplate
from reviews.models.phase import NO_RIGHTS, ReviewPhase, Rights, rights_in, rights_now
from reviews.models.profile import MOST_NAMES, NAME_LENGTH, ReviewerProfile
from reviews.models.rubric import CallRubric, Criterion, CriterionLevel, Rubric
from reviews.models.score import EarlierSheet, ReadingNotes, Score, ScoreSheet
from reviews.models.selection_report import ProgrammeCommitment, PublishedEdition

__all__ = [
    "ABSTAIN",
    "AGREEMENT_TRANSITIONS",
    "ASSIGNMENT_TRANSITIONS",
    "CONFLICT_TRANSITIONS",
    "DECISION_TRANSITIONS",
    "ITEM_TRANSITIONS",
    "KINDS_BY_STAGE",
    "MEETING_TRANSITIONS",
    "MOST_NAMES",
    "NAME_LENGTH",
    "NO_RIGHTS",
    "READING_STATES",
    "REFUSALS",
    "REMARK_LENGTH",
    "STANDING_STATES",
    "VOTING_MEMBERS",
    "AgendaItem",
    "Agreement",
    "AgreementState",
    "Assignment",
    "AssignmentState",
    "CallDeclaration",
    "CallRubric",
    "Conflict",
    "ConflictState",
    "Criterion",
    "CriterionLevel",
    "Decision",
    "DecisionKind",
    "DecisionReason",
    "DecisionState",
    "EarlierSheet",
    "ItemState",
    "Letter",
    "LetterBatch",
    "LetterTemplate",
    "Meeting",
    "MeetingState",
    "Member",
    "Outcome",
    "ProgrammeCommitment",
    "PublishedEdition",
    "ReadingNotes",
    "Remark",
    "Renewal",
    "ReviewPhase",
    "ReviewerProfile",
    "Rights",
    "Rubric",
    "Score",
    "ScoreSheet",
    "Vote",
    "outcomes_of",
    "people_kept_out_of",
    "proposals_kept_from",
    "rights_in",
    "rights_now",
]
