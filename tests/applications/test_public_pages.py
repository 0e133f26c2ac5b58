"""The pages for everyone: the start page, the calls, and what a page looks like when it fails."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.models import User
from applications.models import Call, DocumentRequirement, RuleSet
from tests import builders
from tests.builders import build_call

pytestmark = pytest.mark.django_db

SignIn = Callable[..., Client]


@pytest.fixture
def visitor(reference: None) -> Client:
    return Client(headers={"accept-language": "en"})


def text_of(response: Any) -> str:
    """What a person reads: no tags, single spaces, ordinary spaces in amounts."""
    plain = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", plain.replace("\u00a0", " "))


def queries(client: Client, address: str) -> int:
    caches["pages"].clear()  # what the first visitor costs
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


# --- the start page ------------------------------------------------------------------------------


def test_the_start_page_tells_the_open_call_and_what_it_gives(
    visitor: Client, open_call: Call
) -> None:
    page = text_of(visitor.get("/"))
    assert open_call.title_en in page
    assert "Luxembourg time" in page
    assert "30 days left" in page
    assert "50 %" in page
    assert "EUR 200,000" in page
    assert "Start a proposal" in page


def test_every_figure_of_the_start_page_comes_from_the_rule_set(
    visitor: Client, open_call: Call
) -> None:
    other = RuleSet.objects.get(code="bpf-2024")
    parameters = {
        **other.parameters,
        "max_rate": "0.35",
        "grant_ceiling": "123456.00",
        "min_years": 7,
        "min_employees": 11,
    }
    rules = RuleSet.objects.create(
        code="bpf-of-the-test",
        title_fr="Essai",
        title_en="Test",
        parameters=parameters,
        sources=other.sources,
        assumed=other.assumed,
        valid_from=other.valid_from,
    )
    builders.give_rules(open_call, rules)
    page = text_of(visitor.get("/"))
    assert "35 %" in page
    assert "EUR 123,456" in page
    assert "at least 7 years" in page
    assert "at least 11 people" in page
    assert "50 %" not in page
    assert "200,000" not in page


def test_without_an_open_call_the_next_one_is_told(visitor: Client) -> None:
    now = timezone.now()
    coming = build_call("bpf-coming")
    Call.objects.filter(pk=coming.pk).update(opens_at=now + timedelta(days=3))
    page = text_of(visitor.get("/"))
    assert "No call is open" in page
    assert coming.title_en in page
    assert "The next call opens on" in page
    assert "Start a proposal" not in page


def test_with_past_calls_only_the_last_one_shows_what_to_expect(visitor: Client) -> None:
    last = Call.objects.filter(published=True).order_by("-deadline_at").first()
    assert last is not None
    assert last.deadline_at < timezone.now()
    page = text_of(visitor.get("/"))
    assert "The next call is not announced yet" in page
    assert last.title_en in page


def test_a_portal_without_any_call_says_so(visitor: Client) -> None:
    Call.objects.update(published=False)
    assert "No call has been published yet" in text_of(visitor.get("/"))


def test_the_start_page_speaks_french_on_request(reference: None, open_call: Call) -> None:
    page = Client(headers={"accept-language": "fr"}).get("/")
    assert '<html lang="fr">' in page.content.decode()
    assert open_call.title_fr in text_of(page)
    assert "200 000" in text_of(page).replace("\u202f", " ")


def test_the_language_can_be_chosen_before_signing_in(visitor: Client) -> None:
    response = visitor.post("/i18n/setlang/", {"language": "fr", "next": "/calls/"})
    assert response.status_code == 302
    assert response["Location"] == "/calls/"
    assert '<html lang="fr">' in visitor.get("/calls/").content.decode()


def test_staff_are_not_invited_to_apply(as_user: SignIn, officer: User, open_call: Call) -> None:
    page = text_of(as_user(officer).get("/"))
    assert "Start a proposal" not in page
    assert "Dashboard" in page


# --- the calls -----------------------------------------------------------------------------------


def test_an_unpublished_call_is_seen_by_luxdev_only(
    visitor: Client, as_user: SignIn, officer: User, applicant: User
) -> None:
    hidden = build_call("bpf-hidden", published=False)
    for client in (visitor, as_user(applicant)):
        assert hidden.title_en not in text_of(client.get("/calls/"))
        assert hidden.title_en not in text_of(client.get("/"))
        assert client.get("/calls/bpf-hidden/").status_code == 404
    seen = as_user(officer)
    assert hidden.title_en in text_of(seen.get("/calls/"))
    assert seen.get("/calls/bpf-hidden/").status_code == 200


def test_the_list_separates_open_coming_and_past_calls(visitor: Client, open_call: Call) -> None:
    coming = build_call("bpf-coming")
    Call.objects.filter(pk=coming.pk).update(opens_at=timezone.now() + timedelta(days=2))
    page = text_of(visitor.get("/calls/"))
    open_part, rest = page[page.index("Open now") :].split("Coming", 1)
    coming_part, past_part = rest.split("Past calls", 1)
    assert open_call.title_en in open_part
    assert coming.title_en in coming_part
    assert "2024" in past_part


def test_past_calls_come_a_page_at_a_time(visitor: Client) -> None:
    _add_past_calls(30)
    first, second = visitor.get("/calls/"), visitor.get("/calls/?page=2")
    assert "Page 1 of 3" in text_of(first)
    assert first.content.decode().count('href="/calls/bpf-old-') == 20
    assert second.content.decode().count('href="/calls/bpf-old-') == 10
    assert visitor.get("/calls/?page=nonsense").status_code == 200
    assert visitor.get("/calls/?page=999").status_code == 200


def test_a_call_shows_its_rules_its_dates_and_its_documents(
    visitor: Client, open_call: Call
) -> None:
    page = text_of(visitor.get(f"/calls/{open_call.code}/"))
    assert "registered for at least 3 years" in page
    assert "at least EUR 500,000 or at least 3 times the grant requested" in page
    assert "at least 5 people" in page
    assert "EUR 300,000" in page
    assert "Regulation (EU) 2023/2831" in page
    for requirement in DocumentRequirement.objects.filter(call=open_call):
        assert requirement.label_en in page


def test_what_the_portal_assumed_is_marked(visitor: Client, open_call: Call) -> None:
    page = visitor.get(f"/calls/{open_call.code}/").content.decode()
    excluded = page[page.index("nothing to do with:") :]
    assert "assumed" in excluded[: excluded.index("</li>") + 200]
    years = page[page.index("at least 3 years") :]
    assert "assumed" not in years[: years.index("</li>")]


def test_sectors_are_a_rule_of_2021_and_none_of_2024(visitor: Client, open_call: Call) -> None:
    old = text_of(visitor.get("/calls/bpf-2021/"))
    assert "belongs to one of these sectors" in old
    assert "every sector that serves" not in old
    assert "at least 5 people" not in old
    assert "every sector that serves" in text_of(visitor.get(f"/calls/{open_call.code}/"))


def test_the_sister_fund_is_told_from_its_own_rules(visitor: Client) -> None:
    sister = RuleSet.objects.get(code="lcf-2026-cr")
    build_call("lcf-test", rule_set=sister, facility="lcf")
    page = text_of(visitor.get("/calls/lcf-test/"))
    assert "Costa Rica" in page
    assert "70 %" in page
    assert "EUR 120,000" in page
    assert "1 June 2021 and 1 June 2025" in page
    assert "12 to 24 months" in page
    assert "local partner takes part" not in page


def test_what_is_not_published_says_so_and_is_never_zero(visitor: Client) -> None:
    page = text_of(visitor.get("/calls/bpf-2018/"))
    assert "Money in this call not published" in page
    assert "EUR 0" not in page


@pytest.mark.parametrize(
    "address", ["/", "/calls/", "/calls/bpf-2021/", "/privacy/", "/accessibility/"]
)
def test_public_pages_only_read(visitor: Client, address: str) -> None:
    assert visitor.head(address).status_code == 200
    assert visitor.post(address).status_code == 405


# --- cost ----------------------------------------------------------------------------------------


def _add_past_calls(number: int) -> None:
    rule_set = RuleSet.objects.get(code="bpf-2024")
    deadline = timezone.now() - timedelta(days=1)
    for index in range(number):
        Call.objects.create(
            code=f"bpf-old-{index}",
            title_fr=f"Ancien appel {index}",
            title_en=f"Old call {index}",
            rule_set=rule_set,
            deadline_at=deadline - timedelta(minutes=index),
            published=True,
        )


@pytest.mark.parametrize(("address", "most"), [("/", 2), ("/calls/", 3), ("/calls/bpf-cost/", 5)])
def test_queries_are_the_same_with_three_and_with_thirty_calls(
    visitor: Client, address: str, most: int
) -> None:
    build_call("bpf-cost")
    _add_past_calls(3)
    few = queries(visitor, address)
    Call.objects.filter(code__startswith="bpf-old").delete()
    _add_past_calls(30)
    for _ in range(5):
        build_call()
    assert queries(visitor, address) == few
    assert few <= most


# --- the frame -----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/calls/", "/accounts/login/", "/nothing-here/"])
def test_no_page_carries_inline_script_or_style(visitor: Client, address: str) -> None:
    page = visitor.get(address).content.decode()
    assert "<style" not in page
    assert not re.search(r"\sstyle=", page)
    assert not re.search(r"\son[a-z]+=", page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_an_address_that_is_not_there_says_nothing_of_what_might_be(visitor: Client) -> None:
    response = visitor.get("/calls/no-such-call/")
    assert response.status_code == 404
    assert "There is nothing here for you" in text_of(response)
    assert "no-such-call" not in response.content.decode().replace(
        'value="/calls/no-such-call/"', ""
    )


def test_a_form_without_its_token_comes_back_with_what_to_do(reference: None) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    response = strict.post("/i18n/setlang/", {"language": "fr"})
    assert response.status_code == 403
    assert "Nothing you typed is lost" in text_of(response)


@pytest.mark.parametrize("page", ["400.html", "403.html", "404.html", "413.html", "500.html"])
def test_error_pages_render_with_nothing_to_hand(page: str) -> None:
    with translation.override("en"):
        assert "<h1>" in render_to_string(page)


def test_the_reason_of_a_refusal_is_shown() -> None:
    with translation.override("en"):
        page = render_to_string("403.html", {"exception": "The call is closed."})
    assert "The call is closed." in page


# --- the filters ---------------------------------------------------------------------------------


def shown(template: str, **context: object) -> str:
    return Template("{% load portal %}" + template).render(Context(context)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("template", "value", "expected"),
    [
        ("{{ v|euro }}", Decimal("150000"), "EUR 150,000.00"),
        ("{{ v|euro }}", None, "not published"),
        ("{{ v|euro_round }}", "200000.00", "EUR 200,000"),
        ("{{ v|euro_round }}", "0.10", "EUR 0.10"),
        ("{{ v|euro_round }}", None, "not published"),
        ("{{ v|percent }}", "0.50", "50 %"),
        ("{{ v|percent }}", Decimal("0.335"), "33.5 %"),
        ("{{ v|percent }}", Decimal("1"), "100 %"),
        ("{{ v|day }}", None, "not published"),
        ("{{ v|deadline }}", None, "not published"),
        ("{{ v|days_left }}", None, ""),
    ],
)
def test_amounts_are_written_for_people(template: str, value: object, expected: str) -> None:
    with translation.override("en"):
        assert shown(template, v=value) == expected


def test_days_left_go_by_the_calendar_of_luxembourg() -> None:
    now = timezone.localtime()
    tonight = now.replace(hour=23, minute=59, second=59, microsecond=999999)
    with translation.override("en"):
        assert shown("{{ v|days_left }}", v=tonight) == "closes today"
        assert shown("{{ v|days_left }}", v=tonight + timedelta(days=1)) == "1 day left"
        assert shown("{{ v|days_left }}", v=tonight + timedelta(days=12)) == "12 days left"
        assert shown("{{ v|days_left }}", v=now - timedelta(seconds=1)) == "closed"


def test_the_next_visitors_cost_no_query(visitor: Client, reference: None) -> None:
    build_call()
    visitor.get("/")
    with CaptureQueriesContext(connection) as asked:
        assert "Start a proposal" in visitor.get("/").content.decode()
    assert len(asked) == 0


def test_a_call_that_closes_is_not_shown_as_open_any_longer(
    visitor: Client, reference: None
) -> None:
    """The body of the page is kept for a few seconds, never beyond the deadline."""
    call = build_call()
    with time_machine.travel(call.deadline_at - timedelta(seconds=2), tick=False) as clock:
        assert "Start a proposal" in visitor.get("/").content.decode()
        clock.shift(timedelta(seconds=3))
        assert "Start a proposal" not in visitor.get("/").content.decode()
