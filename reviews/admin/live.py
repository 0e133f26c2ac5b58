"""What tells the people in the room that something has moved, without reading it to them."""

import hashlib
import json
from collections.abc import Iterable

from django.db.models import Count, Max, QuerySet
from django.http import JsonResponse

from accounts.models import User
from reviews.models import AgendaItem, Meeting, Member


def agenda_seen_by(user: User, meeting: Meeting) -> QuerySet[AgendaItem]:
    """The dossiers of the agenda that this person may see, with what `standing_of` needs."""
    rows = AgendaItem.objects.visible_to(user).filter(meeting=meeting).order_by("position")
    return rows.annotate(votes_cast=Count("votes"), last_vote=Max("votes__cast_at"))


def standing_of(meeting: Meeting, members: Iterable[Member], rows: Iterable[AgendaItem]) -> str:
    """A mark of all that a person's pages of the meeting show; it changes when they would.

    `rows` come from `agenda_seen_by`: nothing moves for a dossier that does not exist for them.
    """
    seen = [
        meeting.state,
        sorted((each.pk, str(each.signed_at)) for each in members),
        sorted(
            (each.pk, each.state, each.outcome, str(each.amount), *_votes(each)) for each in rows
        ),
    ]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]


def _votes(item: AgendaItem) -> tuple[int, str]:
    return item.votes_cast, str(item.last_vote)  # type: ignore[attr-defined]


def standing_answer(user: User, meeting: Meeting) -> JsonResponse:
    """`{"standing": …}`, which the open pages ask for every few seconds."""
    rows = agenda_seen_by(user, meeting).only("state", "outcome", "amount")
    answer = JsonResponse({"standing": standing_of(meeting, meeting.members.all(), rows)})
    answer["Cache-Control"] = "no-store"
    return answer
