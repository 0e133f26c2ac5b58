"""The score sheet: for every criterion a score or "not able to judge", and why."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Layout, LayoutObject
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from reviews.actions.scoring import CriterionAnswer
from reviews.forms.desk_form import DeskForm, text_area
from reviews.models import Criterion, Score

UNABLE = "unable"


class CriterionBlock(LayoutObject):
    """One criterion: question, described levels, justification, and what another tab saved."""

    template = "reviews/criterion.html"

    def __init__(self, criterion: Criterion) -> None:
        self.criterion = criterion
        self.fields = [f"score_{criterion.pk}", f"why_{criterion.pk}"]

    def render(self, form: "ScoreForm", context: Any, *args: Any, **kwargs: Any) -> str:
        form.rendered_fields.update(self.fields)  # type: ignore[attr-defined]
        return render_to_string(
            self.template,
            {
                "criterion": self.criterion,
                "score": form[self.fields[0]],
                "why": form[self.fields[1]],
                "elsewhere": form.elsewhere.get(self.criterion.pk),
            },
        )


class ScoreForm(DeskForm):
    """All criteria of the sheet's grid. Everything may be left open until it is submitted."""

    def __init__(self, *args: Any, criteria: Sequence[Criterion], **kwargs: Any) -> None:
        self.criteria = criteria
        #: What is stored and differs from what was typed here, by criterion id.
        self.elsewhere: dict[int, Score] = {}
        super().__init__(*args, **kwargs)
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)
        for criterion in criteria:
            self.fields[f"score_{criterion.pk}"] = forms.ChoiceField(
                label=criterion.label,
                required=False,
                choices=_levels(criterion),
                widget=forms.RadioSelect,
            )
            self.fields[f"why_{criterion.pk}"] = text_area(_("Justification"), rows=3)
        self.fields["comment"] = text_area(_("Overall comment"), rows=4)
        blocks = [CriterionBlock(criterion) for criterion in criteria]
        self.helper.layout = Layout("version", *blocks, "comment")

    def answers(self) -> list[CriterionAnswer]:
        return [
            CriterionAnswer(
                criterion_id=criterion.pk,
                value=_value(self.cleaned_data[f"score_{criterion.pk}"]),
                unable_to_judge=self.cleaned_data[f"score_{criterion.pk}"] == UNABLE,
                justification=self.cleaned_data[f"why_{criterion.pk}"],
            )
            for criterion in self.criteria
        ]

    def refuse(self, error: ValidationError) -> None:
        """Problems come by criterion id: a missing reason belongs to its text, all else to the
        score."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for key, problems in error.error_dict.items():
            answered = self.cleaned_data.get(f"score_{key}")
            name = f"why_{key}" if answered else f"score_{key}"
            self.add_error(name if name in self.fields else None, problems)


def _levels(criterion: Criterion) -> list[tuple[str, Any]]:
    levels = [
        (str(level.value), f"{level.value} – {level.text}") for level in criterion.levels.all()
    ]
    return [*levels, (UNABLE, _("I am not able to judge this"))]


def _value(choice: str) -> int | None:
    return int(choice) if choice and choice != UNABLE else None


def stored_values(scores: Sequence[Score], *, comment: str, version: int) -> dict[str, Any]:
    """The form's values for what is saved."""
    values: dict[str, Any] = {"comment": comment, "version": version}
    for score in scores:
        choice = UNABLE if score.unable_to_judge else score.value
        values[f"score_{score.criterion_id}"] = "" if choice is None else str(choice)
        values[f"why_{score.criterion_id}"] = score.justification
    return values
