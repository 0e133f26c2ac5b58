"""What a local partner says of the clause through its link: a signature, or a refusal with why."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import LineField, TextField
from applications.forms.section import form_helper, two
from applications.models import Partner


class CountersignForm(forms.Form):
    signatory = LineField(label=_("Your name"), required=True, max_length=150)
    function = LineField(label=_("Your function"), required=True, max_length=100)
    agreed = forms.BooleanField(
        label=_("I may sign for my organisation, and it undertakes what the clause says."),
        required=False,
    )

    def __init__(self, partner: Partner, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"signatory": partner.contact_name})
        self.helper = form_helper(two("signatory", "function"), "agreed")

    def clean_agreed(self) -> bool:
        if not self.cleaned_data["agreed"]:
            raise ValidationError(_("Tick this box to sign."), code="not_agreed")
        return True


class RefuseClauseForm(forms.Form):
    reason = TextField(label=_("Why do you not sign?"), max_length=2000, required=True)
    signatory = LineField(label=_("Your name"), required=True, max_length=150)
    function = LineField(label=_("Your function"), required=True, max_length=100)

    def __init__(self, partner: Partner, data: QueryDict | None = None) -> None:
        super().__init__(data, prefix="refuse", initial={"signatory": partner.contact_name})
        self.helper = form_helper("reason", two("signatory", "function"))
