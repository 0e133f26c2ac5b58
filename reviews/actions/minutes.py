"""What the minutes of a meeting hold: plain values, frozen with their hash."""

import hashlib
import json
from collections import Counter
from typing import Any

from django.utils import timezone

from reviews.models import AgendaItem, Conflict, ItemState, Meeting, Member, Outcome


def frozen_minutes(meeting: Meeting) -> tuple[dict[str, Any], str]:
    """The record and its SHA-256, over its JSON with sorted keys."""
    members = list(meeting.members.select_related("user"))
    items = (
        meeting.items.select_related("submission")
        .defer("submission__document", "submission__search")
        .prefetch_related("votes__member__user")
    )
    apart = list(
        Conflict.objects.standing()
        .filter(
            person__in=[each.user_id for each in members],
            proposal__in=[item.submission.proposal_id for item in items],
        )
        .select_related("person")
    )
    held = [
        _item(
            item,
            [str(each.person) for each in apart if each.proposal_id == item.submission.proposal_id],
        )
        for item in items
    ]
    call = meeting.call
    record = {
        "schema": "bpf-minutes/1",
        "call": {"code": call.code, "title_fr": call.title_fr, "title_en": call.title_en},
        "stage": meeting.stage,
        "held_on": str(meeting.held_on),
        "opened_at": _moment(meeting.opened_at),
        "closed_at": _moment(meeting.closed_at),
        "envelope": str(call.envelope) if call.envelope is not None else None,
        "members": [_member(each) for each in members],
        "items": held,
        "remarks": meeting.remarks,
    }
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return record, hashlib.sha256(text.encode()).hexdigest()


def _moment(moment: Any) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


def _member(member: Member) -> dict[str, Any]:
    return {
        "name": str(member.user),
        "votes": member.votes,
        "signed_at": _moment(member.signed_at) if member.signed_at else None,
    }


def _item(item: AgendaItem, recused: list[str]) -> dict[str, Any]:
    """One dossier. Recused members are named, with no reason: that is for the register."""
    submission, votes = item.submission, list(item.votes.all())
    concluded = item.state == ItemState.CONCLUDED
    return {
        "position": item.position,
        "reference": submission.reference,
        "title": submission.title,
        "lead": submission.lead_name,
        "requested": str(submission.requested),
        "score": str(submission.score_mean) if submission.score_mean is not None else None,
        "outcome": str(Outcome(item.outcome).value) if concluded else None,
        "amount": str(item.amount) if item.amount is not None else None,
        "discussion": item.discussion,
        "votes": dict(sorted(Counter(vote.value for vote in votes).items())),
        "voted": {str(vote.member): vote.value for vote in votes},
        "recused": sorted(recused),
    }
