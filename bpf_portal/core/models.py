"""The rows that every part writes: what happened, and the mail that must leave."""

from typing import Self

import pghistory.models
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bpf_portal.core.jobs import Job, JobQuerySet


class Event(models.Model):
    """One thing that happened to one aggregate. Written with the change itself, never changed."""

    at = models.DateTimeField(_("at"), auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    aggregate = models.CharField(_("kind"), max_length=40)
    aggregate_id = models.BigIntegerField(_("number"))
    name = models.CharField(_("what"), max_length=60)
    from_state = models.CharField(_("from"), max_length=30, blank=True)
    to_state = models.CharField(_("to"), max_length=30, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("id",)
        indexes = (models.Index(fields=("aggregate", "aggregate_id", "id")),)
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.aggregate} {self.aggregate_id}: {self.name}"


class OutgoingEmailQuerySet(JobQuerySet["OutgoingEmail"]):
    def about(self, row: models.Model) -> Self:
        """The mails that were written about this row, whoever they went to."""
        return self.filter(aggregate=row._meta.model_name, aggregate_id=row.pk)


class OutgoingEmail(Job):
    """A mail that must leave. What was written, and to whom, never changes.

    A mail about a row (`aggregate`, as in an event) is kept: those whom the row concerns read it
    there. So it holds nothing that only its recipient may know, such as a link with a secret.
    """

    recipient = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("text"))
    aggregate = models.CharField(_("kind"), max_length=40, blank=True)
    aggregate_id = models.BigIntegerField(_("number"), null=True, blank=True)

    objects = OutgoingEmailQuerySet.as_manager()

    class Meta(Job.Meta):
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        constraints = (
            *Job.Meta.constraints,
            models.CheckConstraint(
                name="outgoing_mail_is_about_a_row_or_nothing",
                condition=models.Q(aggregate="", aggregate_id=None)
                | (~models.Q(aggregate="") & models.Q(aggregate_id__isnull=False)),
            ),
        )
        indexes = (
            *Job.Meta.indexes,
            models.Index(fields=("aggregate", "aggregate_id", "id"), name="outgoing_mail_about"),
        )
        triggers = (
            pgtrigger.ReadOnly(
                name="as_written",
                fields=["recipient", "subject", "body", "aggregate", "aggregate_id"],
            ),
            pgtrigger.Protect(
                name="kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__aggregate_id__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.recipient}: {self.subject}"


class HistoryContext(pghistory.models.Context):
    """Who changed a row, in which role and request. Only that request itself still adds to it.

    Each statement of a request carries the request's context; another one cannot rewrite it.
    """

    class Meta:
        proxy = True
        triggers = (
            pgtrigger.Trigger(
                name="append_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=(
                    "IF TG_OP = 'UPDATE' AND NEW.id = OLD.id"
                    " AND OLD.id::text = current_setting('pghistory.context_id', true)"
                    " THEN RETURN NEW; END IF;"
                    " RAISE EXCEPTION 'the history cannot be changed'"
                    " USING ERRCODE = 'integrity_constraint_violation';"
                ),
            ),
        )
