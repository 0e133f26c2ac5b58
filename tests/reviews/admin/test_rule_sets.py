"""Rules as an officer works with them: written, compared, tried, in force, chosen for a call."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions.checking_context import rule_parameters
from applications.models import Call, RuleSet
from bpf_portal.core.models import Event
from tests import builders
from tests.applications.pages import form_data
from tests.applications.test_precheck import BEYOND_COSTA_RICA, IN_COSTA_RICA, ask, outcomes

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
REASON = "The committee of 3 March asked for it."


def page_of(rules: RuleSet, to: str = "change") -> str:
    return reverse(f"admin:applications_ruleset_{to}", args=(rules.pk,))


def shown(response: Any) -> str:
    plain = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", plain.replace("\u00a0", " ").replace("\u202f", " "))


def shipped(code: str = "bpf-2024") -> RuleSet:
    return RuleSet.objects.get(code=code, version=1)


def begin(client: Client, base: RuleSet) -> RuleSet:
    """A new version by the page's button."""
    answer = client.post(page_of(base, "version"))
    assert answer.status_code == 302
    return RuleSet.objects.latest("pk")


def save(client: Client, draft: RuleSet, *, status: int = 302, **changes: object) -> Any:
    """The form as it is shown, with these fields changed."""
    page = client.get(page_of(draft, "edit"))
    assert page.status_code == 200
    answer = client.post(page_of(draft, "edit"), form_data(page, **changes))
    assert answer.status_code == status, shown(answer)[:3000]
    return answer


def put_in_force(client: Client, draft: RuleSet, reason: str = REASON) -> Any:
    draft.refresh_from_db()
    data = {"revision": draft.revision, "reason": reason}
    return client.post(page_of(draft, "put_in_force"), data)


