"""Preparing a decision."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import MoneyField
from reviews.forms.desk_form import DeskForm, text_area
from reviews.models import Criterion, DecisionKind


class DecisionForm(DeskForm):
    """What is decided, and what the letter will say, in the language of the application."""

    def __init__(
        self,
        *args: Any,
        kinds: Sequence[DecisionKind],
        criteria: Sequence[Criterion],
        **kwargs: Any,
    ) -> None:
        self.kinds, self.criteria = kinds, criteria
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (kind.value, kind.label) for kind in kinds
        ]
        if DecisionKind.SELECTED not in kinds:
            del self.fields["amount"]
        for criterion in criteria:
            self.fields[f"reason_{criterion.pk}"] = text_area(criterion.label, rows=2)
        self.helper.layout = self._layout()

    kind = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    amount = MoneyField(
        label=_("Amount awarded (EUR)"),
        required=False,
        help_text=_("Only for an award."),
        widget=forms.TextInput({"inputmode": "decimal", "class": "desk-input"}),
    )
    conditions = text_area(_("Conditions"), help_text=_("One a line, for the company."))
    grounds = text_area(_("Grounds"), help_text=_("For the company. A refusal must be explained."))

    def _layout(self) -> Layout:
        said = ("correction_reason", "kind", "amount", "conditions", "grounds")
        names = [name for name in said if name in self.fields]
        reasons = [f"reason_{criterion.pk}" for criterion in self.criteria]
        if not reasons:
            return Layout(*names)
        return Layout(*names, Fieldset(_("Reasons by criterion, for the letter"), *reasons))

    def reasons(self) -> dict[int, str]:
        return {
            criterion.pk: self.cleaned_data.get(f"reason_{criterion.pk}", "")
            for criterion in self.criteria
        }


class CorrectedDecisionForm(DecisionForm):
    """The decision that is to replace a published one; why is said first."""

    correction_reason = text_area(
        _("Why the earlier decision is replaced"),
        help_text=_("For the company: its new letter and its pages give this reason."),
    )
