"""What the tests of letters share: their text, and decisions on the way to being published."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdf
from django.conf import settings as django_settings

from accounts.models import User
from reviews.actions import deciding
from reviews.models import (
    Decision,
    Letter,
    LetterBatch,
)
from tests import builders

NO_BREAK, NARROW = "\u00a0", "\u202f"


def raw_text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def plain(text: str) -> str:
    """Without line ends and with one kind of space, as one reads it."""
    return " ".join(text.replace(NO_BREAK, " ").replace(NARROW, " ").split())


def text_of(letter: Letter) -> str:
    with letter.file.open("rb") as file:
        return plain(raw_text(file.read()))


def letter_of(decision: Decision) -> Letter:
    return Letter.objects.get(decision=decision)


def confirmed(officer: User, *, language: str = "fr", **fields: Any) -> Decision:
    """A decision that costs little to build: not eligible, confirmed, not published."""
    submission = builders.build_submission(language=language, **fields)
    decision = builders.build_decision(
        officer, builders.build_user("reviewer"), kind="ineligible", submission=submission
    )
    deciding.confirm_decision(actor=builders.build_user("approver"), decision_id=decision.pk)
    return decision


def publish_only(officer: User, *decisions: Decision) -> LetterBatch:
    """Published, and the job of the letters left waiting."""
    (batch,) = deciding.publish_decisions(
        actor=officer, decision_ids=[decision.pk for decision in decisions]
    )
    return batch


def stored_letters() -> set[str]:
    folder = Path(django_settings.MEDIA_ROOT) / "letters"
    return {str(path.relative_to(folder.parent)) for path in folder.rglob("*.pdf")}
