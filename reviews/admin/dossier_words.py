"""Words for the closed lists of the dossier's schema."""

from django.utils.translation import gettext_lazy as _

STANDING = {
    "not_insolvent": _("Not bankrupt or being wound up"),
    "no_conviction": _("No conviction"),
    "taxes_paid": _("Taxes paid"),
    "social_security_paid": _("Social security paid"),
}
PARTNER_ROLES = {"local": _("local partner"), "associated": _("associated partner")}
WHERE = {
    "own_operations": _("own operations"),
    "local_partner": _("local partner"),
    "first_tier": _("first-tier suppliers"),
}
LEVELS = {"low": _("low"), "medium": _("medium"), "high": _("high")}
#: UNGP 31.
CHANNEL_CRITERIA = {
    "legitimate": _("Channel is legitimate"),
    "accessible": _("Channel is accessible"),
    "predictable": _("Channel is predictable"),
    "equitable": _("Channel is equitable"),
    "transparent": _("Channel is transparent"),
    "rights_compatible": _("Channel respects rights"),
    "continuous_learning": _("Channel serves to learn"),
    "dialogue_based": _("Channel rests on dialogue"),
}
