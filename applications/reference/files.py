"""Reading the reference data that the portal ships: files in, typed values out, no database.

The countries' files are read by column name and as text: `NA` is Namibia, not a missing value.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

FOLDER = Path(__file__).parent
LUXEMBOURG = ZoneInfo("Europe/Luxembourg")
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class CountryRow:
    iso2: str
    iso3: str
    name_fr: str
    name_en: str
    region: str


@dataclass(frozen=True, slots=True)
class ListEntry:
    iso2: str
    income_group: str = ""
    luxembourg_partner: str = ""
    eligible_until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ListFile:
    code: str
    version: int
    title_fr: str
    title_en: str
    valid_from: date
    source: str
    entries: tuple[ListEntry, ...]


@dataclass(frozen=True, slots=True)
class RatingRow:
    iso2: str
    standing: str
    trend: str
    source: str


@dataclass(frozen=True, slots=True)
class ClauseFile:
    version: str
    language: str
    title: str
    text: str
    sha256: str
    valid_from: date
    assumed: bool


def read_json(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def _read_csv(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, strict=True)


def read_countries() -> list[CountryRow]:
    """The recipients of aid first, then the other countries that the rules or forms name."""
    rows = [
        CountryRow(row["iso2"], row["iso3"], row["name_fr"], row["name_en"], row["region"])
        for row in _read_csv("dac-oda-recipients.csv")
    ]
    rows.extend(CountryRow(**row) for row in read_json("countries.json"))
    return rows


def read_country_lists() -> list[ListFile]:
    return [
        ListFile(
            code=item["code"],
            version=item["version"],
            title_fr=item["title_fr"],
            title_en=item["title_en"],
            valid_from=date.fromisoformat(item["valid_from"]),
            source=item["source"],
            entries=tuple(_entries(item)),
        )
        for item in read_json("country_lists.json")
    ]


def _entries(item: dict[str, Any]) -> Iterator[ListEntry]:
    if "file" not in item:
        yield from (ListEntry(iso2) for iso2 in item["countries"])
        return
    for row in _read_csv(item["file"]):
        until = row["eligible_until"]
        yield ListEntry(
            iso2=row["iso2"],
            income_group=row["income_group"],
            luxembourg_partner=row["lux_partner"],
            eligible_until=date.fromisoformat(until) if until else None,
            note=row["note"],
        )


def read_ratings() -> list[RatingRow]:
    return [
        RatingRow(row["iso2"], row["standing_2025"], row["trend_2025"], row["source"])
        for row in _read_csv("labour-rights.csv")
    ]


def read_clauses() -> list[ClauseFile]:
    """Every version in both languages; the hash is of the text's UTF-8 bytes."""
    clauses = []
    for item in read_json("clauses.json"):
        for language in LANGUAGES:
            path = FOLDER / "clauses" / f"{item['version']}.{language}.txt"
            text = path.read_text(encoding="utf-8").strip() + "\n"
            clauses.append(
                ClauseFile(
                    version=item["version"],
                    language=language,
                    title=item[f"title_{language}"],
                    text=text,
                    sha256=hashlib.sha256(text.encode()).hexdigest(),
                    valid_from=date.fromisoformat(item["valid_from"]),
                    assumed=item["assumed"],
                )
            )
    return clauses


def in_luxembourg(moment: str | None) -> datetime | None:
    """The files give deadlines as clocks in Luxembourg show them."""
    return None if moment is None else datetime.fromisoformat(moment).replace(tzinfo=LUXEMBOURG)
