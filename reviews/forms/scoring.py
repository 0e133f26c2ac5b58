"""The score sheet: for every criterion a score or "not able to judge", and why; and notes."""

from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.layout import Layout, LayoutObject
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from applications.forms.section import Difference
from reviews.actions.scoring import CriterionAnswer
from reviews.forms.desk_form import DeskForm, text_area
from reviews.models import Criterion, Score

UNABLE = "unable"


class CriterionBlock(LayoutObject):
    """One criterion: question, what of the dossier concerns it, described levels, justification,
    and what another tab saved."""

    template = "reviews/criterion.html"

    def __init__(self, criterion: Criterion, number: int) -> None:
        self.criterion, self.number = criterion, number
        self.fields = [f"score_{criterion.pk}", f"why_{criterion.pk}"]

    def render(self, form: "ScoreForm", context: Any, *args: Any, **kwargs: Any) -> str:
        form.rendered_fields.update(self.fields)  # type: ignore[attr-defined]
        return render_to_string(
            self.template,
            {
                "criterion": self.criterion,
                "number": self.number,
                "score": form[self.fields[0]],
                "why": form[self.fields[1]],
                "elsewhere": form.elsewhere.get(self.criterion.pk),
                "beside": form.beside.get(self.criterion.pk),
            },
        )


class NotesBlock(LayoutObject):
    """The reader's own notes, folded once there are none."""

    template = "reviews/notes.html"
    fields = ("notes",)

    def render(self, form: "ScoreForm", context: Any, *args: Any, **kwargs: Any) -> str:
        form.rendered_fields.add("notes")  # type: ignore[attr-defined]
        return render_to_string(self.template, {"field": form["notes"]})


class ScoreForm(DeskForm):
    """All criteria of the sheet's grid. Everything may be left open until it is submitted.

    `beside`: by criterion id, what of the dossier concerns it (`reviews.admin.beside`).
    """

    def __init__(
        self,
        *args: Any,
        criteria: Sequence[Criterion],
        beside: Mapping[int, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.criteria = criteria
        self.beside: Mapping[int, Any] = beside or {}
        #: What is stored and differs from what was typed here, by criterion id.
        self.elsewhere: dict[int, Score] = {}
        super().__init__(*args, **kwargs)
        self.fields["version"] = forms.IntegerField(
            widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1
        )
        self.fields["notes"] = text_area(
            _("Notes while reading"),
            rows=4,
            help_text=_("Only you see them, also after you submit."),
        )
        for criterion in criteria:
            self.fields[f"score_{criterion.pk}"] = forms.ChoiceField(
                label=criterion.label,
                required=False,
                choices=_levels(criterion),
                widget=forms.RadioSelect,
            )
            self.fields[f"why_{criterion.pk}"] = text_area(_("Justification"), rows=3)
        self.fields["comment"] = text_area(_("Overall comment"), rows=4)
        blocks = [CriterionBlock(each, number) for number, each in enumerate(criteria, start=1)]
        self.helper.layout = Layout("version", NotesBlock(), *blocks, "comment")

    def answers(self) -> list[CriterionAnswer]:
        """Of the criteria whose fields can be stored as they were typed."""
        return [
            CriterionAnswer(
                criterion_id=criterion.pk,
                value=_value(self.cleaned_data[f"score_{criterion.pk}"]),
                unable_to_judge=self.cleaned_data[f"score_{criterion.pk}"] == UNABLE,
                justification=self.cleaned_data[f"why_{criterion.pk}"],
            )
            for criterion in self.criteria
            if f"score_{criterion.pk}" in self.cleaned_data
            and f"why_{criterion.pk}" in self.cleaned_data
        ]

    def text(self, name: str) -> str | None:
        """A text as it can be stored; None where it cannot."""
        return self.cleaned_data.get(name)

    def messages(self) -> dict[str, str]:
        """What is wrong, by the id of the element it belongs to."""
        return {
            self[name].auto_id: " ".join(str(problem) for problem in problems)
            for name, problems in self.errors.items()
            if name in self.fields and name != "version"
        }

    def differences(self, scores: Sequence[Score], comment: str, notes: str) -> list[Difference]:
        """Where what was typed here is not what is stored now; no field that cannot be stored."""
        answers = {answer.criterion_id: answer for answer in self.answers()}
        found = []
        for score in scores:
            answer = answers.get(score.criterion_id)
            if answer is not None and _said(answer) != _said(score):
                found.append(
                    Difference(
                        label=score.criterion.label,
                        typed=_in_words(answer),
                        stored=_in_words(score),
                        anchor=f"div_{self[f'score_{score.criterion_id}'].auto_id}",
                    )
                )
        for name, stored in (("comment", comment), ("notes", notes)):
            typed = self.text(name)
            if typed is not None and _plain(typed) != _plain(stored):
                field = self[name]
                found.append(Difference(str(field.label), typed, stored, f"div_{field.auto_id}"))
        return found

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


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _said(answer: CriterionAnswer | Score) -> tuple[object, ...]:
    return (answer.value, answer.unable_to_judge, _plain(answer.justification))


def _in_words(answer: CriterionAnswer | Score) -> str:
    score = _("not able to judge") if answer.unable_to_judge else answer.value
    return "\n".join(str(part) for part in (score, answer.justification) if part not in (None, ""))


def _levels(criterion: Criterion) -> list[tuple[str, Any]]:
    levels = [
        (str(level.value), f"{level.value} – {level.text}") for level in criterion.levels.all()
    ]
    return [*levels, (UNABLE, _("I am not able to judge this"))]


def _value(choice: str) -> int | None:
    return int(choice) if choice and choice != UNABLE else None


def stored_values(
    scores: Sequence[Score], *, comment: str, notes: str, version: int
) -> dict[str, Any]:
    """The form's values for what is saved."""
    values: dict[str, Any] = {"comment": comment, "notes": notes, "version": version}
    for score in scores:
        choice = UNABLE if score.unable_to_judge else score.value
        values[f"score_{score.criterion_id}"] = "" if choice is None else str(choice)
        values[f"why_{score.criterion_id}"] = score.justification
    return values
