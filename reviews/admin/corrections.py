"""Corrections on LuxDev's side: asked for, withdrawn, and what they changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.actions.correcting import CORRECTABLE
from applications.forms.choices import Choices
from applications.models import (
    CorrectionRequest,
    CorrectionState,
    Submission,
    SubmissionRevision,
)
from applications.views.difference import PartChange, differences
from applications.views.section_titles import SECTION_TITLES
from bpf_portal.core.access import Text
from reviews.admin.pages import render_page
from reviews.forms.correcting import CorrectionForm
from reviews.forms.desk_form import DeskForm
from reviews.forms.eligibility import ReasonForm
from reviews.models import Decision, DecisionState

USUAL_TIME = timedelta(days=14)


@dataclass(frozen=True)
class Asked:
    """A request with the names of its sections."""

    correction: CorrectionRequest
    by: str
    sections: Sequence[Text]
    is_open: bool


@dataclass(frozen=True)
class Step:
    """What one later hand-in changed, against the one before it."""

    revision: SubmissionRevision
    changes: Sequence[PartChange]


#: What the page shows of a request; read together with its submission, in one query.
_SHOWN = (
    "id",
    "purpose",
    "sections",
    "text",
    "due_on",
    "state",
    "requested_at",
    "closed_at",
    "reason",
)


def asked_as_rows() -> ArraySubquery:
    """Every correction asked of a submission, newest first, for a page that counts its queries."""
    name = Coalesce(NullIf("requested_by__full_name", Value("")), "requested_by__email")
    members = {column: F(column) for column in _SHOWN}
    rows = CorrectionRequest.objects.filter(submission=OuterRef("pk")).order_by("-id")
    return ArraySubquery(rows.values(json=JSONObject(by=name, **members)))


def asked_for(submission: Submission) -> list[Asked]:
    """What `asked_as_rows` read, annotated as `asked_rows`."""
    return [_asked(row) for row in submission.asked_rows]  # type: ignore[attr-defined]


def _asked(row: dict[str, Any]) -> Asked:
    columns: dict[str, Any] = {field.name: field for field in CorrectionRequest._meta.fields}
    values = {name: columns[name].to_python(row[name]) for name in _SHOWN}
    correction = CorrectionRequest(**values)
    return Asked(
        correction,
        row["by"],
        [SECTION_TITLES[section] for section in correction.sections],
        correction.state == CorrectionState.OPEN,
    )


def correction_form(stage: str, data: Any = None) -> CorrectionForm:
    return CorrectionForm(data, stage=stage, initial={"due_on": timezone.localdate() + USUAL_TIME})


def correction_actions(
    submission: Submission,
    decision: Decision | None,
    asked: Sequence[Asked],
    forms: Mapping[str, DeskForm],
) -> dict[str, Any]:
    """What an officer may do about corrections now."""
    if any(each.is_open for each in asked):
        form = forms.get("withdraw_correction") or withdrawal_form()
        return {"withdraw_correction": form}
    undecided = decision is None or decision.state == DecisionState.RETURNED
    if submission.state in CORRECTABLE and undecided:
        return {"correct": forms.get("correct") or correction_form(submission.stage)}
    return {}


def withdrawal_form(data: Any = None) -> ReasonForm:
    return ReasonForm(data, auto_id="withdraw_correction_%s")


def difference_page(request: HttpRequest, submission: Submission, back: str) -> HttpResponse:
    """What each later hand-in changed, newest first; `back` is the page one came from."""
    if submission.revision < 2:
        raise Http404
    revisions = list(submission.revisions.select_related("correction").order_by("number"))
    choices = Choices()
    steps = [
        Step(after, differences(before.document, after.document, choices))
        for before, after in pairwise(revisions)
    ]
    context = {
        "title": _("What was corrected in %(reference)s") % {"reference": submission.reference},
        "submission": submission,
        "steps": steps[::-1],
        "back": back,
    }
    return render_page(request, "reviews/difference.html", context)
