"""Looks at every response of every test's client, so that hundreds of plain tests check this too.

`tests/conftest.py` takes the fixtures in. What is found fails the test that asked for the page:
leftover template code, an undefined variable, inline script or style on our own pages, a page
without language, a response without Content-Security-Policy, a GET that writes, a query a row.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.template import Engine, engines
from django.template.backends.django import DjangoTemplates
from django.template.base import FilterExpression
from zeal import zeal_context
from zeal.constants import initialize_app_registry
from zeal.patch import patch

SAFE = ("GET", "HEAD", "OPTIONS")

#: What a safe request may write, by table. The session holds the visitor's language, its own
#: expiry and messages already shown; it is no part of what the portal keeps. allauth notes in the
#: second factor when its owner last looked at the recovery codes.
MAY_BE_WRITTEN = ("django_session", "mfa_authenticator")

_WRITING = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|MERGE\s+INTO)\s+(?:ONLY\s+)?\"?(\w+)",
    re.IGNORECASE,
)
#: Row locks name no table to write: `SELECT … FOR UPDATE OF "x"`.
_LOCK = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b", re.IGNORECASE)
_TEXT_IN_QUOTES = re.compile(r"'(?:[^']|'')*'")

_TEMPLATE_CODE = re.compile(r"\{%|\{\{|\{#")
_INLINE = (
    ("script inside the page", re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE)),
    ("style inside the page", re.compile(r"<style\b", re.IGNORECASE)),
    ("style attribute", re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE)),
    ("event attribute", re.compile(r"<[a-z][^<>]*\son[a-z]+\s*=", re.IGNORECASE)),
    ("javascript: address", re.compile(r"(?:href|action)\s*=\s*[\"']?javascript:", re.IGNORECASE)),
)
#: Data for a script of ours, which the browser does not run.
_DATA = re.compile(r"<script[^>]*type=\"application/(?:ld\+)?json\"[^>]*>.*?</script>", re.S)
_LANGUAGE = re.compile(r"<html[^>]*\slang=\"(?:fr|en)\"", re.IGNORECASE)


class WroteInSafeRequest(AssertionError):
    """A GET that writes: a crawler, a prefetch or a reload would change what is kept."""


def written_tables(sql: str) -> list[str]:
    """The tables that a statement writes to, whatever stands in its quoted texts."""
    bare = _LOCK.sub("", _TEXT_IN_QUOTES.sub("''", sql))
    return [table for table in _WRITING.findall(bare) if table.lower() not in MAY_BE_WRITTEN]


def refuse_to_write(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """A database wrapper for the time of a safe request."""
    text = sql.decode() if isinstance(sql, bytes) else str(sql)
    if tables := written_tables(text):
        raise WroteInSafeRequest(f"a safe request writes to {', '.join(tables)}: {text[:300]}")
    return execute(sql, params, many, context)


def complaints_about(path: str, response: Any) -> list[str]:
    """What is wrong with a response, in words; empty when nothing is."""
    found = []
    if "Content-Security-Policy" not in response:
        found.append("no Content-Security-Policy")
    if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
        return found
    text = _body(response).decode(response.charset)
    if code := _TEMPLATE_CODE.search(text):
        found.append(f"template code: {_around(text, code.start())}")
    if "<html" in text and not _LANGUAGE.search(text):
        found.append("no language on <html>")
    if not path.startswith("/admin/"):
        found += _inline(text)
    return found


def _body(response: Any) -> bytes:
    compressed = response.get("Content-Encoding") == "gzip"
    return gzip.decompress(response.content) if compressed else response.content


def _inline(text: str) -> list[str]:
    """Our own pages hold none; Unfold's Alpine needs more, which its own policy says."""
    bare = _DATA.sub("", text)
    return [
        f"{name}: {_around(bare, match.start())}"
        for name, pattern in _INLINE
        if (match := pattern.search(bare))
    ]


def _around(text: str, at: int) -> str:
    return " ".join(text[max(0, at - 60) : at + 100].split())


class Undefined(str):
    """What Django puts in place of a variable that nobody gave: empty, as always, but it tells.

    Django asks for its truth exactly where it finds the variable missing in `{{ … }}`; in
    `{% if %}` a missing variable counts as false and is not asked for.
    """

    complaints: list[str]

    def __bool__(self) -> bool:
        frame = sys._getframe(1)
        expression, context = frame.f_locals.get("self"), frame.f_locals.get("context")
        if isinstance(expression, FilterExpression) and context is not None:
            origin = context.render_context.template.origin.name
            if _is_ours(origin) and not _has_default(expression):
                self.complaints.append(f"{origin}: undefined variable {expression.var}")
        return False


def _is_ours(origin: str) -> bool:
    """Packages' templates use missing variables on purpose; ours lie in the project."""
    folder = Path(origin)
    return folder.is_relative_to(settings.BASE_DIR) and "site-packages" not in folder.parts


def _has_default(expression: FilterExpression) -> bool:
    return any(function.__name__.startswith("default") for function, _ in expression.filters)


def engine_of_pages() -> Engine:
    backend = engines["django"]
    assert isinstance(backend, DjangoTemplates)
    return backend.engine


@pytest.fixture(scope="session", autouse=True)
def _a_query_for_each_row_raises() -> None:
    """django-zeal, in the tests only: a page that is read asks no relation row by row."""
    # The person of the session and the person of a link in a mail are two people to allauth.
    settings.ZEAL_ALLOWLIST = [{"model": "accounts.User", "field": "get()"}]
    initialize_app_registry()
    patch()


@pytest.fixture(autouse=True)
def _every_response_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wraps Django's handler, the test client's and the live server's: safe requests cannot
    write, and pages are clean. What was found fails the test that asked for the page.
    """
    plain = BaseHandler.get_response
    complaints: list[str] = []
    undefined = Undefined()
    undefined.complaints = complaints

    def refuse(*args: Any) -> Any:
        try:
            return refuse_to_write(*args)
        except WroteInSafeRequest as error:
            complaints.append(str(error))
            raise

    def get_response(handler: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        with ExitStack() as stack:
            if request.method in SAFE:
                stack.enter_context(connection.execute_wrapper(refuse))
                stack.enter_context(zeal_context())
            response = plain(handler, request)
        complaints.extend(
            f"{request.method} {request.path}: {each}"
            for each in complaints_about(request.path, response)
        )
        return response

    monkeypatch.setattr(BaseHandler, "get_response", get_response)
    monkeypatch.setattr(engine_of_pages(), "string_if_invalid", undefined)
    yield
    assert not complaints, "\n".join(dict.fromkeys(complaints))
