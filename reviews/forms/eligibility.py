"""An officer's answer on eligibility."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.forms.desk_form import DeskForm, text_area


class EligibilityForm(DeskForm):
    """`answer` is the button that was pressed."""

    answer = forms.ChoiceField(
        choices=[("eligible", "eligible"), ("ineligible", "ineligible")],
        widget=forms.HiddenInput,
        required=False,
    )
    reason = text_area(
        _("Reason"),
        help_text=_("Needed whenever your answer is not what the checks found."),
    )

    def clean_answer(self) -> str:
        answer: str = self.cleaned_data["answer"]
        if not answer:
            raise forms.ValidationError(_("Choose one of the two answers."))
        return answer


class ReasonForm(DeskForm):
    """A reason for something that is opened or sent back; the action insists on it."""

    reason = text_area(_("Reason"))
