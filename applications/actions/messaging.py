"""A company and LuxDev write to each other about a proposal; the other side is told by mail.

A message changes nothing of the proposal: it can be written in every state.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from applications.access import may_answer_companies, may_write_message
from applications.actions import scanning
from applications.actions.document_refusals import RefusedFile
from applications.actions.intake import clean_filename, taken_in
from applications.events import MessageWritten, ThreadSettled
from applications.models import (
    THREAD_TRANSITIONS,
    Message,
    MessageFile,
    Proposal,
    Side,
    Submission,
    Thread,
    ThreadReading,
    ThreadState,
    not_kept_out,
)
from applications.models.message import MESSAGE_FILES, MESSAGE_LENGTH
from bpf_portal.core import mail
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.texts import in_language

Uploads = Sequence[File[bytes]]
#: What a stored file's row holds, by column.
Columns = dict[str, Any]

#: Messages of one person in an hour: more than anybody needs, too few to bury the other side.
MOST_AN_HOUR = {Side.COMPANY: 20, Side.FACILITY: 120}


class TooManyMessages(ValidationError):
    """Nothing was written; later it can be."""

    def __init__(self) -> None:
        super().__init__(
            {"text": [_("You wrote many messages within an hour. Please send this one later.")]}
        )


@transaction.atomic
def write_to_facility(
    *,
    actor: User,
    proposal_id: int,
    text: str,
    uploads: Uploads = (),
    moment: datetime | None = None,
) -> Message:
    """One of the company's people writes to LuxDev, whose officers are told.

    `moment`: people write now; the demonstration, of which a part lies in the past, wrote then.
    Raises NotAllowed, ValidationError by field (`text`, `attachments`: nothing is stored),
    TooManyMessages or Proposal.DoesNotExist.
    """
    proposal = Proposal.objects.visible_to(actor).select_related("organisation").get(pk=proposal_id)
    require(may_write_message(actor, proposal))
    with _taken_in(actor, Side.COMPANY, text, uploads) as files:
        message = _write(actor, proposal, Side.COMPANY, text, files, moment or timezone.now())
        address = reverse("admin:applications_thread_change", args=[message.thread_id])
        officers = not_kept_out(User.objects.in_role(Role.OFFICER), proposal.pk)
        for officer in officers.order_by("pk"):
            _tell(officer, "messages/to_officer", proposal, address)
    return message


@transaction.atomic
def write_to_company(
    *,
    actor: User,
    proposal_id: int,
    text: str,
    uploads: Uploads = (),
    moment: datetime | None = None,
) -> Message:
    """An officer writes to the company, to a question or of LuxDev's own accord.

    The company's people are told. Raises what `write_to_facility` raises: a proposal that was
    neither handed in nor written about does not exist for LuxDev.
    """
    require(may_answer_companies(actor))
    proposal = _known_to_facility(actor).get(pk=proposal_id)
    people = User.objects.filter(is_active=True, memberships__organisation=proposal.organisation_id)
    with _taken_in(actor, Side.FACILITY, text, uploads) as files:
        message = _write(actor, proposal, Side.FACILITY, text, files, moment or timezone.now())
        address = reverse("proposals:messages", args=[proposal.reference])
        for person in people.order_by("pk"):
            _tell(person, "messages/to_company", proposal, address, keep=True)
    return message


def _known_to_facility(actor: User) -> QuerySet[Proposal]:
    handed_in = Submission.objects.visible_to(actor).filter(proposal=OuterRef("pk"))
    written = Thread.objects.visible_to(actor).filter(proposal=OuterRef("pk"))
    return Proposal.objects.filter(Exists(handed_in) | Exists(written))


@contextmanager
def _taken_in(actor: User, side: Side, text: str, uploads: Uploads) -> Iterator[list[Columns]]:
    """Look at everything first; then the files are stored, and go again if the block fails.

    Every file that is refused is named, so that one need not try them one after the other.
    """
    _refuse_wrong(text.strip())
    _refuse_too_many(actor, side)
    if len(uploads) > MESSAGE_FILES:
        raise ValidationError(
            {
                "attachments": [
                    _("At most %(limit)d files with a message.") % {"limit": MESSAGE_FILES}
                ]
            }
        )
    refused: list[object] = []
    with ExitStack() as stack:
        files = []
        for upload in uploads:
            try:
                files.append(stack.enter_context(taken_in(upload)))
            except RefusedFile as error:
                refused.append(f"{clean_filename(upload.name or '')}: {error.message}")
        if refused:
            raise ValidationError({"attachments": refused})
        yield files


def _write(
    actor: User,
    proposal: Proposal,
    side: Side,
    text: str,
    files: Sequence[Columns],
    now: datetime,
) -> Message:
    Thread.objects.get_or_create(proposal=proposal)
    thread = Thread.objects.select_for_update().get(proposal=proposal)
    before = thread.state
    thread.state = THREAD_TRANSITIONS.target(before, "ask" if side == Side.COMPANY else "answer")
    waits = thread.state == ThreadState.WAITING
    thread.waiting_since = (thread.waiting_since or now) if waits else None
    thread.last_message_at = now
    thread.save(update_fields=["state", "waiting_since", "last_message_at"])
    message = Message.objects.create(
        thread=thread, author=actor, side=side, text=text.strip(), sent_at=now
    )
    for columns in files:
        scanning.request_scan(MessageFile.objects.create(message=message, **columns))
    record(
        MessageWritten(message=message.pk, side=side),
        about=thread,
        actor=actor,
        from_state=before,
        to_state=thread.state,
    )
    return message


def _refuse_wrong(text: str) -> None:
    if not text:
        raise ValidationError({"text": [_("Write your message first.")]})
    if "\0" in text:
        raise ValidationError({"text": [_("Null characters are not allowed.")]})
    if len(text) > MESSAGE_LENGTH:
        raise ValidationError(
            {
                "text": [
                    _("A message has at most %(limit)d characters; this one has %(length)d.")
                    % {"limit": MESSAGE_LENGTH, "length": len(text)}
                ]
            }
        )


def _refuse_too_many(actor: User, side: Side) -> None:
    """The person's row is locked: in several windows at once it counts too."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    since = timezone.now() - timedelta(hours=1)
    written = Message.objects.filter(author=actor, side=side, sent_at__gt=since)
    if written.count() >= MOST_AN_HOUR[side]:
        raise TooManyMessages


