"""allauth's forms as the portal shows them: a label says what a field is, nothing repeats it.

A placeholder with other words than the label, gone with the first letter, helps nobody.
"""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as second_step
from allauth.mfa.totp import forms as totp
from django import forms


class LabelsOnly(forms.Form):
    """Put before one of allauth's forms, in `ACCOUNT_FORMS` and `MFA_FORMS`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class LoginForm(LabelsOnly, account.LoginForm):
    def clean_login(self) -> str:
        """An address that nobody can have is said to be none, not to be a wrong password."""
        email: str = get_adapter().clean_email(super().clean_login())
        return email


class SignupForm(LabelsOnly, account.SignupForm):
    pass


class AddEmailForm(LabelsOnly, account.AddEmailForm):
    pass


class ChangePasswordForm(LabelsOnly, account.ChangePasswordForm):
    pass


class SetPasswordForm(LabelsOnly, account.SetPasswordForm):
    pass


class ResetPasswordForm(LabelsOnly, account.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(LabelsOnly, account.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(LabelsOnly, account.ReauthenticateForm):
    pass


class SecondStepForm(LabelsOnly, second_step.AuthenticateForm):
    pass


class SecondStepAgainForm(LabelsOnly, second_step.ReauthenticateForm):
    pass


class ActivateTOTPForm(LabelsOnly, totp.ActivateTOTPForm):
    pass
