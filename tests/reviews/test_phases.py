"""Review phases: what is wrong with a set of them, whose rights hold when, and who was quicker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.models import Call
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.states import WrongState
from reviews.actions import phasing, scoring
from reviews.models import ReviewPhase, Score, ScoreSheet
from reviews.phases import Phase, first_day, last_day, problems, shifted, shipped
from reviews.reference.files import read_phases
from tests import builders
from tests.concurrently import at_once

LUXEMBOURG = ZoneInfo("Europe/Luxembourg")


def phase(
    starts: int | None, ends: int | None, *rights: str, key: str = "1", stage: str = "preselection"
) -> Phase:
    """Days of May 2026."""

    def day(number: int | None) -> datetime | None:
        return datetime(2026, 5, number, tzinfo=UTC) if number else None

    given = frozenset(rights or ("see",))
    return Phase(stage, "Lecture", "Reading", day(starts), day(ends), given, key=key)


def wrong(*phases: Phase) -> list[tuple[str, str, str]]:
    return [(each.key, each.field, each.what) for each in problems(phases)]


def test_phases_follow_each_other() -> None:
    assert wrong(phase(1, 5), phase(5, 9, key="2"), phase(9, None, key="3")) == []
    assert wrong(phase(None, 5), phase(4, 9, key="2")) == [("2", "starts_at", "overlaps")]
    assert wrong(phase(1, None), phase(20, None, key="2")) == [("2", "starts_at", "overlaps")]
    # The other stage has phases of its own.
    assert wrong(phase(1, 5), phase(1, 5, key="2", stage="detailed_proposal")) == []


def test_a_phase_ends_after_it_starts_and_rights_need_sight() -> None:
    assert wrong(phase(5, 5)) == [("1", "ends_at", "ends_before")]
    assert wrong(phase(5, 2), phase(1, 9, key="2")) == [("1", "ends_at", "ends_before")]
    assert wrong(phase(1, 2, "score")) == [("1", "rights", "blind_rights")]
    assert wrong(replace(phase(1, 2), name_fr=" ")) == [("1", "name_fr", "no_name")]


def test_a_new_call_gets_whole_days_after_its_deadlines() -> None:
    deadline = datetime(2026, 4, 30, 23, 59, 59, tzinfo=LUXEMBOURG)
    deadlines = {"preselection": deadline, "detailed_proposal": None}
    individual, discussion, unending = shipped(read_phases(), deadlines, LUXEMBOURG)
    assert (first_day(individual, LUXEMBOURG), last_day(individual, LUXEMBOURG)) == (
        None,
        date(2026, 7, 14),
    )
    assert (first_day(discussion, LUXEMBOURG), last_day(discussion, LUXEMBOURG)) == (
        date(2026, 7, 15),
        date(2026, 8, 13),
    )
    assert unending.ends_at is None
    assert wrong(individual, discussion, unending) == []


@pytest.mark.django_db
def test_a_call_gets_its_phases_when_it_is_made_and_the_database_keeps_them_apart(
    open_call: Call,
) -> None:
    assert phasing.give_all_calls_phases() == 0
    rows = ReviewPhase.objects.filter(call=open_call, stage="preselection")
    assert [row.rights.score for row in rows] == [True, False]
    with pytest.raises(IntegrityError):
        _a_second_one(open_call)


@transaction.atomic
def _a_second_one(call: Call) -> None:
    ReviewPhase.objects.create(call=call, stage="preselection", name_fr="a", name_en="a")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_an_officer_moves_all_phases_at_once(open_call: Call, officer: User, auditor: User) -> None:
    kept = phasing.phases_of(open_call)
    first, second = (each for each in kept if each.stage == "preselection")
    assert first.ends_at is not None
    later = first.ends_at + timedelta(days=3)
    # Each alone would overlap the other, or leave a gap.
    moved = [replace(first, ends_at=later), replace(second, starts_at=later)]
    seen = phasing.fingerprint(kept)
    change = {"call_id": open_call.pk, "seen": seen}
    with pytest.raises(NotAllowed):
        phasing.change_phases(actor=auditor, phases=moved, **change)  # type: ignore[arg-type]
    with pytest.raises(ValidationError) as refused:
        phasing.change_phases(actor=officer, phases=[moved[0], second], **change)  # type: ignore[arg-type]
    assert list(refused.value.message_dict) == [f"{second.key}-starts_at"]
    phasing.change_phases(actor=officer, phases=moved, **change)  # type: ignore[arg-type]
    rows = ReviewPhase.objects.filter(call=open_call)
    assert [(str(row.pk), row.assumed) for row in rows] == [
        (first.key, False),
        (second.key, False),
    ]
    with pytest.raises(WrongState):
        phasing.change_phases(actor=officer, phases=kept, **change)  # type: ignore[arg-type]


def move_deadline(call: Call, **by: int) -> None:
    call.deadline_at += timedelta(**by)
    call.save()


@pytest.mark.django_db
def test_phases_follow_a_deadline_that_moved_at_one_click(
    open_call: Call, officer: User, auditor: User, as_user: Callable[..., Client]
) -> None:
    before = phasing.phases_of(open_call)
    assert phasing.drifts(open_call) == []
    move_deadline(open_call, days=14)
    (drift,) = phasing.drifts(open_call)
    assert (drift.stage, drift.days) == ("preselection", 14)
    page = reverse("admin:applications_call_change", args=(open_call.pk,))
    client = as_user(officer)
    assert "Move the phases 14 days later" in client.get(page).content.decode()
    assert "Move the phases" not in as_user(auditor).get(page).content.decode()
    button = reverse("admin:applications_call_shift_phases", args=(open_call.pk,))
    sent = {"stage": "preselection", "days": 14}
    with pytest.raises(WrongState):
        phasing.shift_phases(actor=officer, call_id=open_call.pk, stage="preselection", days=13)
    assert client.post(button, sent, follow=True).status_code == 200
    after = phasing.phases_of(open_call)
    for old, new in zip(before, after, strict=True):
        days = 14 if old.stage == "preselection" else 0
        for was, now in (
            (first_day(old, LUXEMBOURG), first_day(new, LUXEMBOURG)),
            (last_day(old, LUXEMBOURG), last_day(new, LUXEMBOURG)),
        ):
            assert now == (was + timedelta(days=days) if was else None)
        assert old.assumed == new.assumed
    assert "Move the phases" not in client.get(page).content.decode()
    # A second click, or an older page, moves nothing.
    assert "changed in the meantime" in client.post(button, sent, follow=True).content.decode()
    assert phasing.phases_of(open_call) == after


@pytest.mark.django_db
def test_phases_that_are_saved_by_hand_count_from_the_new_deadline(
    open_call: Call, officer: User
) -> None:
    move_deadline(open_call, days=-3)
    assert [each.days for each in phasing.drifts(open_call)] == [-3]
    kept = phasing.phases_of(open_call)
    phasing.change_phases(
        actor=officer, call_id=open_call.pk, seen=phasing.fingerprint(kept), phases=kept
    )
    assert phasing.drifts(open_call) == []


def test_shifted_phases_keep_whole_days_over_the_change_of_the_clocks() -> None:
    start = datetime(2026, 3, 20, tzinfo=LUXEMBOURG)
    (moved,) = shifted([replace(phase(None, None), starts_at=start)], 14, LUXEMBOURG)
    assert moved.starts_at == datetime(2026, 4, 3, tzinfo=LUXEMBOURG)


def _close_scoring(officer: User, call: Call) -> str:
    kept = phasing.phases_of(call)
    closed = [replace(each, rights=frozenset({"see"})) for each in kept]
    phasing.change_phases(
        actor=officer, call_id=call.pk, seen=phasing.fingerprint(kept), phases=closed
    )
    return "closed"


@pytest.mark.django_db
def test_after_the_phase_nothing_is_saved_submitted_or_given_back(
    officer: User, reviewer: User, second_reviewer: User
) -> None:
    assignment = builders.build_assignment(officer, reviewer)
    done = builders.build_assignment(officer, second_reviewer, assignment.submission)
    builders.build_scored(done)
    _close_scoring(officer, assignment.submission.call)
    sheet = ScoreSheet.objects.get(assignment=assignment)
    with pytest.raises(NotAllowed, match="Scoring is closed"):
        scoring.save_scores(
            actor=reviewer,
            assignment_id=assignment.pk,
            expected_version=sheet.version,
            answers=[],
            comment="Too late",
        )
    with pytest.raises(NotAllowed, match="Scoring is closed"):
        scoring.submit_scores(actor=reviewer, assignment_id=assignment.pk)
    with pytest.raises(NotAllowed, match="Scoring is closed"):
        scoring.reopen_scores(actor=officer, assignment_id=done.pk, reason="Again.")


@pytest.mark.django_db(transaction=True)
def test_a_submission_and_the_end_of_scoring_at_once(
    reference: None, officer: User, reviewer: User
) -> None:
    """Either the scores are in and count, or the reviewer is told; never half of it."""
    assignment = builders.build_assignment(officer, reviewer)
    submission = assignment.submission
    Score.objects.filter(sheet__assignment=assignment).update(value=4, justification="Sound.")
    submitted, closed = at_once(
        lambda: scoring.submit_scores(actor=reviewer, assignment_id=assignment.pk),
        lambda: _close_scoring(officer, submission.call),
    )
    assert closed == "closed"
    rights = ReviewPhase.objects.filter(call=submission.call).at(timezone.now())
    assert not any(row.score for row in rights)
    assignment.refresh_from_db()
    submission.refresh_from_db()
    if isinstance(submitted, ScoreSheet):
        assert (assignment.state, submission.review_count) == ("submitted", 1)
    else:
        assert isinstance(submitted, NotAllowed)
        assert (assignment.state, submission.review_count) == ("accepted", 0)
