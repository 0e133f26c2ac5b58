"""The page that tries other rules: what it shows, keeps and refuses, also for many proposals."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from applications.actions import rule_sets
from applications.models import Call, RuleSet, RuleTrial
from bpf_portal.core import jobs
from tests import builders
from tests.reviews.admin import rows

PAGE = "/admin/what-if/"


@pytest.fixture
def smaller(reference: None) -> RuleSet:
    return builders.build_rules(grant_ceiling="149999.99")


def test_the_page_says_who_would_stand_differently_and_keeps_it(
    officer: User, approver: User, open_call: Call, smaller: RuleSet, as_user: Callable[..., Client]
) -> None:
    submission = builders.build_submission(call=open_call, checked=False)
    browser = as_user(officer)
    chosen: dict[str, Any] = {"rules": smaller.pk, "calls": [open_call.code]}
    asked = browser.post(PAGE, chosen)
    assert asked.status_code == 302
    page = browser.get(asked["Location"])
    text = " ".join(page.content.decode().split())
    assert "1 proposal of 1 would stand differently" in text
    assert "No longer eligible: 1 (EUR 150,000.00)" in text.replace("\xa0", " ")
    assert submission.reference in text
    # A picture for the rules and one for the countries.
    assert text.count('<rect class="simulation-out" width="1"') == 2
    lines = browser.get(f"{asked['Location']}csv/").content.decode().splitlines()
    assert "excluded" in lines[1]
    french = as_user(officer, "fr").get(asked["Location"]).content.decode()
    assert "Propositions dont la situation changerait" in french
    # Kept: who comes later, and whatever became of the proposal, reads the same.
    listed = as_user(approver).get(PAGE).content.decode()
    assert "1 of 1 would stand differently" in listed

    # What a draft would change is for those who read drafts.
    draft = rule_sets.draft_version(actor=officer, rule_set_id=smaller.pk)
    of_draft = browser.post(PAGE, {**chosen, "rules": draft.pk})
    assert browser.get(of_draft["Location"]).status_code == 200
    assert as_user(approver).get(of_draft["Location"]).status_code == 404
    assert as_user(approver).post(PAGE, {**chosen, "rules": draft.pk}).status_code == 422


@pytest.mark.parametrize("chosen", [{"rules": "x"}, {"rules": "0", "calls": "nowhere"}])
def test_a_choice_that_is_none_is_refused(
    officer: User, as_user: Callable[..., Client], chosen: dict[str, str]
) -> None:
    assert as_user(officer).post(PAGE, chosen).status_code == 422


def test_many_are_tried_by_a_worker_which_may_be_killed(
    officer: User,
    open_call: Call,
    smaller: RuleSet,
    as_user: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("applications.actions.trying_rules.AT_ONCE", 4)
    monkeypatch.setattr("applications.actions.simulating.AT_A_TIME", 2)
    monkeypatch.setattr("applications.actions.trying_rules.AT_A_TIME", 2)
    rows.copies(builders.build_submission(call=open_call, checked=False), 4)
    browser = as_user(officer)
    asked = browser.post(PAGE, {"rules": smaller.pk, "calls": [open_call.code]})
    assert "0 of 5 proposals are tried" in browser.get(asked["Location"]).content.decode()
    assert browser.get(f"{asked['Location']}csv/").status_code == 404

    # A worker dies in the middle: the page says how far it came, and nothing is half kept.
    trial = RuleTrial.objects.get()
    dead = RuleTrial.objects.claim(trial.pk)
    assert dead is not None
    dead.report_progress(2, 5)
    assert "2 of 5 proposals are tried" in browser.get(asked["Location"]).content.decode()
    assert not jobs.run(RuleTrial, trial.pk, lambda job: None), "two workers had it at once"
    RuleTrial.objects.update(lease_until=trial.created_at)
    builders.do_waiting_jobs()
    assert (
        "5 proposals of 5 would stand differently"
        in browser.get(asked["Location"]).content.decode()
    )
    trial.refresh_from_db()
    assert (trial.state, trial.attempts, trial.csv.count("\n")) == ("done", 2, 6)
    # The rules that were tried, not what became of the rules.
    smaller.parameters = {}
    smaller.save()
    assert "were changed since" in browser.get(asked["Location"]).content.decode()
