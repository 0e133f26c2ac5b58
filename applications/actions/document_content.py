"""What may be handed in as a file, decided by its content: a name proves nothing."""

import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, BinaryIO, cast

import pikepdf
import puremagic
from django.utils.translation import gettext_lazy as _

from bpf_portal.core.access import Text

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"


@dataclass(frozen=True)
class FileType:
    """A type of file that is taken; `inside` is the member its container must have."""

    suffixes: tuple[str, ...]
    content_type: str
    inside: str = ""


FILE_TYPES: tuple[FileType, ...] = (
    FileType((".pdf",), "application/pdf"),
    FileType((".docx",), f"{_OFFICE}.wordprocessingml.document", "word/document.xml"),
    FileType((".xlsx",), f"{_OFFICE}.spreadsheetml.sheet", "xl/workbook.xml"),
    FileType((".odt",), f"{_OPEN_DOCUMENT}.text", "content.xml"),
    FileType((".ods",), f"{_OPEN_DOCUMENT}.spreadsheet", "content.xml"),
    FileType((".jpg", ".jpeg"), "image/jpeg"),
    FileType((".png",), "image/png"),
)
ACCEPTED_SUFFIXES = tuple(suffix for kind in FILE_TYPES for suffix in kind.suffixes)


class RefusedFile(Exception):
    """The file cannot be taken; `message` says why and what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


_OTHER_TYPE = _("This type of file is not accepted. Send a PDF, DOCX, XLSX, ODT, ODS, JPG or PNG.")
_NOT_WHAT_IT_SAYS = _(
    "The content of this file is not what its name says. Open it, save it again and send that."
)
_DAMAGED = _("This file cannot be opened. Save it again and send that.")
_ENCRYPTED = _("This file is protected by a password. Send it without one.")
_MACROS = _("This file contains macros. Save it without macros, or as a PDF.")


def file_type_of(file: IO[bytes], filename: str) -> FileType:
    """The type of the file, by its name and its content together. Raises RefusedFile.

    The file must be seekable; it is left at its beginning.
    """
    suffix = PurePath(filename).suffix.lower()
    kind = next((kind for kind in FILE_TYPES if suffix in kind.suffixes), None)
    if kind is None:
        raise RefusedFile(_OTHER_TYPE)
    try:
        _require_signature(file, suffix)
        if kind.inside:
            _require_container(file, kind)
        elif kind.content_type == "application/pdf":
            _require_open_pdf(file)
    finally:
        file.seek(0)
    return kind


def _require_signature(file: IO[bytes], suffix: str) -> None:
    file.seek(0)
    try:
        guesses = puremagic.magic_stream(file)
    except (puremagic.PureError, ValueError) as error:
        raise RefusedFile(_NOT_WHAT_IT_SAYS) from error
    # A ZIP is the outer shape of all office files; which of them it is, is seen inside.
    family = _CONTAINERS if suffix in _CONTAINERS else {suffix}
    if family.isdisjoint(guess.extension for guess in guesses):
        raise RefusedFile(_NOT_WHAT_IT_SAYS)


_CONTAINERS = frozenset({".zip", ".docx", ".xlsx", ".odt", ".ods"})


def _require_container(file: IO[bytes], kind: FileType) -> None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as container:
            members = set(container.namelist())
            declared = container.read("mimetype")[:100] if "mimetype" in members else b""
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise RefusedFile(_DAMAGED) from error
    if kind.inside not in members:
        raise RefusedFile(_NOT_WHAT_IT_SAYS)
    if kind.content_type.startswith(_OPEN_DOCUMENT) and declared != kind.content_type.encode():
        raise RefusedFile(_NOT_WHAT_IT_SAYS)
    if any(member.lower().endswith("vbaproject.bin") for member in members):
        raise RefusedFile(_MACROS)


def _require_open_pdf(file: IO[bytes]) -> None:
    file.seek(0)
    try:
        with pikepdf.open(cast(BinaryIO, file)) as pdf:
            encrypted, pages = pdf.is_encrypted, len(pdf.pages)
    except pikepdf.PasswordError as error:
        raise RefusedFile(_ENCRYPTED) from error
    except (pikepdf.PdfError, ValueError) as error:
        raise RefusedFile(_DAMAGED) from error
    if encrypted:
        raise RefusedFile(_ENCRYPTED)
    if not pages:
        raise RefusedFile(_DAMAGED)
