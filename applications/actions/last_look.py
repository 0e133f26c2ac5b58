"""What the button would hand in: the very document, and what stands in its way.

The page shows it, the hand-in freezes it. Between the two only the moment is added (`stamped`), so
what was frozen is what was read.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from applications.actions.completeness import Missing, missing
from applications.actions.declaring import declared
from applications.actions.dossier_document import digest, document_of, with_sections
from applications.models import CorrectionRequest, Proposal, Submission

Json = dict[str, Any]


@dataclass(frozen=True)
class LastLook:
    """`document` is None while something is missing: there is nothing to hand in yet."""

    missing: list[Missing]
    document: Json | None
    #: For a correction: whether anything differs from what was filed.
    changed: bool = True

    @property
    def fingerprint(self) -> str:
        return digest(self.document) if self.document else ""


def last_look(
    proposal: Proposal,
    actor: User,
    moment: datetime,
    correction: CorrectionRequest | None = None,
    filed: Submission | None = None,
) -> LastLook:
    """What this person would hand in, for `proposal` as `completeness.with_everything` reads it.

    With a correction: only its sections are asked for, the others are those filed.
    """
    gaps = missing(proposal)
    if correction is not None:
        gaps = [gap for gap in gaps if gap.section in correction.sections]
    if gaps:
        return LastLook(gaps, None)
    extra = declared(proposal, actor, timezone.localdate(moment))
    if correction is None or filed is None:
        document = document_of(proposal, submitted_at=None)
        return LastLook([], {**document, "extra": {**(document.get("extra") or {}), **extra}})
    # The other sections are those filed, not the rows: a company's profile serves all its
    # proposals and may change at any time, and what was not asked for must not move.
    document = with_sections(filed.document, proposal, correction.sections)
    changed = document != filed.document
    document["extra"] = {
        **(document.get("extra") or {}),
        **extra,
        "correction": {
            "request": correction.pk,
            "revision": filed.revision + 1,
            "sections": sorted(correction.sections),
            "handed_in_at": None,
        },
    }
    return LastLook([], document, changed)


def correction_of(document: Json | None) -> int | None:
    """The number of the correction request that this document answers; None: a first hand-in."""
    answered = ((document or {}).get("extra") or {}).get("correction") or {}
    number: int | None = answered.get("request")
    return number


def stamped(document: Json, moment: datetime) -> Json:
    """The document with the moment of its hand-in. A correction keeps that of the first, which
    counts for the deadline, and has its own beside it."""
    text = moment.isoformat()
    if correction_of(document) is None:
        return {**document, "submitted_at": text}
    extra = document["extra"]
    return {
        **document,
        "extra": {**extra, "correction": {**extra["correction"], "handed_in_at": text}},
    }
