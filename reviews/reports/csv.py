"""The report as CSV: one tidy table, safe to open in a spreadsheet."""

from collections.abc import Iterator

from bpf_portal.core.exports import Cell, csv_lines
from reviews.reports.figures import AnnualReport
from reviews.reports.lines import Line, lines_of
from reviews.reports.wording import in_words

HEADER = ("section", "key", "label", "value", "unit", "status")


def report_csv(report: AnnualReport) -> bytes:
    """UTF-8 with a byte-order mark; a number without a value is told in words, never 0."""
    return "".join(csv_lines(HEADER, _rows(report))).encode()


def _rows(report: AnnualReport) -> Iterator[tuple[Cell, ...]]:
    for line in lines_of(report):
        yield line.section, line.key, line.label, _value(line), line.unit, line.number.status.value


def _value(line: Line) -> Cell:
    return in_words(line.number, line.unit) if line.number.value is None else line.number.value
