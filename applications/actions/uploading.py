"""Files that arrive in pieces: begun, gone on with after a broken line, ended once, thrown away.

The pieces lie in the storage, so that any web process of any machine goes on; the row says how far
it is. What is bounded: the size of one file, and number and size of all uploads a person has open.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_write
from applications.actions.document_content import file_type_of
from applications.actions.documents import RefusedFile, add_document
from applications.actions.intake import clean_filename, require_size
from applications.actions.open_sections import require_open
from applications.models import Proposal, Upload
from bpf_portal.core.access import Text, require


class TooManyUploads(Exception):
    """The person has enough under way; `message` says what to do."""

    def __init__(self) -> None:
        self.message: Text = _(
            "You have too many unfinished uploads. Finish one of them, or throw one away."
        )
        super().__init__(str(self.message))


class OutOfStep(Exception):
    """The piece does not begin where the last one ended; `offset` says where that is."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"expected the piece that begins at {offset}")
        self.offset = offset


class NotWhole(OutOfStep):
    """The end was asked for, and pieces are missing."""


def begin_upload(
    *, actor: User, proposal: Proposal, kind: str, filename: str, size: int, modified: int = 0
) -> Upload:
    """Begin a file, or find the unfinished upload of the same one to go on with.

    What its name and size forbid is refused before a byte is sent. Raises RefusedFile,
    TooManyUploads, NotAllowed or WrongState.
    """
    require(may_write(actor, proposal))
    require_open(proposal, "documents")
    name = clean_filename(filename)
    require_size(size)
    file_type_of(name)
    wanted = {
        "proposal": proposal,
        "kind": kind,
        "filename": name,
        "size": size,
        "modified": modified,
    }
    with transaction.atomic():
        # One at a time for each person: two tabs cannot both be the last that is allowed.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        under_way = Upload.objects.visible_to(actor).unfinished()
        if same := under_way.filter(**wanted).first():
            return same
        open_bytes = under_way.aggregate(all=Sum("size"))["all"] or 0
        if (
            under_way.count() >= settings.MAX_OPEN_UPLOADS
            or open_bytes + size > settings.MAX_OPEN_UPLOAD_BYTES
        ):
            raise TooManyUploads
        return Upload.objects.create(created_by=actor, **wanted)


def append_piece(*, upload: Upload, offset: int, piece: bytes) -> int:
    """Add a piece that begins at `offset`; returns how many bytes there are now.

    A piece that came twice is not added twice. Raises OutOfStep.
    """
    if not piece:
        return upload.received
    stored = default_storage.save(f"{upload.folder}/{uuid.uuid4().hex}", ContentFile(piece))
    try:
        with _locked(upload) as current:
            if offset != current.received or offset + len(piece) > current.size:
                raise OutOfStep(current.received)
            current.received += len(piece)
            current.parts.append(stored)
            current.touched_at = timezone.now()
            current.save(update_fields=["received", "parts", "touched_at"])
            return current.received
    except BaseException:
        default_storage.delete(stored)
        raise


def finish_upload(*, actor: User, upload: Upload) -> Upload:
    """Make the document of the pieces; or the reason why it is refused, in the person's language.

    Asked again, the answer is the same: the first one may have been lost on the way. Raises
    NotWhole, NotAllowed or WrongState.
    """
    with _locked(upload) as current:
        if current.document_id or current.refusal:
            return current
        if current.received < current.size:
            raise NotWhole(current.received)
        try:
            with _whole(current) as file:
                current.document = add_document(
                    actor=actor, proposal=current.proposal, kind=current.kind, upload=file
                )
        except RefusedFile as refused:
            current.refusal = str(refused.message)
        current.parts = []
        current.save(update_fields=["document", "refusal", "parts"])
        transaction.on_commit(lambda: _remove_pieces(current), robust=True)
    return current


def discard_upload(*, upload: Upload) -> None:
    """Throw an upload away with its pieces. What became a document stays a document."""
    with transaction.atomic():
        Upload.objects.filter(pk=upload.pk).delete()
        transaction.on_commit(lambda: _remove_pieces(upload), robust=True)


def discard_same(*, actor: User, proposal: Proposal, kind: str, file: File[bytes]) -> None:
    """Throw away what was begun of a file that has now come whole, without pieces."""
    begun = Upload.objects.visible_to(actor).unfinished().filter(proposal=proposal, kind=kind)
    for upload in begun.filter(filename=clean_filename(file.name or ""), size=file.size):
        discard_upload(upload=upload)


def sweep_uploads(*, at_most: int = 200) -> int:
    """Throw away what nobody went on with, and the records of what has ended. Says how many."""
    gone = Upload.objects.expired().order_by("touched_at")[:at_most]
    for upload in gone:
        discard_upload(upload=upload)
    return len(gone)


@contextmanager
def _locked(upload: Upload) -> Iterator[Upload]:
    """Raises Upload.DoesNotExist when it was thrown away meanwhile."""
    with transaction.atomic():
        yield (
            Upload.objects.select_for_update(of=("self",))
            .select_related("proposal")
            .get(pk=upload.pk)
        )


@contextmanager
def _whole(upload: Upload) -> Iterator[File[bytes]]:
    """The pieces one after the other, in a file of our own that ends with the block."""
    with tempfile.TemporaryFile() as whole:
        for part in upload.parts:
            with default_storage.open(part, "rb") as piece:
                shutil.copyfileobj(piece, whole)
        whole.seek(0)
        yield File(whole, name=upload.filename)


def _remove_pieces(upload: Upload) -> None:
    """All that lies in the upload's folder: also a piece whose process was killed before its row
    knew of it."""
    try:
        _folders, pieces = default_storage.listdir(upload.folder)
    except FileNotFoundError:
        return  # no piece ever came
    for piece in pieces:
        default_storage.delete(f"{upload.folder}/{piece}")
    default_storage.delete(upload.folder)
