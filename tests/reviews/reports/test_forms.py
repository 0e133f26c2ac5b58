"""The report in every form and both languages: the same numbers, unknown told in words."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation
from lxml import html as lxml_html  # type: ignore[import-untyped]

from reviews.actions import editions
from reviews.models import PublishedEdition
from reviews.reports.figures import annual_report
from reviews.reports.forms import FORMS, render_report
from tests.reviews.reports.rows import Desk, moment

pytestmark = pytest.mark.django_db

NOT_PUBLISHED = {"en": "not published", "fr": "non publié"}
SELECTED = {
    "en": (
        "In 2021, 4 projects were selected for a grant of the Business Partnership Facility.",
        "That makes 34 projects since the facility began in 2016.",
    ),
    "fr": (
        "En 2021, 4 projets ont été sélectionnés pour une subvention de la Business"
        " Partnership Facility.",
        "Cela porte à 34 le nombre de projets sélectionnés depuis le début de la facilité en 2016.",
    ),
}
UNKNOWN_IN_2021 = (
    "received",
    "shortlisted",
    "reserve",
    "declined",
    "ineligible",
    "luxembourg_led",
    "eu_led",
    "requested",
    "requested_by_selected",
    "awarded",
    "average_grant",
    "median_grant",
    "own_per_euro",
    "partners_per_euro",
    "days_preselection",
    "days_detailed_proposal",
)
languages = pytest.mark.parametrize("language", ["en", "fr"])


def rendered(year: int, form: str, language: str) -> bytes:
    return render_report(annual_report(year), form, language)


def csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def sheets(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {page.title: list(page.iter_rows(values_only=True)) for page in book}


def words(text: str) -> str:
    return " ".join(text.split())


def pdf_text(content: bytes) -> str:
    return words(
        " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    )


@languages
def test_2021_as_a_page(history: None, language: str) -> None:
    page = lxml_html.document_fromstring(rendered(2021, "html", language).decode())

    told = words(page.text_content())
    for sentence in SELECTED[language]:
        assert sentence in told
    assert page.get("lang") == language
    figures = {
        words(row.find("th").text_content()): words(row.findall("td")[0].text_content())
        for row in page.xpath("//section[2]//tbody/tr")
    }
    numbers = sorted(figures.values())
    assert numbers[:2] == ["34 " + numbers[0].split()[1], "4 " + numbers[1].split()[1]]
    assert set(numbers[2:]) == {NOT_PUBLISHED[language]}
    assert len(numbers) == 18


@languages
def test_2021_as_pdf(history: None, language: str) -> None:
    content = rendered(2021, "pdf", language)

    told = pdf_text(content)
    for sentence in SELECTED[language]:
        assert sentence in told
    assert told.count(NOT_PUBLISHED[language]) > 30
    assert "EUR 0" not in told.replace("\u00a0", " ")
    document = pypdf.PdfReader(io.BytesIO(content))
    assert f"1 / {len(document.pages)}" in told
    assert len(document.outline) > 5


@languages
def test_2021_as_a_workbook(history: None, language: str) -> None:
    pages = list(sheets(rendered(2021, "xlsx", language)).values())

    figures = {row[4]: row[1] for row in pages[0][1:]}
    assert (figures["selected"], figures["cumulative_selected"]) == (4, 34)
    assert {figures[key] for key in UNKNOWN_IN_2021} == {NOT_PUBLISHED[language]}
    assert all(type(figures[key]) is int for key in ("selected", "cumulative_selected"))
    assert not any(cell == 0 for page in pages for row in page for cell in row if cell is not None)
    years = {row[0]: row[2:7] for row in pages[7][1:]}
    unknown = NOT_PUBLISHED[language]
    assert years[2020] == (19, unknown, 5, 30, unknown)
    assert years[2016] == (unknown,) * 5


@languages
def test_2021_as_csv(history: None, language: str) -> None:
    content = rendered(2021, "csv", language)

    rows = csv_rows(content)
    assert list(rows[0]) == ["section", "key", "label", "value", "unit", "status"]
    figures = {row["key"]: row for row in rows if row["section"] == "figures"}
    assert (figures["selected"]["value"], figures["cumulative_selected"]["value"]) == ("4", "34")
    for key in UNKNOWN_IN_2021:
        assert figures[key]["value"] == NOT_PUBLISHED[language]
        assert figures[key]["status"] == "not_published"
    assert not any(row["value"] in ("", "0", "0.00") for row in rows)
    committed = {row["key"]: row["value"] for row in rows if row["section"] == "commitments"}
    assert committed["EIF-2.committed"] == "4500000.00"
    assert committed["SATMED-2.committed"] == NOT_PUBLISHED[language]


@languages
def test_2021_as_json(history: None, language: str) -> None:
    document = json.loads(rendered(2021, "json", language))

    assert (document["schema"], document["year"]) == ("bpf-annual-report/1", 2021)
    figures = document["figures"]
    assert (figures["selected"]["value"], figures["cumulative_selected"]["value"]) == (4, 34)
    for key in UNKNOWN_IN_2021:
        assert figures[key]["value"] is None
        assert figures[key]["status"] == "not_published"
        assert figures[key]["text"] == NOT_PUBLISHED[language]
    commitments = {row["programme"]: row for row in document["commitments"]}
    assert commitments["EIF"]["cumulative"]["value"] == "9000000.00"
    assert commitments["SATMED"]["committed"]["value"] is None
    assert set(figures) <= set(document["dictionary"]["figures"])


@languages
def test_2021_from_the_real_file(shared: Path, language: str) -> None:
    editions.import_editions(shared / "data" / "editions.csv")

    told = words(rendered(2021, "html", language).decode())

    for sentence in SELECTED[language]:
        assert sentence in told


def test_the_sectors_and_the_changes_of_the_year_are_told(history: None) -> None:
    told = words(rendered(2021, "html", "en").decode())
    assert "targeted these sectors: CleanTech, Eco-innovation" in told
    assert "and Fight against COVID-19." in told
    assert "Overhaul of the facility under way since autumn 2021, new terms in 2022." in told
    assert "As every year since 2020, the contracts with companies carry a clause" in told
    assert "EUR 4,500,000.00" in told

    opened = words(rendered(2022, "html", "en").decode())
    assert "The calls of the year (editions 7 and 8) were open to every sector" in opened
    first = words(rendered(2020, "html", "en").decode())
    assert "From this year on, the contracts with companies carry a clause" in first
    assert "19 proposals were received." in first


def test_notes_are_in_french_where_we_have_them_and_marked_where_not(history: None) -> None:
    told = rendered(2021, "html", "fr").decode()

    assert "Refonte de la facilité en cours depuis l’automne 2021" in told
    PublishedEdition.objects.filter(year=2021).update(note="an officer's own words")
    changed = lxml_html.document_fromstring(rendered(2021, "html", "fr").decode())
    (paragraph,) = changed.xpath("//section[1]//p[@lang='en']")
    assert paragraph.text_content() == "An officer's own words."


def test_a_total_that_is_not_published_comes_with_the_last_one_that_is(history: None) -> None:
    told = words(rendered(2024, "html", "en").decode())

    assert "The total since 2016 at the end of the year was not published." in told
    assert "The last one published before it is 41, for 2023." in told


def test_a_portal_year_says_what_its_total_stands_on(history: None, desk: Desk) -> None:
    desk.decision("selected", amount="100000.00")
    desk.decision("selected", amount="200000.00")

    told = words(rendered(2026, "html", "en").decode())

    assert "In 2026, 2 projects were selected" in told
    assert "That makes 52 projects since the facility began in 2016." in told
    assert "It adds what was selected since to the total published for 2025, 50." in told
    assert "The average grant is EUR 150,000.00, the median EUR 150,000.00." in told


def test_a_portal_year_as_a_workbook_has_typed_cells(desk: Desk) -> None:
    desk.decision("selected", amount="123456.78", countries=["SN", "CV"], title="Récoltes")

    pages = sheets(rendered(2026, "xlsx", "en"))

    figures = {row[4]: row[1] for row in pages["Figures 2026"][1:]}
    assert figures["awarded"] == pytest.approx(123456.78)
    assert figures["reserve"] == 0
    assert figures["cumulative_selected"] == 1
    (award,) = pages["Projects selected"][1:]
    assert award[3:] == ("Récoltes", "Senegal, Cabo Verde", pytest.approx(123456.78))
    assert {row[4]: row[1] for row in pages["By country"][1:]} == {"CV": 1, "SN": 1}
    assert {"Years", "Other commitments", "Dictionary", "The year in words"} <= set(pages)


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1"])
def test_a_company_called_like_a_formula_stays_a_name(desk: Desk, name: str) -> None:
    desk.decision("selected", company=name)

    (award,) = (row for row in csv_rows(rendered(2026, "csv", "en")) if row["section"] == "awards")
    assert award["label"].startswith("'")
    book = openpyxl.load_workbook(io.BytesIO(rendered(2026, "xlsx", "en")))
    cell = book["Projects selected"]["B2"]
    assert cell.data_type == "s"
    assert cell.value.strip() == name.strip()


def test_a_company_cannot_write_html_into_the_report(desk: Desk) -> None:
    desk.decision("selected", company="<script>alert(1)</script>", countries=["SN"])

    assert b"<script" not in rendered(2026, "html", "en")


@languages
def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(
    history: None, desk: Desk, language: str
) -> None:
    desk.decision("selected", countries=["SN", "CV"])
    desk.decision("selected", at=moment(2027), countries=["RW"])
    page = lxml_html.document_fromstring(rendered(2027, "html", language).decode())

    assert not page.xpath("//script | //link | //img | //iframe | //@style | //@onclick")
    pictures = page.xpath("//*[local-name()='svg']")
    assert len(pictures) == 3
    for picture in pictures:
        assert picture.get("role") == "img"
        assert len(picture.xpath("./*[local-name()='title']")[0].text) > 20


def test_the_picture_tells_unknown_years_in_words(history: None) -> None:
    page = lxml_html.document_fromstring(rendered(2021, "html", "en").decode())

    (alternative,) = page.xpath("//*[local-name()='svg']/*[local-name()='title']/text()")
    assert "2018: not published; 2019: 8; 2020: 5; 2021: 4." in alternative


@pytest.mark.parametrize("form", sorted(FORMS))
def test_the_command_writes_a_file(history: None, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"report.{form}"

    call_command("annual_report", "2021", "--format", form, "--language", "fr", "--out", str(out))

    assert out.stat().st_size > 1000
    if form == "json":
        assert json.loads(out.read_bytes())["language"] == "fr"


def test_the_command_writes_to_standard_output(
    history: None, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    call_command("annual_report", "2021", "--format", "csv", "--language", "en", "--out", "-")

    assert csv_rows(capfdbinary.readouterr().out)[2]["value"] == "4"


@pytest.mark.parametrize("year", ["2015", "2016", "2031"])
def test_a_year_of_which_nothing_is_known_is_one_line_and_2(history: None, year: str) -> None:
    told = io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("annual_report", year, "--out", "-", stderr=told)

    assert ended.value.code == 2
    assert told.getvalue() == (
        f"Nothing is known of {year}: nothing was published and nothing decided here.\n"
    )


def test_a_place_that_cannot_be_written_is_one_line_and_2(history: None, tmp_path: Path) -> None:
    told = io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("annual_report", "2021", "--out", str(tmp_path / "no" / "r"), stderr=told)

    assert ended.value.code == 2
    assert told.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [("twenty",), ("2021", "--format", "iati"), ("2021", "--language", "de")]
)
def test_a_wrong_argument_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("annual_report", *arguments, "--out", "-")


def test_pictures_are_drawn_without_the_network(history: None) -> None:
    """The drawing library is given no address: the specification has its data inside."""
    script = (
        "import socket, vl_convert\n"
        "def refuse(*a, **k): raise OSError('no network')\n"
        "socket.socket.connect = refuse\n"
        "print(vl_convert.vegalite_to_svg({'data': {'values': [{'a': 1}]}, 'mark': 'bar',"
        " 'encoding': {'x': {'field': 'a'}}})[:4])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=settings.BASE_DIR
    )
    assert done.stdout.strip() == "<svg"


def test_both_languages_have_the_same_numbers(history: None, desk: Desk) -> None:
    desk.decision("selected")

    def values(language: str) -> list[tuple[str, str]]:
        rows = csv_rows(rendered(2026, "csv", language))
        known = (row for row in rows if row["status"] not in ("not_published", "not_applicable"))
        return [(row["key"], row["value"]) for row in known]

    assert values("fr") == values("en")
    with translation.override("fr"):
        assert values("en") == values("fr")
