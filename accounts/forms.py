"""What a new applicant is asked beside address and password."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bpf_portal.core.writing import one_line, printable


class SignupDetails(forms.Form):
    full_name = forms.CharField(
        label=_("Your full name"),
        max_length=150,
        validators=[printable, one_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        user.full_name = self.cleaned_data["full_name"]
        user.save(update_fields=["full_name"])
