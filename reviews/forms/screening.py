"""Loading a sanctions list, and an officer's answer about a name."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.models import MatchState, NameMatch
from reviews.forms.desk_form import DeskForm, text_area


class SanctionsUploadForm(DeskForm):
    """The file of the EU (CSV 1.1) or the UN (XML); which of them is seen from its content."""

    file = forms.FileField(
        label=_("File of the list"),
        help_text=_("The EU's consolidated list as CSV 1.1, or the UN's as XML."),
    )
    accept_shorter = forms.BooleanField(
        label=_("The list may be shorter"),
        help_text=_("Tick it only if you know why half of the entries are gone."),
        required=False,
    )


class NameAnswerForm(DeskForm):
    """`action` is the button that was pressed."""

    action = forms.ChoiceField(
        choices=[(name, name) for name in ("clear", "confirm", "reopen")],
        widget=forms.HiddenInput,
        required=False,
    )
    reason = text_area(
        _("Reason"), help_text=_("What you compared: date of birth, country, register number.")
    )

    def clean_action(self) -> str:
        action: str = self.cleaned_data["action"]
        if not action:
            raise forms.ValidationError(_("Choose one of the two answers."))
        return action


class NameFilter(forms.Form):
    """Which names the list shows: those to be looked at unless another state is chosen."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("to be looked at")),
            ("cleared", _("somebody else")),
            ("confirmed", _("the listed one")),
            ("all", _("all")),
        ],
    )
    proposal = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )

    def is_used(self) -> bool:
        return bool(self.data.get("state") or self.data.get("proposal"))

    def apply(self, rows: QuerySet[NameMatch]) -> QuerySet[NameMatch]:
        """What is not a choice of the form is as if nothing was chosen."""
        given = self.cleaned_data if self.is_valid() else {}
        if given.get("proposal"):
            rows = rows.filter(screenings__submission=given["proposal"]).distinct()
        if given.get("state") == "all":
            return rows
        return rows.filter(state=given.get("state") or MatchState.OPEN)
