"""Sanctions lists of invented people, in the forms of their publishers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import BinaryIO

from applications.actions.sanctions import Loaded, load_list
from applications.actions.sanctions_files import Open
from tests.invented import Names, large

#: The EU's file has 118 columns; those that are read stand at their places.
EU_COLUMNS = [
    "fileGenerationDate",
    "Entity_LogicalId",
    "Entity_EU_ReferenceNumber",
    "Entity_SubjectType",
    "NameAlias_WholeName",
    "BirthDate_BirthDate",
    "Citizenship_CountryDescription",
    *(f"Address_Column{number}" for number in range(111)),
]


def eu_lines(entries: Names, *, dated: date = date(2024, 4, 1), kind: str = "P") -> Iterator[str]:
    """A line for every name, as the EU writes them."""
    yield "\ufeff" + ";".join(EU_COLUMNS) + "\r\n"
    rest = ";" * 113
    for reference, names in entries.items():
        for name in names:
            quoted = f'"{name}"' if ";" in name else name
            yield f"{dated:%d/%m/%Y};{reference};EU.{reference}.1;{kind};{quoted}{rest}\r\n"


def eu_file(entries: Names, **options: object) -> bytes:
    return "".join(eu_lines(entries, **options)).encode()  # type: ignore[arg-type]


def un_file(people: Names, entities: Names | None = None, *, dated: str = "2024-04-02") -> bytes:
    def person(reference: str, names: tuple[str, ...]) -> str:
        first, *others = names
        parts = "".join(
            f"<{tag}_NAME>{word}</{tag}_NAME>"
            for tag, word in zip(
                ("FIRST", "SECOND", "THIRD", "FOURTH"), first.split(), strict=False
            )
        )
        aliases = "".join(
            "<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY>"
            f"<ALIAS_NAME>{other}</ALIAS_NAME></INDIVIDUAL_ALIAS>"
            for other in others
        )
        return f"<INDIVIDUAL><DATAID>{reference}</DATAID>{parts}{aliases}</INDIVIDUAL>"

    def entity(reference: str, names: tuple[str, ...]) -> str:
        return (
            f"<ENTITY><DATAID>{reference}</DATAID><FIRST_NAME>{names[0]}</FIRST_NAME>"
            + "".join(
                f"<ENTITY_ALIAS><ALIAS_NAME>{name}</ALIAS_NAME></ENTITY_ALIAS>"
                for name in names[1:]
            )
            + "</ENTITY>"
        )

    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<CONSOLIDATED_LIST dateGenerated="{dated}T14:02:00.12Z"><INDIVIDUALS>'
        + "\n".join(person(*each) for each in people.items())
        + "</INDIVIDUALS><ENTITIES>"
        + "\n".join(entity(*each) for each in (entities or {}).items())
        + "</ENTITIES></CONSOLIDATED_LIST>"
    ).encode()


def opener(content: bytes) -> Open:
    def opened() -> closing[BinaryIO]:
        return closing(io.BytesIO(content))

    return opened


def load(content: bytes, **options: object) -> Loaded:
    return load_list(
        opened=opener(content),
        filename="list.csv",
        actor=None,
        **options,  # type: ignore[arg-type]
    )


def write_large(path: Path, entries: int) -> None:
    """An EU list with so many entries of two lines each."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(eu_lines(large(entries)))
