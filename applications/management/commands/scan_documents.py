"""`manage.py scan_documents`: files that were never scanned go to the scanner."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from applications.actions import scanning
from applications.models import Document
from bpf_portal.core import virus_scanner


class Command(BaseCommand):
    help = (
        "Sends every file that was never scanned for viruses, or whose scan failed, to the"
        " scanner. Until the verdict nobody can open them. Needs CLAMAV_URL."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not virus_scanner.is_configured():
            raise CommandError("CLAMAV_URL is not set: there is no scanner to send files to.")
        count = scanning.scan_what_was_not(Document)
        self.stdout.write(f"{count} files are waiting for the scanner.")
