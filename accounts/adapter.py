"""Where allauth meets our own rules."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_staff
from bpf_portal.core.access import Text
from bpf_portal.core.writing import deliverable


class AccountAdapter(DefaultAccountAdapter):
    #: What names an e-mail address says it in the portal's words.
    error_messages: ClassVar[dict[str, Text]] = {
        **DefaultAccountAdapter.error_messages,
        "cannot_remove_primary_email": _("Your main e-mail address cannot be removed."),
        "duplicate_email": _("This e-mail address belongs to your account already."),
        "email_password_mismatch": _("The e-mail address or the password is not correct."),
        "email_taken": _("There is an account with this e-mail address already."),
        "max_email_addresses": _("You can have at most %d e-mail addresses."),
        "unknown_email": _("No account has this e-mail address."),
        "unverified_primary_email": _("Please confirm your main e-mail address first."),
    }

    def clean_email(self, email: str) -> str:
        """No mail could be sent to some addresses that Django's own validator takes."""
        deliverable(email)
        return super().clean_email(email)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """LuxDev goes to its dashboard, a company to its proposals."""
        if is_staff(request.user):
            return reverse("admin:index")
        return reverse("proposals:list")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Whoever has a second factor shows it before signing; a password alone is then not enough.

        A recovery code counts as the second factor, so nobody is locked out by a lost telephone.
        """
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        second = [method for method in methods if method["id"].startswith("mfa_")]
        return second or methods

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """On a browser without a choice of its own the portal speaks the person's language."""
        response = super().post_login(request, user, **kwargs)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                user.language,
                samesite=settings.LANGUAGE_COOKIE_SAMESITE,
                secure=settings.LANGUAGE_COOKIE_SECURE,
            )
        return response

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """A new account speaks the language its owner registered in."""
        user.language = (getattr(request, "LANGUAGE_CODE", "fr") or "fr")[:2]
        return super().save_user(request, user, form, commit)


class SecondStepAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Text]] = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _(
            "To add an e-mail address, please switch off the sign-in in two steps first."
        ),
        "unverified_email": _(
            "Please confirm your e-mail address before you switch on the sign-in in two steps."
        ),
    }
