"""What every file that comes from outside carries: who it is, and what the virus scanner said."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class ScanState(models.TextChoices):
    PENDING = "pending", _("being scanned")
    CLEAN = "clean", _("clean")
    INFECTED = "infected", _("infected")
    UNSCANNED = "unscanned", _("not scanned")


#: States in which a file may be opened. Without a scanner files are opened at one's own risk, and
#: the pages say so.
OPENED_STATES = (ScanState.CLEAN, ScanState.UNSCANNED)


def random_name(row: models.Model, filename: str) -> str:
    """Stored names say nothing and cannot be guessed; the company's own name stands in the row."""
    name = uuid.uuid4().hex
    return f"documents/{name[:2]}/{name}"


class ScannedFile(models.Model):
    """A file from outside. Filled by `actions.intake.taken_in`, scanned by `actions.scanning`."""

    file = models.FileField(_("file"), upload_to=random_name, max_length=120)
    filename = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    #: Of a PDF; other types do not know theirs without being laid out.
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True)
    scan = models.CharField(
        _("scan"), max_length=10, choices=ScanState.choices, default=ScanState.UNSCANNED
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.filename

    @property
    def may_be_opened(self) -> bool:
        """Whether whoever may see the row may also have its content."""
        return self.scan in OPENED_STATES

    @property
    def is_pending(self) -> bool:
        return self.scan == ScanState.PENDING

    @property
    def is_infected(self) -> bool:
        return self.scan == ScanState.INFECTED
