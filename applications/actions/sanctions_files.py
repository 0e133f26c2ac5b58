"""Sanctions lists as their publishers write them, read as a stream: EU CSV 1.1 and UN XML.

A file is read twice. The survey looks at every line and says what the file holds, or where it is
broken; then its entries are read one by one. Neither keeps more than one entry in memory.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext_lazy as _

from applications.models import ListSource
from bpf_portal.core.access import Text

Open = Callable[[], AbstractContextManager[BinaryIO]]
Progress = Callable[[int], object]

#: The EU's list has 30 MB today, the UN's 2 MB.
MAX_BYTES = 500 * 1024 * 1024
_MAX_LINE = 1024 * 1024
_MAX_DETAIL = 500
_TELL_EVERY = 2_000

REFUSALS: Mapping[str, Text] = {
    "empty": _("The file is empty."),
    "too_large": _("The file is larger than any sanctions list."),
    "unknown": _("This is neither the list of the EU (CSV 1.1) nor that of the UN (XML)."),
    "encoding": _("Line %(line)s, column %(column)s: this is not text in UTF-8."),
    "columns": _("Line 1: these columns are missing: %(columns)s."),
    "ragged": _(
        "Line %(line)s, column %(column)s: the line has %(found)s fields and the heading"
        " %(expected)s. The file was cut or damaged."
    ),
    "csv": _("Line %(line)s, column %(column)s: %(reason)s. The file was cut or damaged."),
    "xml": _("Line %(line)s, column %(column)s: %(reason)s. The file was cut or damaged."),
    "entities": _("The file declares entities or a document type of its own. It is not read."),
    "no_number": _("Line %(line)s, column %(column)s: an entry has no number."),
    "unnumbered": _("An entry has no number: %(entry)s."),
    "no_name": _("The entry %(entry)s has no name."),
    "twice": _("The entry %(entry)s is there twice."),
    "date": _("The date of the list, “%(given)s”, is not a day of the past."),
    "no_entries": _("The list has no entries."),
    "older": _("The list in force is newer: %(dated)s."),
    "shorter": _(
        "The list has %(entries)s entries and the one in force %(before)s. Is the file whole? If"
        " so, load it with the box for a shorter list ticked (--accept-shorter)."
    ),
}


class Refused(Exception):
    """The file was not taken, and nothing was changed. `code` is a key of REFUSALS."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, {name: str(value) for name, value in values.items()}
        super().__init__(str(self.text))

    @property
    def text(self) -> str:
        return refusal_text({"code": self.code, "values": self.values})


def refusal_text(stored: Mapping[str, object]) -> str:
    """A stored refusal in the reader's language."""
    return str(REFUSALS[str(stored["code"])]) % stored["values"]


@dataclass
class Listed:
    """One entry: its number, what it is, every name and what tells it from namesakes."""

    reference: str
    label: str
    is_person: bool
    names: dict[str, None] = field(default_factory=dict)
    details: dict[str, None] = field(default_factory=dict)

    def add(self, name: str, *details: str) -> None:
        if name:
            self.names.setdefault(name)
        for detail in details:
            if detail:
                self.details.setdefault(detail[:_MAX_DETAIL])


@dataclass(frozen=True)
class Survey:
    """What a whole file holds. `rows` says how many lines each entry of the EU's list has."""

    source: ListSource
    dated: date
    sha256: str
    entries: int
    names: int
    rows: Mapping[str, int] = field(default_factory=dict)


def survey(opened: Open, *, today: date, progress: Progress = lambda read: None) -> Survey:
    """Look at every line. Raises Refused with the place of the first thing that is wrong."""
    digest = _digest(opened)
    with opened() as file:
        start = file.read(4096)
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return _survey_un(opened, digest, today, progress)
    return _survey_eu(opened, digest, today, progress)


def entries(opened: Open, surveyed: Survey) -> Iterator[Listed]:
    """The entries of a file that was surveyed, one by one."""
    if surveyed.source is ListSource.UN:
        with opened() as file:
            for element, _root in _un_elements(file, lambda read: None):
                yield _un_entry(element)
    else:
        yield from _eu_entries(opened, surveyed)


def _digest(opened: Open) -> str:
    digest, size = hashlib.sha256(), 0
    with opened() as file:
        while piece := file.read(1024 * 1024):
            size += len(piece)
            if size > MAX_BYTES:
                raise Refused("too_large")
            digest.update(piece)
    if not size:
        raise Refused("empty")
    return digest.hexdigest()


def _day(given: str, today: date) -> date:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            day = datetime.strptime(given[:10], form).date()  # noqa: DTZ007
        except ValueError:
            continue
        if day <= today:
            return day
    raise Refused("date", given=given[:40])


# --- the EU's list: CSV 1.1, several lines per entry -------------------------------------------

_NEEDED = ("fileGenerationDate", "Entity_LogicalId", "NameAlias_WholeName")
_DETAILS = ("BirthDate_BirthDate", "Citizenship_CountryDescription", "Entity_Remark")
_READ = (*_NEEDED, *_DETAILS, "Entity_EU_ReferenceNumber", "Entity_SubjectType")
_PERSONS = {"p", "person"}


