"""Partners of a proposal: local ones in the developing country, associated ones in the EU."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.proposal import Proposal
from applications.models.vocabulary import Country


class PartnerRole(models.TextChoices):
    LOCAL = "local", _("local partner")
    ASSOCIATED = "associated", _("associated partner")


@pghistory.track()
class Partner(models.Model):
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="partners")
    role = models.CharField(
        _("role"), max_length=10, choices=PartnerRole.choices, default=PartnerRole.LOCAL
    )
    legal_name = models.CharField(_("legal name"), max_length=200)
    kind = models.CharField(_("kind of organisation"), max_length=30, default="company")
    country = models.ForeignKey(
        Country,
        verbose_name=_("country of registration"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    registered_on = models.DateField(_("registered on"), null=True, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=150, blank=True)
    contact_email = models.EmailField(_("contact's e-mail address"), blank=True)
    #: In which we write to the partner.
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=[("fr", _("French")), ("en", _("English"))],
        default="fr",
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.legal_name
