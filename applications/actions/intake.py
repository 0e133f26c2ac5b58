"""How a file from outside comes in: named, measured, looked into, stored, and sent to the scanner.

For every model that keeps files from people (`models.ScannedFile`):

    with taken_in(upload) as fields:
        row = Attachment.objects.create(message=message, **fields)
        scanning.request_scan(row)

The content is looked at before anything is stored; the file is taken away again when the block
raises. In a model's own module of tasks, `scanning.follow(Attachment, after_scan)` says what
follows a verdict; without it only the row's `scan` changes. Files are handed out through
`views.downloads.attachment`, and only those of `may_be_opened`.
"""

import hashlib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from applications.actions import scanning
from applications.actions.document_content import look_at
from applications.actions.document_refusals import EMPTY, RefusedFile
from applications.models.document import Document
from applications.models.scanned_file import random_name

NAME_LENGTH = 150


@contextmanager
def taken_in(upload: File[bytes]) -> Iterator[dict[str, Any]]:
    """The columns of `ScannedFile` for this file, already stored. Raises RefusedFile."""
    filename = clean_filename(upload.name or "")
    require_size(upload.size)
    content = look_at(upload, filename)
    digest = _sha256(upload)
    upload.seek(0)
    stored = default_storage.save(random_name(Document(), filename), upload)
    try:
        yield {
            "file": stored,
            "filename": filename,
            "content_type": content.content_type,
            "pages": content.pages,
            "size": upload.size,
            "sha256": digest,
            "scan": scanning.first_state(),
        }
    except BaseException:
        default_storage.delete(stored)
        raise


def clean_filename(name: str) -> str:
    """The sender's own name for the file, without path, control or direction characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    clean = " ".join(visible.split()) or str(_("document"))
    stem, dot, suffix = clean.rpartition(".")
    if dot and stem:
        return f"{stem[: NAME_LENGTH - len(suffix[:10])]}.{suffix[:10]}"
    return clean[:NAME_LENGTH]


def require_size(size: int | None) -> None:
    """Raises RefusedFile for an empty file and for one beyond `MAX_DOCUMENT_BYTES`."""
    if not size:
        raise RefusedFile(EMPTY)
    if size > settings.MAX_DOCUMENT_BYTES:
        raise RefusedFile(
            _("This file has %(size)s; at most %(limit)s are accepted.")
            % {
                "size": filesizeformat(size),
                "limit": filesizeformat(settings.MAX_DOCUMENT_BYTES),
            }
        )


def _sha256(upload: File[bytes]) -> str:
    """Of the whole file, read in pieces: a large one never stands in memory at once."""
    digest = hashlib.sha256()
    upload.seek(0)
    for piece in upload.chunks():
        digest.update(piece)
    return digest.hexdigest()
