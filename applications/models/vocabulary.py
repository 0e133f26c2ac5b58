"""Countries, dated lists of them, and the words that forms and rules choose from."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from bpf_portal.core.texts import InBothLanguages


class Country(models.Model):
    """A country or territory by its two letters; XK and PS included, which some tables lack."""

    iso2 = models.CharField(_("code"), max_length=2, primary_key=True)
    iso3 = models.CharField(max_length=3, blank=True)
    name_fr = models.CharField(_("name (French)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    region = models.CharField(_("region"), max_length=60, blank=True)
    name = InBothLanguages()

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ("name_fr",)

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class CountryList(models.Model):
    """A published list of countries, e.g. the DAC list of ODA recipients."""

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title_fr = models.CharField(_("title (French)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200)
    valid_from = models.DateField(_("valid from"))
    source = models.CharField(_("source"), max_length=250)

    class Meta:
        verbose_name = _("list of countries")
        verbose_name_plural = _("lists of countries")
        ordering = ("code", "version")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="country_list_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


@pghistory.track()
class CountryListEntry(models.Model):
    """A country on a list, until a day where that is known."""

    country_list = models.ForeignKey(CountryList, on_delete=models.CASCADE, related_name="entries")
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="+")
    income_group = models.CharField(_("income group"), max_length=10, blank=True)
    luxembourg_partner = models.CharField(_("Luxembourg partner"), max_length=40, blank=True)
    eligible_until = models.DateField(_("eligible until"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("country on a list")
        verbose_name_plural = _("countries on lists")
        ordering = ("country_list", "country")
        constraints = (
            models.UniqueConstraint(
                fields=("country_list", "country"), name="country_once_per_list"
            ),
        )

    def __str__(self) -> str:
        return f"{self.country_list}: {self.country_id}"


@pghistory.track()
class CountryRating(models.Model):
    """How a country stands on labour rights; unknown never counts as low."""

    country = models.OneToOneField(Country, on_delete=models.PROTECT, related_name="rating")
    level = models.CharField(
        _("risk level"),
        max_length=6,
        choices=[("low", _("low")), ("medium", _("medium")), ("high", _("high"))],
    )
    standing = models.CharField(_("standing"), max_length=40, blank=True)
    trend = models.CharField(_("trend"), max_length=40, blank=True)
    source = models.CharField(_("source"), max_length=250)

    class Meta:
        verbose_name = _("rating of a country")
        verbose_name_plural = _("ratings of countries")
        ordering = ("country",)

    def __str__(self) -> str:
        return f"{self.country_id}: {self.level}"


class Vocabulary(models.TextChoices):
    """The lists of words. Every list is data: an officer may extend it."""

    SECTOR = "sector", _("sector")
    EXCLUDED_ACTIVITY = "excluded_activity", _("excluded activity")
    RISK_FLAG = "risk_flag", _("risk flag")
    COST_CATEGORY = "cost_category", _("cost category")
    PROJECT_KIND = "project_kind", _("kind of project")
    ORGANISATION_KIND = "organisation_kind", _("kind of organisation")
    SDG = "sdg", _("sustainable development goal")
    NACE = "nace", _("economic activity (NACE)")
    EXAMPLE = "example", _("example answer")
    POLICY_MARKER = "policy_marker", _("policy marker")


@pghistory.track()
class Term(models.Model):
    """A word of a vocabulary, in both languages."""

    vocabulary = models.CharField(_("vocabulary"), max_length=20, choices=Vocabulary.choices)
    code = models.CharField(_("code"), max_length=60)
    label_fr = models.CharField(_("label (French)"), max_length=250)
    label_en = models.CharField(_("label (English)"), max_length=250)
    hint_fr = models.TextField(_("hint (French)"), blank=True)
    hint_en = models.TextField(_("hint (English)"), blank=True)
    level = models.CharField(_("risk level"), max_length=6, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    source = models.CharField(_("source"), max_length=250, blank=True)
    assumed = models.BooleanField(_("assumed"), default=False)
    label = InBothLanguages()
    hint = InBothLanguages()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ("vocabulary", "position", "code")
        constraints = (models.UniqueConstraint(fields=("vocabulary", "code"), name="term_once"),)

    def __str__(self) -> str:
        return self.label
