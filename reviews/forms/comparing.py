"""Other weights, to see what they would change in a ranking."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from reviews.forms.desk_form import DeskForm
from reviews.models import Criterion


class WeightsForm(DeskForm):
    """A weight for each criterion; together they are what the grid's own weights are together."""

    def __init__(self, *args: Any, criteria: Iterable[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._criteria = {f"weight_{criterion.code}": criterion for criterion in criteria}
        self._sum = sum(criterion.weight for criterion in self._criteria.values())
        for name, criterion in self._criteria.items():
            self.fields[name] = forms.IntegerField(
                label=criterion.label,
                min_value=0,
                max_value=self._sum,
                initial=criterion.weight,
                widget=forms.NumberInput({"class": "desk-input desk-short"}),
            )
        self.helper.layout = Layout(*self._criteria)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if len(cleaned) == len(self._criteria) and sum(cleaned.values()) != self._sum:
            text = _("The weights add up to %(found)s. They must add up to %(sum)s.")
            raise ValidationError(text % {"found": sum(cleaned.values()), "sum": self._sum})
        return cleaned

    def weights(self) -> dict[int, int]:
        """By the criterion's primary key."""
        return {criterion.pk: self.cleaned_data[name] for name, criterion in self._criteria.items()}
