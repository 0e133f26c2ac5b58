"""The project: what is done, where, for whom and why it deserves public money."""

from typing import Any

from crispy_forms.layout import HTML, Div, Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from applications.actions.offered import offered_countries
from applications.forms.choices import Choices
from applications.forms.fields import (
    ChoicesField,
    DayField,
    LineField,
    SelectField,
    TextField,
    offer,
)
from applications.forms.questions import ask, keep_answers, stored_answers
from applications.forms.section import SectionForms, assign, form_helper, group, two
from applications.models import Proposal, Question, QuestionSection, Vocabulary

NOT_ANSWERED, NONE_APPLIES, SOME_APPLY = "", "none", "some"


def project_questions(proposal: Proposal, choices: Choices) -> list[Question]:
    return choices.questions(proposal.call.code, QuestionSection.PROJECT)


class ProjectForm(forms.Form):
    title = LineField(label=_("Title of the project"), max_length=200)
    summary = TextField(
        label=_("Summary"),
        help_text=_("Five sentences that a stranger understands."),
        max_length=3000,
    )
    kind = SelectField(label=_("Kind of project"))
    starts_on = DayField(label=_("Planned start"))
    duration_months = forms.IntegerField(
        label=_("Duration in months"), required=False, min_value=1, max_value=120
    )
    nace = LineField(
        label=_("Economic activity (NACE)"),
        max_length=10,
        help_text=_("The division or class of the activity supported, such as 62 or 62.10."),
        widget=forms.TextInput(attrs={"list": "nace-terms", "autocomplete": "off"}),
    )
    countries = ChoicesField(label=_("Countries of implementation"))
    sectors = ChoicesField(label=_("Sectors"))
    sdgs = ChoicesField(label=_("Sustainable development goals it serves"), coerce=int)
    excluded_answer = forms.ChoiceField(
        label=_("Does the project concern one of the excluded activities?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (NONE_APPLIES, _("No, none of them")),
            (SOME_APPLY, _("Yes, those ticked below")),
            (NOT_ANSWERED, _("Not answered yet")),
        ],
    )
    excluded_activities = ChoicesField(label=_("Excluded activities"))

    def __init__(self, *args: Any, choices: Choices, proposal: Proposal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer(choices, proposal)
        answers = ask(self, project_questions(proposal, choices))
        self.helper = form_helper(
            Fieldset(
                _("In short"),
                "title",
                "summary",
                two("kind", "nace"),
                two("starts_on", "duration_months"),
            ),
            Fieldset(_("Where"), Div(group("countries"), data_filter=_("Type to find a country"))),
            Fieldset(_("What it is about"), group("sectors"), group("sdgs")),
            Fieldset(_("Your answers"), *answers),
            Fieldset(
                _("Excluded activities"),
                HTML("{% include 'proposals/_excluded_intro.html' %}"),
                "excluded_answer",
                group("excluded_activities", css_class="choice-list"),
            ),
        )

    def _offer(self, choices: Choices, proposal: Proposal) -> None:
        offers = {
            "countries": choices.countries(offered_countries(proposal.call)),
            "sectors": choices.words(Vocabulary.SECTOR),
            "sdgs": [(code, f"{code}. {label}") for code, label in choices.words(Vocabulary.SDG)],
            "excluded_activities": choices.words(Vocabulary.EXCLUDED_ACTIVITY),
            "kind": choices.words(Vocabulary.PROJECT_KIND),
        }
        for name, offered in offers.items():
            offer(self, name, offered)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        ticked = cleaned.get("excluded_activities")
        if cleaned.get("excluded_answer") == NONE_APPLIES and ticked:
            self.add_error(
                "excluded_answer",
                ValidationError(_("You answered “none” and ticked some. Correct one of them.")),
            )
        return cleaned

    @property
    def excluded(self) -> list[str] | None:
        """None: not answered; an empty list: none applies. Ticking one is an answer by itself."""
        ticked: list[str] = self.cleaned_data["excluded_activities"]
        if ticked:
            return ticked
        return [] if self.cleaned_data["excluded_answer"] == NONE_APPLIES else None


class ProjectSection(SectionForms):
    section = "project"
    title = _("Project")
    template = "proposals/sections/project.html"

    FIELDS = (
        "title",
        "summary",
        "kind",
        "countries",
        "sectors",
        "nace",
        "sdgs",
        "starts_on",
        "duration_months",
    )

    def __init__(
        self, proposal: Proposal, *, choices: Choices, data: QueryDict | None = None
    ) -> None:
        super().__init__()
        self.nace_terms = choices.words(Vocabulary.NACE)
        self.questions = project_questions(proposal, choices)
        initial = {**_initial(proposal), **stored_answers(self.questions, proposal)}
        self.project_form = ProjectForm(data, initial=initial, choices=choices, proposal=proposal)
        self.forms = [self.project_form]

    def save(self, row: Proposal) -> None:
        values = self.form.cleaned_data
        assign(row, values, *self.FIELDS)
        row.excluded_activities = self.project_form.excluded
        keep_answers(row, self.questions, values)


def _initial(proposal: Proposal) -> dict[str, Any]:
    excluded = proposal.excluded_activities
    answer = NOT_ANSWERED if excluded is None else (SOME_APPLY if excluded else NONE_APPLIES)
    return {
        **{name: getattr(proposal, name) for name in ProjectSection.FIELDS},
        "excluded_answer": answer,
        "excluded_activities": excluded or [],
    }
