"""What may be handed in as a file, decided by its content: a name proves nothing.

`look_at` is for every file that comes from outside, whatever it belongs to.
"""

from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

import puremagic

from applications.actions.document_office import look_into_office_file
from applications.actions.document_pdf import look_into_pdf
from applications.actions.document_picture import look_into_picture
from applications.actions.document_refusals import (
    MACROS,
    NOT_WHAT_IT_SAYS,
    OLD_OFFICE,
    OTHER_TYPE,
    RefusedFile,
)

__all__ = ["ACCEPTED_SUFFIXES", "Content", "RefusedFile", "file_type_of", "look_at"]

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"


@dataclass(frozen=True)
class FileType:
    """A type of file that is taken; `inside` is the part that its container must have."""

    suffixes: tuple[str, ...]
    content_type: str
    inside: str = ""
    picture: str = ""


FILE_TYPES: tuple[FileType, ...] = (
    FileType((".pdf",), "application/pdf"),
    FileType((".docx",), f"{_OFFICE}.wordprocessingml.document", inside="word/document.xml"),
    FileType((".xlsx",), f"{_OFFICE}.spreadsheetml.sheet", inside="xl/workbook.xml"),
    FileType((".odt",), f"{_OPEN_DOCUMENT}.text", inside="content.xml"),
    FileType((".ods",), f"{_OPEN_DOCUMENT}.spreadsheet", inside="content.xml"),
    FileType((".jpg", ".jpeg"), "image/jpeg", picture="JPEG"),
    FileType((".png",), "image/png", picture="PNG"),
)
ACCEPTED_SUFFIXES = tuple(suffix for kind in FILE_TYPES for suffix in kind.suffixes)

_MACRO_SUFFIXES = frozenset({".docm", ".dotm", ".xlsm", ".xltm", ".xlsb", ".xlam"})
_OLD_SUFFIXES = frozenset({".doc", ".xls", ".ppt"})


@dataclass(frozen=True)
class Content:
    """What a file was found to be; `pages` of a PDF only."""

    content_type: str
    pages: int | None = None


def look_at(file: IO[bytes], filename: str) -> Content:
    """What the file is, by its name and its content together. Raises RefusedFile.

    Refused are other types and what only claims to be one of ours, protected and damaged files,
    macros, scripts and actions, files inside files, and what grows huge when it is unpacked. The
    file must be seekable; it is left at its beginning.
    """
    kind = file_type_of(filename)
    try:
        _require_signature(file, kind)
        if kind.inside:
            declared = kind.content_type if kind.content_type.startswith(_OPEN_DOCUMENT) else ""
            look_into_office_file(file, inside=kind.inside, declared=declared)
        elif kind.picture:
            look_into_picture(file, format=kind.picture)
        else:
            return Content(kind.content_type, pages=look_into_pdf(file))
    finally:
        file.seek(0)
    return Content(kind.content_type)


def file_type_of(filename: str) -> FileType:
    """The type that the name claims. Raises RefusedFile when it is none of ours."""
    suffix = PurePath(filename).suffix.lower()
    for kind in FILE_TYPES:
        if suffix in kind.suffixes:
            return kind
    if suffix in _MACRO_SUFFIXES:
        raise RefusedFile(MACROS)
    raise RefusedFile(OLD_OFFICE if suffix in _OLD_SUFFIXES else OTHER_TYPE)


#: A ZIP is the outer shape of all office files; which of them it is, is seen inside. Those with a
#: password look like the office files of old.
_CONTAINERS = frozenset({".zip", ".docx", ".xlsx", ".odt", ".ods", ".doc", ".xls", ".msi"})


def _require_signature(file: IO[bytes], kind: FileType) -> None:
    file.seek(0)
    try:
        guesses = puremagic.magic_stream(file)
    except (puremagic.PureError, ValueError) as error:
        raise RefusedFile(NOT_WHAT_IT_SAYS) from error
    family = _CONTAINERS if kind.inside else frozenset(kind.suffixes)
    if family.isdisjoint(guess.extension for guess in guesses):
        raise RefusedFile(NOT_WHAT_IT_SAYS)
