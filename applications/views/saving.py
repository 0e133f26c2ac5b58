"""How every page of forms is saved: nothing is overwritten, nothing typed is lost."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from applications.actions.drafting import ChangedElsewhere, FieldRefused
from applications.forms.partial import what_can_be_saved
from applications.forms.section import SectionForms

#: Two colleagues may save other sections while we save ours; more often is left to the person.
TRIES = 3


@dataclass(frozen=True)
class Page:
    """A page of forms around one row.

    `build` makes its forms from what was sent, `edit` is the action that opens the row at a
    version, `stored` reads the section as it is stored now.
    """

    build: Callable[[QueryDict], SectionForms]
    edit: Callable[[int], AbstractContextManager[Any]]
    stored: Callable[[], SectionForms]


@dataclass(frozen=True)
class Attempt:
    """What became of a save: 302 saved, 422 something is not of its type, 409 changed elsewhere.

    `newer` is what somebody else saved meanwhile. After an autosave, `stored` is the section as it
    is stored now, at `version`, and `rows` the number of each row that was sent.
    """

    status: int
    forms: SectionForms
    newer: SectionForms | None = None
    version: int = 0
    stored: SectionForms | None = None
    rows: Mapping[str, str] = field(default_factory=dict)


def save(page: Page, data: QueryDict) -> Attempt:
    """Save a section as it was sent, or nothing of it, against the version its page was made from.

    The version counts every save of the whole dossier. Where a colleague saved another section
    meanwhile, what this page was made from (`seen`) is still what is stored, and it is saved.
    """
    forms = page.build(data)
    if not forms.is_valid():
        return Attempt(HTTPStatus.UNPROCESSABLE_ENTITY, forms)
    try:
        return _write(page, forms, data, read_back=False)
    except FieldRefused as refused:
        forms.form.add_error(refused.field, str(refused.message))
        return Attempt(HTTPStatus.UNPROCESSABLE_ENTITY, forms)


def autosave(page: Page, data: QueryDict) -> Attempt:
    """Save a section while somebody types: what is not of its type stays as it is stored.

    `forms` of the attempt are as they were sent, with their errors.
    """
    sent = page.build(data)
    sent.is_valid()
    for _try in range(TRIES):
        forms = what_can_be_saved(page.build, data, sent)
        if forms is None:
            break
        try:
            attempt = _write(page, forms, data, read_back=True)
        except FieldRefused as refused:
            if sent.form.has_error(refused.field):
                break
            sent.form.add_error(refused.field, str(refused.message))
        else:
            rows = forms.row_numbers(attempt.stored) if attempt.stored else {}
            return replace(attempt, forms=sent, rows=rows)
    return Attempt(HTTPStatus.UNPROCESSABLE_ENTITY, sent)


def _write(page: Page, forms: SectionForms, data: QueryDict, *, read_back: bool) -> Attempt:
    newer, current = forms, _number(data.get("version", ""))
    for _try in range(TRIES):
        try:
            # One transaction, so that what is read back is what was written here.
            with transaction.atomic():
                with page.edit(current) as row:
                    forms.save(row)
                stored = page.stored() if read_back else None
            return Attempt(HTTPStatus.FOUND, forms, version=row.version, stored=stored)
        except ChangedElsewhere as conflict:
            current = conflict.current_version
            newer = page.stored()
            if newer.fingerprint != data.get("seen"):
                break
    if forms.says_what_is_stored_in(newer):
        return Attempt(HTTPStatus.FOUND, forms, version=current, stored=newer)
    return Attempt(HTTPStatus.CONFLICT, forms, newer, current)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def saved_message() -> str:
    return _("Saved at %(time)s.") % {"time": formats.time_format(timezone.localtime(), "H:i")}