def _survey_eu(opened: Open, digest: str, today: date, progress: Progress) -> Survey:
    rows: Counter[str] = Counter()
    nameless: dict[str, None] = {}
    names, dated = 0, ""
    for row in _eu_rows(opened, progress):
        number, name = row["Entity_LogicalId"], row["NameAlias_WholeName"]
        if name:
            names += 1
            nameless.pop(number, None)
        elif number not in rows:
            nameless[number] = None
        rows[number] += 1
        dated = dated or row["fileGenerationDate"]
    if not rows:
        raise Refused("no_entries")
    if nameless:
        raise Refused("no_name", entry=next(iter(nameless)))
    return Survey(ListSource.EU, _day(dated, today), digest, len(rows), names, rows)


def _eu_entries(opened: Open, surveyed: Survey) -> Iterator[Listed]:
    """An entry is whole when its last line was read, wherever in the file that is."""
    begun: dict[str, Listed] = {}
    left = dict(surveyed.rows)
    for row in _eu_rows(opened, lambda read: None):
        number = row["Entity_LogicalId"]
        if number not in begun:
            kind = row.get("Entity_SubjectType", "").lower()
            label = row.get("Entity_EU_ReferenceNumber", "")
            begun[number] = Listed(number, label, kind in _PERSONS)
        begun[number].add(row["NameAlias_WholeName"], *(row.get(column, "") for column in _DETAILS))
        left[number] -= 1
        if not left[number]:
            yield begun.pop(number)


def _eu_rows(opened: Open, progress: Progress) -> Iterator[dict[str, str]]:
    with opened() as file:
        reader = csv.reader(_lines(file), delimiter=";", strict=True)
        heading = next(_counted(reader), [])
        _require_columns(heading)
        places = {name: heading.index(name) for name in _READ if name in heading}
        for number, fields in enumerate(_counted(reader), start=1):
            if not fields:
                continue
            if len(fields) != len(heading):
                raise Refused(
                    "ragged",
                    line=reader.line_num,
                    column=1 + len(";".join(fields)),
                    found=len(fields),
                    expected=len(heading),
                )
            row = {name: " ".join(fields[place].split()) for name, place in places.items()}
            if not row["Entity_LogicalId"]:
                raise Refused("no_number", line=reader.line_num, column=1)
            if number % _TELL_EVERY == 0:
                progress(file.tell())
            yield row


def _require_columns(heading: list[str]) -> None:
    if not any(name in heading for name in _NEEDED):
        raise Refused("unknown")
    if lacking := [name for name in _NEEDED if name not in heading]:
        raise Refused("columns", columns=", ".join(lacking))


def _counted(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        line: int = reader.line_num  # type: ignore[attr-defined]
        raise Refused("csv", line=line, column=1, reason=error) from error


def _lines(file: BinaryIO) -> Iterator[str]:
    number = 0
    while raw := file.readline(_MAX_LINE):
        number += 1
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused("encoding", line=number, column=error.start + 1) from error
        if "\x00" in line:
            raise Refused("encoding", line=number, column=line.index("\x00") + 1)
        yield line


# --- the UN's list: XML, one element per entry --------------------------------------------------

_UN_ROOT, _UN_PERSON, _UN_ENTITY = "CONSOLIDATED_LIST", "INDIVIDUAL", "ENTITY"
_UN_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_UN_DETAILS = (
    "INDIVIDUAL_DATE_OF_BIRTH/DATE",
    "INDIVIDUAL_DATE_OF_BIRTH/YEAR",
    "NATIONALITY/VALUE",
    "COMMENTS1",
)


def _survey_un(opened: Open, digest: str, today: date, progress: Progress) -> Survey:
    numbers: set[str] = set()
    names, dated = 0, ""
    with opened() as file:
        for element, root in _un_elements(file, progress):
            listed = _un_entry(element)
            if listed.reference in numbers:
                raise Refused("twice", entry=listed.reference)
            numbers.add(listed.reference)
            names += len(listed.names)
            dated = root.get("dateGenerated", "")
    if not numbers:
        raise Refused("no_entries")
    return Survey(ListSource.UN, _day(dated, today), digest, len(numbers), names)


def _un_elements(file: BinaryIO, progress: Progress) -> Iterator[tuple[Element, Element]]:
    """Each entry's element with the root; an element is forgotten once the next is asked for."""
    opened: list[Element] = []
    try:
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                if not opened and element.tag != _UN_ROOT:
                    raise Refused("unknown")
                opened.append(element)
                continue
            opened.pop()
            if len(opened) == 2:
                if element.tag in (_UN_PERSON, _UN_ENTITY):
                    yield element, opened[0]
                    progress(file.tell())
                opened[-1].remove(element)
    except DefusedXmlException as error:
        raise Refused("entities") from error
    except ParseError as error:
        line, column = error.position
        raise Refused("xml", line=line, column=column + 1, reason=error.msg) from error


def _un_entry(element: Element) -> Listed:
    number = _text(element, "DATAID")
    if not number:
        raise Refused("unnumbered", entry=_whole_name(element))
    person = element.tag == _UN_PERSON
    listed = Listed(number, _text(element, "REFERENCE_NUMBER"), person)
    listed.add(_whole_name(element), *(_text(element, path) for path in _UN_DETAILS))
    listed.add(_text(element, "NAME_ORIGINAL_SCRIPT"))
    for alias in element.findall(f"{element.tag}_ALIAS"):
        listed.add(_text(alias, "ALIAS_NAME"))
    if not listed.names:
        raise Refused("no_name", entry=number)
    return listed


def _whole_name(element: Element) -> str:
    return " ".join(filter(None, (_text(element, name) for name in _UN_NAMES)))


def _text(element: Element, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())
