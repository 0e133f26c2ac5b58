"""How sure is this ranking? Agreement, strictness, chances, other weights: read only."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from applications.models import Call, Stage
from reviews.actions.comparing import compare
from reviews.admin.pages import RUNNING, find_or_404, render_page, require_role
from reviews.comparing import DRAWS, PRIOR_DOSSIERS
from reviews.forms.comparing import WeightsForm
from reviews.models import CallRubric
from reviews.scoring import DIVERGENCE_POINTS

#: What the readers of alpha agree on: K. Krippendorff, Content Analysis (2004), p. 241.
SURE, TENTATIVE = 0.8, 0.667
#: Half the width of the picture of strictness, in points of 100.
REACH = 20


def comparison(request: HttpRequest, code: str, stage: str) -> HttpResponse:
    """The statistics beside a ranking. At most twelve queries, whatever the number of proposals."""
    user = require_role(request, *RUNNING)
    call: Call = find_or_404(Call.objects.visible_to(user), code=code)
    if stage not in Stage.values:
        raise Http404
    title = _("How sure is this ranking?")
    context: dict[str, Any] = {"title": title, "call": call, "stage": Stage(stage)}
    grid = CallRubric.objects.filter(call=call, stage=stage).select_related("rubric").first()
    if grid is None:
        return render_page(request, "reviews/comparison.html", context)
    asked = any(name.startswith("weight_") for name in request.GET)
    form = WeightsForm(request.GET if asked else None, criteria=grid.rubric.criteria.all())
    weights = form.weights() if asked and form.is_valid() else None
    try:
        found = compare(actor=user, call=call, stage=stage, rubric=grid.rubric, weights=weights)
    except ValidationError as error:
        context["problem"] = " ".join(error.messages)
        return render_page(request, "reviews/comparison.html", context, status=422)
    context |= {
        "form": form,
        "rubric": grid.rubric,
        "comparison": found,
        "reweighted": weights is not None,
        "bars": [_bar(person, each) for person, each in found.reviewers],
        "reading": _reading(found.overall),
        "reach": REACH,
        "draws": DRAWS,
        "prior": round(PRIOR_DOSSIERS),
        "divergence": DIVERGENCE_POINTS,
    }
    return render_page(
        request, "reviews/comparison.html", context, status=422 if form.errors else 200
    )


def _reading(alpha: float | None) -> str:
    """What an agreement means, in words."""
    if alpha is None:
        return _("No two reviewers share a proposal yet, or all gave the same.")
    if alpha >= SURE:
        return _("The reviewers agree: the order can be relied on.")
    if alpha >= TENTATIVE:
        return _("The reviewers agree roughly: neighbours in the order could change places.")
    return _("The reviewers do not agree: talk about the proposals before you rank them.")


def _bar(person: Any, each: Any) -> dict[str, Any]:
    """A reviewer's row: strictness as a bar from the middle, cut at the edge of the picture."""
    points = max(-REACH, min(REACH, each.points or 0))
    return {
        "person": person,
        "found": each,
        "from": REACH + min(0.0, points),
        "width": abs(points),
        "strict": points < 0,
    }
