"""Filters above a list: what an address says, checked, and applied to a queryset."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from applications.models import Call, Stage, SubmissionState
from reviews.actions.late_reviews import late
from reviews.models import Assignment, AssignmentState, Decision, DecisionState

OUTCOMES = [
    ("eligible", _("all rules met")),
    ("to_review", _("to be looked at")),
    ("ineligible", _("a rule is not met")),
    ("none", _("not checked yet")),
]
#: What waits for an officer, as the dashboard counts it.
WAITING = [
    ("findings", _("findings to decide on")),
    ("confirm", _("check results to confirm")),
    ("second_look", _("exclusions that wait for a second look")),
    ("assign", _("reviewers to ask")),
    ("decide", _("decisions to prepare")),
    ("returned", _("decisions sent back")),
]


def waiting_for(what: str) -> Any:
    """The submissions behind one of the officer's tasks."""
    unfinished = Assignment.objects.filter(
        submission=OuterRef("pk"), state__in=(AssignmentState.ASSIGNED, AssignmentState.ACCEPTED)
    )
    undecided = ~Exists(Decision.objects.filter(submission=OuterRef("pk")))
    returned = Decision.objects.filter(submission=OuterRef("pk"), state=DecisionState.RETURNED)
    in_review = Q(state=SubmissionState.IN_REVIEW, review_count__gt=0) & ~Exists(unfinished)
    checked = Q(state=SubmissionState.RECEIVED) & ~Q(outcome="")
    proposed = Q(exclusion_proposed_by__isnull=False)
    tasks: dict[str, Any] = {
        "findings": checked & ~proposed & Q(open_findings__gt=0),
        "confirm": checked & ~proposed,
        "second_look": checked & proposed,
        "assign": Q(state=SubmissionState.ELIGIBLE),
        "decide": (in_review | Q(state=SubmissionState.INELIGIBLE)) & undecided,
        "returned": Q(Exists(returned)),
    }
    return tasks[what]


class ListFilter(forms.Form):
    """Selects above a list. A value that is none of the choices filters nothing and says so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "filter_%s")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False
            field.widget.attrs.setdefault("class", "desk-input")

    def value(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")

    def is_used(self) -> bool:
        return any(self.value(name) for name in self.fields)


def choices(label: Any, options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", _("all")), *options], required=False)


class SubmissionFilter(ListFilter):
    """The officer's list: words, call, stage, state, checks, country, and what waits."""

    q = forms.CharField(
        label=_("Search in reference, title and company"),
        max_length=200,
        strip=True,
        widget=forms.TextInput({"type": "search"}),
    )
    call = choices(_("Call"), ())
    stage = choices(_("Stage"), Stage.choices)
    state = choices(_("State"), SubmissionState.choices)
    outcome = choices(_("Checks"), OUTCOMES)
    country = choices(_("Country"), ())
    waiting = choices(_("Waiting for me"), WAITING)

    def __init__(self, *args: Any, calls: Any, countries: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["call"].choices = [("", _("all")), *calls]  # type: ignore[attr-defined]
        self.fields["country"].choices = [  # type: ignore[attr-defined]
            ("", _("all")),
            *countries.items(),
        ]

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        for name, lookup in (("call", "call__code"), ("stage", "stage"), ("state", "state")):
            if self.value(name):
                rows = rows.filter(**{lookup: self.value(name)})
        if self.value("outcome"):
            rows = rows.filter(outcome=self.value("outcome").replace("none", ""))
        if self.value("country"):
            rows = rows.filter(countries__contains=[self.value("country")])
        if self.value("waiting"):
            rows = rows.filter(waiting_for(self.value("waiting")))
        return rows.matching(self.value("q")) if self.value("q") else rows  # type: ignore[attr-defined]


#: Beside the states of a review: its day is over.
LATE = "late"


class AssignmentFilter(ListFilter):
    """The officer's list of reviews: by call, and by state or lateness."""

    call = choices(_("Call"), ())
    state = choices(_("State"), [(LATE, _("late")), *AssignmentState.choices])

    def __init__(self, *args: Any, calls: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["call"].choices = [("", _("all")), *calls]  # type: ignore[attr-defined]

    def apply(self, rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
        if self.value("call"):
            rows = rows.filter(submission__call__code=self.value("call"))
        if self.value("state") == LATE:
            return late(rows)
        return rows.filter(state=self.value("state")) if self.value("state") else rows


def call_choices(calls: QuerySet[Call]) -> list[tuple[str, str]]:
    return [(call.code, f"{call.title} ({call.code})") for call in calls]


class DecisionFilter(ListFilter):
    """The list of decisions: by call and state."""

    call = choices(_("Call"), ())
    state = choices(_("State"), DecisionState.choices)

    def __init__(self, *args: Any, calls: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["call"].choices = [("", _("all")), *calls]  # type: ignore[attr-defined]

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value("call"):
            rows = rows.filter(submission__call__code=self.value("call"))
        return rows.filter(state=self.value("state")) if self.value("state") else rows
