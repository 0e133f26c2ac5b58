"""The fingerprint of each hand-in's text: made where the hand-in is filed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from applications.checks import likeness
from applications.models import Question, SubmissionRevision, TextFingerprint


def keep_fingerprint(
    revision: SubmissionRevision, questions: Iterable[Question]
) -> TextFingerprint:
    """One query. `questions`: those of the call whose form the text answers."""
    columns = _columns(revision.document, words_of_form(questions))
    return TextFingerprint.objects.create(revision=revision, **columns)


def keep_fingerprints(submission_ids: Iterable[int]) -> None:
    """The same for hand-ins that were written in bulk: one query for each call, and two."""
    of_form = cache(lambda call_id: words_of_form(Question.objects.filter(call=call_id)))
    rows = SubmissionRevision.objects.order_by("pk").filter(submission__in=submission_ids)
    TextFingerprint.objects.bulk_create(
        TextFingerprint(revision_id=pk, **_columns(document, of_form(call_id)))
        for pk, document, call_id in rows.values_list("pk", "document", "submission__call")
    )


def words_of_form(questions: Iterable[Question]) -> likeness.Shingles:
    """What a form says itself, in both languages: whoever repeats a question above the answer is
    not alike for it."""
    return likeness.shingles(
        text
        for asked in questions
        for text in (asked.label_fr, asked.label_en, asked.hint_fr, asked.hint_en)
    )


def _columns(document: dict[str, Any], of_form: likeness.Shingles) -> dict[str, Any]:
    given = likeness.shingles(likeness.description(document).values(), of_form)
    return {
        "method": likeness.METHOD,
        "shingles": sorted(given),
        "bands": likeness.bands(given),
    }
