"""A committee: who sees what when, votes, quorum, majority, money, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from applications.models import Submission
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.states import WrongState
from reviews.actions import agenda, assigning, convening, deciding
from reviews.models import ABSTAIN, AgendaItem, Meeting, Outcome
from tests import builders
from tests.reviews.letters import plain, raw_text

pytestmark = pytest.mark.django_db

#: As many days ahead as nobody minds.
SOON = timedelta(days=7)


@dataclass(frozen=True)
class Committee:
    """Five people with a vote, an observer, and one scored proposal on the agenda."""

    officer: User
    members: list[User]
    observer: User
    meeting: Meeting
    item: AgendaItem

    def sign(self, user: User, conflicts: dict[int, str] | None = None) -> None:
        convening.sign_for_meeting(
            actor=user, meeting_id=self.meeting.pk, confidential=True, conflicts=conflicts or {}
        )

    def discuss(self, *, all_but_the_observer: bool = False) -> None:
        """Everybody has signed, the meeting is open, the proposal taken up."""
        for user in self.members if all_but_the_observer else (*self.members, self.observer):
            self.sign(user)
        convening.open_meeting(actor=self.officer, meeting_id=self.meeting.pk)
        agenda.take_up(actor=self.officer, item_id=self.item.pk)

    def vote(self, *values: str) -> None:
        for user, value in zip(self.members, values, strict=False):
            agenda.cast_vote(actor=user, item_id=self.item.pk, value=value)

    def conclude(self, outcome: str, amount: Decimal | None = None) -> AgendaItem:
        return agenda.conclude(
            actor=self.officer,
            item_id=self.item.pk,
            outcome=outcome,
            amount=amount,
            discussion="A sound plan.",
        )


@pytest.fixture
def committee(officer: User, reviewer: User) -> Committee:
    return build_committee(officer, reviewer)


def build_committee(officer: User, reviewer: User) -> Committee:
    assignment = builders.build_assignment(officer, reviewer)
    builders.build_scored(assignment)
    roles = ["reviewer", "reviewer", "reviewer", "approver", "approver", "reviewer"]
    people = [builders.build_user(role, f"member-{at}") for at, role in enumerate(roles)]
    meeting = convening.convene_meeting(
        actor=officer,
        call=assignment.submission.call,
        stage=assignment.submission.stage,
        held_on=timezone.localdate() + SOON,
        voting_ids=[each.pk for each in people[:5]],
        observer_ids=[people[5].pk],
    )
    return Committee(officer, people[:5], people[5], meeting, meeting.items.get())


def sees(user: User, submission_id: int) -> bool:
    return Submission.objects.visible_to(user).filter(pk=submission_id).exists()


def test_a_member_reads_the_dossier_once_signed_and_until_the_end(committee: Committee) -> None:
    reader, dossier = committee.members[0], committee.item.submission_id
    assert not sees(reader, dossier)
    committee.discuss()
    assert sees(reader, dossier)
    assert sees(committee.observer, dossier)
    committee.vote("shortlisted", "shortlisted", "shortlisted")
    committee.conclude("shortlisted")
    convening.close_meeting(actor=committee.officer, meeting_id=committee.meeting.pk)
    assert not sees(reader, dossier)


def test_whoever_has_an_interest_never_sees_it_and_has_no_vote(committee: Committee) -> None:
    early, late, *others = committee.members
    committee.sign(early, {committee.item.pk: "I own a share."})
    for user in (late, *others):
        committee.sign(user)
    convening.open_meeting(actor=committee.officer, meeting_id=committee.meeting.pk)
    agenda.take_up(actor=committee.officer, item_id=committee.item.pk)
    assert not sees(early, committee.item.submission_id)
    with pytest.raises(AgendaItem.DoesNotExist):
        agenda.cast_vote(actor=early, item_id=committee.item.pk, value="shortlisted")

    agenda.cast_vote(actor=late, item_id=committee.item.pk, value="not_shortlisted")
    agenda.recuse_from_item(actor=late, item_id=committee.item.pk, details="My sister works there.")
    assert not sees(late, committee.item.submission_id)
    assert not committee.item.votes.exists()


def test_a_reviewer_who_was_recused_does_not_come_in_by_the_committee(
    officer: User, reviewer: User, second_reviewer: User
) -> None:
    assignment = builders.build_assignment(officer, reviewer)
    builders.build_scored(assignment)
    recused = builders.build_assignment(
        officer, second_reviewer, assignment.submission, declared=False
    )
    assigning.declare_interest(
        actor=second_reviewer, assignment_id=recused.pk, conflict=True, details="I advised them."
    )
    people = [builders.build_user("approver", f"chair-{at}") for at in range(2)]
    meeting = convening.convene_meeting(
        actor=officer,
        call=assignment.submission.call,
        stage=assignment.submission.stage,
        held_on=timezone.localdate(),
        voting_ids=[second_reviewer.pk, *(each.pk for each in people)],
    )
    convening.sign_for_meeting(
        actor=second_reviewer, meeting_id=meeting.pk, confidential=True, conflicts={}
    )
    assert not sees(second_reviewer, assignment.submission_id)
    assert not AgendaItem.objects.visible_to(second_reviewer).exists()


def test_an_observer_and_an_outsider_have_no_vote(committee: Committee, reviewer: User) -> None:
    committee.discuss()
    with pytest.raises(NotAllowed):
        agenda.cast_vote(actor=committee.observer, item_id=committee.item.pk, value="shortlisted")
    with pytest.raises(AgendaItem.DoesNotExist):
        agenda.cast_vote(actor=reviewer, item_id=committee.item.pk, value="shortlisted")


@pytest.mark.parametrize(
    ("votes", "outcome", "field"),
    [
        (["shortlisted", "shortlisted"], "shortlisted", "outcome"),  # two of five: no quorum
        (["shortlisted", "not_shortlisted", ABSTAIN], "shortlisted", "outcome"),  # no majority
        (["shortlisted"] * 3 + ["not_shortlisted"], "not_shortlisted", "outcome"),
    ],
)
def test_the_majority_of_enough_votes_concludes_and_nothing_else(
    committee: Committee, votes: list[str], outcome: str, field: str
) -> None:
    committee.discuss()
    committee.vote(*votes)
    with pytest.raises(ValidationError) as refused:
        committee.conclude(outcome)
    assert field in refused.value.message_dict


def test_one_vote_each_and_it_can_be_changed_until_the_end(committee: Committee) -> None:
    committee.discuss()
    committee.vote("not_shortlisted", "shortlisted", "shortlisted")
    committee.vote("shortlisted")
    item = committee.conclude("shortlisted")
    assert sorted(item.votes.values_list("value", flat=True)) == ["shortlisted"] * 3
    with pytest.raises(WrongState):
        committee.vote("not_shortlisted")
    with pytest.raises(WrongState):
        committee.conclude("shortlisted")


def test_the_decision_says_what_the_committee_concluded(committee: Committee) -> None:
    prepare = deciding.prepare_decision
    submission_id = committee.item.submission_id
    with pytest.raises(ValidationError, match="not closed yet"):
        prepare(actor=committee.officer, submission_id=submission_id, kind="shortlisted")
    committee.discuss()
    committee.vote("shortlisted", "shortlisted", ABSTAIN)
    committee.conclude("shortlisted")
    convening.close_meeting(actor=committee.officer, meeting_id=committee.meeting.pk)
    with pytest.raises(ValidationError, match="concluded otherwise"):
        prepare(
            actor=committee.officer,
            submission_id=submission_id,
            kind="not_shortlisted",
            grounds="Too little.",
        )
    assert prepare(actor=committee.officer, submission_id=submission_id, kind="shortlisted").pk


def test_the_minutes_are_kept_and_read_the_same_in_both_languages(committee: Committee) -> None:
    from reviews.admin.minutes import minutes_pdf

    committee.discuss()
    committee.vote("shortlisted", "shortlisted", ABSTAIN)
    committee.conclude("shortlisted")
    meeting = convening.close_meeting(
        actor=committee.officer, meeting_id=committee.meeting.pk, remarks="Nothing else."
    )
    english, french = plain(raw_text(minutes_pdf(meeting, "en"))), minutes_pdf(meeting, "fr")
    assert committee.item.submission.reference in english
    assert "A sound plan." in english
    assert f"{committee.members[0]}: shortlist" in english
    assert "Procès-verbal" in plain(raw_text(french))
    assert minutes_pdf(meeting, "fr") == french

    meeting.remarks = "Something else."
    with pytest.raises(DatabaseError), transaction.atomic():
        meeting.save()


@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_a_committee_has_three_or_five_with_a_vote(
    officer: User, reviewer: User, count: int
) -> None:
    assignment = builders.build_assignment(officer, reviewer)
    builders.build_scored(assignment)
    people = [builders.build_user("approver", f"chair-{at}") for at in range(count)]
    with pytest.raises(ValidationError) as refused:
        convening.convene_meeting(
            actor=officer,
            call=assignment.submission.call,
            stage=assignment.submission.stage,
            held_on=timezone.localdate(),
            voting_ids=[each.pk for each in people],
        )
    assert "voting" in refused.value.message_dict


Try = Callable[[Committee], object]


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(lambda c: convening.open_meeting(actor=c.officer, meeting_id=c.meeting.pk)),
        pytest.param(lambda c: agenda.take_up(actor=c.officer, item_id=c.item.pk)),
        pytest.param(lambda c: convening.close_meeting(actor=c.officer, meeting_id=c.meeting.pk)),
        pytest.param(
            lambda c: convening.convene_meeting(
                actor=c.officer,
                call=c.meeting.call,
                stage=c.meeting.stage,
                held_on=timezone.localdate(),
                voting_ids=[each.pk for each in c.members],
            )
        ),
    ],
    ids=["open without quorum", "discuss before it is open", "close before it is open", "second"],
)
def test_out_of_turn_nothing_happens(committee: Committee, attempt: Try) -> None:
    with pytest.raises((ValidationError, WrongState)), transaction.atomic():
        attempt(committee)
    committee.meeting.refresh_from_db()
    assert committee.meeting.state == "planned"


@given(st.lists(st.sampled_from([*Outcome.values, ABSTAIN]), max_size=5))
def test_only_a_true_majority_wins(votes: list[str]) -> None:
    count = agenda.count_votes(votes, 5)
    opinions = [each for each in votes if each != ABSTAIN]
    assert count.is_quorate == (len(votes) >= 3)
    if count.winner:
        assert opinions.count(count.winner) * 2 > len(opinions)
    else:
        assert all(opinions.count(each) * 2 <= len(opinions) for each in opinions)
