"""A proposal's correspondence: both sides' messages and every mail about it, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import CharField, F, QuerySet, Value

from accounts.models import User
from applications.models import Message, MessageFile, Proposal
from bpf_portal.core.models import OutgoingEmail

PER_PAGE = 20
#: A place in the correspondence: the kind of entry, its number, its moment.
Place = tuple[str, int, datetime]
MESSAGE, MAIL = "message", "mail"


@dataclass
class Entry:
    """One entry. A message has an author and a side; a mail has a subject and its recipients."""

    kind: str
    at: datetime
    text: str
    author: str = ""
    side: str = ""
    unread: bool = False
    subject: str = ""
    recipients: list[str] = field(default_factory=list)
    files: list[MessageFile] = field(default_factory=list)


@dataclass(frozen=True)
class Correspondence:
    """One page of entries; `newest` is the newest message on it, 0 without any."""

    entries: Sequence[Entry]
    newest: int
    unread: int


def everything(user: User, proposal: Proposal) -> QuerySet[Message, Place]:
    """The places of every message and mail, newest first, to be cut into pages."""
    messages = Message.objects.visible_to(user).filter(thread__proposal=proposal).order_by()
    mails = OutgoingEmail.objects.about(proposal).order_by()
    return (
        messages.annotate(kind=Value(MESSAGE, CharField()), at=F("sent_at"))
        .values_list("kind", "pk", "at")
        .union(
            mails.annotate(kind=Value(MAIL, CharField()), at=F("created_at")).values_list(
                "kind", "pk", "at"
            ),
            all=True,
        )
        .order_by("-at", "kind", "-pk")
    )


def correspondence(user: User, found: Sequence[Place]) -> Correspondence:
    """What stands on one page of `everything`. Four queries."""
    numbers = [pk for kind, pk, _at in found if kind == MESSAGE]
    messages = (
        Message.objects.visible_to(user)
        .select_related("author")
        .prefetch_related("files")
        .in_bulk(numbers)
    )
    unread = set(
        Message.objects.unread_by(user).filter(pk__in=numbers).values_list("pk", flat=True)
    )
    mails = OutgoingEmail.objects.in_bulk([pk for kind, pk, _at in found if kind == MAIL])
    entries: list[Entry] = []
    for kind, pk, _at in found:
        if kind == MESSAGE:
            entries.append(_of_message(messages[pk], pk in unread))
        else:
            _add_mail(entries, mails[pk])
    return Correspondence(entries, max(numbers, default=0), len(unread))


def _of_message(message: Message, unread: bool) -> Entry:
    return Entry(
        MESSAGE,
        message.sent_at,
        message.text,
        author=str(message.author),
        side=message.side,
        unread=unread,
        files=list(message.files.all()),
    )


def _add_mail(entries: list[Entry], mail: OutgoingEmail) -> None:
    """The same mail to several people is one entry."""
    last = entries[-1] if entries else None
    if last and last.kind == MAIL and (last.subject, last.text) == (mail.subject, mail.body):
        last.recipients.insert(0, mail.recipient)
        return
    entries.append(
        Entry(
            MAIL,
            mail.created_at,
            mail.body,
            subject=mail.subject,
            recipients=[mail.recipient],
        )
    )
