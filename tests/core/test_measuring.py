"""The measure itself: a page's queries and rows are really counted."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from applications.models import Country
from tests.measuring import counted, counting_rows

pytestmark = pytest.mark.django_db


def test_rows_are_counted_however_they_are_fetched(reference: None) -> None:
    known = Country.objects.count()
    with counting_rows() as counts:
        list(Country.objects.all())
    assert sum(counts) == known
    with counting_rows() as counts:
        list(Country.objects.iterator(chunk_size=10))
    assert sum(counts) == known
    with counting_rows() as counts:
        Country.objects.get(pk="LU")
    assert sum(counts) == 1
    with counting_rows() as counts, connection.cursor() as cursor:
        cursor.execute("SELECT iso2 FROM applications_country LIMIT 7")
        assert len(list(cursor)) == 7
    assert sum(counts) == 7


def test_what_is_not_measured_is_not_counted(reference: None) -> None:
    with counting_rows() as counts:
        pass
    list(Country.objects.all())
    assert counts == []


def test_a_page_that_loads_all_rows_is_told_from_one_that_does_not(
    client: Client, reference: None
) -> None:
    empty = counted(client, reverse("privacy"))
    calls = counted(client, reverse("calls:list"))
    assert empty.queries == 0
    assert calls.queries > 0
    assert calls.rows > 0


def test_a_page_that_does_not_answer_is_not_cheap(client: Client, reference: None) -> None:
    with pytest.raises(AssertionError, match="/calls/no-such-call/: 404"):
        counted(client, reverse("calls:detail", args=["no-such-call"]))
