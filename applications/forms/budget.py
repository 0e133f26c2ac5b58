"""The budget and its financing, to the cent."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div
from django import forms
from django.db.models import prefetch_related_objects
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from applications.forms.amounts import line_amount
from applications.forms.budget_detail import (
    Detail,
    bearer_of,
    columns_of,
    package_of,
    still_there,
)
from applications.forms.choices import Choices
from applications.forms.fields import Choice, LineField, MoneyField, NumberField, SelectField, offer
from applications.forms.rows import (
    MOST_LINES,
    RowForm,
    RowFormSet,
    counted,
    row_helper,
    store_rows,
)
from applications.forms.section import SectionForms, assign, form_helper, two
from applications.models import Proposal, Stage, Vocabulary

ZERO = Decimal("0.00")
#: What the column of amounts can hold, EUR.
LARGEST = Decimal("9999999999.99")
#: The prefix of the lines in the page's form.
LINES = "lines"
#: The place of a line that has none yet: after all others.
NO_PLACE = 10**9


class LineRow(RowForm):
    """A line of the table (`proposals/sections/_budget_line.html` shows it)."""

    telling = ("category", "description", "unit_cost")
    one = _("Line")

    position = forms.IntegerField(
        label=_("Place in the table"), required=False, min_value=0, widget=forms.HiddenInput
    )
    category = SelectField(label=_("Category"))
    description = LineField(label=_("Description"), max_length=200)
    quantity = NumberField(label=_("Quantity"), max_digits=10)
    unit_cost = MoneyField(label=_("Unit cost (EUR)"))
    # In the detailed proposal only.
    work_package = SelectField(label=_("Work package"))
    bearer = SelectField(label=_("Borne by"))

    def __init__(
        self, *args: Any, categories: Sequence[Choice], detail: Detail | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "category", categories)
        if detail is None:
            del self.fields["work_package"], self.fields["bearer"]
        else:
            offer(self, "work_package", detail.packages)
            offer(self, "bearer", detail.bearers)

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

    @property
    def columns(self) -> dict[str, Any]:
        """The cleaned values as the columns of a line."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "remove"}
        if "bearer" in values:
            values |= columns_of(values.pop("work_package"), values.pop("bearer"))
        return values

    @property
    def place(self) -> int:
        """Where the line stands among the others; one without a place comes after them."""
        return _place(self["position"].value())

    @property
    def amount(self) -> Decimal | None:
        """Quantity times unit cost, as far as both can be read; None for an empty row."""
        if not self.is_bound:
            return self.initial.get("amount")
        if self.is_blank or self.errors:
            return None
        return self.cleaned_data["amount"]


class LineRows(RowFormSet):
    """The lines of a budget, in the order in which the page shows them."""

    def __init__(self, proposal: Proposal, choices: Choices, data: QueryDict | None) -> None:
        super().__init__(
            form=LineRow,
            prefix=LINES,
            stored=_lines(proposal),
            data=data,
            shared={
                "categories": choices.words(Vocabulary.COST_CATEGORY),
                "detail": Detail.of(proposal),
            },
            blank_rows=2,
            most=MOST_LINES,
        )

    def __iter__(self) -> Iterator[LineRow]:
        return iter(sorted(self.forms, key=lambda row: row.place))

    @property
    def rows(self) -> list[dict[str, Any]]:
        columns = [form.columns for form in self if not form.is_blank]
        return [{**row, "position": place} for place, row in enumerate(columns, start=1)]


def _place(value: object) -> int:
    place = counted(value)
    return NO_PLACE if place is None else place


def with_moved_line(data: QueryDict) -> QueryDict | None:
    """The data after a button "up" or "down" of a line (its value: `lines-3-up`), else None."""
    prefix, _mark, direction = str(data.get("move", "")).rpartition("-")
    total = counted(data.get(f"{LINES}-TOTAL_FORMS"))
    if direction not in ("up", "down") or total is None:
        return None
    names = [f"{LINES}-{index}" for index in range(min(total, MOST_LINES))]
    names.sort(key=lambda name: _place(data.get(f"{name}-position")))
    if prefix in names:
        here = names.index(prefix)
        there = here + (1 if direction == "down" else -1)
        if 0 <= there < len(names):
            names[here], names[there] = names[there], names[here]
    moved = data.copy()
    for place, name in enumerate(names, start=1):
        moved[f"{name}-position"] = str(place)
    return moved


class FundingRow(RowForm):
    telling = ("source", "amount")
    one = _("Source")
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
                css_class="row financing-plan",
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
        self.proposal = proposal
        prefetch_related_objects([proposal], "other_funding")
        self.detail = Detail.of(proposal)
        self.categories = choices.words(Vocabulary.COST_CATEGORY)
        initial = {name: getattr(proposal, name) for name in self.FIELDS}
        self.forms = [FinancingForm(data, initial=initial)]
        self.lists = {
            LINES: LineRows(proposal, choices, data),
            "funding": RowFormSet(
                form=FundingRow, prefix="funding", stored=_funding(proposal), data=data
            ),
        }

    def save(self, row: Proposal) -> None:
        assign(row, self.form.cleaned_data, *self.FIELDS)
        lines = still_there(self.lists[LINES].rows, row, self.proposal)
        # What was read at this very version is still what is stored.
        read = self.proposal if self.proposal.version == row.version else row
        store_rows(read.budget_lines.all(), lines, proposal=row)
        store_rows(read.other_funding.all(), self.lists["funding"].rows, proposal=row)


def _lines(proposal: Proposal) -> list[dict[str, Any]]:
    prefetch_related_objects([proposal], "budget_lines")
    detailed = proposal.stage == Stage.DETAILED_PROPOSAL
    return [
        {
            "id": line.pk,
            "position": place,
            "category": line.category,
            "description": line.description,
            "quantity": line.quantity,
            "unit_cost": line.unit_cost or None,
            "amount": line.amount,
            **({"work_package": package_of(line), "bearer": bearer_of(line)} if detailed else {}),
        }
        for place, line in enumerate(proposal.budget_lines.all(), start=1)
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
