"""The page that tries other rules: what it shows, what it refuses, what it costs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from applications.models import Call, RuleSet
from tests import builders

PAGE = "/admin/what-if/"


def test_the_page_says_who_would_stand_differently(
    officer: User,
    open_call: Call,
    as_user: Callable[..., Client],
    django_assert_max_num_queries: Any,
) -> None:
    submission = builders.build_submission(call=open_call, checked=False)
    parameters = RuleSet.objects.filter(code="bpf-2024").latest("version").parameters
    rules = RuleSet.objects.create(
        code="smaller",
        parameters={**parameters, "grant_ceiling": "149999.99"},
        valid_from="2026-01-01",
    )
    browser = as_user(officer)
    chosen: dict[str, Any] = {"rules": rules.pk, "calls": [open_call.code]}
    with django_assert_max_num_queries(12):
        page = browser.get(PAGE, chosen)
    assert page.status_code == 200
    text = " ".join(page.content.decode().split())
    assert "1 proposal of 1 would stand differently" in text
    assert "No longer eligible: 1 (EUR 150,000.00)" in text.replace("\xa0", " ")
    assert submission.reference in text
    lines = browser.get(PAGE, {**chosen, "csv": "1"}).content.decode().splitlines()
    assert "excluded" in lines[1]

    french = as_user(officer, "fr").get(PAGE, chosen).content.decode()
    assert "Propositions dont la situation changerait" in french


@pytest.mark.parametrize("chosen", [{"rules": "x"}, {"rules": "0", "calls": "nowhere"}])
def test_a_choice_that_is_none_is_refused(
    officer: User, as_user: Callable[..., Client], chosen: dict[str, str]
) -> None:
    assert as_user(officer).get(PAGE, chosen).status_code == 422


def test_more_than_a_page_can_do_is_refused_with_the_way_out(
    officer: User,
    open_call: Call,
    as_user: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reviews.admin.simulation.AT_MOST", 0)
    builders.build_submission(call=open_call, checked=False)
    rules = RuleSet.objects.get(code="bpf-2022")
    chosen: dict[str, Any] = {"rules": rules.pk, "calls": [open_call.code]}
    page = as_user(officer).get(PAGE, chosen)
    assert page.status_code == 422
    assert "or use the command simulate_rules" in page.content.decode()
