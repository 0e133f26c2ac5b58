"""Looking into Office and OpenDocument files: containers whose parts are read no further than
needed. What a container declares about itself is not believed: reading stops at a limit."""

import re
import zipfile
import zlib
from typing import IO

from applications.actions.document_refusals import (
    DAMAGED,
    ENCRYPTED,
    MACROS,
    NOT_WHAT_IT_SAYS,
    REMOTE_TEMPLATE,
    UNPACKS_TOO_LARGE,
    RefusedFile,
)

#: Unpacked, a document of 20 MB has a few hundred; more is made to fill a reader's memory.
MOST_UNPACKED_BYTES = 400 * 1024 * 1024
#: XML packs about 20 to 1. Beyond this the packing is the purpose, if it comes to anything.
MOST_RATIO, RATIO_COUNTS_FROM = 100, 50 * 1024 * 1024
MOST_PARTS = 10_000
_READ_AT_MOST = 1024 * 1024
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError)

_MACRO_PART = re.compile(
    r"vbaproject\.bin$|vbadata\.xml$|/activex/|/macrosheets/|/dialogsheets/|^basic/|^scripts/",
    re.IGNORECASE,
)
_REMOTE_TEMPLATE = re.compile(
    rb"<[^>]*(attachedTemplate[^>]*TargetMode=.External|TargetMode=.External[^>]*attachedTemplate)"
)


def look_into_office_file(file: IO[bytes], *, inside: str, declared: str) -> None:
    """Raises RefusedFile unless it is a container with the part `inside`, readable, without macros.

    `declared` is what an OpenDocument file must say it is; empty for Office files.
    """
    file.seek(0)
    if file.read(8) == _OLD_OFFICE:
        # An Office file with a password is a container of the old kind around the encrypted one.
        raise RefusedFile(ENCRYPTED)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as container:
            _require_kind(container, inside, declared)
            _require_bounds(container)
            _require_harmless(container)
    except _BROKEN as error:
        raise RefusedFile(DAMAGED) from error


def _require_kind(container: zipfile.ZipFile, inside: str, declared: str) -> None:
    members = set(container.namelist())
    if inside not in members:
        raise RefusedFile(NOT_WHAT_IT_SAYS)
    if declared:
        stated = _start(container, "mimetype") if "mimetype" in members else b""
        if stated.strip() != declared.encode():
            raise RefusedFile(NOT_WHAT_IT_SAYS)


def _require_bounds(container: zipfile.ZipFile) -> None:
    parts = container.infolist()
    if any(part.flag_bits & 0x1 for part in parts):
        raise RefusedFile(ENCRYPTED)
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES:
        raise RefusedFile(UNPACKS_TOO_LARGE)
    if unpacked > RATIO_COUNTS_FROM and unpacked > MOST_RATIO * max(packed, 1):
        raise RefusedFile(UNPACKS_TOO_LARGE)


def _require_harmless(container: zipfile.ZipFile) -> None:
    for name in container.namelist():
        if _MACRO_PART.search(name):
            raise RefusedFile(MACROS)
        if name == "[Content_Types].xml" and b"macroEnabled" in _start(container, name):
            raise RefusedFile(MACROS)
        if name == "META-INF/manifest.xml" and b"encryption-data" in _start(container, name):
            raise RefusedFile(ENCRYPTED)
        if name.endswith(".rels") and _REMOTE_TEMPLATE.search(_start(container, name)):
            raise RefusedFile(REMOTE_TEMPLATE)


def _start(container: zipfile.ZipFile, name: str) -> bytes:
    """The beginning of a part, however long it claims to be."""
    with container.open(name) as part:
        return part.read(_READ_AT_MOST)
