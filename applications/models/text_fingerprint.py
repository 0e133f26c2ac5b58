"""By what the text of a hand-in is compared with all others."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.revision import SubmissionRevision


class TextFingerprint(models.Model):
    """What `applications.checks.likeness` makes of one hand-in's description of the project. It
    follows from the hand-in, so it is no record: it may be made anew at any time."""

    revision = models.OneToOneField(
        SubmissionRevision, on_delete=models.PROTECT, primary_key=True, related_name="fingerprint"
    )
    #: `likeness.METHOD`, with which the numbers were made.
    method = models.PositiveSmallIntegerField()
    #: The text's runs of words, without those of the form.
    shingles = ArrayField(models.IntegerField())
    #: Two texts that are alike share one of these; none where the text is too short.
    bands = ArrayField(models.IntegerField())

    class Meta:
        verbose_name = _("fingerprint of a text")
        verbose_name_plural = _("fingerprints of texts")
        # Written at once: a list of what is still to be sorted in is read whole by every search.
        indexes = (GinIndex(fields=("bands",), name="fingerprint_bands", fastupdate=False),)

    def __str__(self) -> str:
        return str(self.revision_id)
