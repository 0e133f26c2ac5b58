"""Every field of every form about an account, with everything that should not stand in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django import forms
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from accounts import allauth_forms
from accounts.forms import SignupDetails
from accounts.models import User
from tests import builders
from tests.applications.bad_round import Page, PagesTest, forms_of, send
from tests.applications.bad_values import TEXT
from tests.builders import PASSWORD

STRONG = "a-long-enough-phrase"


@dataclass(frozen=True)
class People:
    known: User
    with_second_step: User
    recovery_code: str
    without_password: User


def build_people() -> People:
    with_second_step, without_password = builders.build_user(), builders.build_user()
    TOTP.activate(with_second_step, generate_totp_secret())
    codes = RecoveryCodes.activate(with_second_step)
    without_password.set_unusable_password()
    without_password.save()
    return People(
        builders.build_user(), with_second_step, codes.get_unused_codes()[0], without_password
    )


def reset_link(people: People) -> list[str]:
    """What a forgotten password's mail leads to; the key itself is then kept in the session."""
    return [user_pk_to_url_str(people.known), default_token_generator.make_token(people.known)]


def signing_in(client: Client, people: People, user: User) -> None:
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


#: How a visitor comes to a page, where signing in at once is not the way.
WAYS: Mapping[str, Callable[[Client, People], Any]] = {
    "mfa_authenticate": lambda c, p: signing_in(c, p, p.with_second_step),
    "account_reset_password_from_key": lambda c, p: c.get(
        reverse("account_reset_password_from_key", args=reset_link(p))
    ),
}

PAGES: list[Page[People]] = [
    Page(
        "account_login",
        [allauth_forms.LoginForm],
        who=lambda p: None,
        good=lambda p: {"login": p.known.email, "password": PASSWORD},
    ),
    Page(
        "account_signup",
        [allauth_forms.SignupForm],
        who=lambda p: None,
        good=lambda p: {"email": "new@example.org", "full_name": "New", "password1": STRONG},
    ),
    Page(
        "account_reset_password",
        [allauth_forms.ResetPasswordForm],
        who=lambda p: None,
        good=lambda p: {"email": "nobody@example.org"},
    ),
    Page(
        "account_reset_password_from_key",
        [allauth_forms.ResetPasswordKeyForm],
        lambda p: [user_pk_to_url_str(p.known), "set-password"],
        who=lambda p: None,
        good=lambda p: {"password1": STRONG, "password2": STRONG},
    ),
    Page(
        "account_change_password",
        [allauth_forms.ChangePasswordForm],
        who=lambda p: p.known,
        good=lambda p: {"oldpassword": PASSWORD, "password1": STRONG, "password2": STRONG},
    ),
    Page(
        "account_set_password",
        [allauth_forms.SetPasswordForm],
        who=lambda p: p.without_password,
        good=lambda p: {"password1": STRONG, "password2": STRONG},
    ),
    Page(
        "account_email",
        [allauth_forms.AddEmailForm],
        who=lambda p: p.known,
        good=lambda p: {"action_add": "", "email": "another@example.org"},
    ),
    Page(
        "account_reauthenticate",
        [allauth_forms.ReauthenticateForm],
        who=lambda p: p.known,
        good=lambda p: {"password": PASSWORD},
    ),
    Page(
        "mfa_authenticate",
        [allauth_forms.SecondStepForm],
        who=lambda p: None,
        good=lambda p: {"code": p.recovery_code},
    ),
    Page(
        "mfa_reauthenticate",
        [allauth_forms.SecondStepAgainForm],
        who=lambda p: p.with_second_step,
        good=lambda p: {"code": p.recovery_code},
    ),
]
ELSEWHERE: Mapping[type[forms.Form], str] = {
    allauth_forms.LabelsOnly: "the base of all",
    SignupDetails: "a part of SignupForm",
    allauth_forms.ActivateTOTPForm: "a code made of what the page shows: the test below",
}


@override_settings(ACCOUNT_RATE_LIMITS=False)
class AccountBadInputTest(PagesTest):
    world: ClassVar[People]
    way: Callable[[Client, People], Any] | None = None

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = build_people()

    def check(self, page: Page[Any]) -> None:
        self.way = WAYS.get(page.name)
        super().check(page)

    def visitor(self, user: Any, language: str) -> Client:
        client = super().visitor(user, language)
        if self.way:
            self.way(client, self.world)
        return client

    def test_a_wrong_code_switches_no_second_step_on(self) -> None:
        client = Client(headers={"accept-language": "en"})
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        signing_in(client, self.world, self.world.known)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        url = reverse("mfa_activate_totp")
        for bad in TEXT:
            answer = send(client, url, {"code": [bad.sent]})
            assert answer.status_code == 422, bad
            assert 'href="#id_code"' in answer.content.decode()


def _test_of(page: Page[People]) -> Callable[[AccountBadInputTest], None]:
    return lambda self: self.check(page)


for _page in PAGES:
    setattr(AccountBadInputTest, "test_" + re.sub(r"\W+", "_", _page.title), _test_of(_page))


def test_every_form_is_on_a_page_of_the_table() -> None:
    tried = {each for page in PAGES for each in page.forms}
    assert forms_of("accounts.") == tried | set(ELSEWHERE)
