"""`manage.py document_states`: the tables of states as a page of docs/."""

from typing import Any

from django.core.management.base import BaseCommand

from applications.models import (
    CORRECTION_TRANSITIONS,
    COUNTERSIGNATURE_TRANSITIONS,
    FINDING_TRANSITIONS,
    MATCH_TRANSITIONS,
    PROPOSAL_TRANSITIONS,
    RULE_SET_TRANSITIONS,
    SUBMISSION_TRANSITIONS,
    THREAD_TRANSITIONS,
)
from applications.models.partner_invitation import INVITATION_TRANSITIONS
from bpf_portal.core.jobs import JOB_TRANSITIONS
from reviews.models import (
    AGREEMENT_TRANSITIONS,
    ASSIGNMENT_TRANSITIONS,
    CONFLICT_TRANSITIONS,
    DECISION_TRANSITIONS,
    ITEM_TRANSITIONS,
    MEETING_TRANSITIONS,
    PLAN_TRANSITIONS,
)

TABLES = (
    PROPOSAL_TRANSITIONS,
    SUBMISSION_TRANSITIONS,
    FINDING_TRANSITIONS,
    CORRECTION_TRANSITIONS,
    INVITATION_TRANSITIONS,
    MATCH_TRANSITIONS,
    THREAD_TRANSITIONS,
    CONFLICT_TRANSITIONS,
    ASSIGNMENT_TRANSITIONS,
    PLAN_TRANSITIONS,
    MEETING_TRANSITIONS,
    ITEM_TRANSITIONS,
    DECISION_TRANSITIONS,
    RULE_SET_TRANSITIONS,
    COUNTERSIGNATURE_TRANSITIONS,
    AGREEMENT_TRANSITIONS,
    JOB_TRANSITIONS,
)


def page() -> str:
    """The page, in Markdown with a Mermaid diagram for each aggregate."""
    parts = ["# States", "Written by `manage.py document_states > docs/states.md`."]
    for table in TABLES:
        parts.append(f"## {table.aggregate.capitalize()}\n\n```mermaid\n{table.mermaid()}\n```")
    return "\n\n".join(parts)


class Command(BaseCommand):
    help = "Print docs/states.md from the tables of transitions."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page())
