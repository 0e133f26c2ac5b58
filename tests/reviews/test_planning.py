"""A plan of reviewers: found, changed, sent. Nobody is asked before, all is asked again then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import drafting
from applications.models import Call, Submission
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import OutgoingEmail
from bpf_portal.core.states import WrongState
from reviews.actions import assigning, interests, plan_sending, planning
from reviews.models import (
    PLAN_TRANSITIONS,
    Assignment,
    AssignmentPlan,
    PlannedReview,
    PlanWork,
    ReviewerProfile,
    ReviewPhase,
    ScoreSheet,
)
from tests import builders
from tests.concurrently import at_once
from tests.reviews.admin import rows

pytestmark = pytest.mark.django_db

Make = Callable[..., AssignmentPlan]
DUE = timedelta(days=10)


@pytest.fixture
def call(reference: None) -> Call:
    return builders.build_call()


@pytest.fixture
def dossiers(call: Call, officer: User, applicant: User) -> list[Submission]:
    """Two, which ask for French, Senegal and ICT."""
    first = builders.build_eligible(officer, builders.build_submission(applicant, call))
    return [first, *rows.copies(first, 1)]


def reader(name: str = "", **profile: object) -> User:
    user = builders.build_user("reviewer", name)
    fields = {"languages": ["fr"], "sectors": [], "countries": [], "human_rights": False}
    ReviewerProfile.objects.create(person=user, **{**fields, **profile})
    return user


@pytest.fixture
def make(call: Call, officer: User) -> Make:
    def make(wanted: int = 1, most: int = 10, **fields: object) -> AssignmentPlan:
        parameters = {"favour": "balanced", "for_risk": True, "experts_only": False}
        return planning.make_plan(
            actor=fields.pop("actor", officer),  # type: ignore[arg-type]
            call_id=call.pk,
            stage="preselection",
            way=str(fields.pop("way", "optimised")),
            wanted=wanted,
            most=most,
            parameters={**parameters, **fields},
        )

    return make


def due() -> object:
    return timezone.localdate() + DUE


def mails_to(person: User) -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(recipient=person.email).order_by("pk"))


def pairs(plan: AssignmentPlan, **where: object) -> set[tuple[int, int]]:
    found = PlannedReview.objects.filter(plan=plan, **where)
    return set(found.values_list("submission_id", "reviewer_id"))


def test_a_plan_is_made_with_its_reasons_and_nobody_is_asked(
    make: Make, dossiers: list[Submission]
) -> None:
    expert = reader(sectors=["ict"], countries=["SN"])
    reader()
    reader(languages=["en"])
    plan = make(wanted=2)
    assert plan.state == "open"
    assert len(pairs(plan)) == 4
    mine = PlannedReview.objects.filter(plan=plan, reviewer=expert)
    assert {tuple(each.why) for each in mine} == {("sector", "country")}
    assert not Assignment.objects.exists()
    assert not mails_to(expert)


def test_who_may_have_a_conflict_is_not_planned(
    make: Make, dossiers: list[Submission], call: Call, officer: User
) -> None:
    alike = reader(employers=["Coopérative Exemple de Thiès"])
    declared, free = reader(), reader()
    interests.recuse(declared, dossiers[0].proposal_id, "A cousin works there.")
    plan = make(wanted=3)
    assert (dossiers[0].pk, declared.pk) not in pairs(plan)
    assert (dossiers[0].pk, free.pk) in pairs(plan)
    assert alike.pk not in {pk for _each, pk in pairs(plan)}
    with pytest.raises(ValidationError, match="conflict"):
        planning.change_plan(
            actor=officer,
            plan_id=plan.pk,
            submission_id=dossiers[0].pk,
            reviewer_ids=[alike.pk],
            seen=[free.pk],
        )


def test_a_changed_plan_is_sent_with_one_mail_for_each_reviewer(
    make: Make, dossiers: list[Submission], officer: User
) -> None:
    first, second = reader(), reader()
    plan = make(wanted=2)
    planning.change_plan(
        actor=officer,
        plan_id=plan.pk,
        submission_id=dossiers[1].pk,
        reviewer_ids=[first.pk],
        seen=[first.pk, second.pk],
    )
    plan_sending.send_plan(actor=officer, plan_id=plan.pk, due_on=due())  # type: ignore[arg-type]
    plan.refresh_from_db()
    assert plan.state == "sent"
    asked = set(Assignment.objects.values_list("submission_id", "reviewer_id"))
    assert asked == {
        (dossiers[0].pk, first.pk),
        (dossiers[0].pk, second.pk),
        (dossiers[1].pk, first.pk),
    }
    (mail,) = mails_to(first)
    assert all(each.reference in mail.body for each in dossiers)
    assert len(mails_to(second)) == 1
    assert set(Submission.objects.values_list("state", flat=True)) == {"in_review"}


def test_an_older_page_changes_nothing(
    make: Make, dossiers: list[Submission], officer: User
) -> None:
    person = reader()
    plan = make()
    with pytest.raises(WrongState):
        planning.change_plan(
            actor=officer,
            plan_id=plan.pk,
            submission_id=dossiers[0].pk,
            reviewer_ids=[],
            seen=[person.pk, person.pk + 1],
        )
    assert len(pairs(plan)) == 2


def test_what_came_in_between_is_told_at_each_pair_when_it_is_sent(
    make: Make, dossiers: list[Submission], call: Call, officer: User, applicant: User
) -> None:
    recused, gone, asked, suspected, free = (reader() for _each in range(5))
    plan = make(wanted=5)
    one, other = dossiers
    interests.recuse(recused, one.proposal_id, "A cousin works there.")
    gone.role = "applicant"
    gone.save()
    assigning.assign_reviewers(
        actor=officer,
        submission_id=one.pk,
        reviewer_ids=[asked.pk],
        due_on=timezone.localdate(),
    )
    ReviewerProfile.objects.filter(person=suspected).update(
        employers=["Coopérative Exemple de Thiès"]
    )
    drafting.withdraw_proposal(actor=applicant, proposal_id=other.proposal_id, reason="No money.")
    plan_sending.send_plan(actor=officer, plan_id=plan.pk, due_on=due())  # type: ignore[arg-type]
    rows_of_one = PlannedReview.objects.filter(plan=plan, submission=one)
    told = {row.reviewer_id: (row.state, row.refused) for row in rows_of_one}
    assert told == {
        recused.pk: ("refused", "conflict"),
        gone.pk: ("refused", "no_reviewer"),
        asked.pk: ("refused", "asked_already"),
        suspected.pk: ("held", ""),
        free.pk: ("asked", ""),
    }
    of_other = PlannedReview.objects.filter(plan=plan, submission=other)
    assert set(of_other.values_list("state", "refused")) == {("refused", "closed")}
    assert not mails_to(suspected)


def test_sending_that_was_interrupted_goes_on_and_nobody_is_told_twice(
    make: Make, dossiers: list[Submission], officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = reader()
    plan = make()
    monkeypatch.setattr(plan_sending, "AT_ONCE", 0)
    work = plan_sending.send_plan(actor=officer, plan_id=plan.pk, due_on=due())  # type: ignore[arg-type]
    plan.refresh_from_db()
    assert plan.state == "sending"
    plan_sending._send_dossier(plan, officer, dossiers[0].pk)
    builders.do_waiting_jobs()
    plan_sending.send(PlanWork.objects.get(pk=work.pk))
    plan.refresh_from_db()
    assert plan.state == "sent"
    assert Assignment.objects.filter(reviewer=person).count() == 2
    assert len(mails_to(person)) == 1


def test_rules_plan_all_of_a_sector_and_say_who_cannot(
    make: Make, dossiers: list[Submission]
) -> None:
    french, english = reader(), reader(languages=["en"])
    plan = make(way="sector", value="ict", reviewers=[french.pk, english.pk])
    assert {pk for _each, pk in pairs(plan, state="planned")} == {french.pk}
    refused = PlannedReview.objects.filter(plan=plan, state="refused")
    assert {(row.reviewer_id, row.refused) for row in refused} == {(english.pk, "language")}
    assert pairs(make(way="country", value="RW", reviewers=[french.pk])) == set()


def test_the_detailed_stage_goes_to_who_read_it_before(reference: None, officer: User) -> None:
    second = builders.build_stage_2(officer)
    second = builders.build_eligible(officer, second)
    before = Assignment.objects.get(submission__proposal=second.proposal_id).reviewer
    ReviewerProfile.objects.create(person=before, languages=["fr"])
    plan = planning.make_plan(
        actor=officer,
        call_id=second.call_id,
        stage="detailed_proposal",
        way="stage_1",
        wanted=1,
        most=5,
        parameters={},
    )
    assert pairs(plan, state="planned") == {(second.pk, before.pk)}


def test_a_risky_dossier_gets_its_expert(make: Make, dossiers: list[Submission]) -> None:
    for number in range(2):
        reader(f"Plain {number}")
    expert = reader(human_rights=True)
    Submission.objects.filter(pk=dossiers[0].pk).update(risk_level="high")
    plan = make(most=1)
    assert (dossiers[0].pk, expert.pk) in pairs(plan)
    assert make(experts_only=True).reviews.filter(submission=dossiers[1]).count() == 0


def test_a_day_after_the_scoring_is_refused_and_so_is_a_closed_phase(
    make: Make, dossiers: list[Submission], officer: User, call: Call
) -> None:
    reader()
    plan = make()
    phases = ReviewPhase.objects.filter(call=call, score=True)
    phases.update(starts_at=None, ends_at=timezone.now() + timedelta(days=3))
    with pytest.raises(ValidationError, match="Reviewers may score until"):
        plan_sending.send_plan(actor=officer, plan_id=plan.pk, due_on=due())  # type: ignore[arg-type]
    phases.delete()
    with pytest.raises(ValidationError, match="No phase"):
        plan_sending.send_plan(actor=officer, plan_id=plan.pk, due_on=due())  # type: ignore[arg-type]
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("role", ["approver", "auditor", "administrator", "reviewer"])
def test_only_an_officer_plans(make: Make, dossiers: list[Submission], role: str) -> None:
    reader()
    plan = make()
    somebody = builders.build_user(role)
    with pytest.raises(NotAllowed):
        make(actor=somebody)
    with pytest.raises(NotAllowed):
        planning.discard_plan(actor=somebody, plan_id=plan.pk)
    with pytest.raises(NotAllowed):
        plan_sending.send_plan(actor=somebody, plan_id=plan.pk, due_on=due())  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["being_made", "open", "sending", "sent", "discarded"])
def test_every_action_on_a_plan_in_every_state(
    make: Make, dossiers: list[Submission], officer: User, state: str
) -> None:
    person = reader()
    plan = make()
    sent = {"due_on": due(), "sent_by": officer, "sent_at": timezone.now()}
    fields = sent if state in ("sending", "sent") else {}
    AssignmentPlan.objects.filter(pk=plan.pk).update(state=state, **fields)
    tried = {
        "change": lambda: planning.change_plan(
            actor=officer,
            plan_id=plan.pk,
            submission_id=dossiers[0].pk,
            reviewer_ids=[person.pk],
            seen=[person.pk],
        ),
        "discard": lambda: planning.discard_plan(actor=officer, plan_id=plan.pk),
        "send": lambda: plan_sending.send_plan(
            actor=officer,
            plan_id=plan.pk,
            due_on=due(),  # type: ignore[arg-type]
        ),
    }
    for action, act in tried.items():
        AssignmentPlan.objects.filter(pk=plan.pk).update(state=state)
        if not PLAN_TRANSITIONS.allows(state, action):
            with pytest.raises(WrongState):
                act()
            plan.refresh_from_db()
            assert plan.state == state


def test_a_new_plan_takes_the_place_of_the_open_one(make: Make, dossiers: list[Submission]) -> None:
    reader()
    first = make()
    second = make()
    first.refresh_from_db()
    assert (first.state, second.state) == ("discarded", "open")


# --- taking a review back -----------------------------------------------------------------------


def test_a_review_taken_back_keeps_what_was_written_and_closes_the_dossier(
    officer: User, reviewer: User, call: Call
) -> None:
    assignment = builders.build_assignment(officer, reviewer, call=call)
    with pytest.raises(ValidationError):
        assigning.release_reviewer(actor=officer, assignment_id=assignment.pk, reason=" ")
    assigning.release_reviewer(actor=officer, assignment_id=assignment.pk, reason="Too much.")
    assert not Submission.objects.visible_to(reviewer).exists()
    assert not Assignment.objects.visible_to(reviewer).exists()
    assert ScoreSheet.objects.filter(assignment=assignment).exists()
    assert "Too much." in mails_to(reviewer)[-1].body
    (again,) = assigning.assign_reviewers(
        actor=officer,
        submission_id=assignment.submission_id,
        reviewer_ids=[reviewer.pk],
        due_on=timezone.localdate(),
    )
    assert (again.pk, again.state) == (assignment.pk, "assigned")
    assigning.declare_interest(actor=reviewer, assignment_id=again.pk, conflict=False)
    builders.build_scored(again)


def test_a_submitted_sheet_is_not_taken_back(officer: User, reviewer: User, call: Call) -> None:
    assignment = builders.build_assignment(officer, reviewer, call=call)
    builders.build_scored(assignment)
    with pytest.raises(WrongState):
        assigning.release_reviewer(actor=officer, assignment_id=assignment.pk, reason="Too much.")


def test_who_is_recused_is_not_asked_by_hand(
    officer: User, reviewer: User, dossiers: list[Submission]
) -> None:
    interests.recuse(reviewer, dossiers[0].proposal_id, "A cousin works there.")
    with pytest.raises(ValidationError, match="conflict of interest stands"):
        assigning.assign_reviewers(
            actor=officer,
            submission_id=dossiers[0].pk,
            reviewer_ids=[reviewer.pk],
            due_on=timezone.localdate(),
        )


# --- pages --------------------------------------------------------------------------------------


def test_a_recused_officer_finds_nothing_of_the_dossier_on_any_page_of_it(
    make: Make, dossiers: list[Submission], officer: User, as_user: Callable[..., Client]
) -> None:
    reader()
    plan = make()
    kept, other = dossiers
    interests.recuse(officer, kept.proposal_id, "A cousin works there.")
    client, stage = as_user(officer), [kept.call.code, "preselection"]
    for name, args in (("assignments", stage), ("assignment_plan", [plan.pk])):
        html = client.get(reverse(f"admin:{name}", args=args)).content.decode()
        assert other.reference in html
        assert f"{kept.reference}<" not in html
    by_hand = reverse("admin:assignment_dossier", args=[*stage, kept.pk])
    planned = reverse("admin:assignment_plan_dossier", args=[plan.pk, kept.pk])
    assert {client.get(each).status_code for each in (by_hand, planned)} == {404}
    plan_sending.send_plan(actor=officer, plan_id=plan.pk, due_on=due())  # type: ignore[arg-type]
    assert set(Assignment.objects.values_list("submission", flat=True)) == {other.pk}


def test_many_are_planned_and_sent_by_a_worker_and_the_page_says_how_far_it_is(
    make: Make,
    dossiers: list[Submission],
    officer: User,
    as_user: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader()
    monkeypatch.setattr(planning, "AT_ONCE", 0)
    monkeypatch.setattr(plan_sending, "AT_ONCE", 0)
    plan = make()
    client, address = as_user(officer), reverse("admin:assignment_plan", args=(plan.pk,))
    assert "The plan is being made" in client.get(address).content.decode()
    builders.do_waiting_jobs()
    assert "Send the plan" in client.get(address).content.decode()
    assert client.post(address, {"due_on": str(due())}).status_code == 302
    assert "The reviewers are being asked" in client.get(address).content.decode()
    builders.do_waiting_jobs()
    assert client.get(address).context["counts"][0][1] == 2


@pytest.mark.django_db(transaction=True)
def test_two_officers_send_one_plan_and_one_of_them_is_told(
    make: Make, dossiers: list[Submission], officer: User
) -> None:
    person, other = reader(), builders.build_user("officer")
    plan = make()
    results = at_once(
        lambda: plan_sending.send_plan(actor=officer, plan_id=plan.pk, due_on=due()),  # type: ignore[arg-type]
        lambda: plan_sending.send_plan(actor=other, plan_id=plan.pk, due_on=due()),  # type: ignore[arg-type]
    )
    assert sorted(type(each).__name__ for each in results) == ["PlanWork", "WrongState"]
    assert Assignment.objects.filter(reviewer=person).count() == 2
    assert len(mails_to(person)) == 1
