"""Loading a sanctions list, whole or not at all; then all living proposals are compared anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import BinaryIO, NamedTuple, cast

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import formats, timezone

from accounts.models import User
from applications.access import may_load_lists
from applications.actions.documents import clean_filename
from applications.actions.sanctions_files import (
    Listed,
    Open,
    Progress,
    Refused,
    Survey,
    entries,
    survey,
)
from applications.checks.names import comparable_name
from applications.events import SanctionsListLoaded
from applications.models import Rescreening, SanctionsEntry, SanctionsImport, SanctionsList
from applications.models.screening import random_name
from bpf_portal.core import jobs
from bpf_portal.core.access import require
from bpf_portal.core.events import record

# Any number, but the same for everyone who loads: two loads at once run one after the other.
_LOAD_LOCK = 0x6270660003
BATCH = 1_000
#: A list that lost half of so many entries was probably cut between two lines.
_WORTH_A_LOOK = 1_000
_KILOBYTE = 1024


class Loaded(NamedTuple):
    """The list, and whether this very file had been loaded before (then nothing was changed)."""

    sanctions_list: SanctionsList
    known: bool


def load_list(
    *,
    opened: Open,
    filename: str,
    actor: User | None,
    accept_shorter: bool = False,
    progress: Progress = lambda read: None,
) -> Loaded:
    """Read a file into a list that replaces the living one of its source.

    `opened` opens the file, as often as it is called. Raises Refused with the place of what is
    wrong; the list in force then stays in force.
    """
    surveyed = survey(opened, today=timezone.localdate(), progress=progress)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOAD_LOCK])
        known = SanctionsList.objects.filter(sha256=surveyed.sha256).first()
        if known is not None:
            return Loaded(known, known=True)
        _replace_living(surveyed, accept_shorter)
        return Loaded(_store(opened, surveyed, filename, actor), known=False)


def _replace_living(surveyed: Survey, accept_shorter: bool) -> None:
    living = SanctionsList.objects.living().filter(source=surveyed.source).first()
    if living is None:
        return
    if surveyed.dated < living.dated:
        raise Refused("older", dated=formats.date_format(living.dated, "j F Y"))
    halved = living.entry_count >= _WORTH_A_LOOK and surveyed.entries * 2 < living.entry_count
    if halved and not accept_shorter:
        raise Refused("shorter", entries=surveyed.entries, before=living.entry_count)
    living.replaced_at = timezone.now()
    living.save(update_fields=["replaced_at"])


def _store(opened: Open, surveyed: Survey, filename: str, actor: User | None) -> SanctionsList:
    loaded = SanctionsList.objects.create(
        source=surveyed.source,
        dated=surveyed.dated,
        sha256=surveyed.sha256,
        filename=clean_filename(filename),
        entry_count=surveyed.entries,
        name_count=surveyed.names,
        loaded_by=actor,
    )
    rows = (_entry(loaded, listed) for listed in entries(opened, surveyed))
    for batch in _batches(rows):
        SanctionsEntry.objects.bulk_create(batch)
    record(
        SanctionsListLoaded(
            source=loaded.source,
            dated=loaded.dated.isoformat(),
            sha256=loaded.sha256,
            entries=loaded.entry_count,
        ),
        about=loaded,
        actor=actor,
    )
    jobs.send_after_commit(Rescreening.objects.create(sanctions_list=loaded))
    return loaded


def _batches(rows: Iterator[SanctionsEntry]) -> Iterator[list[SanctionsEntry]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _entry(loaded: SanctionsList, listed: Listed) -> SanctionsEntry:
    names, details = list(listed.names), list(listed.details)
    said = json.dumps([listed.is_person, sorted(names), sorted(details)], ensure_ascii=True)
    return SanctionsEntry(
        sanctions_list=loaded,
        reference=listed.reference,
        label=listed.label,
        is_person=listed.is_person,
        names=names,
        folded=[comparable_name(name) for name in names],
        details=details,
        fingerprint=hashlib.sha256(said.encode()).hexdigest(),
    )


# --- from the admin: a durable job ---------------------------------------------------------------


def upload_list(
    *, actor: User, upload: UploadedFile[bytes], accept_shorter: bool = False
) -> SanctionsImport:
    """Keep an officer's file and leave its reading as a job. Raises NotAllowed."""
    require(may_load_lists(actor))
    filename = clean_filename(upload.name or "")
    stored = default_storage.save(random_name(SanctionsImport(), filename), upload)
    with transaction.atomic():
        job = SanctionsImport.objects.create(
            file=stored, filename=filename, uploaded_by=actor, accept_shorter=accept_shorter
        )
        jobs.send_after_commit(job)
    return job


def perform_import(job: SanctionsImport) -> None:
    """The job's work. A file that is refused ends the job with the reason: asking again would not
    mend it. The file itself is taken away, the list stands in rows."""

    stored = str(job.file.name)

    def opened() -> closing[BinaryIO]:
        return closing(cast(BinaryIO, default_storage.open(stored, "rb")))

    total = max(1, default_storage.size(stored) // _KILOBYTE)

    def progress(read: int) -> None:
        job.report_progress(min(total, read // _KILOBYTE), total)

    try:
        loaded = load_list(
            opened=opened,
            filename=job.filename,
            actor=job.uploaded_by,
            accept_shorter=job.accept_shorter,
            progress=progress,
        )
    except Refused as refused:
        job.refusal = {"code": refused.code, "values": refused.values}
    else:
        job.sanctions_list, job.known = loaded
    job.save(update_fields=["refusal", "sanctions_list", "known"])
    default_storage.delete(stored)
