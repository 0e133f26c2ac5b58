"""Findings on the dossier's page: decided, asked about, carried over, and looked at twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.actions import eligibility
from applications.actions.messaging import write_to_facility
from applications.checks.decided import facts_of
from applications.models import FindingDecision, FindingQuestion, Submission
from tests import builders
from tests.measuring import counted
from tests.reviews.admin.test_costs import AT_MOST
from tests.reviews.admin.test_dossier_page import action, change

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
CODE = "project.country"


@pytest.fixture
def failing(applicant: User) -> Submission:
    return builders.build_submission(applicant, countries=["FR"])


def typed(submission: Submission, code: str, name: str, reason: str = "") -> dict[str, str]:
    facts = facts_of(builders.finding_of(submission, code))
    return {"code": code, "facts": facts, "action": name, "reason": reason}


def test_a_finding_is_overruled_with_a_reason_that_is_long_enough(
    as_user: AsUser, officer: User, failing: Submission
) -> None:
    client = as_user(officer)
    given = typed(failing, CODE, "overrule", "Not so.")
    refused = client.post(action(failing, "finding"), given)
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "at least 10 characters" in html
    assert 'href="#div_finding-project-country_reason"' in html
    assert ">Not so.</textarea>" in html.replace("\n", "")
    assert not FindingDecision.objects.exists()

    given["reason"] = "It is paid for in Senegal."
    assert client.post(action(failing, "finding"), given).status_code == 302
    html = client.get(change(failing)).content.decode()
    for words in ("It is paid for in Senegal.", "overruled", "Take the decision back"):
        assert words in html
    assert client.post(action(failing, "finding"), given).status_code == 409  # an old page
    french = as_user(officer, "fr").get(change(failing)).content.decode()
    assert "écarté" in french
    assert "Revenir sur la décision" in french


def test_what_was_decided_on_other_facts_is_shown_so_and_the_difference_of_the_runs(
    as_user: AsUser, officer: User, failing: Submission
) -> None:
    builders.decide(officer, failing, CODE, "overrule", "It is paid for in Senegal.")
    eligibility.run_checks_again(actor=officer, submission_id=failing.pk)
    builders.do_waiting_jobs()
    client = as_user(officer)
    assert "Was decided on other facts" not in client.get(change(failing)).content.decode()
    runs = client.get(action(failing, "checks"))
    assert "No finding is new, gone or different." in runs.content.decode()
    # What another rule set, list or document would have made of it.
    newest = failing.check_runs.latest("pk")
    newest.findings.filter(code=CODE).update(observed="DE")
    newest.findings.filter(code="lead.turnover").delete()
    html = client.get(change(failing)).content.decode()
    assert "Was decided on other facts" in html
    assert "It is paid for in Senegal." in html
    runs = client.get(action(failing, "checks"))
    assert {each.code: str(each.kind) for each in runs.context["changes"]} == {
        CODE: "changed",
        "lead.turnover": "gone",
    }
    assert newest.inputs_sha256[:12] in runs.content.decode()


def test_the_company_is_asked_from_the_finding_and_its_answer_stands_there(
    as_user: AsUser, officer: User, applicant: User, failing: Submission
) -> None:
    client = as_user(officer)
    assert client.get(action(failing, "ask"), {"code": "no.such"}).status_code == 404
    page = client.get(action(failing, "ask"), {"code": CODE})
    form = page.context["form"]
    assert "France" in form.initial["text"]
    given = {"code": CODE, "facts": form.initial["facts"], "text": ""}
    assert client.post(action(failing, "ask"), given).status_code == 422
    given["text"] = form.initial["text"]
    assert client.post(action(failing, "ask"), given).status_code == 302
    assert FindingQuestion.objects.get().message.text == form.initial["text"].strip()
    html = client.get(change(failing)).content.decode()
    assert "The company was asked by Odile Hoffmann" in html
    assert "it has not answered yet" in html
    assert 'value="clear"' not in html
    write_to_facility(actor=applicant, proposal_id=failing.proposal_id, text="C’est au Sénégal.")
    html = client.get(change(failing)).content.decode()
    assert "and answered on" in html
    assert 'value="clear"' in html


def test_the_second_look_is_somebody_elses(
    as_user: AsUser, officer: User, approver: User, auditor: User, failing: Submission
) -> None:
    client = as_user(officer)
    early = client.post(action(failing, "confirm"), {"answer": "ineligible"})
    assert early.status_code == 422
    assert "Confirm first, among the findings" in early.content.decode()
    client.post(action(failing, "finding"), typed(failing, CODE, "confirm"))
    done = client.post(action(failing, "confirm"), {"answer": "ineligible", "reason": "No."})
    assert done.status_code == 302

    html = client.get(change(failing)).content.decode()
    assert "Somebody else must confirm the exclusion that you proposed." in html
    assert 'value="exclude"' not in html
    assert client.post(action(failing, "second_look"), {"answer": "exclude"}).status_code == 403
    assert "second_look" not in as_user(auditor).get(change(failing)).context["actions"]

    other = as_user(approver)
    assert 'value="exclude"' in other.get(change(failing)).content.decode()
    silent = other.post(action(failing, "second_look"), {"answer": "dismiss", "reason": ""})
    assert silent.status_code == 422
    assert other.post(action(failing, "second_look"), {"answer": "exclude"}).status_code == 302
    failing.refresh_from_db()
    assert failing.state == "ineligible"
    decided = client.get(action(failing, "decision")).content.decode()
    assert "The letter gives these confirmed findings as reasons" in decided


def test_the_list_shows_what_waits_for_a_decision(
    as_user: AsUser, officer: User, approver: User, failing: Submission
) -> None:
    client = as_user(officer)
    address = reverse("admin:applications_submission_changelist")

    def listed(waiting: str) -> bool:
        return failing.reference in client.get(address, {"waiting": waiting}).content.decode()

    assert (listed("findings"), listed("second_look")) == (True, False)
    assert "findings to decide on</span>" in client.get(address).content.decode()
    builders.propose_exclusion(officer, failing)
    assert (listed("findings"), listed("confirm"), listed("second_look")) == (False, False, True)
    home = as_user(approver).get(reverse("admin:index")).context["tasks"]
    assert [task.count for task in home if "second_look" in task.address] == [1]


def test_a_dossier_costs_the_same_with_many_answers(
    as_user: AsUser, officer: User, failing: Submission
) -> None:
    client = as_user(officer)
    client.get(change(failing))
    before = counted(client, change(failing)).queries
    for name in ("overrule", "take_back", "overrule"):
        builders.decide(officer, failing, CODE, name)
        builders.decide(officer, failing, "screening.sanctions", name)
    after = counted(client, change(failing)).queries
    assert (after, counted(client, action(failing, "checks")).queries <= AT_MOST) == (before, True)
    assert after <= AT_MOST
