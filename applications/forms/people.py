"""Who belongs to a company: inviting somebody, their role, and asking to be let in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.actions.organising import normalised_register_number
from applications.forms.choices import Choices
from applications.forms.fields import LineField, MailField, SelectField, TextField, offer
from applications.forms.section import form_helper, two
from applications.models import MembershipRole


class InvitationForm(forms.Form):
    email = MailField(
        label=_("E-mail address"),
        help_text=_("The link works only for the person who owns this address."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=MembershipRole.choices, initial="editor")
    language = forms.ChoiceField(
        label=_("Language of the mail"), choices=[("fr", _("French")), ("en", _("English"))]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper("email", two("role", "language"))


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label=_("Role"), choices=MembershipRole.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper("role")


class AnswerForm(forms.Form):
    """An owner's answer to somebody who asked to join; the role counts when they are let in."""

    answer = forms.ChoiceField(choices=[("accept", _("Accept")), ("decline", _("Decline"))])
    role = forms.ChoiceField(label=_("Role"), choices=MembershipRole.choices, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("answer") == "accept" and not cleaned.get("role"):
            self.add_error("role", _("Choose a role."))
        return cleaned


class JoinForm(forms.Form):
    """Which company, by its place in the trade register, and who asks."""

    country = SelectField(label=_("Country of registration"), required=True)
    registration_number = LineField(label=_("Trade register number"), required=True, max_length=40)
    message = TextField(
        label=_("A word to the owners"),
        max_length=500,
        rows=3,
        help_text=_("They see your name and e-mail address anyway."),
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "country", choices.countries())
        self.helper = form_helper(two("country", "registration_number"), "message")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "registration_number" in cleaned:
            cleaned["registration_number"] = normalised_register_number(
                cleaned.get("country") or None, cleaned["registration_number"]
            )
        return cleaned
