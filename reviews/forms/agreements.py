"""The contract's days, another last day, and the end of a project."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reviews.actions.contracting import LONGEST
from reviews.forms.desk_form import DeskForm, text_area
from reviews.forms.filters import ListFilter, choices
from reviews.models import AgreementState


class ContractDayField(forms.DateField):
    """A day of a contract: more than ten years away it is a typing error."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput({"type": "date", "class": "desk-input"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **kwargs)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and abs(value - timezone.localdate()) > LONGEST:
            raise ValidationError(_("This day is more than ten years away."), code="too_far")


class SignForm(DeskForm):
    signed_on = ContractDayField(label=_("Contract signed on"))
    starts_on = ContractDayField(label=_("First day of the project"))
    ends_on = ContractDayField(label=_("Last day of the project"))


class MoveForm(DeskForm):
    ends_on = ContractDayField(label=_("New last day of the project"))
    reason = text_area(_("Reason"), rows=2)


class EndForm(DeskForm):
    ended_on = ContractDayField(label=_("Ended on"))
    reason = text_area(
        _("Reason"), rows=2, help_text=_("For example: ended as planned, final report accepted.")
    )


class AgreementFilter(ListFilter):
    """All agreements, those in a state, or those whose due diligence is overdue."""

    state = choices(_("State"), [*AgreementState.choices, ("overdue", _("due diligence overdue"))])
