"""The receipt of one hand-in, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications.models import DocumentRequirement, SubmissionRevision


@dataclass(frozen=True)
class ReceivedFile:
    """A file of the hand-in with the SHA-256 of its bytes."""

    kind: str
    filename: str
    size: str
    sha256: str


@dataclass(frozen=True)
class Receipt:
    """Everything a receipt says; `late` is empty for a hand-in that was in time."""

    reference: str
    title: str
    language: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    late: str
    sha256: str
    statements: tuple[str, ...]
    declared_by: str
    files: tuple[ReceivedFile, ...]
    demonstration: bool


def receipt_of(revision: SubmissionRevision) -> Receipt:
    """From the frozen document and the hand-in's own row, in the language in force."""
    submission, document = revision.submission, revision.document
    declarations = (document.get("extra") or {}).get("declarations") or {}
    files = tuple(_files(revision))
    by = str(revision.submitted_by) if revision.submitted_by_id else ""
    facts = (
        (_("Reference"), submission.reference),
        (_("Call"), f"{submission.call.title}, {submission.get_stage_display()}"),
        (_("Company"), document["lead"]["legal_name"]),
        (_("Project"), document["project"]["title"]),
        (_("Handed in"), moment_with_zone(revision.submitted_at)),
        *(((_("Handed in by"), declarations.get("declared_by") or by),) if by else ()),
        *_correction(revision),
    )
    return Receipt(
        reference=submission.reference,
        title=_("Receipt for the proposal %(reference)s") % {"reference": submission.reference},
        language=get_language() or "fr",
        sentence=_sentence(revision),
        facts=facts,
        late=_late(revision),
        sha256=revision.sha256,
        statements=tuple(each["text"] for each in declarations.get("statements", ())),
        declared_by=declarations.get("declared_by", ""),
        files=files,
        demonstration=settings.DEMO,
    )


def receipt_lines(receipt: Receipt) -> Iterator[tuple[str, str]]:
    """The receipt as labels and texts, one a line, for a mail."""
    yield from receipt.facts
    yield _("Fingerprint (SHA-256)"), receipt.sha256
    for file in receipt.files:
        yield f"{file.kind}, {file.filename} (SHA-256)", file.sha256


def moment_with_zone(moment: datetime) -> str:
    """`29 April 2026 at 16:20:05 (Luxembourg time, UTC+02:00)`: to the second, with its zone."""
    local = timezone.localtime(moment)
    offset = local.isoformat()[-6:]
    return _("%(day)s at %(time)s (Luxembourg time, UTC%(offset)s)") % {
        "day": formats.date_format(local, "j F Y"),
        "time": local.strftime("%H:%M:%S"),
        "offset": offset,
    }


def _sentence(revision: SubmissionRevision) -> str:
    words = {"company": revision.document["lead"]["legal_name"]}
    if revision.number > 1:
        sentence = _("We have received the corrected proposal of %(company)s.") % words
    else:
        sentence = _("We have received the proposal of %(company)s.") % words
    # "S.A." brings the full stop along.
    return sentence[:-1] if sentence.endswith("..") else sentence


def _correction(revision: SubmissionRevision) -> tuple[tuple[str, str], ...]:
    if revision.number == 1:
        return ()
    first = moment_with_zone(revision.submission.submitted_at)
    return (
        (_("Hand-in"), _("number %(number)d, after a correction") % {"number": revision.number}),
        (_("First handed in"), first),
    )


def _late(revision: SubmissionRevision) -> str:
    submission = revision.submission
    limit = submission.call.deadline_of(submission.stage)
    if not submission.late or limit is None:
        return ""
    return _(
        "It arrived after the deadline, %(deadline)s. It is kept, marked as late and proposed for"
        " the next edition; it is not refused."
    ) % {"deadline": moment_with_zone(limit)}


def _files(revision: SubmissionRevision) -> Iterator[ReceivedFile]:
    asked_for = DocumentRequirement.objects.filter(
        call=revision.submission.call_id, stage=revision.submission.stage
    )
    kinds = {each.kind: each.label for each in asked_for}
    for file in revision.document["documents"]:
        yield ReceivedFile(
            kind=kinds.get(file["kind"]) or _("document"),
            filename=file["filename"],
            size=filesizeformat(file["size"]) if file.get("size") is not None else "",
            sha256=file["sha256"],
        )
