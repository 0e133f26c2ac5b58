"""Words and tones of what the machine and people answered, for badges and sentences."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from applications.models import SubmissionState, ThreadState
from bpf_portal.core.access import Text
from reviews.models import (
    AssignmentState,
    ConflictState,
    DecisionState,
    ItemState,
    MeetingState,
    PlannedState,
    PlanState,
)


class Badge(NamedTuple):
    """A word in a tone: neutral, info, waiting, done, attention or refused."""

    label: Text
    tone: str


OUTCOMES = {
    "": Badge(_("not checked yet"), "neutral"),
    "eligible": Badge(_("all rules met"), "done"),
    "to_review": Badge(_("to be looked at"), "waiting"),
    "ineligible": Badge(_("a rule is not met"), "refused"),
}
#: The outcome after people's decisions, short enough for a column of the list.
DECIDED: dict[str, Text] = {
    "eligible": _("decided: met"),
    "to_review": _("decided: still open"),
    "ineligible": _("decided: not met"),
}
DUE_DILIGENCE = {
    "": Badge(_("not checked yet"), "neutral"),
    "complete": Badge(_("complete"), "done"),
    "gaps": Badge(_("gaps"), "waiting"),
    "refer": Badge(_("to be looked at"), "waiting"),
    "refused": Badge(_("clause refused"), "refused"),
}
FINDINGS = {
    "fail": Badge(_("not met"), "refused"),
    "review": Badge(_("a person must look"), "waiting"),
    "missing": Badge(_("information missing"), "attention"),
    "pass": Badge(_("met"), "done"),
}
#: What a person said of a finding. What was taken back says nothing of it.
VERDICTS = {
    "confirmed": Badge(_("confirmed: not met"), "refused"),
    "overruled": Badge(_("overruled"), "info"),
    "cleared": Badge(_("settled by the company’s answer"), "done"),
    "taken_back": Badge(_("decision taken back"), "neutral"),
}
_SUBMISSION_TONES = {
    "received": "info",
    "eligible": "done",
    "ineligible": "refused",
    "in_review": "waiting",
    "decided": "done",
    "withdrawn": "neutral",
}
_ASSIGNMENT_TONES = {
    "assigned": "info",
    "accepted": "waiting",
    "recused": "neutral",
    "submitted": "done",
    "released": "neutral",
}
_PLAN_TONES = {
    "being_made": "waiting",
    "open": "info",
    "sending": "waiting",
    "sent": "done",
    "discarded": "neutral",
}
_PLANNED_TONES = {
    "planned": "info",
    "asked": "done",
    "held": "attention",
    "refused": "refused",
}
_DECISION_TONES = {
    "prepared": "waiting",
    "confirmed": "info",
    "returned": "attention",
    "published": "done",
    "replaced": "neutral",
    "dropped": "neutral",
}


_CONFLICT_TONES = {"suspected": "attention", "recused": "refused", "cleared": "done"}
_MEETING_TONES = {
    "planned": "info",
    "open": "waiting",
    "closed": "done",
    "cancelled": "neutral",
}
_ITEM_TONES = {"waiting": "neutral", "open": "waiting", "concluded": "done"}
_THREAD_TONES = {"waiting": "waiting", "quiet": "neutral"}


def submission_badge(state: str) -> Badge:
    return Badge(SubmissionState(state).label, _SUBMISSION_TONES[state])


def assignment_badge(state: str) -> Badge:
    return Badge(AssignmentState(state).label, _ASSIGNMENT_TONES[state])


def plan_badge(state: str) -> Badge:
    return Badge(PlanState(state).label, _PLAN_TONES[state])


def planned_badge(state: str) -> Badge:
    return Badge(PlannedState(state).label, _PLANNED_TONES[state])


def conflict_badge(state: str) -> Badge:
    return Badge(ConflictState(state).label, _CONFLICT_TONES[state])


def decision_badge(state: str) -> Badge:
    return Badge(DecisionState(state).label, _DECISION_TONES[state])


def thread_badge(state: str) -> Badge:
    return Badge(ThreadState(state).label, _THREAD_TONES[state])


#: The regions of the lists of countries, which name them in English.
REGIONS: dict[str, Text] = {
    "European Union": _("European Union"),
    "Europe": _("Europe"),
    "North of Sahara": _("North of Sahara"),
    "Western Africa": _("Western Africa"),
    "Middle Africa": _("Middle Africa"),
    "Eastern Africa": _("Eastern Africa"),
    "Southern Africa": _("Southern Africa"),
    "Middle East": _("Middle East"),
    "South & Central Asia": _("South & Central Asia"),
    "Far East Asia": _("Far East Asia"),
    "North America": _("North America"),
    "Central America": _("Central America"),
    "Caribbean": _("Caribbean"),
    "South America": _("South America"),
    "Oceania": _("Oceania"),
    "Melanesia": _("Melanesia"),
    "Micronesia": _("Micronesia"),
    "Polynesia": _("Polynesia"),
}


def region_name(region: str) -> Text:
    """A region in the reader's language; one that no list of ours has stays as it is."""
    return REGIONS.get(region, region)


def meeting_badge(state: str) -> Badge:
    return Badge(MeetingState(state).label, _MEETING_TONES[state])


def item_badge(state: str) -> Badge:
    return Badge(ItemState(state).label, _ITEM_TONES[state])
