"""Which rules to try on which calls."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Call, RuleSet
from reviews.forms.desk_form import DeskForm


class SimulationForm(DeskForm):
    """The choices are rows that the page has read, each list once."""

    def __init__(
        self, *args: Any, rule_sets: Iterable[RuleSet], calls: Iterable[Call], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._rule_sets = {str(row.pk): row for row in rule_sets}
        self._calls = {call.code: call for call in calls}
        self.fields["rules"] = forms.ChoiceField(
            label=_("Rules to try"),
            widget=forms.Select({"class": "desk-input"}),
            choices=[(pk, _named(row)) for pk, row in self._rule_sets.items()],
        )
        self.fields["calls"] = forms.MultipleChoiceField(
            label=_("Tried on the proposals of"),
            widget=forms.CheckboxSelectMultiple,
            choices=[(code, f"{call.title} ({code})") for code, call in self._calls.items()],
        )
        self.helper.layout = Layout("rules", "calls")


def _named(rules: RuleSet) -> str:
    state = f", {rules.get_state_display()}" if rules.is_draft else ""
    return f"{rules.title} ({rules}{state})"
