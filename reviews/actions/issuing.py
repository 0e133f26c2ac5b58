"""Letters: one for each published decision, numbered without gaps, printed and stored once."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from bpf_portal.core import mail
from bpf_portal.core.events import record
from bpf_portal.core.texts import in_language
from reviews.actions.letter_templates import newest_template
from reviews.events import LetterIssued
from reviews.letters.context import build_context
from reviews.letters.render import letter_pdf
from reviews.models import Decision, Letter, LetterBatch

# Any number, but the same for everyone who numbers letters; the year is the second half.
_NUMBERING_LOCK = 0x6C657474


def issue_letters(batch: LetterBatch, *, moment: datetime | None = None) -> None:
    """Issue the letters of the batch that are not issued yet, each in its own transaction.

    Called by the durable job: when it fails or its worker is killed, what was issued stays, and
    the next attempt goes on from there. `moment`: letters are issued now; the demonstration, whose
    last round lies in the past, issued them then. Raises WrongWording or
    LetterTemplate.DoesNotExist when a letter cannot be written.
    """
    decisions = batch.decisions.order_by("pk")
    total = decisions.count()
    waiting = list(decisions.filter(letter=None).values_list("pk", flat=True))
    for done, decision_id in enumerate(waiting, start=total - len(waiting)):
        batch.report_progress(done, total)
        issue_letter(decision_id, actor=batch.published_by, moment=moment)
    batch.report_progress(total, total)


def issue_letter(decision_id: int, *, actor: User, moment: datetime | None = None) -> Letter:
    """The letter of a published decision; the one that is there when it was issued before.

    Row, file, event and mails belong together: when the transaction is rolled back, the file goes
    too. Raises Decision.DoesNotExist for a decision that is not published.
    """
    letter = Letter()
    try:
        with transaction.atomic():
            decision = _locked(decision_id)
            issued = Letter.objects.filter(decision=decision).first()
            if issued is not None:
                return issued
            _write(letter, decision, moment or timezone.now())
            record(
                LetterIssued(
                    submission=decision.submission_id,
                    kind=decision.kind,
                    reference=letter.reference,
                    sha256=letter.sha256,
                ),
                about=decision,
                actor=actor,
            )
            _tell_company(letter)
    except BaseException:
        if letter.file.name:
            letter.file.storage.delete(letter.file.name)
        raise
    return letter


def letter_preview(decision: Decision) -> bytes:
    """The letter as it would be sent now, without a number; nothing is stored."""
    template = newest_template(decision.kind, decision.submission.language)
    return letter_pdf(build_context(decision, template=template, reference="–"))


def _locked(decision_id: int) -> Decision:
    """Locked, so that two workers with the same batch write one letter."""
    return (
        Decision.objects.published()
        .select_for_update(of=("self",))
        .select_related(
            "submission__call", "submission__organisation__country", "submission__proposal"
        )
        .get(pk=decision_id)
    )


def _write(letter: Letter, decision: Decision, moment: datetime) -> None:
    """Number, print and store. The number is part of the print, so others wait meanwhile."""
    assert decision.published_at is not None  # noqa: S101 - a CHECK constraint says so
    year = timezone.localtime(decision.published_at).year
    language = decision.submission.language
    number = _next_number(year)
    letter.decision, letter.language = decision, language
    letter.year, letter.number = year, number
    letter.reference = f"{decision.submission.call.facility.upper()}-L-{year}-{number:04d}"
    letter.template = newest_template(decision.kind, language)
    letter.context = build_context(decision, template=letter.template, reference=letter.reference)
    content = letter_pdf(letter.context)
    letter.size, letter.sha256 = len(content), hashlib.sha256(content).hexdigest()
    letter.issued_at = moment
    letter.file.save(f"{letter.reference}.pdf", ContentFile(content), save=False)
    letter.save(force_insert=True)


def _next_number(year: int) -> int:
    """The year's next number, held until the transaction ends: no gap and no double."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_NUMBERING_LOCK, year])
    last = Letter.objects.filter(year=year).order_by("-number").values_list("number", flat=True)
    return (last.first() or 0) + 1


def _tell_company(letter: Letter) -> None:
    """A mail to each of the company's people, in their own language; what was decided stands in
    the letter only, which is in the application's."""
    submission, replaced = letter.decision.submission, letter.decision.replaces
    address = reverse("letters:download", args=[letter.reference])
    context = {
        "reference": submission.reference,
        "title": submission.title,
        "replaced": replaced.letter.reference if replaced else "",
        "link": f"{settings.PORTAL_URL.rstrip('/')}{address}",
    }
    people = User.objects.filter(
        is_active=True, memberships__organisation_id=submission.organisation_id
    )
    for person in people.order_by("pk"):
        with in_language(person.language):
            subject = render_to_string("letters/mail_subject.txt", context)
            body = render_to_string("letters/mail_body.txt", context)
        mail.send(to=person.email, subject=subject, body=body, about=submission.proposal)
