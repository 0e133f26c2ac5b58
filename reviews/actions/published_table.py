"""Reading a table of published facts (CSV) strictly: what is wrong is named by line and column."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Protocol, TypeVar

from django.utils.translation import gettext as _

from accounts.access import Visitor, has_role
from accounts.models import Role
from bpf_portal.core.access import YES, Answer, no

#: The largest whole number a column of the database holds.
LARGEST_COUNT = 2_147_483_647
#: The largest amount, EUR, that every amount column holds.
LARGEST_AMOUNT = Decimal("9999999999.99")

Value = TypeVar("Value")


class BrokenTable(ValueError):
    """The file is not the table it should be; the message names the line and the column."""

    def __init__(self, message: str, line: int | None = None, column: str = "") -> None:
        place = ""
        if line is not None and column:
            place = _("line %(line)s, column %(column)s: ") % {"line": line, "column": column}
        elif line is not None:
            place = _("line %(line)s: ") % {"line": line}
        super().__init__(place + message)
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Imported:
    """How many rows an import added, changed, and found as they were."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Row:
    """One row, with the line of the file it starts on."""

    line: int
    values: Mapping[str, str]

    def broken(self, column: str, message: str) -> BrokenTable:
        return BrokenTable(message, self.line, column)

    def text(self, column: str, longest: int, *, required: bool = False) -> str:
        value = self.values[column]
        if required and not value:
            raise self.broken(column, _("is empty"))
        if len(value) > longest:
            raise self.broken(
                column, _("is longer than %(longest)s characters") % {"longest": longest}
            )
        return value

    def count(self, column: str) -> int | None:
        """A whole number from 0; None when the cell is empty, which means unknown."""
        return self._known(column, self._count)

    def amount(self, column: str) -> Decimal | None:
        """EUR with at most two decimals, written `4500000.00`; None when empty."""
        return self._known(column, self._amount)

    def day(self, column: str) -> date | None:
        """A day written `2021-03-01`; None when empty."""
        return self._known(column, self._day)

    def _known(self, column: str, read: Callable[[str, str], Value]) -> Value | None:
        text = self.values[column]
        return read(column, text) if text else None

    def _count(self, column: str, text: str) -> int:
        if text.startswith("-") and _is_digits(text[1:]):
            raise self.broken(column, _("“%(text)s” is negative") % {"text": text})
        if not _is_digits(text):
            raise self.broken(column, _("“%(text)s” is not a whole number") % {"text": text})
        if len(text) > 10 or int(text) > LARGEST_COUNT:
            raise self.broken(column, _("“%(text)s” is too large") % {"text": text})
        return int(text)

    def _amount(self, column: str, text: str) -> Decimal:
        sign, figures = ("-", text[1:]) if text.startswith("-") else ("", text)
        euros, point, cents = figures.partition(".")
        if not _is_digits(euros) or (point and not (_is_digits(cents) and len(cents) <= 2)):
            message = _("“%(text)s” is not an amount in euros, such as 4500000.00")
            raise self.broken(column, message % {"text": text})
        if sign:
            raise self.broken(column, _("“%(text)s” is negative") % {"text": text})
        if Decimal(figures) > LARGEST_AMOUNT:
            raise self.broken(column, _("“%(text)s” is too large") % {"text": text})
        return Decimal(figures).quantize(Decimal("0.01"))

    def _day(self, column: str, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            message = _("“%(text)s” is not a day, such as 2021-03-01")
            raise self.broken(column, message % {"text": text}) from error


def read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    """All rows of a CSV file (UTF-8, comma) that has exactly these columns, in any order.

    Raises BrokenTable, and OSError when the file cannot be read.
    """
    text = _decoded(path.read_bytes())
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(header, columns)
        rows = list(_rows(lines, header))
    except csv.Error as error:
        raise BrokenTable(_("is not CSV (%(error)s)") % {"error": error}, lines.line_num) from error
    if not rows:
        raise BrokenTable(_("there is no row after the heading"), 2)
    return rows


class _Lines(Protocol):
    """A reader of the csv module, which does not name its type."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


def _rows(lines: _Lines, header: list[str]) -> Iterator[Row]:
    start = lines.line_num + 1
    for cells in lines:
        line, start = start, lines.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            place = header[len(cells)] if len(cells) < len(header) else header[-1]
            message = _("the row has %(cells)s cells, the heading %(columns)s")
            raise BrokenTable(message % {"cells": len(cells), "columns": len(header)}, line, place)
        yield Row(line, dict(zip(header, (cell.strip() for cell in cells), strict=True)))


def _check_header(header: list[str], columns: Sequence[str]) -> None:
    if not any(header):
        raise BrokenTable(_("the file is empty or begins with an empty line"), 1)
    for name in header:
        if name not in columns:
            raise BrokenTable(_("this column is not known"), 1, name[:80])
        if header.count(name) > 1:
            raise BrokenTable(_("this column is there twice"), 1, name)
    for name in columns:
        if name not in header:
            raise BrokenTable(_("this column is missing"), 1, name)


def _decoded(content: bytes) -> str:
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise BrokenTable(_("the file is binary, not a CSV text"), line)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        raise BrokenTable(_("the text is not UTF-8"), line, _column_at(content, before)) from error


def _column_at(content: bytes, before: bytes) -> str:
    """The heading of the cell in which `before` ends; Latin-1 so that any byte can be read."""
    heading = content.splitlines()[0].decode("latin-1").removeprefix("\xef\xbb\xbf").split(",")
    begun = before.rpartition(b"\n")[2].decode("latin-1")
    position = len(next(csv.reader([begun]), [""])) - 1
    return heading[position].strip() if position < len(heading) else ""


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def may_import(actor: Visitor) -> Answer:
    """Who keeps the published facts [A]: officers and administrators."""
    if has_role(actor, Role.OFFICER, Role.ADMINISTRATOR):
        return YES
    return no(_("Only a programme officer may import published figures."))
