"""The contract's days, another last day, and the end of a project."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.forms.desk_form import DeskForm, text_area
from reviews.forms.filters import ListFilter, choices
from reviews.models import AgreementState


def _day(label: Any, **kwargs: Any) -> forms.DateField:
    widget = forms.DateInput({"type": "date", "class": "desk-input"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **kwargs)


class SignForm(DeskForm):
    signed_on = _day(_("Contract signed on"))
    starts_on = _day(_("First day of the project"))
    ends_on = _day(_("Last day of the project"))


class MoveForm(DeskForm):
    ends_on = _day(_("New last day of the project"))
    reason = text_area(_("Reason"), rows=2)


class EndForm(DeskForm):
    ended_on = _day(_("Ended on"))
    reason = text_area(
        _("Reason"), rows=2, help_text=_("For example: ended as planned, final report accepted.")
    )


class AgreementFilter(ListFilter):
    """All agreements, those in a state, or those whose due diligence is overdue."""

    state = choices(_("State"), [*AgreementState.choices, ("overdue", _("due diligence overdue"))])
