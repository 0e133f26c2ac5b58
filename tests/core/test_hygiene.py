"""The looks at every response find what they are for, and nothing else."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.template import Context

from bpf_portal.core.models import OutgoingEmail
from tests.hygiene import (
    Undefined,
    WroteInSafeRequest,
    complaints_about,
    engine_of_pages,
    refuse_to_write,
    written_tables,
)

CLEAN = '<!doctype html><html lang="fr"><body><p class="a">Texte</p></body></html>'


def page(body: str, *, csp: bool = True, content_type: str = "text/html") -> HttpResponse:
    headers = {"Content-Security-Policy": "default-src 'none'"} if csp else {}
    return HttpResponse(body, content_type=content_type, headers=headers)


def test_a_clean_page_has_nothing_wrong() -> None:
    assert complaints_about("/", page(CLEAN)) == []


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<p>{{ forgotten }}</p>", "template code"),
        ("<p>{% forgotten %}</p>", "template code"),
        ("<script>alert(1)</script>", "script inside"),
        ('<p style="color:red">x</p>', "style attribute"),
        ("<style>p{}</style>", "style inside"),
        ('<button type="button" onclick="x()">x</button>', "event attribute"),
        ('<a href="javascript:x()">x</a>', "javascript: address"),
        ("<html><body></body></html>", "no language"),
    ],
)
def test_what_must_not_be_in_a_page_is_found(body: str, complaint: str) -> None:
    (found,) = complaints_about("/calls/", page(body))
    assert found.startswith(complaint)


@pytest.mark.parametrize(
    "body",
    [
        '<script src="/static/portal/portal.js" defer></script>',
        '<script type="application/json" id="x">{"a": 1}</script>',
        "<p>on a style = of one's own</p>",
    ],
)
def test_what_may_be_in_a_page_is_left_alone(body: str) -> None:
    assert complaints_about("/calls/", page(body)) == []


def test_a_page_without_a_policy_is_found() -> None:
    assert complaints_about("/", page(CLEAN, csp=False)) == ["no Content-Security-Policy"]


def test_a_file_is_not_read_as_a_page() -> None:
    assert complaints_about("/x", page("{{ }}", content_type="text/plain")) == []


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ('INSERT INTO "core_event" ("at") VALUES (%s)', ["core_event"]),
        ('UPDATE "applications_call" SET "code" = %s', ["applications_call"]),
        ('DELETE FROM "applications_call" WHERE 1=1', ["applications_call"]),
        ('UPDATE "django_session" SET "session_data" = %s', []),
        ('SELECT "updated_at" FROM "x" WHERE "a" = \'UPDATE "y" SET\'', []),
        ('SELECT 1 FROM "x" FOR UPDATE OF "x"', []),
        ('SELECT 1 FROM "x" FOR NO KEY UPDATE', []),
    ],
)
def test_a_statement_says_which_tables_it_writes(sql: str, tables: list[str]) -> None:
    assert written_tables(sql) == tables


@pytest.mark.django_db
def test_writing_in_a_safe_request_raises_and_writes_nothing() -> None:
    with (
        pytest.raises(WroteInSafeRequest, match="core_outgoingemail"),
        connection.execute_wrapper(refuse_to_write),
        transaction.atomic(),
    ):
        OutgoingEmail.objects.create(recipient="a@example.org", subject="s", body="b")

    assert not OutgoingEmail.objects.exists()


def test_a_variable_that_nobody_gave_is_told_with_its_template(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undefined = Undefined()
    undefined.complaints = []
    engine = engine_of_pages()
    monkeypatch.setattr(engine, "string_if_invalid", undefined)
    template = engine.get_template("components/pagination.html")
    given = engine.from_string("{{ page.number|default:'1' }}{% if page %}x{% endif %}")
    given.origin = template.origin

    assert given.render(Context({})) == "1"
    assert undefined.complaints == []

    wanting = engine.from_string("[{{ page.number }}]")
    wanting.origin = template.origin
    assert wanting.render(Context({})) == "[]"
    assert undefined.complaints == [f"{template.origin.name}: undefined variable page.number"]
