"""Results: what is measured, which markers the project carries, and the jobs it makes."""

from typing import Any

from crispy_forms.layout import HTML, Div, Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from applications.forms.choices import Choices
from applications.forms.fields import LineField, MonthField, NumberField
from applications.forms.rows import RowForm, RowFormSet, row_helper, store_rows
from applications.forms.section import SectionForms, assign, form_helper, two
from applications.models import Proposal, Vocabulary
from bpf_portal.core.access import Text

MOST_JOBS = 1_000_000
JOBS = ("jobs_total", "jobs_women", "jobs_young")
#: How much a project aims at a policy (OECD DAC); not assessed is none of them.
MARKER_LEVELS: dict[int, Text] = {
    0: _("0: not targeted"),
    1: _("1: significant objective"),
    2: _("2: principal objective"),
}
NOT_ASSESSED = _("Not assessed")


class IndicatorRow(RowForm):
    telling = ("name", "unit", "baseline", "target", "due_month")
    one = _("Indicator")
    helper = row_helper(
        two("name", "unit"),
        Div(
            Div("baseline", css_class="col-md-4"),
            Div("target", css_class="col-md-4"),
            Div("due_month", css_class="col-md-4"),
            css_class="row",
        ),
    )

    name = LineField(label=_("What is measured"), max_length=200)
    unit = LineField(
        label=_("Unit"), max_length=60, help_text=_("For example households, litres a day, %.")
    )
    baseline = NumberField(
        label=_("Value at the start"),
        max_digits=14,
        help_text=_("Empty means not known, which is not 0."),
    )
    target = NumberField(label=_("Target"), max_digits=14)
    due_month = MonthField(label=_("Reached by"), help_text=_("Year and month."))


class ResultsForm(forms.Form):
    jobs_total = forms.IntegerField(
        label=_("Jobs that the project makes"), required=False, min_value=0, max_value=MOST_JOBS
    )
    jobs_women = forms.IntegerField(
        label=_("Of these for women"), required=False, min_value=0, max_value=MOST_JOBS
    )
    jobs_young = forms.IntegerField(
        label=_("Of these for young people"), required=False, min_value=0, max_value=MOST_JOBS
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.markers = choices.words(Vocabulary.POLICY_MARKER)
        for code, label in self.markers:
            self.fields[marker_field(code)] = forms.TypedChoiceField(
                label=label,
                required=False,
                coerce=int,
                empty_value=None,
                choices=[("", NOT_ASSESSED), *MARKER_LEVELS.items()],
            )
        fields = [marker_field(code) for code, _label in self.markers]
        self.helper = form_helper(
            Fieldset(
                _("Jobs"),
                HTML("{% include 'proposals/_jobs_intro.html' %}"),
                Div(*(Div(name, css_class="col-md-4") for name in JOBS), css_class="row"),
            ),
            Fieldset(_("Markers"), HTML("{% include 'proposals/_markers_intro.html' %}"), *fields),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        total = cleaned.get("jobs_total")
        for name in JOBS[1:]:
            part = cleaned.get(name)
            if total is not None and part is not None and part > total:
                self.add_error(name, ValidationError(_("This is more than all the jobs.")))
        return cleaned

    @property
    def assessed(self) -> dict[str, int | None]:
        """Every marker asked about; None is "not assessed"."""
        return {code: self.cleaned_data[marker_field(code)] for code, _label in self.markers}


def marker_field(code: str) -> str:
    return f"marker_{code}"


class ResultsSection(SectionForms):
    section = "results"
    title = _("Results")
    template = "proposals/sections/results.html"

    def __init__(
        self, proposal: Proposal, *, choices: Choices, data: QueryDict | None = None
    ) -> None:
        super().__init__()
        initial = {name: getattr(proposal, name) for name in JOBS}
        initial |= {marker_field(code): level for code, level in proposal.markers.items()}
        self.results_form = ResultsForm(data, initial=initial, choices=choices)
        self.forms = [self.results_form]
        self.lists = {
            "indicators": RowFormSet(
                form=IndicatorRow, prefix="indicators", stored=_indicators(proposal), data=data
            )
        }

    def save(self, row: Proposal) -> None:
        assign(row, self.form.cleaned_data, *JOBS)
        assessed = {**row.markers, **self.results_form.assessed}
        row.markers = {code: level for code, level in assessed.items() if level is not None}
        numbered = [
            {**indicator, "number": number}
            for number, indicator in enumerate(self.lists["indicators"].rows, start=1)
        ]
        store_rows(row.indicators.all(), numbered, proposal=row)


def _indicators(proposal: Proposal) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "name": row.name,
            "unit": row.unit,
            "baseline": row.baseline,
            "target": row.target,
            "due_month": row.due_month,
        }
        for row in proposal.indicators.all()
    ]
