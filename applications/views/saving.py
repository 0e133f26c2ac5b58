"""How every page of forms is saved: nothing is overwritten, nothing typed is lost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from applications.actions.drafting import ChangedElsewhere
from applications.forms.section import SectionForms

#: Two colleagues may save other sections while we save ours; more often is left to the person.
TRIES = 3


@dataclass(frozen=True)
class Attempt:
    """What became of a save: 302 saved, 422 something is not of its type, 409 changed elsewhere."""

    status: int
    forms: SectionForms
    newer: SectionForms | None = None
    version: int = 0


def save(
    *,
    forms: SectionForms,
    data: QueryDict,
    edit: Callable[[int], AbstractContextManager[Any]],
    reload: Callable[[], SectionForms],
) -> Attempt:
    """Save a section against the version its page was made from.

    The version counts every save of the whole dossier. Where a colleague saved another section
    meanwhile, what this page was made from (`seen`) is still what is stored, and it is saved.
    """
    if not forms.is_valid():
        return Attempt(422, forms)
    version = _number(data.get("version", ""))
    newer, current = forms, version
    for _try in range(TRIES):
        try:
            with edit(current) as row:
                forms.save(row)
            return Attempt(302, forms)
        except ChangedElsewhere as conflict:
            current = conflict.current_version
            newer = reload()
            if newer.fingerprint != data.get("seen"):
                break
    return Attempt(409, forms, newer, current)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def saved_message() -> str:
    return _("Saved at %(time)s.") % {"time": formats.time_format(timezone.localtime(), "H:i")}
