"""Exports: safe in a spreadsheet, typed, and written while they are read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpf_portal.core.exports import Cell, Column, Sheet, csv_lines, csv_response, write_workbook

MOMENT = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)


def read_back(lines: Iterator[str]) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(lines).removeprefix("\ufeff"))))


def workbook(*sheets: Sheet) -> openpyxl.Workbook:
    file = io.BytesIO()
    write_workbook(file, sheets, title="An export", made_at=MOMENT)
    return openpyxl.load_workbook(io.BytesIO(file.getvalue()))


def test_csv_begins_with_a_byte_order_mark_and_keeps_types_readable() -> None:
    lines = list(
        csv_lines(
            ("a", "b", "c", "d", "e", "f"),
            [("é; ü", Decimal("-1.50"), date(2026, 4, 30), MOMENT, True, None)],
        )
    )

    assert lines[0] == "\ufeffa,b,c,d,e,f\r\n"
    row = read_back(iter(lines))[1]
    assert row == ["é; ü", "-1.50", "2026-04-30", "2026-11-23T22:30:00+01:00", "true", ""]


@given(st.text(min_size=1, max_size=30), st.sampled_from("=+-@|%"), st.text(" \t\r\n", max_size=3))
def test_no_text_begins_like_a_formula(rest: str, sign: str, before: str) -> None:
    (_, (cell,)) = read_back(csv_lines(("a",), [(f"{before}{sign}x{rest}",)]))

    assert cell.startswith("'")


def test_rows_are_read_one_at_a_time() -> None:
    taken: list[int] = []

    def rows() -> Iterator[tuple[Cell, ...]]:
        for number in range(1000):
            taken.append(number)
            yield (number,)

    lines = csv_lines(("number",), rows())
    next(lines)
    next(lines)

    assert taken == [0]


def test_the_download_streams_under_its_name() -> None:
    response = csv_response("report.csv", ("a",), [(1,)])

    assert response.streaming
    assert response["Content-Disposition"] == 'attachment; filename="report.csv"'
    assert b"".join(response) == "\ufeffa\r\n1\r\n".encode()


def test_a_workbook_is_read_back_with_its_types() -> None:
    columns = tuple(Column(name) for name in "abcdef")
    row = (4, Decimal("1234.56"), date(2026, 4, 30), MOMENT, "not published", None)

    page = workbook(Sheet("Figures", columns, [row]))["Figures"]

    assert [cell.value for cell in page[1]] == list("abcdef")
    whole, amount, day, moment, text, empty = page[2]
    assert (whole.value, whole.data_type) == (4, "n")
    assert amount.value == pytest.approx(1234.56)
    assert amount.number_format == "#,##0.00"
    assert day.value.date() == date(2026, 4, 30)
    assert moment.value == datetime(2026, 11, 23, 22, 30)  # noqa: DTZ001 - a cell has no zone
    assert (text.value, empty.value) == ("not published", None)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1", "-1", "https://example.org", "{=A1}"])
def test_a_workbook_has_no_formula_and_no_link(text: str) -> None:
    cell = workbook(Sheet("A", (Column("a"),), [(text,)]))["A"]["A2"]

    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_sheet_may_have_any_title() -> None:
    book = workbook(Sheet("Qui/quoi? [tout]: 'a' * " + "x" * 40, (Column("a"),), []))

    assert len(book.sheetnames[0]) <= 31
