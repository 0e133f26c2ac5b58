"""Files of a proposal: taken in, replaced, taken out, brought back. Nothing is overwritten."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_write
from applications.actions import scanning
from applications.actions.document_refusals import RefusedFile
from applications.actions.intake import clean_filename, taken_in
from applications.actions.open_sections import require_open
from applications.models import Document, Proposal
from bpf_portal.core.access import Text, require

__all__ = ["RefusedFile", "add_document", "clean_filename", "remove_document", "restore_document"]


class NotRestored(Exception):
    """The older file cannot count again; `message` says why."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


def add_document(*, actor: User, proposal: Proposal, kind: str, upload: File[bytes]) -> Document:
    """Take a file as the document of this kind at the proposal's stage, in place of an older one.

    It is looked into before anything is stored and scanned afterwards; until then it is there but
    nobody gets it. Raises RefusedFile, NotAllowed or WrongState.
    """
    require(may_write(actor, proposal))
    with taken_in(upload) as fields, _changing_documents(actor, proposal) as locked:
        _retire(locked, kind)
        document = Document.objects.create(
            proposal=locked, stage=locked.stage, kind=kind, uploaded_by=actor, **fields
        )
        scanning.request_scan(document)
    return document


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


def restore_document(*, actor: User, document: Document) -> Document:
    """Let an older or removed file count again, in place of the one that counts now.

    Restoring it twice is the same as once. Raises NotRestored, NotAllowed or WrongState.
    """
    with _changing_documents(actor, document.proposal) as locked:
        older = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        if older.is_infected:
            raise NotRestored(_("A virus was found in this file: it cannot be used."))
        if older.stage != locked.stage:
            raise NotRestored(_("This file belongs to another stage of the proposal."))
        if older.removed_at is not None:
            _retire(locked, older.kind)
            older.removed_at = None
            older.save(update_fields=["removed_at"])
    return older


@contextmanager
def _changing_documents(actor: User, proposal: Proposal) -> Iterator[Proposal]:
    """Lock the proposal; its version stays: a file changes no text a colleague may be writing."""
    with transaction.atomic():
        locked = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
        require(may_write(actor, locked))
        require_open(locked, "documents")
        yield locked
        locked.updated_at = timezone.now()
        locked.save(update_fields=["updated_at"])


def _retire(proposal: Proposal, kind: str) -> None:
    proposal.documents.filter(stage=proposal.stage, kind=kind, removed_at=None).update(
        removed_at=timezone.now()
    )
