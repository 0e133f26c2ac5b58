"""What a company and LuxDev write to each other about a proposal.

A message is never changed or deleted: the database refuses. Reviewers see nothing of it.
"""

from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, is_staff, reads_everything
from accounts.models import User
from applications.models.proposal import Proposal
from applications.models.scanned_file import ScannedFile
from applications.models.withholding import withheld_from
from bpf_portal.core.states import TransitionTable

#: Characters of one message, and files sent with it.
MESSAGE_LENGTH = 5000
MESSAGE_FILES = 5


class Side(models.TextChoices):
    """Who speaks: one of the company's people, or LuxDev."""

    COMPANY = "company", _("the company")
    FACILITY = "facility", _("LuxDev")


class ThreadState(models.TextChoices):
    QUIET = "quiet", _("nothing to answer")
    WAITING = "waiting", _("waiting for an answer")


#: `ask`: the company writes; `answer`: LuxDev writes; `settle`: LuxDev needs to say nothing.
THREAD_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "thread",
    {
        ("quiet", "ask"): "waiting",
        ("waiting", "ask"): "waiting",
        ("quiet", "answer"): "quiet",
        ("waiting", "answer"): "quiet",
        ("waiting", "settle"): "quiet",
    },
)


def side_of(user: User) -> Side:
    return Side.FACILITY if is_staff(user) else Side.COMPANY


class ThreadQuerySet(models.QuerySet["Thread"]):
    def visible_to(self, user: Visitor) -> Self:
        """The company's own people, and who reads every dossier at LuxDev; no reviewer."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if is_staff(user):
            shown = self if reads_everything(user) else self.none()
            return shown.exclude(withheld_from(user))
        return self.filter(proposal__organisation__memberships__user=user)

    def waiting(self) -> Self:
        return self.filter(state=ThreadState.WAITING)

    def with_unread(self, user: User) -> Self:
        """Each with `unread`: what the other side wrote since this person last looked."""
        return self.annotate(unread=unread_count(user, thread=OuterRef("pk")))


@pghistory.track()
class Thread(models.Model):
    """The conversation about one proposal; begun with its first message."""

    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="thread")
    state = models.CharField(
        _("state"), max_length=10, choices=ThreadState.choices, default=ThreadState.QUIET
    )
    #: Since when the company waits: its first message that LuxDev has not answered.
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)
    last_message_at = models.DateTimeField(_("last message"), null=True, blank=True)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ("-last_message_at", "-id")
        constraints = (
            models.CheckConstraint(
                name="thread_waits_since_a_moment",
                condition=Q(state="quiet", waiting_since=None)
                | Q(state="waiting", waiting_since__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=("-last_message_at", "-id"), name="thread_newest"),
            models.Index(
                fields=("waiting_since",), name="thread_waiting", condition=Q(state="waiting")
            ),
        )

    def __str__(self) -> str:
        return self.proposal.reference

    @property
    def is_waiting(self) -> bool:
        """Whether the company waits for LuxDev's answer."""
        return self.state == ThreadState.WAITING


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: Visitor) -> Self:
        """Those of the conversations that the person may see."""
        return self.filter(thread__in=Thread.objects.visible_to(user).values("pk"))

    def unread_by(self, user: User) -> Self:
        """What the other side wrote since this person last looked."""
        seen = ThreadReading.objects.filter(
            thread=OuterRef("thread"), person=user, last_read__gte=OuterRef("pk")
        )
        return self.exclude(side=side_of(user)).exclude(Exists(seen))


class Message(models.Model):
    """What one person wrote at one moment."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    text = models.TextField(_("text"))
    sent_at = models.DateTimeField(_("sent"))

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("id",)
        indexes = (models.Index(fields=("author", "sent_at"), name="message_of_a_person"),)
        triggers = (pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.author}, {self.sent_at:%Y-%m-%d %H:%M}"


class MessageFileQuerySet(models.QuerySet["MessageFile"]):
    def visible_to(self, user: Visitor) -> Self:
        """Those of the messages that the person may see; opened only once they may be."""
        return self.filter(message__in=Message.objects.visible_to(user).values("pk"))


@pghistory.track()
class MessageFile(ScannedFile):
    """A file sent with a message. It is no document of the dossier, and reviewers never see it."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="files")

    objects = MessageFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a message")
        verbose_name_plural = _("files of messages")
        ordering = ("id",)
        triggers = (
            pgtrigger.ReadOnly(
                name="as_sent",
                fields=["message", "file", "filename", "content_type", "size", "sha256"],
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        )


class ThreadReading(models.Model):
    """How far one person has read one conversation."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="readings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    last_read = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("thread", "person"), name="one_reading_mark_a_person"),
        )

    def __str__(self) -> str:
        return f"{self.person}: {self.last_read_id}"


def unread_count(user: User, **thread: OuterRef) -> Coalesce:
    """How many messages a person has not read, to annotate rows with.

    `thread` says how a message is found from the row: `thread=OuterRef("pk")` from a conversation,
    `thread__proposal=OuterRef("pk")` from a proposal. The rows themselves are visible already.
    """
    unread = Message.objects.unread_by(user).filter(**thread).order_by()
    counted = unread.values("thread").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)
