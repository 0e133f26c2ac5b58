"""Exports that open safely in a spreadsheet and need the same memory for ten rows and a million.

A cell that begins like a formula stays a text: in CSV it gets an apostrophe before it, in XLSX it
is written as a string.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from defusedcsv import csv as safe_csv
from django.http import StreamingHttpResponse
from django.utils import timezone

Cell = str | int | Decimal | date | datetime | bool | None

#: So that Excel reads the file as UTF-8.
BYTE_ORDER_MARK = "\ufeff"
#: What spreadsheets skip before they look for a formula; the CSV library only looks at the first
#: character.
SKIPPED = " \t\r\n\u00a0"
#: A spreadsheet keeps at most so many characters in a cell.
LONGEST_CELL = 32_767
AMOUNT_FORMAT = "#,##0.00"
DATE_FORMAT = "yyyy-mm-dd"
WIDTH = 16


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """CSV, line by line, safe against formulas; the first begins with a byte-order mark."""
    writer = safe_csv.writer(_Echo(), dialect=csv.excel)
    yield BYTE_ORDER_MARK + writer.writerow(header)
    for row in rows:
        yield writer.writerow([_for_csv(cell) for cell in row])


def _for_csv(cell: Cell) -> str | int | Decimal | None:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return timezone.localtime(cell).isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str) and cell[:1] in SKIPPED and cell.strip(SKIPPED)[:1] in tuple("=+-@|%"):
        return f"'{cell}"
    return cell


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> StreamingHttpResponse:
    """A download that begins before the last row is read. `name` is ours, without quotes."""
    return StreamingHttpResponse(
        csv_lines(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading, and its width in characters."""

    heading: str
    width: int = WIDTH


@dataclass(frozen=True)
class Sheet:
    """A sheet with a heading row. The title is cut to the 31 characters a workbook allows."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]


def write_workbook(
    file: IO[bytes], sheets: Iterable[Sheet], *, title: str, made_at: datetime
) -> None:
    """An XLSX workbook with typed cells, row by row: numbers as numbers, days as days.

    Decimals are amounts and shown with two decimals.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": DATE_FORMAT,
    }
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties(
            {"title": title, "created": timezone.localtime(made_at).replace(tzinfo=None)}
        )
        formats = {
            "heading": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "amount": book.add_format({"num_format": AMOUNT_FORMAT}),
            "day": book.add_format({"num_format": DATE_FORMAT}),
        }
        for sheet in sheets:
            _write_sheet(book, sheet, formats)


def _write_sheet(book: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    page = book.add_worksheet(_sheet_name(sheet.title))
    page.freeze_panes(1, 0)
    page.hide_gridlines(2)
    for position, column in enumerate(sheet.columns):
        page.set_column(position, position, column.width)
        page.write_string(0, position, column.heading, formats["heading"])
    for line, row in enumerate(sheet.rows, start=1):
        for position, cell in enumerate(row):
            _write_cell(page, line, position, cell, formats)


def _write_cell(page: Any, line: int, position: int, cell: Cell, formats: dict[str, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        page.write_boolean(line, position, cell)
    elif isinstance(cell, int):
        page.write_number(line, position, cell)
    elif isinstance(cell, Decimal):
        page.write_number(line, position, cell, formats["amount"])
    elif isinstance(cell, datetime):
        local = timezone.localtime(cell).replace(tzinfo=None)
        page.write_datetime(line, position, local, formats["day"])
    elif isinstance(cell, date):
        page.write_datetime(line, position, cell, formats["day"])
    else:
        page.write_string(line, position, cell[:LONGEST_CELL])


def _sheet_name(title: str) -> str:
    """Without the characters a sheet's name may not have."""
    return "".join("-" if character in "[]:*?/\\'" else character for character in title)[:31]
