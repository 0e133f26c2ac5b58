"""Texts for somebody else than the visitor: mails and letters in the reader's own language."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.utils import translation

from bpf_portal.core.access import Text


@contextmanager
def in_language(language: str) -> Iterator[Callable[[Text], str]]:
    """Inside the block texts, dates and numbers are in `language`; the yielded function says a
    lazy text in it."""
    with translation.override(language):
        yield str
