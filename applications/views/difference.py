"""What differs between two dossiers, field by field, as people read it.

It compares readings, so it names each thing as the page names it. Texts are compared word by word.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from applications.forms.choices import Choices
from applications.views.reading import read
from applications.views.reading_parts import Part, Table
from applications.views.section_titles import SECTION_TITLES
from bpf_portal.core.access import Text

#: Words with the space behind them; a text of many thousand words is compared line by line.
_WORDS = re.compile(r"\S+\s*|\s+")
_MOST_WORDS = 4000


@dataclass(frozen=True)
class Piece:
    """A run of words: `kept`, `removed` or `added`."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """One field that is not the same; `pieces` are old and new woven together."""

    label: Text
    old: str
    new: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Row:
    """A row of a table: `removed` or `added`."""

    kind: str
    cells: Sequence[str]


@dataclass(frozen=True)
class TableChange:
    caption: Text
    head: Sequence[Text]
    rows: Sequence[Row]


@dataclass(frozen=True)
class PartChange:
    """What differs in one section."""

    section: str
    title: Text
    answers: Sequence[Change]
    tables: Sequence[TableChange]


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], choices: Choices
) -> list[PartChange]:
    """The sections in which the two documents differ, in the language in force."""
    before = {part.section: part for part in read(old, choices, ()).parts}
    after = {part.section: part for part in read(new, choices, ()).parts}
    found = []
    for section in dict.fromkeys([*before, *after]):
        change = _part(before.get(section), after.get(section))
        if change.answers or change.tables:
            found.append(change)
    if files := _files(old, new):
        found.append(files)
    return found


def _part(old: Part | None, new: Part | None) -> PartChange:
    some = new or old
    assert some is not None  # noqa: S101 - the caller names a section of one of the two
    tables = [
        change
        for caption, (before, after) in _paired_tables(old, new).items()
        if (change := _table(caption, before, after)).rows
    ]
    return PartChange(some.section, some.title, list(_answers(old, new)), tables)


def _answers(old: Part | None, new: Part | None) -> Iterator[Change]:
    before = {str(label): (label, text) for label, text in (old.answers if old else ())}
    after = {str(label): (label, text) for label, text in (new.answers if new else ())}
    for key in dict.fromkeys([*before, *after]):
        label, was = before.get(key, (after.get(key, (key, ""))[0], ""))
        text = after.get(key, (label, ""))[1]
        if was != text:
            yield Change(label, was, text, word_difference(was, text))


def _paired_tables(
    old: Part | None, new: Part | None
) -> dict[str, tuple[Table | None, Table | None]]:
    before = {str(table.caption): table for table in (old.tables if old else ())}
    after = {str(table.caption): table for table in (new.tables if new else ())}
    return {key: (before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after])}


def _table(caption: str, old: Table | None, new: Table | None) -> TableChange:
    some = new or old
    before = [tuple(row) for row in (old.rows if old else ())]
    after = [tuple(row) for row in (new.rows if new else ())]
    rows: list[Row] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            rows += [Row("removed", row) for row in before[i1:i2]]
            rows += [Row("added", row) for row in after[j1:j2]]
    return TableChange(caption, some.head if some else (), rows)


def _files(old: Mapping[str, Any], new: Mapping[str, Any]) -> PartChange | None:
    def rows(document: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(each["filename"], each["sha256"]) for each in document["documents"]]

    before, after = rows(old), rows(new)
    changed = [Row("removed", row) for row in before if row not in after]
    changed += [Row("added", row) for row in after if row not in before]
    if not changed:
        return None
    title = SECTION_TITLES["documents"]
    table = TableChange(title, (title, "SHA-256"), changed)
    return PartChange("documents", title, (), (table,))


def word_difference(old: str, new: str) -> list[Piece]:
    """Both texts woven into one, word by word: joined without `added` it is the old text, without
    `removed` the new one."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if len(before) + len(after) > _MOST_WORDS:
        before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    pieces: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("kept", "".join(before[i1:i2])))
            continue
        if i1 < i2:
            pieces.append(Piece("removed", "".join(before[i1:i2])))
        if j1 < j2:
            pieces.append(Piece("added", "".join(after[j1:j2])))
    return pieces
