"""Files of a proposal: taken in, replaced, taken out. Nothing that was handed in is overwritten."""

import hashlib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_write
from applications.actions.document_content import RefusedFile, file_type_of
from applications.models import Document, Proposal, ScanState
from applications.models.document import random_name
from bpf_portal.core.access import require
from bpf_portal.core.states import WrongState

__all__ = ["RefusedFile", "add_document", "clean_filename", "remove_document"]

NAME_LENGTH = 150


def add_document(
    *, actor: User, proposal: Proposal, kind: str, upload: UploadedFile[bytes]
) -> Document:
    """Take a file as the document of this kind at the proposal's stage, in place of an older one.

    The content is checked before anything is stored. The file is stored before its row, and taken
    away again when the row cannot be written. Raises RefusedFile, NotAllowed or WrongState.
    """
    require(may_write(actor, proposal))
    filename = clean_filename(upload.name or "")
    _require_size(upload)
    content_type = file_type_of(upload, filename).content_type
    digest = _sha256(upload)
    upload.seek(0)
    stored = default_storage.save(random_name(Document(), filename), upload)
    try:
        with _changing_documents(actor, proposal) as locked:
            _retire(locked, kind)
            return Document.objects.create(
                proposal=locked,
                stage=locked.stage,
                kind=kind,
                file=stored,
                filename=filename,
                content_type=content_type,
                size=upload.size or 0,
                sha256=digest,
                scan=ScanState.UNSCANNED,
                uploaded_by=actor,
            )
    except BaseException:
        default_storage.delete(stored)
        raise


def remove_document(*, actor: User, document: Document) -> Document:
    """Take a document out of the draft. Its file stays: an earlier hand-in may hold it.

    Removing it twice is the same as once. Raises NotAllowed or WrongState.
    """
    with _changing_documents(actor, document.proposal):
        current = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        if current.removed_at is None:
            current.removed_at = timezone.now()
            current.save(update_fields=["removed_at"])
    return current


def clean_filename(name: str) -> str:
    """The company's own name for the file, without path, control or direction characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    clean = " ".join(visible.split()) or str(_("document"))
    stem, dot, suffix = clean.rpartition(".")
    if dot and stem:
        return f"{stem[: NAME_LENGTH - len(suffix[:10])]}.{suffix[:10]}"
    return clean[:NAME_LENGTH]


@contextmanager
def _changing_documents(actor: User, proposal: Proposal) -> Iterator[Proposal]:
    """Lock the draft; its version stays: a file changes no text that a colleague may be writing."""
    with transaction.atomic():
        locked = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
        require(may_write(actor, locked))
        if not locked.is_draft:
            raise WrongState("proposal", locked.state, "edit")
        yield locked
        locked.updated_at = timezone.now()
        locked.save(update_fields=["updated_at"])


def _retire(proposal: Proposal, kind: str) -> None:
    proposal.documents.filter(stage=proposal.stage, kind=kind, removed_at=None).update(
        removed_at=timezone.now()
    )


def _require_size(upload: UploadedFile[bytes]) -> None:
    if not upload.size:
        raise RefusedFile(_("This file is empty."))
    if upload.size > settings.MAX_DOCUMENT_BYTES:
        raise RefusedFile(
            _("This file has %(size)s; at most %(limit)s are accepted.")
            % {
                "size": filesizeformat(upload.size),
                "limit": filesizeformat(settings.MAX_DOCUMENT_BYTES),
            }
        )


def _sha256(upload: UploadedFile[bytes]) -> str:
    """Of the whole file, read in pieces: a large one never stands in memory at once."""
    digest = hashlib.sha256()
    upload.seek(0)
    for piece in upload.chunks():
        digest.update(piece)
    return digest.hexdigest()