def test_a_new_version_from_the_first_line_to_a_call(
    as_user: AsUser, officer: User, auditor: User, django_assert_max_num_queries: Any
) -> None:
    submission = builders.build_submission(checked=False)
    client, base = as_user(officer), shipped()
    draft = begin(client, base)
    assert (draft.code, draft.version, draft.state) == ("bpf-2024", base.version + 1, "draft")
    assert begin(client, base) == draft, "a button pressed twice made two drafts"

    with django_assert_max_num_queries(12):
        save_page = client.get(page_of(draft, "edit"))
    assert 'value="guichet.lu, description of' in html.unescape(save_page.content.decode())
    save(client, draft)
    draft.refresh_from_db()
    assert rule_parameters(draft) == rule_parameters(base), "saving as it is changed something"
    assert (draft.sources, draft.assumed) == (base.sources, base.assumed)

    save(
        client,
        draft,
        grant_ceiling="149,999.99",
        max_rate="0.4",
        min_years="",
        turnover_floor="",
        excluded_activities=["weapons", "tobacco"],
        source_grant_ceiling="Minutes of the committee, 3 March",
        assumed_max_rate="on",
    )
    draft.refresh_from_db()
    assert draft.parameters["grant_ceiling"] == "149999.99"
    assert draft.parameters["max_rate"] == "0.4"
    assert draft.parameters["min_years"] is None
    assert draft.parameters["turnover"]["floor"] is None
    assert draft.sources["grant_ceiling"] == "S:Minutes of the committee, 3 March"
    assert "max_rate" in draft.assumed

    with django_assert_max_num_queries(12):
        compared = shown(client.get(page_of(draft, "compare")))
    assert "Registered for at least The lead partner 3 years" in compared
    assert "not checked" in compared
    assert "EUR 200,000.00" in compared
    assert "EUR 149,999.99 Source: Minutes of the committee" in compared
    french = shown(as_user(auditor, "fr").get(page_of(draft, "compare")))
    assert "3 ans" in french
    assert "149 999,99 EUR" in french

    # Tried on what was handed in before, then in force.
    tried = client.post(
        reverse("admin:simulation"), {"rules": draft.pk, "calls": [submission.call.code]}
    )
    assert "No longer eligible: 1 (EUR 150,000.00)" in shown(client.get(tried["Location"]))
    with django_assert_max_num_queries(12):
        page = shown(client.get(page_of(draft)))
    assert "1 of 1 would stand differently" in page
    assert "were not tried" not in page
    assert put_in_force(client, draft, "ok").status_code == 422
    assert put_in_force(client, draft).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.put_in_force_by, draft.reason) == ("in_force", officer, REASON)
    assert put_in_force(client, draft).status_code == 409
    assert client.get(page_of(draft, "edit")).status_code == 409
    history = shown(as_user(auditor).get(page_of(draft)))
    assert REASON in history
    assert "Changed: Registered for at least, Turnover, Excluded activities" in history

    # Chosen for a call that has not opened; one that has keeps its rules.
    coming = builders.build_call(
        rule_set=base, opens_at=timezone.now() + timedelta(days=2), open_for_days=90
    )
    for call, status in ((coming, 302), (coming, 302), (submission.call, 409)):
        address = reverse("admin:applications_call_rules", args=(call.pk,))
        seen = call.rule_set_id
        assert client.post(address, {"rules": draft.pk, "seen": seen}).status_code == status
        call.refresh_from_db()
    assert coming.rule_set == draft
    assert Event.objects.filter(name="CallRulesChosen").count() == 1
    assert coming.title in shown(client.get(page_of(draft)))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_no_rule_can_be_is_refused_at_its_field(
    as_user: AsUser, officer: User, language: str
) -> None:
    client = as_user(officer, language)
    draft = begin(client, shipped())
    wrong: dict[str, str] = {
        "max_rate": "50",
        "sanctions_threshold": "1.01",
        "min_years": "-3",
        "min_employees": "2.5",
        "grant_ceiling": "1e400",
        "turnover_multiple": "NaN",
        "lead_countries": "Luxembourg, Atlantis",
        "project_country_list": "nowhere",
        "sectors": "sorcery",
        "source_max_partners": "a" * 100_000,
        "title_fr": "a" * 201,
        "code": "no code",
        "valid_from": "2031-02-30",
        "registration_window_first": "2026-06-01",
        "registration_window_last": "2025-06-01",
        "duration_months_shortest": "24",
        "duration_months_longest": "12",
        "register_formats_1_country": "BE",
        "register_formats_1_pattern": "(a+)+$",
        "de_minimis_years": "",
    }
    answer = save(client, draft, status=422, **wrong)
    errors = answer.context["form"].errors
    right = {
        "registration_window_first",
        "duration_months_shortest",
        "register_formats_1_country",
    }
    blamed = set(wrong) - right
    assert set(errors) == blamed
    rate = "50 percent is written 0.50" if language == "en" else "50 pour cent s’écrit 0,50"
    assert rate in str(errors["max_rate"])
    page = answer.content.decode()
    assert 'value="Luxembourg, Atlantis"' in page
    draft.refresh_from_db()
    assert draft.revision == 1


def test_without_a_source_or_a_mark_nothing_comes_into_force(
    as_user: AsUser, officer: User
) -> None:
    client = as_user(officer)
    draft = begin(client, shipped())
    save(client, draft, source_max_rate="", title_en=" ", valid_from="2023-12-31")
    page = shown(client.get(page_of(draft)))
    assert "Share of the grant at most : Say where this comes from" in page
    assert "would be valid before those they were made from" in page
    assert put_in_force(client, draft).status_code == 422
    # The mark is lifted only with a source that is not the portal's own assumption.
    unmarked = form_data(client.get(page_of(draft, "edit")))
    del unmarked["assumed_sanctions_threshold"]
    assert client.post(page_of(draft, "edit"), unmarked).status_code == 302
    assert "Likeness with a name on a sanctions list" in shown(client.get(page_of(draft)))


