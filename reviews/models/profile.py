"""What a reviewer brings, and for whom they worked: for assigning, and for finding conflicts."""

from typing import Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything

#: Names in one list of a profile or a declaration, and characters of one name.
MOST_NAMES, NAME_LENGTH = 50, 200


class ReviewerProfileQuerySet(models.QuerySet["ReviewerProfile"]):
    def visible_to(self, user: Visitor) -> Self:
        """One's own; all for those who run the calls. Reviewers never see each other's."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if reads_everything(user) else self.filter(person=user)


@pghistory.track()
class ReviewerProfile(models.Model):
    """A reviewer's own account of themselves."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviewer_profile"
    )
    #: Organisations, today's and earlier ones.
    employers = ArrayField(
        models.CharField(max_length=NAME_LENGTH), verbose_name=_("employers"), default=list
    )
    #: Codes of the languages in which applications are read: `fr`, `en`.
    languages = ArrayField(
        models.CharField(max_length=2), verbose_name=_("languages"), default=list
    )
    #: Codes of the vocabulary "sector".
    sectors = ArrayField(models.CharField(max_length=60), verbose_name=_("sectors"), default=list)
    #: ISO 3166-1 alpha-2.
    countries = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries"), default=list
    )
    human_rights = models.BooleanField(_("expert in human rights"), default=False)
    updated_at = models.DateTimeField(_("last saved"), auto_now=True)

    objects = ReviewerProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("reviewer’s profile")
        verbose_name_plural = _("reviewers’ profiles")

    def __str__(self) -> str:
        return str(self.person)
