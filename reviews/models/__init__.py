"""LuxDev's side, by subject."""

from reviews.models.assignment import (
    ASSIGNMENT_TRANSITIONS,
    READING_STATES,
    Assignment,
    AssignmentState,
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
from reviews.models.letter import Letter, LetterTemplate
from reviews.models.rubric import CallRubric, Criterion, CriterionLevel, Rubric
from reviews.models.score import Score, ScoreSheet
from reviews.models.selection_report import ProgrammeCommitment, PublishedEdition

__all__ = [
    "ASSIGNMENT_TRANSITIONS",
    "DECISION_TRANSITIONS",
    "KINDS_BY_STAGE",
    "READING_STATES",
    "REFUSALS",
    "Assignment",
    "AssignmentState",
    "CallRubric",
    "Criterion",
    "CriterionLevel",
    "Decision",
    "DecisionKind",
    "DecisionReason",
    "DecisionState",
    "Letter",
    "LetterBatch",
    "LetterTemplate",
    "ProgrammeCommitment",
    "PublishedEdition",
    "Rubric",
    "Score",
    "ScoreSheet",
]
