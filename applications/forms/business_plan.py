"""The business plan of a detailed proposal: answers in words, and the figures of some years."""

from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from applications.forms.choices import Choices
from applications.forms.fields import LAST_YEAR, MoneyField
from applications.forms.questions import ask, keep_answers, stored_answers
from applications.forms.rows import RowForm, RowFormSet, row_helper, store_rows
from applications.forms.section import SectionForms, assign, form_helper
from applications.models import Proposal, Question, QuestionSection

#: Nothing that is planned now begins before it.
FIRST_PLANNED_YEAR = 2016


class ProjectionRow(RowForm):
    telling = ("year", "revenue", "costs")
    one = _("Year")
    helper = row_helper(
        Div(
            Div("year", css_class="col-md-4"),
            Div("revenue", css_class="col-md-4"),
            Div("costs", css_class="col-md-4"),
            css_class="row",
        )
    )

    year = forms.IntegerField(
        label=_("Year"), required=False, min_value=FIRST_PLANNED_YEAR, max_value=LAST_YEAR
    )
    revenue = MoneyField(label=_("Revenue (EUR)"))
    costs = MoneyField(label=_("Costs (EUR)"))


class BusinessPlanForm(forms.Form):
    break_even_year = forms.IntegerField(
        label=_("Year in which the activity earns what it costs"),
        required=False,
        min_value=FIRST_PLANNED_YEAR,
        max_value=LAST_YEAR,
    )

    def __init__(self, *args: Any, questions: list[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answers = ask(self, questions)
        self.helper = form_helper(
            Fieldset(_("Your answers"), *answers) if answers else Div(),
            Fieldset(_("Break-even"), "break_even_year"),
        )


class BusinessPlanSection(SectionForms):
    section = "business_plan"
    title = _("Business plan")
    template = "proposals/sections/business_plan.html"

    def __init__(
        self, proposal: Proposal, *, choices: Choices, data: QueryDict | None = None
    ) -> None:
        super().__init__()
        self.questions = choices.questions(proposal.call.code, QuestionSection.BUSINESS_PLAN)
        initial = {
            "break_even_year": proposal.break_even_year,
            **stored_answers(self.questions, proposal),
        }
        self.forms = [BusinessPlanForm(data, initial=initial, questions=self.questions)]
        self.lists = {
            "projections": RowFormSet(
                form=ProjectionRow,
                prefix="projections",
                stored=_projections(proposal),
                data=data,
            )
        }

    def save(self, row: Proposal) -> None:
        values = self.form.cleaned_data
        assign(row, values, "break_even_year")
        keep_answers(row, self.questions, values)
        store_rows(row.projections.all(), self.lists["projections"].rows, proposal=row)


def _projections(proposal: Proposal) -> list[dict[str, Any]]:
    return [
        {"id": row.pk, "year": row.year, "revenue": row.revenue, "costs": row.costs}
        for row in proposal.projections.all()
    ]
