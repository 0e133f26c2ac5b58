"""What reviewers score: rubrics with criteria and described levels, as versioned data."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models import Call, Stage
from bpf_portal.core.texts import InBothLanguages


@pghistory.track()
class Rubric(models.Model):
    """A version of the scoring grid. The threshold is a share of the maximum, in points of 100."""

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title_fr = models.CharField(_("title (French)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200)
    scale_max = models.PositiveSmallIntegerField(_("highest score"), default=5)
    threshold = models.DecimalField(_("threshold (of 100)"), max_digits=5, decimal_places=2)
    reviews_required = models.PositiveSmallIntegerField(_("reviews per proposal"), default=2)
    assumed = models.BooleanField(_("assumed"), default=True)
    title = InBothLanguages()

    class Meta:
        verbose_name = _("scoring grid")
        verbose_name_plural = _("scoring grids")
        ordering = ("code", "version")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="rubric_version_once"),
            models.CheckConstraint(
                name="rubric_threshold_is_a_share",
                condition=Q(threshold__gte=0, threshold__lte=100),
            ),
        )

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Criterion(models.Model):
    """One criterion; the floor, where there is one, must be reached by every reviewer's score."""

    rubric = models.ForeignKey(Rubric, on_delete=models.CASCADE, related_name="criteria")
    code = models.SlugField(_("code"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"))
    weight = models.PositiveSmallIntegerField(_("weight"))
    floor = models.PositiveSmallIntegerField(_("floor"), null=True, blank=True)
    label_fr = models.CharField(_("label (French)"), max_length=200)
    label_en = models.CharField(_("label (English)"), max_length=200)
    question_fr = models.TextField(_("question (French)"))
    question_en = models.TextField(_("question (English)"))
    #: What stands beside it on a score sheet: rules by the beginning of their code (`budget.`), and
    #: sections of the dossier by `#` and their name (`#business_plan`).
    concerns = ArrayField(models.CharField(max_length=80), verbose_name=_("concerns"), default=list)
    label = InBothLanguages()
    question = InBothLanguages()

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ("rubric", "position")
        constraints = (
            models.UniqueConstraint(fields=("rubric", "code"), name="criterion_once_per_rubric"),
            models.CheckConstraint(name="criterion_has_weight", condition=Q(weight__gt=0)),
        )

    def __str__(self) -> str:
        return self.label


@pghistory.track()
class CriterionLevel(models.Model):
    """What one score of one criterion means, in words."""

    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="levels")
    value = models.PositiveSmallIntegerField(_("score"))
    text_fr = models.TextField(_("meaning (French)"))
    text_en = models.TextField(_("meaning (English)"))
    text = InBothLanguages()

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ("criterion", "value")
        constraints = (models.UniqueConstraint(fields=("criterion", "value"), name="level_once"),)

    def __str__(self) -> str:
        return f"{self.value}: {self.text}"


@pghistory.track()
class CallRubric(models.Model):
    """Which grid a call uses at which stage."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="rubrics")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("grid of a call")
        verbose_name_plural = _("grids of calls")
        constraints = (
            models.UniqueConstraint(fields=("call", "stage"), name="one_rubric_per_stage"),
        )

    def __str__(self) -> str:
        return f"{self.call} {self.stage}"
