"""The committee of the open call: convened for next week, signed for by all but one."""

from datetime import timedelta

from django.utils import timezone

from applications.models import Call, Stage
from reviews.actions.convening import convene_meeting, sign_for_meeting
from reviews.actions.demonstration.dates import set_values
from reviews.actions.demonstration.stories import People

#: The first of them has not signed yet, so that whoever tries the portal can.
VOTING = ("reviewer", "reviewer_three", "approver_two")
OBSERVERS = ("auditor",)


def plan_a_meeting(call: Call, people: People) -> None:
    """On what is scored and not decided; whoever runs the call can open it at once."""
    now = timezone.now()
    meeting = convene_meeting(
        actor=people["officer"],
        call=call,
        stage=Stage.PRESELECTION,
        held_on=timezone.localdate() + timedelta(days=6),
        voting_ids=[people[key].pk for key in VOTING],
        observer_ids=[people[key].pk for key in OBSERVERS],
    )
    set_values(meeting, convened_at=now - timedelta(days=3))
    for key in (*VOTING[1:], *OBSERVERS):
        member = sign_for_meeting(
            actor=people[key], meeting_id=meeting.pk, confidential=True, conflicts={}
        )
        set_values(member, signed_at=now - timedelta(days=1))
