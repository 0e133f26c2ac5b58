"""The budget and its financing, to the cent."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crispy_forms.layout import Div
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from applications.forms.choices import Choices
from applications.forms.fields import LineField, MoneyField, NumberField, SelectField, offer
from applications.forms.rows import RowForm, RowFormSet, row_helper, store_rows
from applications.forms.section import SectionForms, assign, form_helper, two
from applications.models import Proposal, Vocabulary
from bpf_portal.core.money import CENT

ZERO = Decimal("0.00")
#: What the column of amounts can hold, EUR.
LARGEST = Decimal("9999999999.99")


def line_amount(quantity: Decimal, unit_cost: Decimal) -> Decimal:
    """Quantity times unit cost, rounded half up to the cent, EUR."""
    return (quantity * unit_cost).quantize(CENT, rounding=ROUND_HALF_UP)


class LineRow(RowForm):
    telling = ("category", "description", "unit_cost")
    helper = row_helper(
        Div(
            Div("category", css_class="col-md-4 col-lg-3"),
            Div("description", css_class="col-md-8 col-lg-5"),
            Div("quantity", css_class="col-5 col-md-4 col-lg-1"),
            Div("unit_cost", css_class="col-7 col-md-8 col-lg-3"),
            css_class="row",
        )
    )

    category = SelectField(label=_("Category"))
    description = LineField(label=_("Description"), max_length=200)
    quantity = NumberField(label=_("Quantity"), max_digits=10)
    unit_cost = MoneyField(label=_("Unit cost (EUR)"))

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "category", choices.words(Vocabulary.COST_CATEGORY))

    def clean(self) -> dict[str, Any]:
        """A line without its cost is kept at 0 and shown as not given: drafts save as they are."""
        cleaned = super().clean() or self.cleaned_data
        if self.is_blank or self.errors:
            return cleaned
        quantity = cleaned["quantity"]
        cleaned["quantity"] = Decimal("1.00") if quantity is None else quantity
        cleaned["unit_cost"] = cleaned["unit_cost"] or ZERO
        cleaned["amount"] = line_amount(cleaned["quantity"], cleaned["unit_cost"])
        if cleaned["amount"] > LARGEST:
            self.add_error("unit_cost", _("Quantity times unit cost is too large."))
        return cleaned


class FundingRow(RowForm):
    telling = ("source", "amount")
    helper = row_helper(two("source", "amount"), "luxembourg_cooperation")

    source = LineField(label=_("From whom"), max_length=150)
    amount = MoneyField(label=_("Amount (EUR)"))
    luxembourg_cooperation = forms.BooleanField(
        label=_("This is a grant of the Luxembourg cooperation"), required=False
    )

    def clean_amount(self) -> Decimal:
        return self.cleaned_data["amount"] or ZERO


class FinancingForm(forms.Form):
    requested = MoneyField(label=_("Grant requested (EUR)"))
    own_contribution = MoneyField(label=_("Own contribution (EUR)"))
    partners_contribution = MoneyField(label=_("Partners' contribution (EUR)"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(
            Div(
                *(Div(name, css_class="col-md-4") for name in self.fields),
                css_class="row",
            )
        )


class BudgetSection(SectionForms):
    section = "budget"
    title = _("Budget and financing")
    template = "proposals/sections/budget.html"

    FIELDS = ("requested", "own_contribution", "partners_contribution")

    def __init__(
        self, proposal: Proposal, *, choices: Choices, data: QueryDict | None = None
    ) -> None:
        super().__init__()
        initial = {name: getattr(proposal, name) for name in self.FIELDS}
        self.forms = [FinancingForm(data, initial=initial)]
        self.lists = {
            "lines": RowFormSet(
                form=LineRow,
                prefix="lines",
                stored=_lines(proposal),
                data=data,
                shared={"choices": choices},
                blank_rows=2,
            ),
            "funding": RowFormSet(
                form=FundingRow, prefix="funding", stored=_funding(proposal), data=data
            ),
        }

    def save(self, row: Proposal) -> None:
        assign(row, self.form.cleaned_data, *self.FIELDS)
        lines = [
            {**line, "position": position}
            for position, line in enumerate(self.lists["lines"].rows, start=1)
        ]
        store_rows(row.budget_lines.all(), lines, proposal=row)
        store_rows(row.other_funding.all(), self.lists["funding"].rows, proposal=row)


def _lines(proposal: Proposal) -> list[dict[str, Any]]:
    return [
        {
            "id": line.pk,
            "category": line.category,
            "description": line.description,
            "quantity": line.quantity,
            "unit_cost": line.unit_cost or None,
        }
        for line in proposal.budget_lines.all()
    ]


def _funding(proposal: Proposal) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "source": row.source,
            "amount": row.amount or None,
            "luxembourg_cooperation": row.luxembourg_cooperation,
        }
        for row in proposal.other_funding.all()
    ]