def _tell(
    person: User, template: str, proposal: Proposal, address: str, *, keep: bool = False
) -> None:
    """In the reader's language, with a link and nothing of what was written."""
    context = {
        "reference": proposal.reference,
        "link": f"{settings.PORTAL_URL.rstrip('/')}{address}",
    }
    with in_language(person.language):
        subject = render_to_string(f"{template}_subject.txt", context)
        body = render_to_string(f"{template}_body.txt", context)
    mail.send(to=person.email, subject=subject, body=body, about=proposal if keep else None)


@transaction.atomic
def settle_thread(*, actor: User, thread_id: int) -> Thread:
    """Nothing need be answered: the conversation no longer waits.

    Raises NotAllowed, WrongState (it does not wait) or Thread.DoesNotExist.
    """
    thread = Thread.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=thread_id)
    require(may_answer_companies(actor))
    before = thread.state
    thread.state = THREAD_TRANSITIONS.target(before, "settle")
    thread.waiting_since = None
    thread.save(update_fields=["state", "waiting_since"])
    record(ThreadSettled(), about=thread, actor=actor, from_state=before, to_state=thread.state)
    return thread


@transaction.atomic
def mark_read(*, actor: User, thread_id: int, up_to: int) -> None:
    """The person has seen everything up to this message; an older mark never replaces a newer one.

    A number that is no message of the conversation changes nothing. Raises Thread.DoesNotExist.
    """
    thread = Thread.objects.visible_to(actor).get(pk=thread_id)
    seen = thread.messages.filter(pk__lte=up_to).order_by("-pk").first()
    if seen is None:
        return
    mark, made = ThreadReading.objects.get_or_create(
        thread=thread, person=actor, defaults={"last_read": seen}
    )
    if not made:
        ThreadReading.objects.filter(pk=mark.pk, last_read__lt=seen.pk).update(last_read=seen)
