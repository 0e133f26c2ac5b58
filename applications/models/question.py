"""The questions that a call's form asks in words: data, so that a call may ask others."""

import pghistory
import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.call import Call
from bpf_portal.core.texts import InBothLanguages


class QuestionSection(models.TextChoices):
    """Where it is asked: of every proposal, or of the detailed one only."""

    PROJECT = "project", _("project")
    BUSINESS_PLAN = "business_plan", _("business plan")


@pghistory.track()
class Question(models.Model):
    """A question of a call's form. The answer is stored under its code.

    It cannot change once a proposal to its call was handed in: what was answered would then be
    read under words that nobody was asked.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="questions")
    section = models.CharField(_("section"), max_length=20, choices=QuestionSection.choices)
    code = models.SlugField(_("code"), max_length=40)
    label_fr = models.CharField(_("label (French)"), max_length=250)
    label_en = models.CharField(_("label (English)"), max_length=250)
    hint_fr = models.TextField(_("hint (French)"), blank=True)
    hint_en = models.TextField(_("hint (English)"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    required = models.BooleanField(_("required"), default=False)
    assumed = models.BooleanField(_("assumed"), default=True)
    label = InBothLanguages()
    hint = InBothLanguages()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ("call", "section", "position")
        constraints = (
            models.UniqueConstraint(fields=("call", "code"), name="question_code_once_per_call"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="immutable_once_answered",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=(
                    "IF EXISTS (SELECT 1 FROM applications_submission WHERE call_id = OLD.call_id)"
                    " THEN RAISE EXCEPTION 'question % was answered and cannot be changed',"
                    " OLD.code USING ERRCODE = 'integrity_constraint_violation';"
                    " END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
                ),
            ),
        )

    def __str__(self) -> str:
        return self.label
