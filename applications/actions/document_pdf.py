"""Looking into PDF files: can they be opened, how many pages, what in them acts by itself."""

import re
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

import pikepdf

from applications.actions.document_refusals import (
    DAMAGED,
    ENCRYPTED,
    FILES_INSIDE,
    SCRIPTS,
    UNPACKS_TOO_LARGE,
    RefusedFile,
)

#: Annual accounts of three years, scanned page by page, have some thousands.
MOST_OBJECTS = 300_000

#: ISO 32000-2, 12.6.4: actions that run something or send something out. Links and jumps do not.
_ACTING = frozenset(
    {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/RichMediaExecute"}
)
#: What may stand in an object that we then look at part by part: much quicker than all of them.
_SUSPICIOUS = re.compile(
    rb"/(JavaScript|JS|Launch|ImportData|SubmitForm|Rendition|RichMedia|RichMediaExecute|XFA"
    rb"|EmbeddedFile|EmbeddedFiles|FileAttachment|EF)\b"
)


def look_into_pdf(file: IO[bytes]) -> int:
    """The number of pages. Raises RefusedFile when the file is encrypted, damaged or active."""
    file.seek(0)
    try:
        with pikepdf.open(cast(BinaryIO, file)) as pdf:
            if pdf.is_encrypted:
                raise RefusedFile(ENCRYPTED)
            pages = len(pdf.pages)
            if not pages:
                raise RefusedFile(DAMAGED)
            _require_passive(pdf)
    except pikepdf.PasswordError as error:
        raise RefusedFile(ENCRYPTED) from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise RefusedFile(DAMAGED) from error
    return pages


def _require_passive(pdf: pikepdf.Pdf) -> None:
    for number, each in enumerate(pdf.objects):
        if number > MOST_OBJECTS:
            raise RefusedFile(UNPACKS_TOO_LARGE)
        if not isinstance(each, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
            continue
        if _SUSPICIOUS.search(_text_of(each)):
            for part in _dictionaries(each):
                _require_passive_part(part)


def _text_of(each: pikepdf.Object) -> bytes:
    """How the object is written, names in their plain spelling; of a stream its dictionary."""
    if isinstance(each, pikepdf.Stream):
        return each.stream_dict.unparse(resolved=True)
    return each.unparse(resolved=True)


def _items(each: pikepdf.Object) -> list[tuple[str, pikepdf.Object]]:
    return [(key, each[key]) for key in each.keys()]  # noqa: SIM118  (not a mapping)


def _dictionaries(each: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The object's own dictionaries, nested ones too; what it only refers to comes by itself."""
    waiting = [each]
    while waiting:
        part = waiting.pop()
        if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            yield part
            inner = [value for _key, value in _items(part)]
        else:
            inner = list(part)
        waiting += [
            value
            for value in inner
            if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect
        ]


def _require_passive_part(part: pikepdf.Object) -> None:
    if "/JS" in part or "/XFA" in part or "/JavaScript" in part:
        raise RefusedFile(SCRIPTS)
    if str(part.get("/S", "")) in _ACTING or str(part.get("/Subtype", "")) == "/RichMedia":
        raise RefusedFile(SCRIPTS)
    inside = "/EmbeddedFiles" in part or "/EF" in part
    attached = str(part.get("/Type", "")) == "/EmbeddedFile"
    if inside or attached or str(part.get("/Subtype", "")) == "/FileAttachment":
        raise RefusedFile(FILES_INSIDE)
