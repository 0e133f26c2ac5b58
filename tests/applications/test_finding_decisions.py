"""A person decides on each finding; two people exclude; every answer stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from accounts.models import User
from applications.actions import eligibility, messaging
from applications.actions.exclusion_grounds import confirmed_grounds
from applications.actions.finding_decisions import ReasonRequired, decide_on_finding
from applications.actions.finding_questions import ask_about_finding, proposed_question
from applications.checks.decided import facts_of
from applications.models import FindingDecision, Message, Submission
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import Event
from bpf_portal.core.states import WrongState
from tests import builders
from tests.concurrently import at_once

pytestmark = pytest.mark.django_db

#: France is no country that projects are paid for in.
CODE = "project.country"


@pytest.fixture
def failing(applicant: User) -> Submission:
    return builders.build_submission(applicant, countries=["FR"])


def again(submission: Submission) -> Submission:
    return Submission.objects.get(pk=submission.pk)


def test_overruling_counts_beside_what_the_machine_said_and_can_be_taken_back(
    failing: Submission, officer: User
) -> None:
    waiting = again(failing).open_findings
    row = builders.decide(officer, failing, CODE, "overrule", "It is paid for in Senegal.")
    assert (row.outcome, row.observed) == ("fail", builders.finding_of(failing, CODE).observed)
    stands = again(failing)
    assert (stands.outcome, stands.decided_outcome) == ("ineligible", "to_review")
    assert stands.open_findings == waiting - 1
    builders.decide(officer, failing, CODE, "take_back", "The partner wrote otherwise.")
    stands = again(failing)
    assert (stands.decided_outcome, stands.open_findings) == ("ineligible", waiting)
    told = Event.objects.filter(name="FindingDecided", aggregate_id=failing.pk).order_by("pk")
    assert [event.details["verdict"] for event in told] == ["overruled", "taken_back"]
    assert FindingDecision.objects.count() == 2


def test_a_reason_is_needed_and_the_answer_must_fit_the_finding(
    failing: Submission, officer: User
) -> None:
    for reason in ("", "too short", " " * 40, "with a null \0 inside"):
        with pytest.raises(ReasonRequired) as refused:
            builders.decide(officer, failing, CODE, "overrule", reason)
        assert set(refused.value.error_dict) == {"reason"}
    for code, action in (("lead.turnover", "confirm"), (CODE, "clear")):
        with pytest.raises(ValidationError) as wrong:
            builders.decide(officer, failing, code, action)
        assert set(wrong.value.error_dict) == {"action"}
    with pytest.raises(WrongState):  # nothing to take back
        builders.decide(officer, failing, CODE, "take_back")
    builders.decide(officer, failing, CODE, "confirm", "")
    with pytest.raises(WrongState):  # it was decided meanwhile
        builders.decide(officer, failing, CODE, "overrule")
    assert FindingDecision.objects.get().reason == ""


def test_no_answer_is_ever_changed(failing: Submission, officer: User) -> None:
    row = builders.decide(officer, failing, CODE, "confirm")
    rows = FindingDecision.objects.filter(pk=row.pk)
    for change in (lambda: rows.update(verdict="overruled"), rows.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


ROLES = ("applicant", "stranger", "reviewer", "officer", "approver", "auditor", "administrator")


@pytest.mark.parametrize("role", ROLES)
def test_who_may_decide_ask_and_exclude(
    role: str, failing: Submission, officer: User, request: pytest.FixtureRequest
) -> None:
    actor: User = request.getfixturevalue(role)
    facts = facts_of(builders.finding_of(failing, CODE))

    def allowed(act: Callable[[], object]) -> bool:
        try:
            with transaction.atomic():
                act()
        except (NotAllowed, Submission.DoesNotExist):
            return False
        return True

    question: dict[str, Any] = {"submission_id": failing.pk, "code": CODE, "facts": facts}
    assert allowed(
        lambda: ask_about_finding(actor=actor, text="Where will it be used?", **question)
    ) == (role == "officer")
    assert allowed(lambda: decide_on_finding(actor=actor, action="confirm", **question)) == (
        role == "officer"
    )
    if role != "officer":
        builders.decide(officer, failing, CODE, "confirm")
    first = builders.build_user("officer")
    eligibility.propose_exclusion(actor=first, submission_id=failing.pk)
    may_exclude = role in ("officer", "approver")
    assert may_exclude == allowed(
        lambda: eligibility.confirm_exclusion(actor=actor, submission_id=failing.pk)
    )
    assert again(failing).state == ("ineligible" if may_exclude else "received")


def test_to_exclude_takes_a_confirmed_finding_and_two_people(
    failing: Submission, officer: User, approver: User
) -> None:
    with pytest.raises(ValidationError) as early:  # the machine's word alone excludes nobody
        eligibility.propose_exclusion(actor=officer, submission_id=failing.pk)
    assert set(early.value.error_dict) == {"answer"}
    with pytest.raises(WrongState):  # nothing is proposed
        eligibility.confirm_exclusion(actor=approver, submission_id=failing.pk)
    builders.decide(officer, failing, CODE, "confirm")
    eligibility.propose_exclusion(actor=officer, submission_id=failing.pk, reason="Not there.")
    assert again(failing).state == "received"
    with pytest.raises(NotAllowed):
        eligibility.confirm_exclusion(actor=officer, submission_id=failing.pk)
    with pytest.raises(WrongState):  # what the second person looks at stays as it is
        builders.decide(officer, failing, CODE, "take_back")
    with pytest.raises(WrongState):
        eligibility.confirm_eligible(
            actor=officer, submission_id=failing.pk, reason="Changed my mind about it."
        )
    eligibility.dismiss_exclusion(
        actor=approver, submission_id=failing.pk, reason="Ask the company first."
    )
    builders.propose_exclusion(officer, failing)
    done = eligibility.confirm_exclusion(actor=approver, submission_id=failing.pk)
    assert (done.state, done.exclusion_proposed_by, done.eligibility_confirmed_by) == (
        "ineligible",
        officer,
        approver,
    )
    with pytest.raises(DatabaseError), transaction.atomic():  # the database knows it too
        Submission.objects.filter(pk=failing.pk).update(eligibility_confirmed_by=officer)


def test_confirming_as_eligible_overrules_what_is_open_and_nothing_that_was_confirmed(
    failing: Submission, officer: User
) -> None:
    builders.decide(officer, failing, CODE, "confirm")
    with pytest.raises(WrongState):
        builders.build_eligible(officer, failing)
    builders.decide(officer, failing, CODE, "take_back")
    done = builders.build_eligible(officer, failing)
    assert (done.state, done.decided_outcome, done.open_findings) == ("eligible", "eligible", 0)
    last = FindingDecision.objects.filter(code=CODE).first()
    assert last is not None
    assert (last.verdict, last.reason) == ("overruled", "Checked by hand.")


def test_a_rerun_keeps_answers_to_the_same_finding_and_asks_again_about_another(
    failing: Submission, officer: User
) -> None:
    builders.decide(officer, failing, CODE, "overrule", "It is paid for in Senegal.")
    eligibility.run_checks_again(actor=officer, submission_id=failing.pk)
    builders.do_waiting_jobs()
    assert again(failing).decided_outcome == "to_review"
    read = facts_of(builders.finding_of(failing, CODE))
    newest = failing.check_runs.latest("pk")
    newest.findings.filter(code=CODE).update(observed="FR, DE")
    with pytest.raises(WrongState):  # the person had read something else
        decide_on_finding(
            actor=officer, submission_id=failing.pk, code=CODE, facts=read, action="confirm"
        )
    # The next decision of whichever rule counts them all anew.
    builders.decide(officer, failing, "lead.turnover", "overrule", "These are budgeted figures.")
    assert again(failing).decided_outcome == "ineligible"


def test_a_company_is_asked_in_its_language_and_its_answer_may_settle_it(
    failing: Submission, officer: User, applicant: User
) -> None:
    finding = builders.finding_of(failing, CODE)
    text = proposed_question(failing, finding)
    assert failing.language == "fr"
    assert "a été vérifiée" in text
    assert "France" in text
    ask_about_finding(
        actor=officer, submission_id=failing.pk, code=CODE, facts=facts_of(finding), text=text
    )
    assert Message.objects.get().finding_question.code == CODE
    with pytest.raises(ValidationError):  # not before it has answered
        builders.decide(officer, failing, CODE, "clear", "The partner is in Dakar.")
    messaging.write_to_facility(
        actor=applicant, proposal_id=failing.proposal_id, text="Il s’agit du Sénégal."
    )
    builders.decide(officer, failing, CODE, "clear", "The partner is in Dakar.")
    assert again(failing).decided_outcome == "to_review"


def test_a_letter_names_confirmed_findings_and_none_that_was_overruled(
    failing: Submission, officer: User, approver: User
) -> None:
    builders.decide(officer, failing, CODE, "confirm")
    builders.decide(officer, failing, "screening.sanctions", "overrule", "Screened by hand.")
    eligibility.propose_exclusion(actor=officer, submission_id=failing.pk)
    done = eligibility.confirm_exclusion(actor=approver, submission_id=failing.pk)
    assert [each.code for each in confirmed_grounds(done, "fr")] == [CODE]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_give_one_answer_and_one_exclusion(
    failing: Submission, officer: User, approver: User
) -> None:
    second = builders.build_user("officer")
    answers = at_once(
        lambda: builders.decide(officer, failing, CODE, "confirm"),
        lambda: builders.decide(second, failing, CODE, "overrule", "It is in Senegal."),
    )
    assert sorted(map(type, answers), key=str) == sorted((FindingDecision, WrongState), key=str)
    if FindingDecision.objects.get().verdict == "overruled":
        builders.decide(officer, failing, CODE, "take_back")
        builders.decide(officer, failing, CODE, "confirm")
    eligibility.propose_exclusion(actor=officer, submission_id=failing.pk)
    answers = at_once(
        lambda: eligibility.confirm_exclusion(actor=approver, submission_id=failing.pk),
        lambda: eligibility.confirm_exclusion(actor=second, submission_id=failing.pk),
    )
    assert sorted(map(type, answers), key=str) == sorted((Submission, WrongState), key=str)
