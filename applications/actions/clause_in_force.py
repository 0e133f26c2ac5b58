"""Which text of the human-rights clause counts for a proposal, and whether an answer does still."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils import timezone

from applications.models import ClauseAcceptance, ClauseVersion, Proposal


class ReadAgain(StrEnum):
    """Why an answer counts no longer, and the clause is to be read again."""

    NEWER_VERSION = "newer_version"
    OTHER_LANGUAGE = "other_language"


def reference_day(proposal: Proposal) -> date:
    """The day whose clause counts, at both stages: the call's first deadline (domain 4)."""
    return timezone.localdate(proposal.call.deadline_at)


def clauses_in_force(language: str, on: date) -> QuerySet[ClauseVersion]:
    """The versions in this language that were in force on the day, the newest first."""
    in_time = ClauseVersion.objects.filter(Q(language=language), Q(valid_from__lte=on))
    return in_time.order_by("-valid_from", "-version")


def current_clause(language: str, on: date) -> ClauseVersion | None:
    """The newest version in this language that was in force on the day; None before the first."""
    return clauses_in_force(language, on).first()


def why_read_again(answer: ClauseAcceptance, current: ClauseVersion | None) -> ReadAgain | None:
    """None while the text that was answered is the one in force, in the application's language."""
    if current is None:
        return None
    return _why(answer, current.version, current.sha256)


def why_read_text_again(
    answer: ClauseAcceptance, text: Mapping[str, str] | None
) -> ReadAgain | None:
    """The same of a `version` and its `sha256`, where only these were read; None: none in force."""
    return _why(answer, text["version"], text["sha256"]) if text else None


def _why(answer: ClauseAcceptance, version: str, sha256: str) -> ReadAgain | None:
    if answer.sha256 == sha256:
        return None
    return ReadAgain.NEWER_VERSION if answer.clause.version != version else ReadAgain.OTHER_LANGUAGE
