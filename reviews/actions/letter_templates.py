"""Writing the shipped wording of the letters into rows; what a letter used never changes."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from applications.actions.reference import (
    LoadReport,
    ReferenceConflict,
    differing,
    lock_reference_data,
)
from reviews.letters.wording import check
from reviews.models import DecisionKind, Letter, LetterTemplate
from reviews.reference.files import FOLDER

LANGUAGES = ("fr", "en")
Json = dict[str, Any]


@transaction.atomic
def load_letter_templates() -> LoadReport:
    """Put in the shipped wording of every kind of letter, in both languages.

    A version that no letter was made from is corrected. Raises ReferenceConflict when the file
    changed under a version already used, WrongWording when it names an unknown field.
    """
    lock_reference_data()
    report = LoadReport()
    for language in LANGUAGES:
        for wanted in _shipped(language):
            _load(wanted, report)
    return report


def newest_template(kind: str, language: str) -> LetterTemplate:
    """The wording in force. Raises LetterTemplate.DoesNotExist when there is none."""
    return LetterTemplate.objects.filter(kind=kind, language=language).latest("version")


def _shipped(language: str) -> Iterator[Json]:
    """One template a kind: the common parts, then its own blocks, shared ones put in by name."""
    path = FOLDER / "letter_templates" / f"{language}.json"
    given: Json = json.loads(path.read_text(encoding="utf-8"))
    for kind in DecisionKind.values:
        own = given["kinds"][kind]
        body: list[Json] = []
        for block in own["blocks"]:
            body += given["shared"][block] if isinstance(block, str) else [block]
        yield {
            "kind": kind,
            "language": language,
            "version": given["version"],
            "subject": own["subject"],
            "blocks": [*given["parts"], *body],
            "signatories": given["signatories"],
            "assumed": given["assumed"],
        }


def _load(wanted: Json, report: LoadReport) -> None:
    for text in _texts([wanted["subject"], wanted["blocks"], wanted["signatories"]]):
        check(text)
    key = {name: wanted[name] for name in ("kind", "language", "version")}
    row = LetterTemplate.objects.filter(**key).first()
    if row is None:
        LetterTemplate.objects.create(**wanted)
        report.created["letter templates"] += 1
        return
    if not differing(row, wanted):
        return
    if Letter.objects.filter(template=row).exists():
        raise ReferenceConflict(
            f"letter template {row.kind}/{row.language} v{row.version} differs from the file, but"
            " letters were made from this version; give the new wording a new version"
        )
    for name, value in wanted.items():
        setattr(row, name, value)
    row.save()
    report.updated["letter templates"] += 1


def _texts(value: object) -> Iterator[str]:
    """Every text of a template, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
