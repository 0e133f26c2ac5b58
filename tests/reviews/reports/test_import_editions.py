"""The years before the portal come in whole or not at all, and a broken file says where."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import User
from bpf_portal.core.access import NotAllowed
from reviews.actions import commitments, editions
from reviews.actions.published_table import BrokenTable
from reviews.models import ProgrammeCommitment, PublishedEdition

pytestmark = pytest.mark.django_db
Table = Callable[[str | bytes], Path]

HEADING = "year,edition,received,shortlisted,selected,cumulative_selected,awarded_eur,note,source"


def test_it_works(table: Table) -> None:
    done = editions.import_editions(
        table(f"{HEADING}\n2021,6,,,4,34,520000.50,an overhaul,annual report 2021\n")
    )

    assert (done.added, done.changed, done.unchanged) == (1, 0, 0)
    edition = PublishedEdition.objects.get()
    assert (edition.year, edition.selected, edition.cumulative_selected) == (2021, 4, 34)
    assert edition.awarded == Decimal("520000.50")
    assert (edition.received, edition.shortlisted) == (None, None)


def test_the_real_file_comes_in(shared: Path) -> None:
    editions.import_editions(shared / "data" / "editions.csv")

    known = PublishedEdition.objects.values_list("year", "selected", "cumulative_selected")
    assert (2021, 4, 34) in known
    assert (2020, 5, 30) in known
    assert (2024, 5, None) in known
    assert (2025, None, 50) in known


def test_our_own_copy_says_the_same_as_the_real_file(shared: Path) -> None:
    editions.import_editions(shared / "data" / "editions.csv")

    again = editions.import_editions(editions.SHIPPED)

    assert (again.added, again.changed) == (0, 0)
    assert again.unchanged == PublishedEdition.objects.count()


def test_the_same_file_twice_changes_nothing(table: Table) -> None:
    path = table(f"{HEADING}\n2019,4,20,,8,25,,,an article\n2020,5,19,,5,30,,,an article\n")
    editions.import_editions(path)

    again = editions.import_editions(path)

    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert PublishedEdition.objects.count() == 2


def test_a_corrected_year_is_changed(table: Table) -> None:
    editions.import_editions(table(f"{HEADING}\n2019,4,20,,8,25,,,an article\n"))

    done = editions.import_editions(table(f"{HEADING}\n2019,4,21,,8,,,,a better article\n"))

    assert (done.added, done.changed) == (0, 1)
    edition = PublishedEdition.objects.get()
    assert (edition.received, edition.cumulative_selected) == (21, None)


def test_columns_may_stand_in_any_order_with_a_byte_order_mark(table: Table) -> None:
    turned = ",".join(reversed(HEADING.split(",")))
    editions.import_editions(table(f"\ufeff{turned}\r\nan article,,,25,8,,20,4,2019\r\n"))

    assert PublishedEdition.objects.get().received == 20


def test_what_is_shipped_leaves_a_year_that_somebody_set(table: Table) -> None:
    editions.import_editions(table(f"{HEADING}\n2021,6,,,4,34,,ours,our own archive\n"))

    done = editions.load_shipped_editions()

    assert done.added == 7
    assert PublishedEdition.objects.get(year=2021).source == "our own archive"


GOOD = "2019,4,20,,8,25,,,an article"


@pytest.mark.parametrize(
    ("content", "line", "column", "words"),
    [
        ("", 1, "", "empty"),
        (f"{HEADING}\n", 2, "", "no row"),
        (f"{HEADING.replace(',note', '')}\n", 1, "note", "missing"),
        (f"{HEADING},colour\n{GOOD},red\n", 1, "colour", "not known"),
        (f"{HEADING},year\n{GOOD},2019\n", 1, "year", "twice"),
        (f"{HEADING}\n{GOOD}\n2020,5,nineteen,,5,30,,,x\n", 3, "received", "whole number"),
        (f"{HEADING}\n2020,5,19.5,,5,30,,,x\n", 2, "received", "whole number"),
        (f"{HEADING}\n2020,5,١٩,,5,30,,,x\n", 2, "received", "whole number"),
        (f"{HEADING}\n2020,5,19,,-5,30,,,x\n", 2, "selected", "negative"),
        (f"{HEADING}\n2020,5,99999999999,,5,30,,,x\n", 2, "received", "too large"),
        (f"{HEADING}\n2020,5,19,,5,30,12.345,,x\n", 2, "awarded_eur", "amount"),
        (f"{HEADING}\n2020,5,19,,5,30,1e6,,x\n", 2, "awarded_eur", "amount"),
        (f"{HEADING}\n2020,5,19,,5,30,-1.00,,x\n", 2, "awarded_eur", "negative"),
        (f"{HEADING}\n2020,5,19,,5,30,99999999999.00,,x\n", 2, "awarded_eur", "too large"),
        (f"{HEADING}\n2020,5,4,,5,30,,,x\n", 2, "selected", "more than received"),
        (f"{HEADING}\n2020,5,4,5,,30,,,x\n", 2, "shortlisted", "more than received"),
        (f"{HEADING}\n2020,5,40,,31,30,,,x\n", 2, "selected", "more than cumulative_selected"),
        (f"{HEADING}\n{GOOD}\n{GOOD}\n", 3, "year", "line 2"),
        (f"{HEADING}\n{GOOD}\n2020,5,,,2,24,,,x\n", 3, "cumulative_selected", "less than"),
        (f"{HEADING}\n1999,4,20,,8,25,,,x\n", 2, "year", "2016"),
        (f"{HEADING}\n,4,20,,8,25,,,x\n", 2, "year", "empty"),
        (f"{HEADING}\n2019,4,20,,8,25,,,\n", 2, "source", "empty"),
        (f"{HEADING}\n2019,4,20,,8\n", 2, "cumulative_selected", "5 cells"),
        (f'{HEADING}\n2019,4,20,,8,25,,"two\nlines",x\n2020,5,a,,,,,,x\n', 4, "received", "whole"),
        (f"{HEADING}\n{GOOD}\n2020,5,19,,5,30,,é,x\n".encode("latin-1"), 3, "note", "UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", 3, "", "binary"),
        (f'{HEADING}\n2019,4,20,,8,25,,"a"b,x\n', 2, "", "CSV"),
    ],
)
def test_a_broken_file_names_line_and_column_and_nothing_is_imported(
    table: Table, content: str | bytes, line: int, column: str, words: str
) -> None:
    with pytest.raises(BrokenTable, match=words) as caught:
        editions.import_editions(table(content))

    assert (caught.value.line, caught.value.column) == (line, column)
    assert not PublishedEdition.objects.exists()


def test_the_command_says_it_in_one_line_and_ends_with_2(table: Table) -> None:
    path = table(f"{HEADING}\n{GOOD}\n2020,5,many,,5,30,,,x\n")
    told = io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("import_editions", str(path), stderr=told)

    assert ended.value.code == 2
    assert told.getvalue() == (f"{path}: line 3, column received: “many” is not a whole number\n")
    assert not PublishedEdition.objects.exists()


def test_a_file_that_is_not_there_is_one_line_too(tmp_path: Path) -> None:
    told = io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("import_editions", str(tmp_path / "none.csv"), stderr=told)

    assert ended.value.code == 2
    assert told.getvalue().count("\n") == 1
    assert "No such file" in told.getvalue()


def test_only_those_who_run_calls_import(table: Table, auditor: User, officer: User) -> None:
    path = table(f"{HEADING}\n{GOOD}\n")
    with pytest.raises(NotAllowed):
        editions.import_editions(path, actor=auditor)

    assert editions.import_editions(path, actor=officer).added == 1


def test_the_other_commitments_come_in_with_unknown_amounts() -> None:
    done = commitments.load_shipped_commitments()

    assert done.added == 2
    eif = ProgrammeCommitment.objects.get(programme="EIF")
    assert (eif.committed, eif.cumulative) == (Decimal("4500000.00"), Decimal("9000000.00"))
    satmed = ProgrammeCommitment.objects.get(programme="SATMED")
    assert (satmed.committed, satmed.cumulative) == (None, None)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (("2016-01-01", "2016-13-01"), "starts_on"),
        (("2016-01-01", ""), "starts_on"),
        (("2022-12-31", "2015-12-31"), "ends_on"),
        (("9000000.00", "1000000.00"), "cumulative_eur"),
        (("EIF,2,", "EIF,zero,"), "phase"),
        (("EIF,2,", "EIF,0,"), "phase"),
        (("EIF,2,", "E I F,2,"), "programme"),
        (("SATMED,2,", "EIF,2,"), "programme"),
    ],
)
def test_a_broken_list_of_commitments_names_the_column(
    table: Table, change: tuple[str, str], column: str
) -> None:
    text = commitments.SHIPPED.read_text(encoding="utf-8").replace(*change, 1)

    with pytest.raises(BrokenTable) as caught:
        commitments.import_commitments(table(text))

    assert caught.value.column == column
    assert not ProgrammeCommitment.objects.exists()
