"""The answer to the human-rights clause: a legal act, so nothing of it may be left open."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import LineField, YesNoField
from applications.forms.section import form_helper, two


class ClauseForm(forms.Form):
    accepted = YesNoField(
        label=_("Do you accept the clause?"),
        required=True,
        yes=_("We accept the clause"),
        no=_("We do not accept the clause"),
    )
    signatory = LineField(
        label=_("Your name"),
        required=True,
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    function = LineField(
        label=_("Your function in the company"),
        required=True,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    legal_representative = YesNoField(
        label=_("Are you a legal representative of the company?"),
        help_text=_("A person who can bind the company, as its articles or the register say."),
        required=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper("accepted", two("signatory", "function"), "legal_representative")
