"""Reference data on the desk, in words of the reader's language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.forms.choices import alphabetical
from applications.models import Call

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "deadline", "region", "first"),
    [
        ("fr", "date limite", "Afrique australe", ["Afghanistan", "Afrique du Sud", "Albanie"]),
        ("en", "deadline", "South &amp; Central Asia", ["Afghanistan", "Albania", "Algeria"]),
    ],
)
def test_no_name_of_a_column_and_no_english_region_stands_on_a_french_page(
    language: str,
    deadline: str,
    region: str,
    first: list[str],
    officer: User,
    as_user: Callable[..., Client],
    reference: None,
) -> None:
    client = as_user(officer, language)
    call = Call.objects.get(code="bpf-2018")
    page = client.get(reverse("admin:applications_call_change", args=[call.pk]))
    html = page.content.decode()
    assert "deadline_at" not in html
    facts = dict(page.context["sections"][0].facts)
    assert deadline in facts.values()

    countries = client.get(reverse("admin:applications_country_changelist"))
    html = countries.content.decode()
    assert region in html
    assert [row.name for row in countries.context["table"].page.rows][:3] == first
    second = client.get(reverse("admin:applications_country_changelist"), {"page": 2})
    names = [row.name for row in second.context["table"].page.rows]
    assert names == sorted(names, key=alphabetical)
