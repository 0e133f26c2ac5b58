"""Lines of a budget out of copied cells and workbooks: nothing guessed, nothing lost."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from applications.checks import highest_grant
from applications.forms.amounts import line_amount
from applications.forms.budget import LARGEST
from applications.forms.budget_file import read_workbook
from applications.forms.budget_import import SpreadsheetForm, read_copied
from applications.forms.budget_table import TOTALS, Reading, plain, words_of
from applications.forms.choices import Choices
from applications.forms.fields import MoneyField, NumberField
from applications.models import BudgetLine, Vocabulary
from applications.views.budget_figures import BudgetFigures, Cost, Financing, Limits
from applications.views.budget_workbook import write_budget

pytestmark = pytest.mark.django_db
LANGUAGES = st.sampled_from(["fr", "en"])
CATEGORIES = ("", "staff", "travel", "services", "audit", "overheads")


@pytest.fixture
def choices() -> Choices:
    known = Choices()
    known.words(Vocabulary.COST_CATEGORY)  # read once: the examples below ask nothing any more
    return known


def lines_of(reading: Reading) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in reading.rows]


def told(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.place, problem.message) for problem in reading.problems]


# --- copied cells -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
def test_both_languages_are_read_whatever_the_page_speaks(language: str, choices: Choices) -> None:
    copied = (
        "Catégorie\tDésignation\tQté\tCoût unitaire (EUR)\n"
        'Personnel\t"Chef de projet\n(mi-temps)"\t24\t3 250,50 €\n'
        "Staff\tAssistant\t1,5\t1.234,56\n"
        "FRAIS GENERAUX\tLoyer\t\t1,234.56\n"
    )
    with translation.override(language):
        reading = read_copied(copied, words_of(choices))
        values = [
            (row["category"], row["description"], as_number(row, "quantity"), as_cost(row))
            for row in reading.rows
        ]
    assert not reading.problems
    assert values == [
        ("staff", "Chef de projet (mi-temps)", Decimal("24.00"), Decimal("3250.50")),
        ("staff", "Assistant", Decimal("1.50"), Decimal("1234.56")),
        ("overheads", "Loyer", None, Decimal("1234.56")),
    ]


def as_number(row: dict[str, str], name: str) -> Decimal | None:
    return NumberField().clean(row[name])


def as_cost(row: dict[str, str]) -> Decimal | None:
    return MoneyField().clean(row["unit_cost"])


def test_what_is_not_understood_stays_and_is_told_by_line_and_column(choices: Choices) -> None:
    with translation.override("en"):
        reading = read_copied(
            "Category\tDescription\tQuantity\tUnit cost\n"
            "Catering\tLunch\ttwo\t1.234\n"
            f"Staff\t{'x' * 201}\t-1\t12,345,67\n",
            words_of(choices),
        )
        said = told(reading)
    assert lines_of(reading) == [
        ("", "Lunch", "two", "1.234"),
        ("staff", "x" * 201, "-1", "12,345,67"),
    ]
    assert said == [
        ("Line 2, column A (Category)", "“Catering” is none of the categories. Choose one."),
        ("Line 2, column C (Quantity)", "Write a number, such as 150000 or 150000.50."),
        (
            "Line 2, column D (Unit cost)",
            "“1.234” can be read in two ways. Write it without thousands separators, such as 1234.",
        ),
        ("Line 3, column B (Description)", "This text is longer than 200 characters."),
        ("Line 3, column C (Quantity)", "Write 0 or more."),
        ("Line 3, column D (Unit cost)", "Write a number, such as 150000 or 150000.50."),
    ]


def test_without_headings_the_columns_count_from_where_it_was_pasted(choices: Choices) -> None:
    with translation.override("en"):
        whole = read_copied("Staff\tTeam\t2\t10", words_of(choices))
        costs = read_copied("1,000.50\n2000\n", words_of(choices), "unit_cost")
    assert lines_of(whole) == [("staff", "Team", "2", "10.00")]
    assert lines_of(costs) == [("", "", "", "1,000.50"), ("", "", "", "2,000.00")]
    beyond = read_copied("10\t10\tmore", words_of(choices), "unit_cost")
    assert [problem.column for problem in beyond.problems] == ["C"]


def test_amounts_stand_in_for_unit_costs_only_where_they_must_be_the_same(choices: Choices) -> None:
    with translation.override("en"):
        reading = read_copied(
            "Description\tQuantity\tUnit cost\tTotal\n"
            "One piece\t\t\t500\n"
            "Three pieces\t3\t\t100\n"
            "Agrees\t3\t33.33\t99.99\n"
            "Differs\t3\t33.33\t100\n"
            "Sub-total\t\t\t699.99\n",
            words_of(choices),
        )
    assert [row["unit_cost"] for row in reading.rows] == ["500.00", "", "33.33", "33.33"]
    assert [(problem.line, problem.column) for problem in reading.problems] == [(3, "D"), (5, "D")]
    assert reading.notes == ["Line 6 of the spreadsheet is a total and was left out."]


@pytest.mark.parametrize(
    "text", ["", "  \n \t \n", "Category\tUnit cost\n", "x\n" * 201, "\0", "a" * 100_001]
)
def test_nothing_to_read_and_too_much_are_told_at_the_field(text: str, choices: Choices) -> None:
    form = SpreadsheetForm(choices, {"text": text})
    assert not form.is_valid()
    assert set(form.errors) <= {"file", "text"}


@given(text=st.text(alphabet=st.sampled_from('\t\n\r",.;"=+-0123456789€ aé\u202f\u200f😀\0')))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None
)
def test_whatever_is_pasted_is_read_or_refused_in_words(text: str, choices: Choices) -> None:
    form = SpreadsheetForm(choices, {"text": text})
    if form.is_valid():
        reading: Reading = form.cleaned_data["reading"]
        assert 0 < len(reading.rows) <= 200
    else:
        assert form.errors


@given(cents=st.integers(0, 999_999_999_999), language=LANGUAGES)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
def test_what_the_page_shows_can_be_copied_back(
    cents: int, language: str, choices: Choices
) -> None:
    amount = Decimal(cents) / 100
    with translation.override(language):
        shown = MoneyField().prepare_value(amount.quantize(Decimal("0.01")))
        reading = read_copied(f"Staff\tTeam\t1\t{shown}", words_of(choices))
        assert not reading.problems
        assert as_cost(reading.rows[0]) == amount


# --- workbooks ----------------------------------------------------------------------------------


def workbook(rows: Iterable[Iterable[Any]], *, above: int = 0) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for _line in range(above):
        sheet.append(["Our project"])
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(content: bytes, name: str = "budget.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def reading_of(content: bytes, choices: Choices) -> Reading:
    form = SpreadsheetForm(choices, {}, {"file": upload(content)})
    assert form.is_valid(), form.errors
    reading: Reading = form.cleaned_data["reading"]
    return reading


def refusal(content: bytes, choices: Choices, name: str = "budget.xlsx") -> str:
    with translation.override("en"):
        form = SpreadsheetForm(choices, {}, {"file": upload(content, name)})
        assert not form.is_valid()
        return " ".join(map(str, form.errors["file"]))


def test_a_workbook_of_ones_own_is_read_below_its_title(choices: Choices) -> None:
    rows = [
        ("Notes", "Rubrique", "Libellé", "Prix unitaire", "Quantité"),
        ("by Awa", "Déplacements", "=not a formula", 1180.5, 6),
        (None, "Staff", "Team", 0.1 + 0.2, 1.005),
        (None, None, None, None, None),
        (None, "Total", None, None, None),
    ]
    content = workbook(rows, above=3)
    # What openpyxl takes for a formula is written as the text that it is.
    with translation.override("en"):
        reading = reading_of(as_text(content, "C5"), choices)
    assert lines_of(reading) == [
        ("travel", "=not a formula", "6", "1,180.50"),
        ("staff", "Team", "1.005", "0.30"),
    ]
    assert [(p.line, p.column) for p in reading.problems] == [(6, "E")]


def as_text(content: bytes, cell: str) -> bytes:
    book = load_workbook(io.BytesIO(content))
    assert book.active is not None
    book.active[cell].data_type = "s"
    return saved(book)


def test_a_formula_without_its_result_is_told_where_it_stands(choices: Choices) -> None:
    content = workbook([("Category", "Unit cost"), ("Staff", "=10*2"), ("Staff", 5)])
    with translation.override("en"):
        reading = reading_of(content, choices)
    assert [(p.line, p.column, p.field) for p in reading.problems] == [(2, "B", "unit_cost")]
    assert "formula without a stored result" in reading.problems[0].message


def test_days_and_errors_in_number_cells_are_told(choices: Choices) -> None:
    day = timezone.localdate()
    content = workbook([("Category", "Unit cost", "Quantity"), ("Staff", day, "#REF!")])
    with translation.override("en"):
        messages = [problem.message for problem in reading_of(content, choices).problems]
    assert any("shows the error “#REF!”" in message for message in messages)
    assert any("is a date here" in message for message in messages)


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return file.getvalue()


TABLE = [("Category", "Unit cost"), ("Staff", 5)]
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'


def test_files_that_are_no_plain_workbook_are_refused_in_words(choices: Choices) -> None:
    good = workbook(TABLE)
    broken = bytearray(good)
    broken[60:400] = b"\0" * 340
    cases = {
        "empty": b"",
        "not an Excel workbook": b"%PDF-1.7 not a workbook",
        "Excel workbook (.xlsx)": zipped(**{"word/document.xml": b"<x/>"}),
        "old kind": OLD,
        "password": OLD + "EncryptedPackage".encode("utf-16-le"),
        "macros": with_part(good, "xl/vbaProject.bin", b"macro"),
        "unpacks to far more": with_part(good, "xl/media/bomb.xml", b"\0" * 40_000_000),
        "damaged": with_part(good, "xl/extra.xml", ENTITIES),
        "damaged and cannot": bytes(broken),
        "No line with headings": workbook([("Name", "Town"), ("Awa", "Thiès")]),
        "no line of a budget": workbook([("Category", "Unit cost")]),
        "at most 200 lines": workbook([("Category", "Unit cost"), *[("Staff", 5)] * 201]),
    }
    for words, content in cases.items():
        assert words in refusal(content, choices), words
    # The name decides nothing: what is inside does.
    assert reading_of(good, choices).rows
    assert "macros" in refusal(cases["macros"], choices, "budget.xlsm")


class _Endless(SimpleUploadedFile):
    """A file that says to be large and must not be read to find out."""

    def read(self, *args: object) -> bytes:
        raise AssertionError("read before its size was looked at")


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    file = _Endless("budget.xlsx", b"x")
    file.size = 200 * 1024 * 1024
    with pytest.raises(ValidationError) as refused:
        read_workbook(file)
    assert refused.value.code == "too_large"


# --- out and in again ---------------------------------------------------------------------------


def budget_lines() -> st.SearchStrategy[list[BudgetLine]]:
    texts = st.text(
        st.characters(exclude_categories=("Cc", "Cs", "Cn"), include_characters="=+-@\"',;"),
        max_size=40,
    ).map(lambda text: " ".join(text.split()))
    return st.lists(
        st.builds(
            BudgetLine,
            category=st.sampled_from(CATEGORIES),
            description=texts,
            quantity=st.decimals(0, 99_999_999, places=2),
            unit_cost=st.decimals(Decimal("0.01"), 9_999_999_999, places=2),
        ),
        min_size=1,
        max_size=6,
    )


@given(lines=budget_lines(), language=LANGUAGES, other=LANGUAGES)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
def test_a_budget_comes_back_from_its_workbook_as_it_was(
    lines: list[BudgetLine], language: str, other: str, choices: Choices
) -> None:
    for line in lines:
        line.amount = line_amount(line.quantity, line.unit_cost)
        assume(line.amount <= LARGEST)
        assume(plain(line.description) not in TOTALS)
    with translation.override(language):
        content = exported(lines, choices)
    with translation.override(other):
        reading = reading_of(content, choices)
        back = [
            (row["category"], row["description"], as_number(row, "quantity"), as_cost(row))
            for row in reading.rows
        ]
    assert not reading.problems
    assert back == [(x.category, x.description, x.quantity, x.unit_cost) for x in lines]


def exported(lines: list[BudgetLine], choices: Choices) -> bytes:
    file = io.BytesIO()
    write_budget(
        file,
        lines,
        figures_of(lines),
        choices.words(Vocabulary.COST_CATEGORY),
        title="Budget",
        made_at=timezone.now(),
    )
    return file.getvalue()


def figures_of(lines: list[BudgetLine]) -> BudgetFigures:
    costs = [Cost(line.category, line.amount) for line in lines]
    return BudgetFigures(costs, Financing(), Limits(Decimal("0.50"), Decimal("200000.00"), "audit"))


def test_a_workbook_holds_no_formula_but_the_portals_own(choices: Choices) -> None:
    text = '=HYPERLINK("https://example.org","click")'
    line = BudgetLine(category="staff", description=text, quantity=Decimal(2), unit_cost=Decimal(5))
    line.amount = Decimal("10.00")
    content = exported([line], choices)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert (sheet["B2"].value, sheet["B2"].data_type) == (text, "s")
    assert sheet["E2"].data_type == "f"
    results = load_workbook(io.BytesIO(content), data_only=True)
    assert results.worksheets[0]["E2"].value == 10
    assert [row[1].value for row in results.worksheets[1].iter_rows(min_row=2, max_row=2)] == [10]


# --- the money ----------------------------------------------------------------------------------

CENTS = st.integers(0, 99_999_999_999).map(lambda cents: Decimal(cents) / 100)


@given(total=CENTS, rate=st.decimals(0, 1, places=4))
def test_the_highest_grant_is_the_last_cent_within_the_rate(total: Decimal, rate: Decimal) -> None:
    most = highest_grant(rate, total)
    assert most <= rate * total < most + Decimal("0.01")


@given(costs=st.lists(CENTS, min_size=1), grant=CENTS, own=CENTS)
def test_sums_are_exact_and_the_rate_is_never_divided(
    costs: list[Decimal], grant: Decimal, own: Decimal
) -> None:
    limits = Limits(Decimal("0.50"), Decimal("200000.00"), "")
    figures = BudgetFigures([Cost("staff", each) for each in costs], Financing(grant, own), limits)
    cents = [int(each * 100) for each in costs]
    assert figures.total * 100 == sum(cents)
    assert figures.balance * 100 == int(grant * 100) + int(own * 100) - sum(cents)
    assert figures.above_rate == (sum(cents) > 0 and 2 * int(grant * 100) > sum(cents))
    assert figures.above_ceiling == (grant > 200_000)
    assert sum(figures.by_category.values()) == figures.total
