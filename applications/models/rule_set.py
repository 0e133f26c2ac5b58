"""The eligibility rules as rows: versions that people write, put in force, and then leave alone."""

from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_drafts_of_rules
from bpf_portal.core.states import TransitionTable
from bpf_portal.core.texts import InBothLanguages


class RuleSetState(models.TextChoices):
    DRAFT = "draft", _("draft")
    IN_FORCE = "in_force", _("in force")
    DISCARDED = "discarded", _("discarded")


RULE_SET_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "rule set",
    {
        ("draft", "revise"): "draft",
        ("draft", "put_in_force"): "in_force",
        ("draft", "discard"): "discarded",
    },
)


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def visible_to(self, user: Visitor) -> Self:
        """Rules in force are no secret; drafts are for those who write or audit them."""
        return self if reads_drafts_of_rules(user) else self.in_force()

    def in_force(self) -> Self:
        return self.filter(state=RuleSetState.IN_FORCE)

    def newest(self, code: str) -> "RuleSet | None":
        """The newest version in force of these rules."""
        return self.in_force().filter(code=code).order_by("version").last()


#: What was in force, or used, is what somebody was refused or admitted under.
_NEVER_CHANGED = """
    IF EXISTS (SELECT 1 FROM applications_checkrun WHERE rule_set_id = OLD.id)
        OR (OLD.state <> 'draft' AND OLD.made_by_id IS NOT NULL)
    THEN RAISE EXCEPTION 'rule set % version % was used and cannot be changed',
        OLD.code, OLD.version USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


@pghistory.track()
class RuleSet(models.Model):
    """A version of the eligibility rules: parameters as data.

    Shipped with the portal and in force at once (`made_by` is empty), or made by an officer: then a
    draft first. Nothing changes once it is in force (shipped ones: once a check used it).
    """

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title_fr = models.CharField(_("title (French)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200)
    parameters = models.JSONField(_("parameters"))
    sources = models.JSONField(_("sources"), default=dict, help_text=_("by parameter"))
    assumed = ArrayField(models.CharField(max_length=80), verbose_name=_("assumed"), default=list)
    valid_from = models.DateField(_("valid from"))
    state = models.CharField(
        _("state"), max_length=10, choices=RuleSetState.choices, default=RuleSetState.IN_FORCE
    )
    #: Counts what was saved, so that an old page overwrites nothing.
    revision = models.PositiveIntegerField(default=1)
    based_on = models.ForeignKey(
        "self",
        verbose_name=_("made from"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    put_in_force_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("put in force by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    put_in_force_at = models.DateTimeField(_("put in force"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    title = InBothLanguages()

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule set")
        verbose_name_plural = _("rule sets")
        ordering = ("code", "version")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="rule_set_version_once"),
            models.CheckConstraint(
                name="rule_set_state_has_its_people",
                condition=Q(
                    state="in_force", made_by=None, put_in_force_by=None, put_in_force_at=None
                )
                | (
                    Q(
                        state="in_force",
                        made_by__isnull=False,
                        put_in_force_by__isnull=False,
                        put_in_force_at__isnull=False,
                    )
                    & ~Q(reason="")
                )
                | Q(
                    state__in=("draft", "discarded"),
                    made_by__isnull=False,
                    put_in_force_by=None,
                    put_in_force_at=None,
                ),
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="immutable_once_used",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_NEVER_CHANGED,
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    @property
    def is_draft(self) -> bool:
        return self.state == RuleSetState.DRAFT
