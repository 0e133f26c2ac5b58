"""Texts in two languages: of rows, and for somebody else than the visitor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self, overload

from django.db import models
from django.utils import translation

from bpf_portal.core.access import Text


class InBothLanguages:
    """A text that a row keeps in the columns `<name>_fr` and `<name>_en`.

    Reading it gives the one of the language in force; every language but French reads English.
    """

    def __set_name__(self, owner: type[models.Model], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, row: None, owner: type[models.Model]) -> Self: ...

    @overload
    def __get__(self, row: models.Model, owner: type[models.Model]) -> str: ...

    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> Self | str:
        if row is None:
            return self
        language = "fr" if translation.get_language() == "fr" else "en"
        text: str = getattr(row, f"{self.name}_{language}")
        return text


@contextmanager
def in_language(language: str) -> Iterator[Callable[[Text], str]]:
    """Inside the block texts, dates and numbers are in `language`; the yielded function says a
    lazy text in it."""
    with translation.override(language):
        yield str
