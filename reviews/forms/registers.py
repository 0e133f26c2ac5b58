"""What a register told a person, and which answers the list shows."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import LineField
from applications.models import RegisterAnswer, RegisterVerdict, Submission
from reviews.forms.desk_form import DeskForm, text_area


class RegisterRecordForm(DeskForm):
    """`verdict` is the button that was pressed."""

    verdict = LineField(widget=forms.HiddenInput, required=False, max_length=10)
    name = LineField(
        label=_("Name in the register"),
        help_text=_("As the register writes it; leave it empty if it tells none."),
        required=False,
        max_length=300,
    )
    reason = text_area(
        _("How you know"), help_text=_("Where you looked and when, or who told you.")
    )


class RegisterFilter(forms.Form):
    """Which answers the list shows: those still awaited unless another choice was made."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("not answered")),
            (RegisterVerdict.VALID.value, _("known")),
            (RegisterVerdict.INVALID.value, _("not known")),
            ("all", _("all")),
        ],
    )
    proposal = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )

    def is_used(self) -> bool:
        return bool(self.data.get("state") or self.data.get("proposal"))

    def apply(self, rows: QuerySet[RegisterAnswer]) -> QuerySet[RegisterAnswer]:
        """What is not a choice of the form is as if nothing was chosen."""
        given = self.cleaned_data if self.is_valid() else {}
        if given.get("proposal"):
            of_proposal = Submission.objects.filter(pk=given["proposal"]).order_by()
            rows = rows.filter(organisation__in=of_proposal.values("organisation"))
        if given.get("state") == "all":
            return rows
        return rows.filter(verdict=given.get("state") or "")
