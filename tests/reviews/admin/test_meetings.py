"""The committee in the admin: convened from the ranking, five people vote, minutes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from reviews.models import AgendaItem, Meeting
from tests import builders
from tests.measuring import counted
from tests.reviews.test_committee import Committee, build_committee

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
AT_MOST = 12


def item_address(item: AgendaItem, part: str = "change") -> str:
    return reverse(f"admin:reviews_agendaitem_{part}", args=(item.pk,))


def meeting_address(meeting: Meeting, part: str = "change") -> str:
    return reverse(f"admin:reviews_meeting_{part}", args=(meeting.pk,))


def test_a_meeting_from_the_ranking_to_the_minutes(
    as_user: AsUser, officer: User, reviewer: User
) -> None:
    assignment = builders.build_assignment(officer, reviewer)
    builders.build_scored(assignment)
    submission = assignment.submission
    members = [builders.build_user(role) for role in ("reviewer", "reviewer", "approver")]
    desk = as_user(officer)

    convene = reverse("admin:ranking_committee", args=(submission.call.code, submission.stage))
    assert submission.reference in desk.get(convene).content.decode()
    refused = desk.post(convene, {"held_on": "2020-01-01", "voting": [members[0].pk]})
    assert refused.status_code == 422
    people = {"held_on": str(timezone.localdate()), "voting": [each.pk for each in members]}
    assert desk.post(convene, people).status_code == 302
    assert desk.post(convene, people).status_code == 422, "one meeting at a time"
    meeting = Meeting.objects.get()
    item = meeting.items.get()

    for member in members:
        client = as_user(member)
        page = client.get(meeting_address(meeting)).content.decode()
        assert escape(submission.lead_name) in page
        assert client.post(meeting_address(meeting, "sign"), {}).status_code == 422
        client.post(meeting_address(meeting, "sign"), {"confidential": "on"})
        assert client.get(item_address(item)).status_code == 200
    desk.post(meeting_address(meeting, "open"))
    desk.post(item_address(item, "discuss"))

    assert desk.post(item_address(item, "conclude"), {"outcome": "shortlisted"}).status_code == 422
    for member in members:
        client = as_user(member)
        assert client.post(item_address(item, "vote"), {"value": "nonsense"}).status_code == 422
        assert client.post(item_address(item, "vote"), {"value": "shortlisted"}).status_code == 302
        assert "Who voted what" not in client.get(item_address(item)).content.decode() or (
            member.role == "approver"
        )
    assert "Who voted what" in desk.get(item_address(item)).content.decode()
    said = {"outcome": "shortlisted", "discussion": "A sound plan."}
    assert desk.post(item_address(item, "conclude"), said).status_code == 302
    desk.post(meeting_address(meeting, "close"), {"remarks": "Nothing else."})

    closed = desk.get(meeting_address(meeting)).content.decode()
    assert "Prepare the decision" in closed
    minutes = desk.get(meeting_address(meeting, "minutes") + "?language=fr")
    assert minutes.content.startswith(b"%PDF")
    assert as_user(members[0]).get(meeting_address(meeting, "minutes")).status_code == 404
    over = as_user(members[0]).get(item_address(item)).content.decode()
    assert "the dossier is not shown" in over


def test_who_takes_no_part_meets_404(as_user: AsUser, officer: User, reviewer: User) -> None:
    committee = build_committee(officer, reviewer)
    recused = as_user(committee.members[0])
    interest = {"confidential": "on", f"interest_{committee.item.pk}": "I own a share."}
    recused.post(meeting_address(committee.meeting, "sign"), interest)
    assert recused.get(item_address(committee.item)).status_code == 404
    assert recused.post(item_address(committee.item, "vote"), {}).status_code == 404
    page = recused.get(meeting_address(committee.meeting)).content.decode()
    assert committee.item.submission.reference not in page
    assert (
        as_user(builders.build_user("reviewer")).get(meeting_address(committee.meeting)).status_code
        == 404
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_cost_little(
    as_user: AsUser, officer: User, reviewer: User, language: str
) -> None:
    committee: Committee = build_committee(officer, reviewer)
    committee.discuss()
    for user in (officer, committee.members[0], committee.members[3]):
        client = as_user(user, language)
        for address in (
            meeting_address(committee.meeting),
            item_address(committee.item),
            reverse("admin:reviews_meeting_changelist"),
        ):
            assert counted(client, address).queries <= AT_MOST, (user, address)
