"""An officer's answers on eligibility: on the whole, on one finding, and the second look."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import FINDING_TRANSITIONS
from reviews.forms.desk_form import DeskForm, text_area
from reviews.forms.messages import AnswerForm


class ChosenForm(DeskForm):
    """`answer` is the button that was pressed."""

    answer = forms.ChoiceField(label=_("Decision"), widget=forms.HiddenInput, required=False)

    def clean_answer(self) -> str:
        answer: str = self.cleaned_data["answer"]
        if not answer:
            raise forms.ValidationError(_("Choose one of the two answers."))
        return answer


class EligibilityForm(ChosenForm):
    answer = forms.ChoiceField(
        label=_("Decision"),
        choices=[("eligible", "eligible"), ("ineligible", "ineligible")],
        widget=forms.HiddenInput,
        required=False,
    )
    reason = text_area(
        _("Reason"),
        help_text=_(
            "Needed to confirm as eligible while a finding is open: it overrules each of them."
        ),
    )


class SecondLookForm(ChosenForm):
    answer = forms.ChoiceField(
        label=_("Decision"),
        choices=[("exclude", "exclude"), ("dismiss", "dismiss")],
        widget=forms.HiddenInput,
        required=False,
    )
    reason = text_area(
        _("Reason"), rows=2, help_text=_("Needed where the proposal is not excluded.")
    )


class ReasonForm(DeskForm):
    """A reason for something that is opened or sent back; the action insists on it."""

    reason = text_area(_("Reason"))


class FindingForm(DeskForm):
    """One answer to one finding; `facts` says which one was read, `action` is the button."""

    code = forms.CharField(max_length=40, widget=forms.HiddenInput)
    facts = forms.CharField(max_length=64, widget=forms.HiddenInput)
    action = forms.ChoiceField(
        label=_("Decision"),
        choices=[(action, action) for _state, action in FINDING_TRANSITIONS.transitions],
        widget=forms.HiddenInput,
    )
    reason = text_area(
        _("Reason"),
        rows=2,
        help_text=_("A full sentence; to confirm, none is needed. It is kept and never changed."),
    )


class FindingQuestionForm(AnswerForm):
    code = forms.CharField(max_length=40, widget=forms.HiddenInput)
    facts = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The proposed question is read whole before it is sent.
        self.fields["text"].widget.attrs["rows"] = 12
