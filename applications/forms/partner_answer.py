"""What a partner says through its link: a confirmation is whole, a refusal has a reason."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.partnering import PartnerAnswer
from applications.forms.fields import DayField, LineField, MoneyField, TextField, YesNoField
from applications.forms.section import form_helper
from applications.models import Partner


class ConfirmForm(forms.Form):
    """Who the partner is, its part, its money, its commitment, and who says so."""

    legal_name = LineField(label=_("Legal name"), required=True, max_length=200)
    registration_number = LineField(
        label=_("Registration number"),
        max_length=60,
        help_text=_("Leave it empty if your organisation has none."),
    )
    registered_on = DayField(label=_("Date of registration"))
    contribution = TextField(
        label=_("Your part in the project"),
        help_text=_("What you will do, in a few sentences."),
        max_length=5000,
        required=True,
    )
    contribution_amount = MoneyField(
        label=_("Your own money in the project (EUR)"),
        help_text=_("Write 0 if you bring none."),
        required=True,
    )
    human_rights_commitment = YesNoField(
        label=_(
            "We respect human rights and the environment in this project, look for risks to people,"
            " act on them, and tell the lead partner when something goes wrong."
        ),
        required=True,
        yes=_("We commit ourselves to this"),
        no=_("We do not commit ourselves to this"),
    )
    answered_by = LineField(label=_("Your name"), required=True, max_length=150)
    answered_by_function = LineField(label=_("Your function"), required=True, max_length=100)

    def __init__(self, partner: Partner, data: QueryDict | None = None) -> None:
        initial = {
            "legal_name": partner.legal_name,
            "registration_number": partner.registration_number,
            "registered_on": partner.registered_on,
            "answered_by": partner.contact_name,
        }
        super().__init__(data, initial=initial)
        self.who = form_helper("legal_name", "registration_number", "registered_on")
        self.part = form_helper("contribution", "contribution_amount")
        self.commitment = form_helper("human_rights_commitment")
        self.signature = form_helper("answered_by", "answered_by_function")

    def clean_registered_on(self) -> date | None:
        day: date | None = self.cleaned_data["registered_on"]
        if day is not None and day > timezone.localdate():
            raise ValidationError(_("This day is still to come."), code="future")
        return day

    @property
    def answer(self) -> PartnerAnswer:
        return PartnerAnswer(**self.cleaned_data)


class DeclineForm(forms.Form):
    reason = TextField(label=_("Why do you not take part?"), max_length=2000, required=True)
    answered_by = LineField(label=_("Your name"), required=True, max_length=150)

    def __init__(self, partner: Partner, data: QueryDict | None = None) -> None:
        super().__init__(data, prefix="decline", initial={"answered_by": partner.contact_name})
        self.helper = form_helper("reason", "answered_by")