def test_two_officers_write_at_once(as_user: AsUser, officer: User) -> None:
    first, second = as_user(officer), as_user(builders.build_user("officer"))
    draft = begin(first, shipped())
    old = second.get(page_of(draft, "edit"))
    save(first, draft, min_employees="7")
    late = second.post(page_of(draft, "edit"), form_data(old, min_years="9", sectors=["ict"]))
    assert late.status_code == 409
    said = shown(late)
    assert "Stored now" in said
    assert "7 people" in said
    assert "9 years" in said
    draft.refresh_from_db()
    assert (draft.parameters["min_employees"], draft.parameters["min_years"]) == (7, 3)
    # Who has seen both texts may put the own one in its place.
    again = form_data(late)
    assert (again["min_years"], again["sectors"]) == (["9"], ["ict"])
    assert second.post(page_of(draft, "edit"), again).status_code == 302
    # A draft that was written further is not put in force unread, nor given up.
    stale = {"revision": 1, "reason": REASON}
    for step in ("put_in_force", "discard"):
        assert first.post(page_of(draft, step), stale).status_code == 409
    draft.refresh_from_db()
    given_up = first.post(page_of(draft, "discard"), {"revision": draft.revision, "reason": REASON})
    assert given_up.status_code == 302
    assert "discarded" in shown(first.get(page_of(draft)))


def test_a_fund_of_another_kind_needs_data_alone(as_user: AsUser, officer: User) -> None:
    """The LuxAid Challenge Fund in Costa Rica, written into the form of the facility's rules."""
    client = as_user(officer)
    draft = begin(client, shipped())
    save(
        client,
        draft,
        code="challenge-fund",
        title_fr="Fonds Costa Rica",
        title_en="Costa Rica fund",
        valid_from="2026-01-01",
        lead_kinds=["company", "cooperative"],
        lead_country_list="",
        lead_countries="Costa Rica",
        register_formats_0_country="",
        register_formats_0_pattern="",
        register_formats_0_sections="",
        min_years="",
        turnover_floor="",
        turnover_multiple="",
        min_employees="2",
        registration_window_first="2021-06-01",
        registration_window_last="2025-06-01",
        max_external_funding="300,000",
        min_local_partners="",
        partner_country_list="",
        associated_country_list="",
        max_partners="",
        project_countries="CR",
        duration_months_shortest="12",
        duration_months_longest="24",
        grant_ceiling="120000",
        grant_ceiling_haulage="",
        max_rate="0.70",
        de_minimis_ceiling="",
        de_minimis_years="",
        de_minimis_member_state="",
        **dict[str, Any](
            {
                f"source_{name}": "Rules of the LuxAid Challenge Fund"
                for name in (
                    "lead_countries",
                    "registration_window",
                    "max_external_funding",
                    "duration_months",
                    "project_countries",
                )
            }
        ),
    )
    draft.refresh_from_db()
    assert (draft.code, draft.version) == ("challenge-fund", 1)
    theirs = rule_parameters(shipped("lcf-2026-cr"))
    for name in theirs.__slots__:
        if name != "sources":
            assert getattr(rule_parameters(draft), name) == getattr(theirs, name), name
    assert put_in_force(client, draft).status_code == 302

    call = builders.build_call(
        facility="lcf", opens_at=timezone.now() + timedelta(days=1), published=True
    )
    address = reverse("admin:applications_call_rules", args=(call.pk,))
    chosen = client.post(address, {"rules": draft.pk, "seen": call.rule_set_id})
    assert chosen.status_code == 302
    assert Call.objects.get(pk=call.pk).rule_set == draft
    visitor = Client(headers={"accept-language": "en"})
    assert set(outcomes(ask(visitor, call, **IN_COSTA_RICA)).values()) == {"pass"}
    for rule, beyond in BEYOND_COSTA_RICA:
        found = outcomes(ask(visitor, call, **{**IN_COSTA_RICA, **beyond}))
        assert [code for code, outcome in found.items() if outcome == "fail"] == [rule]
