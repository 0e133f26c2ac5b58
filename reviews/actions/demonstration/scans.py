"""Files that wait for the virus scanner, and files in which it found something."""

from datetime import datetime

from applications.actions import scanning
from applications.models import Document, DocumentScan, ScanState
from bpf_portal.core import jobs
from bpf_portal.core.virus_scanner import Verdict
from reviews.actions.demonstration.dates import set_values

#: What the scanner is told to have found: no scanner knows a virus of this name.
_FOUND = "Demonstration.Not-A-Virus"


def wait_for_the_scanner(document: Document) -> None:
    """The file stays pending, for no scanner is asked about it."""
    set_values(document, scan=ScanState.PENDING)


def find_infected(document: Document, moment: datetime) -> None:
    """The scanner has spoken at that moment: the file does not count, and its company is told."""
    set_values(document, scan=ScanState.PENDING)
    scan = scanning.request_scan(document)
    if scan is None:
        raise LookupError(f"{document} is not pending")
    jobs.run(DocumentScan, scan.pk, lambda job: scanning.take_verdict(job, Verdict(_FOUND)))
    set_values(scan, created_at=moment, started_at=moment, finished_at=moment)
    set_values(document, removed_at=moment)
