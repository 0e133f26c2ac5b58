"""Opening a workbook that somebody sent: only cells, and nothing that is not an .xlsx file.

The zip's directory is looked at before anything is unpacked. Of a formula the stored result is
read; formulas are never worked out here.
"""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from applications.forms.budget_table import Cell
from bpf_portal.core.access import Text

LARGEST_FILE = 2 * 1024 * 1024
LARGEST_UNPACKED = 30 * 1024 * 1024
MOST_PARTS = 300
#: A budget stands within these; what lies beyond is not looked at.
ROWS, COLUMNS, SHEETS = 500, 30, 10

#: The first bytes of the older Office files, which also wrap encrypted workbooks.
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

EMPTY = gettext_lazy("This file is empty.")
TOO_LARGE = gettext_lazy("This file is larger than 2 MB. Copy the budget into a file of its own.")
NOT_XLSX = gettext_lazy("This is not an Excel workbook (.xlsx). Save it as one and send it again.")
OLD_FORMAT = gettext_lazy("This is a workbook of the old kind (.xls). Save it as .xlsx.")
WITH_PASSWORD = gettext_lazy("This workbook is locked by a password. Save it without one.")
WITH_MACROS = gettext_lazy("This workbook contains macros. Save it as .xlsx, without macros.")
TOO_MUCH = gettext_lazy("This workbook unpacks to far more than a budget needs. It was not opened.")
BROKEN = gettext_lazy("This workbook is damaged and cannot be read. Save it again and send it.")
NO_RESULT = gettext_lazy(
    "This cell holds a formula without a stored result. Open the file in a spreadsheet and save it."
)
NOT_A_NUMBER_BUT_A_DAY = gettext_lazy("“%(text)s” is a date here. Write a number.")
ERROR_IN_CELL = gettext_lazy("This cell shows the error “%(text)s”.")


def read_workbook(upload: File[bytes]) -> list[list[list[Cell]]]:
    """The cells of each sheet. Raises ValidationError with what to do about the file."""
    content = _content(upload)
    _look_inside(content)
    try:
        return list(_sheets(content))
    except (InvalidFileException, *_BROKEN) as error:
        raise ValidationError(BROKEN, code="broken") from error


#: What openpyxl and the libraries below it raise for parts that are not what they should be.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    SyntaxError,
    OSError,
    NotImplementedError,
)


def _content(upload: File[bytes]) -> bytes:
    if not upload.size:
        raise ValidationError(EMPTY, code="empty")
    if upload.size > LARGEST_FILE:
        raise ValidationError(TOO_LARGE, code="too_large")
    content: bytes = upload.read()
    return content


def _look_inside(content: bytes) -> None:
    """Refuse what is no plain workbook, by its directory and declarations only."""
    if content.startswith(COMPOUND_FILE):
        locked = ENCRYPTED in content
        raise ValidationError(WITH_PASSWORD if locked else OLD_FORMAT, code="compound")
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise ValidationError(NOT_XLSX, code="not_xlsx") from error
    with archive:
        parts = archive.infolist()
        # What a part declares is also all that is ever read of it.
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise ValidationError(TOO_MUCH, code="too_much")
        names = {part.filename for part in parts}
        if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
            raise ValidationError(NOT_XLSX, code="not_xlsx")
        if any(part.flag_bits & 1 for part in parts):
            raise ValidationError(WITH_PASSWORD, code="compound")
        _refuse_macros_and_entities(archive, parts)


def _refuse_macros_and_entities(archive: zipfile.ZipFile, parts: Sequence[zipfile.ZipInfo]) -> None:
    try:
        types = archive.read("[Content_Types].xml")
        if b"macroEnabled" in types or any("vbaproject" in p.filename.lower() for p in parts):
            raise ValidationError(WITH_MACROS, code="macros")
        for part in parts:
            # A workbook declares no document type; entities that multiply would need one.
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(part):
                raise ValidationError(BROKEN, code="broken")
    except _BROKEN as error:
        raise ValidationError(BROKEN, code="broken") from error


def _sheets(content: bytes) -> Iterator[list[list[Cell]]]:
    """Each sheet twice, side by side: the results, and whether a formula stands behind them."""
    results = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    formulas = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    for result, formula in list(zip(results.worksheets, formulas.worksheets, strict=True))[:SHEETS]:
        yield [
            [_cell(value, source) for value, source in zip(shown, sources, strict=False)]
            for shown, sources in zip(_rows(result), _rows(formula), strict=False)
        ]


def _rows(sheet: Any) -> Iterator[Sequence[Any]]:
    # What a file says of its size need not be true; the rows are read as they come.
    sheet.reset_dimensions()
    rows: Iterator[Sequence[Any]] = sheet.iter_rows(max_row=ROWS, max_col=COLUMNS, values_only=True)
    return rows


def _cell(value: Any, source: Any) -> Cell:
    if value is None:
        is_formula = source is not None and str(source).startswith("=")
        return Cell(str(source), problem=NO_RESULT) if is_formula else Cell()
    if isinstance(value, bool):
        return Cell(_("Yes") if value else _("No"))
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime | date | time | timedelta):
        return _told(str(value), NOT_A_NUMBER_BUT_A_DAY)
    text = str(value)
    if text.startswith("#") and text.rstrip("!?").isupper() and len(text) < 12:
        return _told(text, ERROR_IN_CELL)
    return Cell(text)


def _told(text: str, problem: Text) -> Cell:
    return Cell(text, problem=str(problem) % {"text": text})


def _number(value: int | float) -> Cell:
    """Fifteen figures, as spreadsheets keep them: 0.1 + 0.2 is 0.3."""
    number = Decimal(f"{value:.15g}")
    return Cell(f"{number:f}", number)
