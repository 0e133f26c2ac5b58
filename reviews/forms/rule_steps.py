"""Steps of rules: in force, given up, chosen for a call."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import RuleSet
from reviews.forms.desk_form import DeskForm, text_area


class StepForm(DeskForm):
    """Putting a draft in force, or giving it up: why, and which text of it was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    reason = text_area(
        _("Reason"),
        help_text=_("A full sentence. It is kept with your name and never changed."),
    )


class CallRulesForm(DeskForm):
    """Which rules in force a call goes under; `seen` are those that the page showed."""

    def __init__(
        self, *args: Any, rule_sets: Iterable[RuleSet], seen: RuleSet, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"] = forms.IntegerField(widget=forms.HiddenInput, initial=seen.pk)
        self.fields["rules"] = forms.TypedChoiceField(
            label=_("Rules of this call"),
            coerce=int,
            initial=seen.pk,
            widget=forms.Select({"class": "desk-input"}),
            choices=[(row.pk, f"{row.title} ({row})") for row in rule_sets],
        )
