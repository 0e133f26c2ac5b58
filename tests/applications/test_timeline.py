"""Where a proposal stands: what happened, what comes next, and nothing of LuxDev's inner work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from applications.actions import drafting, eligibility
from applications.actions.submitting import hand_in
from applications.models import Call, Membership, Partner, Proposal, Submission
from applications.views.next_steps import next_steps
from applications.views.timeline import ORDER, SENTENCES, Fact, facts_of, timeline
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.states import WrongState
from reviews.actions import assigning, deciding
from reviews.models import Assignment, Decision
from tests import builders
from tests.applications.test_partnering import ADDRESS, ask, confirm
from tests.measuring import counted

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
LUXEMBOURG = ZoneInfo("Europe/Luxembourg")


def address(proposal: Proposal) -> str:
    return reverse("proposals:timeline", args=[proposal.reference])


def sentences(user: User, proposal: Proposal, language: str = "en") -> list[str]:
    """Oldest first."""
    with translation.override(language):
        return [entry.sentence for entry in reversed(timeline(facts_of(user, proposal)))]


def steps(proposal: Proposal, language: str = "en") -> list[str]:
    with translation.override(language):
        return [f"{step.sentence} {step.when}" for step in next_steps(proposal, timezone.now())]


def shown(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_it_works(applicant: User, officer: User, as_user: SignIn, open_call: Call) -> None:
    proposal = builders.build_complete_proposal(applicant, open_call)
    colleague = builders.build_user(name="Paul Colle")
    proposal.organisation.memberships.create(user=colleague, role="editor")
    partner = proposal.partners.get()
    Partner.objects.filter(pk=partner.pk).update(contact_email=ADDRESS, language="en")
    partner.refresh_from_db()
    confirm(Client(), ask(applicant, partner))
    moment = datetime(2026, 4, 29, 16, 20, tzinfo=LUXEMBOURG)
    assert sentences(applicant, proposal) == [
        "Alice Muller began the proposal.",
        "Paul Colle joined the company’s people.",
        "The partner “Coopérative Exemple de Thiès” confirmed its part.",
    ]
    with translation.override("en"):
        (told,) = timeline([Fact("handed_in", moment, "Alice Muller", "preselection")])
    assert told.sentence == (
        "Alice Muller handed in your proposal on Wednesday 29 April 2026 at 16:20, Luxembourg time."
    )
    hand_in(actor=applicant, proposal_id=proposal.pk, moment=timezone.now())
    builders.do_waiting_jobs()
    html = shown(as_user(applicant), address(proposal))
    assert "handed in your proposal on" in html
    assert "The automatic checks are done. A person at LuxDev looks at them." in html
    assert reverse("proposals:receipt", args=[proposal.reference, "preselection"]) in html
    assert "Paul Colle joined" in shown(
        as_user(colleague), reverse("proposals:timeline", args=[proposal.reference])
    )


def test_publication_letter_and_invitation_are_told_once_they_are_out(
    applicant: User, officer: User, reviewer: User, as_user: SignIn
) -> None:
    submission = builders.build_submission(applicant)
    proposal = submission.proposal
    decision = builders.build_decision(officer, reviewer, submission=submission)
    before = sentences(applicant, proposal)
    builders.publish(officer, decision)
    proposal.refresh_from_db()
    after = sentences(applicant, proposal)
    assert after[: len(before)] == before
    new = after[len(before) :]
    assert len(new) == 3
    assert new[0].startswith("The decision was published: ")
    assert any(
        each.startswith("You are invited to write the detailed proposal, until") for each in new
    )
    assert "Your letter was issued." in new
    assert steps(proposal)[0].startswith("You hand in your proposal. Until ")
    html = shown(as_user(applicant), address(proposal))
    assert reverse("letters:download", args=[decision.letter.reference]) in html
    withdrawn = drafting.withdraw_proposal(
        actor=applicant, proposal_id=proposal.pk, reason="No money left."
    )
    assert sentences(applicant, proposal)[-1] == "Alice Muller withdrew the proposal."
    assert "No money left" not in shown(as_user(applicant), address(proposal))
    assert steps(withdrawn) == []


# --- decide first, publish later ----------------------------------------------------------------
class Desk:
    """What LuxDev may do with a submission before it publishes, tried in any order."""

    def __init__(self, submission: Submission, officer: User) -> None:
        self.pk, self.officer = submission.pk, officer
        self.approver = builders.build_user("approver")
        self.reviewers = [builders.build_user("reviewer") for _ in range(2)]

    def rerun(self) -> None:
        eligibility.run_checks_again(actor=self.officer, submission_id=self.pk)
        builders.do_waiting_jobs()

    def eligible(self) -> None:
        eligibility.confirm_eligible(
            actor=self.officer, submission_id=self.pk, reason="Checked by hand."
        )

    def ineligible(self) -> None:
        builders.build_excluded(self.officer, Submission.objects.get(pk=self.pk))

    def reconsider(self) -> None:
        eligibility.reconsider_eligibility(
            actor=self.officer, submission_id=self.pk, reason="A new paper came."
        )

    def assign(self) -> None:
        assigning.assign_reviewers(
            actor=self.officer,
            submission_id=self.pk,
            reviewer_ids=[each.pk for each in self.reviewers],
            due_on=timezone.localdate() + timedelta(days=5),
        )

    def declare(self) -> None:
        self._declare(False)

    def recuse(self) -> None:
        self._declare(True)

    def _declare(self, conflict: bool) -> None:
        assignment = Assignment.objects.filter(submission=self.pk, state="assigned").first()
        if assignment:
            builders.declare_for_call(assignment.reviewer, assignment.submission.call)
            assigning.declare_interest(
                actor=assignment.reviewer,
                assignment_id=assignment.pk,
                conflict=conflict,
                details="A cousin." if conflict else "",
            )

    def score(self) -> None:
        assignment = Assignment.objects.filter(submission=self.pk, state="accepted").first()
        if assignment:
            builders.build_scored(assignment)

    def prepare(self) -> None:
        kind = "ineligible" if self._state() == "ineligible" else "not_shortlisted"
        deciding.prepare_decision(
            actor=self.officer, submission_id=self.pk, kind=kind, grounds="Below threshold."
        )

    def confirm(self) -> None:
        for decision in Decision.objects.filter(submission=self.pk):
            deciding.confirm_decision(actor=self.approver, decision_id=decision.pk)

    def send_back(self) -> None:
        for decision in Decision.objects.filter(submission=self.pk):
            deciding.send_back_decision(
                actor=self.approver, decision_id=decision.pk, reason="Please explain."
            )

    def _state(self) -> str:
        return Submission.objects.values_list("state", flat=True).get(pk=self.pk)


INNER = [
    "rerun", "eligible", "ineligible", "reconsider", "assign", "declare", "recuse", "score",
    "prepare", "confirm", "send_back",
]  # fmt: skip


def test_whatever_luxdev_does_nothing_shows_before_it_is_published(
    applicant: User, officer: User
) -> None:
    submission = builders.build_submission(applicant)
    desk = Desk(submission, officer)

    def told() -> list[list[str]]:
        proposal = Proposal.objects.select_related("call").get(pk=submission.proposal_id)
        return [
            words
            for language in ("en", "fr")
            for words in (sentences(applicant, proposal, language), steps(proposal, language))
        ]

    before = told()
    done: set[str] = set()

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(INNER), max_size=8))
    def in_any_order(names: list[str]) -> None:
        with transaction.atomic():
            for name in names:
                with suppress(WrongState, NotAllowed, ValidationError), transaction.atomic():
                    getattr(desk, name)()
                    done.add(name)
                assert told() == before, names
            transaction.set_rollback(True)

    in_any_order()
    with transaction.atomic():
        for name in ("rerun", "eligible", "assign", "declare", "score", "prepare", "confirm"):
            getattr(desk, name)()
            assert told() == before, name
    assert Decision.objects.get().state == "confirmed"
    assert {"eligible", "rerun"} <= done


def test_checks_that_did_not_finish_or_were_run_again_are_not_told(
    applicant: User, officer: User
) -> None:
    submission = builders.build_submission(applicant, checked=False)
    proposal = submission.proposal
    assert not any("checks" in each for each in sentences(applicant, proposal))
    builders.do_waiting_jobs()
    eligibility.run_checks_again(actor=officer, submission_id=submission.pk)
    builders.do_waiting_jobs()
    assert sum("checks" in each for each in sentences(applicant, proposal)) == 1


# --- what comes next ----------------------------------------------------------------------------
def test_what_comes_next_names_the_dates_of_the_call_and_says_where_there_is_none(
    applicant: User, as_user: SignIn
) -> None:
    now = timezone.now()
    call = builders.build_call(stage_2_deadline_at=None)
    draft = builders.build_draft(applicant, call)
    assert "Until " in steps(draft)[0]
    assert steps(draft)[-1].endswith("No date is fixed.")
    html = shown(as_user(applicant), address(draft))
    assert "days left" in html
    assert "assumed" in html

    Call.objects.filter(pk=call.pk).update(deadline_at=now - timedelta(days=1))
    draft = Proposal.objects.get(pk=draft.pk)
    assert "kept for the next edition" in steps(draft)[0]
    draft.stage = "detailed_proposal"
    assert steps(draft)[0].endswith("The date is not fixed yet.")
    french = builders.build_draft(applicant, builders.build_call())
    assert "Jusqu’au" in steps(french, "fr")[0]


def test_a_late_hand_in_says_so(applicant: User) -> None:
    proposal = builders.build_complete_proposal(applicant)
    Call.objects.filter(pk=proposal.call_id).update(deadline_at=timezone.now() - timedelta(days=1))
    hand_in(actor=applicant, proposal_id=proposal.pk, moment=timezone.now())
    late = [each for each in sentences(applicant, proposal) if "handed in" in each]
    assert late[0].endswith("It came after the deadline and is kept for the next edition.")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("who", ["", "Anna <b>"])
def test_every_kind_of_fact_has_a_sentence_in_both_languages(language: str, who: str) -> None:
    assert set(SENTENCES) == set(ORDER)
    with translation.override(language):
        for kind in ORDER:
            (entry,) = timeline([Fact(kind, timezone.now(), who, "something")])
            assert entry.sentence.endswith(".")
            assert "%(" not in entry.sentence


@pytest.mark.parametrize(
    ("moment", "clock"),
    [
        (datetime(2026, 10, 24, 22, 30, tzinfo=ZoneInfo("UTC")), "25 October 2026 at 00:30"),
        (datetime(2026, 10, 25, 22, 30, tzinfo=ZoneInfo("UTC")), "25 October 2026 at 23:30"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=ZoneInfo("UTC")), "29 March 2026 at 03:00"),
    ],
)
def test_moments_are_luxembourgs_in_summer_and_winter(moment: datetime, clock: str) -> None:
    with translation.override("en"):
        (entry,) = timeline([Fact("handed_in", moment, "Anna")])
    assert clock in entry.sentence


def test_a_colleague_from_before_the_proposal_did_not_join_it(applicant: User) -> None:
    company = builders.build_organisation(applicant)
    early = builders.build_user(name="Early Bird")
    company.memberships.create(user=early, role="editor")
    draft = builders.build_draft(applicant)
    assert sentences(applicant, draft) == ["Alice Muller began the proposal."]


def test_a_long_timeline_is_paged_and_costs_no_more(applicant: User, as_user: SignIn) -> None:
    proposal = builders.build_submission(applicant).proposal
    client, costs = as_user(applicant), []
    for count in (25, 60):
        Membership.objects.bulk_create(
            Membership(
                organisation=proposal.organisation, user=builders.build_user(), role="editor"
            )
            for _ in range(count)
        )
        costs.append(counted(client, address(proposal)).queries)
    assert costs[0] == costs[1] <= 12
    assert "Page 1 of 5" in shown(client, address(proposal))
    assert "handed in your proposal" in shown(client, address(proposal) + "?page=5")
    assert client.get(address(proposal) + "?page=-3%00").status_code == 200
