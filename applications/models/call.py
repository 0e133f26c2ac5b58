"""Calls for proposals and the rules they are run under."""

from datetime import datetime
from typing import Self

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, is_staff
from applications.models.rule_set import RuleSet
from bpf_portal.core.texts import InBothLanguages


class Stage(models.TextChoices):
    """The two stages of a call, in the words of the dossier's schema."""

    PRESELECTION = "preselection", _("pre-selection")
    DETAILED_PROPOSAL = "detailed_proposal", _("detailed proposal")


#: Whoever applied, or could, did so under these rules.
_HAS_OPENED = """
    (OLD.published AND COALESCE(OLD.opens_at, OLD.deadline_at) <= now())
    OR EXISTS (SELECT 1 FROM applications_submission WHERE call_id = OLD.id)
"""


class CallQuerySet(models.QuerySet["Call"]):
    def visible_to(self, user: Visitor) -> Self:
        """Published calls are for everyone; unpublished ones for LuxDev."""
        return self if is_staff(user) else self.filter(published=True)

    def open_at(self, moment: datetime) -> Self:
        return self.filter(published=True, opens_at__lte=moment, deadline_at__gte=moment)

    def next_after(self, call: "Call") -> "Call | None":
        """The edition that a late proposal goes to: the next deadline, opened or not."""
        return (
            self.filter(published=True, facility=call.facility, deadline_at__gt=call.deadline_at)
            .order_by("deadline_at")
            .first()
        )


@pghistory.track()
class Call(models.Model):
    """One edition of the facility: its deadlines, its money and its rules."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    facility = models.CharField(_("facility"), max_length=20, default="bpf")
    title_fr = models.CharField(_("title (French)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200)
    summary_fr = models.TextField(_("summary (French)"), blank=True)
    summary_en = models.TextField(_("summary (English)"), blank=True)
    edition = models.CharField(_("edition"), max_length=20, blank=True)
    rule_set = models.ForeignKey(RuleSet, verbose_name=_("rule set"), on_delete=models.PROTECT)
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    deadline_at = models.DateTimeField(_("deadline"))
    stage_2_deadline_at = models.DateTimeField(_("stage 2 deadline"), null=True, blank=True)
    envelope = models.DecimalField(
        _("envelope (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    published = models.BooleanField(_("published"), default=False)
    assumed = ArrayField(models.CharField(max_length=80), verbose_name=_("assumed"), default=list)
    source = models.CharField(_("source"), max_length=250, blank=True)
    title = InBothLanguages()
    summary = InBothLanguages()

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call for proposals")
        verbose_name_plural = _("calls for proposals")
        ordering = ("-deadline_at",)
        constraints = (
            models.CheckConstraint(
                name="call_opens_before_its_deadline",
                condition=Q(opens_at=None) | Q(opens_at__lt=F("deadline_at")),
            ),
            models.CheckConstraint(
                name="call_stage_2_ends_after_stage_1",
                condition=Q(stage_2_deadline_at=None) | Q(stage_2_deadline_at__gt=F("deadline_at")),
            ),
            models.CheckConstraint(
                name="call_envelope_is_positive",
                condition=Q(envelope=None) | Q(envelope__gt=0),
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="rules_are_in_force",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("rule_set_id"),
                func=(
                    "IF NOT EXISTS (SELECT 1 FROM applications_ruleset"
                    " WHERE id = NEW.rule_set_id AND state = 'in_force')"
                    " THEN RAISE EXCEPTION 'call %: its rules are not in force', NEW.code"
                    " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW;"
                ),
            ),
            pgtrigger.Trigger(
                name="rules_stay_once_open",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("rule_set_id"),
                func=(
                    f"IF NEW.rule_set_id <> OLD.rule_set_id AND ({_HAS_OPENED})"
                    " THEN RAISE EXCEPTION 'call %: it has opened under its rules', OLD.code"
                    " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW;"
                ),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        now = timezone.now()
        return bool(self.published and self.opens_at and self.opens_at <= now <= self.deadline_at)

    @property
    def has_opened(self) -> bool:
        """Whether somebody could apply, or did: its rules do not change any more. One query."""
        begins = self.opens_at or self.deadline_at
        return (self.published and begins <= timezone.now()) or self.submissions.exists()

    def deadline_of(self, stage: str) -> datetime | None:
        """The moment, inclusive, until which a proposal of this stage is in time; None: not set."""
        if stage == Stage.DETAILED_PROPOSAL:
            return self.stage_2_deadline_at
        return self.deadline_at

    def is_late(self, stage: str, moment: datetime) -> bool:
        deadline = self.deadline_of(stage)
        return deadline is not None and moment > deadline


@pghistory.track()
class DocumentRequirement(models.Model):
    """A document that a call asks for at a stage."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="document_requirements")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    kind = models.SlugField(_("kind"), max_length=40)
    role = models.CharField(_("of whom"), max_length=12, default="lead")
    label_fr = models.CharField(_("label (French)"), max_length=200)
    label_en = models.CharField(_("label (English)"), max_length=200)
    hint_fr = models.TextField(_("hint (French)"), blank=True)
    hint_en = models.TextField(_("hint (English)"), blank=True)
    #: Words by which a file of this kind is often named, in any language, besides its labels.
    known_as = models.CharField(_("also called"), max_length=300, blank=True, default="")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    required = models.BooleanField(_("required"), default=True)
    assumed = models.BooleanField(_("assumed"), default=False)
    label = InBothLanguages()
    hint = InBothLanguages()

    class Meta:
        verbose_name = _("document required")
        verbose_name_plural = _("documents required")
        ordering = ("call", "stage", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("call", "stage", "kind"),
                name="document_kind_once_per_call_and_stage",
            ),
        )

    def __str__(self) -> str:
        return self.label


@pghistory.track()
class ClauseVersion(models.Model):
    """The human-rights due-diligence clause of the contracts, a version in a language."""

    version = models.CharField(_("version"), max_length=20)
    language = models.CharField(_("language"), max_length=2)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"))
    sha256 = models.CharField("SHA-256", max_length=64)
    valid_from = models.DateField(_("valid from"))
    assumed = models.BooleanField(_("assumed"), default=True)

    class Meta:
        verbose_name = _("clause version")
        verbose_name_plural = _("clause versions")
        ordering = ("-valid_from", "language")
        constraints = (
            models.UniqueConstraint(
                fields=("version", "language"), name="clause_version_once_per_language"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.version} ({self.language})"
