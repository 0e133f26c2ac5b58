"""What an action on many dossiers needs besides them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.forms.desk_form import DeskForm, text_area
from reviews.models import BulkKind, DecisionKind

#: An award has an amount of its own, and is prepared by itself.
FOR_MANY = [choice for choice in DecisionKind.choices if choice[0] != DecisionKind.SELECTED]


class BulkForm(DeskForm):
    """Nothing but the confirmation."""

    def options(self) -> dict[str, Any]:
        """What the action gets besides the dossiers, as plain JSON."""
        return {name: value for name, value in self.cleaned_data.items() if name != "at"}


class BulkReasonForm(BulkForm):
    reason = text_area(_("Reason"), help_text=_("The same for each of them."))


class BulkPrepareForm(BulkForm):
    decision = forms.ChoiceField(
        label=_("Decision"), choices=FOR_MANY, widget=forms.RadioSelect, required=True
    )
    grounds = text_area(
        _("Grounds"),
        help_text=_(
            "For the companies, the same text for each: choose proposals in one language."
            " A refusal must be explained."
        ),
    )
    conditions = text_area(_("Conditions"), help_text=_("One a line, for the company."))


class BulkPublishForm(BulkForm):
    at = forms.DateTimeField(
        label=_("Publish at"),
        required=False,
        help_text=_("Luxembourg time. Empty: at once."),
        widget=forms.DateTimeInput(
            {"type": "datetime-local", "class": "desk-input"}, format="%Y-%m-%dT%H:%M"
        ),
    )


FORMS: dict[str, type[BulkForm]] = {
    BulkKind.CONFIRM_ELIGIBLE: BulkReasonForm,
    BulkKind.RERUN: BulkForm,
    BulkKind.PREPARE: BulkPrepareForm,
    BulkKind.CONFIRM: BulkForm,
    BulkKind.SEND_BACK: BulkReasonForm,
    BulkKind.PUBLISH: BulkPublishForm,
}
