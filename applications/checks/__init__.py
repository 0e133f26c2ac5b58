"""The checks: pure functions from a dossier, parameters and a context to a report of findings."""

from .budget import highest_grant
from .context import (
    CheckContext,
    ClauseText,
    ListedName,
    Moment,
    NextEdition,
    Resemblance,
    SanctionsList,
    SimilarProposal,
)
from .document_schema import SCHEMA_ID, NotADossier, read_document
from .dossier import Dossier
from .engine import RULE_CODES, check
from .findings import (
    DueDiligenceOutcome,
    Finding,
    Outcome,
    Report,
    ReportOutcome,
    RiskLevel,
)
from .rules import InvalidParameter, RuleParameters
from .texts import RenderedFinding, render

__all__ = [
    "RULE_CODES",
    "SCHEMA_ID",
    "CheckContext",
    "ClauseText",
    "Dossier",
    "DueDiligenceOutcome",
    "Finding",
    "InvalidParameter",
    "ListedName",
    "Moment",
    "NextEdition",
    "NotADossier",
    "Outcome",
    "RenderedFinding",
    "Report",
    "ReportOutcome",
    "Resemblance",
    "RiskLevel",
    "RuleParameters",
    "SanctionsList",
    "SimilarProposal",
    "check",
    "highest_grant",
    "read_document",
    "render",
]
