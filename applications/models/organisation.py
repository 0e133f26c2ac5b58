"""Companies: who applies, what they declare of themselves, and who may act for them."""

from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models.vocabulary import Country


class MembershipRole(models.TextChoices):
    OWNER = "owner", _("owner")
    EDITOR = "editor", _("editor")
    VIEWER = "viewer", _("reader")
    LEGAL_REPRESENTATIVE = "legal_representative", _("legal representative")


#: Who may change the company's dossiers; a legal representative signs and therefore also writes.
WRITING_ROLES = (
    MembershipRole.OWNER,
    MembershipRole.EDITOR,
    MembershipRole.LEGAL_REPRESENTATIVE,
)


#: Who accepts or refuses the human-rights clause in the company's name.
SIGNING_ROLES = (MembershipRole.OWNER, MembershipRole.LEGAL_REPRESENTATIVE)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, user: Visitor) -> Self:
        """A company's own people; officers, approvers, auditors and administrators."""
        if not user.is_authenticated:
            return self.none()
        if reads_everything(user):
            return self
        return self.filter(memberships__user=user)

    def writable_by(self, user: Visitor) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(memberships__user=user, memberships__role__in=WRITING_ROLES)

    def owned_by(self, user: Visitor) -> Self:
        """Those whose people this person manages."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(memberships__user=user, memberships__role=MembershipRole.OWNER)


@pghistory.track()
class Organisation(models.Model):
    """A company that applies: its profile, reused from one proposal to the next.

    Everything but the name may be missing: a draft saves whatever state it is in.
    """

    legal_name = models.CharField(_("legal name"), max_length=200)
    kind = models.CharField(_("kind of organisation"), max_length=30, default="company")
    legal_form = models.CharField(_("legal form"), max_length=60, blank=True)
    country = models.ForeignKey(
        Country,
        verbose_name=_("country of registration"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    registration_number = models.CharField(_("trade register number"), max_length=40, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    lei = models.CharField("LEI", max_length=20, blank=True)
    registered_on = models.DateField(_("registered on"), null=True, blank=True)
    address = models.CharField(_("street and number"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    city = models.CharField(_("town"), max_length=100, blank=True)
    website = models.URLField(_("website"), blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    road_haulage_for_hire = models.BooleanField(
        _("road haulage for hire or reward"), null=True, blank=True
    )
    external_funding_3y = models.DecimalField(
        _("grants, equity and loans of the last three years (EUR)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
    )
    not_insolvent = models.BooleanField(_("not bankrupt or being wound up"), null=True, blank=True)
    no_conviction = models.BooleanField(_("no conviction"), null=True, blank=True)
    taxes_paid = models.BooleanField(_("taxes paid"), null=True, blank=True)
    social_security_paid = models.BooleanField(_("social security paid"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ("legal_name",)
        constraints = (
            models.UniqueConstraint(
                fields=("country", "registration_number"),
                name="company_once_per_register",
                condition=~Q(registration_number=""),
            ),
        )

    def __str__(self) -> str:
        return self.legal_name


@pghistory.track()
class Membership(models.Model):
    """A person who may act for a company."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=22, choices=MembershipRole.choices)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "user"), name="person_once_per_company"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


@pghistory.track()
class AnnualTurnover(models.Model):
    """The turnover of a closed financial year, EUR."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="annual_turnover"
    )
    year = models.PositiveSmallIntegerField(_("financial year"))
    amount = models.DecimalField(_("turnover (EUR)"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("annual turnover")
        verbose_name_plural = _("annual turnover")
        ordering = ("year",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "year"), name="turnover_year_once"),
            models.CheckConstraint(name="turnover_not_negative", condition=Q(amount__gte=0)),
        )

    def __str__(self) -> str:
        return f"{self.year}: {self.amount}"


@pghistory.track()
class DeMinimisAid(models.Model):
    """State aid already received under a de minimis regulation, EUR. A draft may lack a part."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="de_minimis_aid"
    )
    granted_on = models.DateField(_("granted on"), null=True, blank=True)
    amount = models.DecimalField(
        _("amount (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    granted_by = models.CharField(_("granted by"), max_length=150, blank=True)
    member_state = models.ForeignKey(
        Country,
        verbose_name=_("member state"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("de minimis aid received")
        verbose_name_plural = _("de minimis aid received")
        ordering = ("granted_on",)
        constraints = (
            models.CheckConstraint(
                name="de_minimis_positive", condition=Q(amount=None) | Q(amount__gt=0)
            ),
        )

    def __str__(self) -> str:
        return f"{self.granted_on}: {self.amount}"


@pghistory.track()
class OrganisationPerson(models.Model):
    """A director or a beneficial owner of the company."""

    class Capacity(models.TextChoices):
        DIRECTOR = "director", _("director")
        BENEFICIAL_OWNER = "beneficial_owner", _("beneficial owner")

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="people")
    capacity = models.CharField(_("capacity"), max_length=20, choices=Capacity.choices)
    name = models.CharField(_("name"), max_length=150)
    detail = models.CharField(_("function or share"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("director or owner")
        verbose_name_plural = _("directors and owners")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name
