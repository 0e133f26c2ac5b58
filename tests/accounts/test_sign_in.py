"""Signing up, in and out: what a person meets, and what nobody may find out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client

from accounts.models import Role, User
from tests.builders import PASSWORD, build_user

pytestmark = pytest.mark.django_db

STRONG = "a-long-enough-phrase"


@pytest.fixture
def visitor(reference: None) -> Client:
    return Client(headers={"accept-language": "en"})


def sign_up(client: Client, email: str, password: str = STRONG) -> Any:
    return client.post(
        "/accounts/signup/",
        {"email": email, "password1": password, "full_name": "Nora Welter"},
    )


def sign_in(client: Client, email: str, password: str) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


def code_of_the_app(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def link_in(message: mail.EmailMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/\S+)", str(message.body))
    assert found, message.body
    return found[1]


def test_a_new_applicant_confirms_the_address_and_is_in(visitor: Client) -> None:
    answer = sign_up(visitor, "Nora@Firm.example")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(visitor)

    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == ["nora@firm.example"]
    assert mail.outbox[0].subject == "BPF: Please confirm your e-mail address"
    link = link_in(mail.outbox[0])

    asked = visitor.get(link)
    assert asked.status_code == 200
    assert "nora@firm.example" in asked.content.decode()
    assert not is_signed_in(visitor), "following the link alone must change nothing"

    assert visitor.post(link).status_code == 302
    user = User.objects.get(email="nora@firm.example")
    assert user.role == Role.APPLICANT
    assert user.full_name == "Nora Welter"
    assert user.language == "en"
    assert user.emailaddress_set.get().verified
    assert is_signed_in(visitor)


def test_an_address_that_is_not_confirmed_does_not_sign_in(visitor: Client) -> None:
    sign_up(visitor, "late@firm.example")
    another = Client(headers={"accept-language": "en"})
    answer = sign_in(another, "late@firm.example", STRONG)
    assert answer["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(another)


def test_a_link_that_is_none_says_what_to_do(visitor: Client) -> None:
    page = visitor.get("/accounts/confirm-email/not-a-key/")
    assert page.status_code == 200
    assert "not valid any more" in page.content.decode()


def test_signing_up_twice_tells_the_owner_and_nobody_else(visitor: Client) -> None:
    build_user(email="known@firm.example")
    known = sign_up(visitor, "known@firm.example")
    fresh = sign_up(Client(headers={"accept-language": "en"}), "fresh@firm.example")
    assert known.status_code == fresh.status_code == 302
    assert known["Location"] == fresh["Location"]
    to_owner = next(m for m in mail.outbox if m.to == ["known@firm.example"])
    assert "You have an account already" in to_owner.subject
    assert User.objects.filter(email="known@firm.example").count() == 1


def test_a_wrong_password_and_an_unknown_address_look_the_same(visitor: Client) -> None:
    build_user(email="known@firm.example")
    pages = []
    for email in ("known@firm.example", "nobody@firm.example"):
        answer = sign_in(visitor, email, "not-the-password")
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "error-summary" in page
        pages.append(re.findall(r"<li>(.*?)</li>", page[page.index("error-summary-title") :])[0])
    assert pages[0] == pages[1]
    assert "not correct" in pages[0]
    assert not is_signed_in(visitor)


def test_asking_for_a_new_password_does_not_tell_who_has_an_account(visitor: Client) -> None:
    build_user(email="known@firm.example")
    answers = [
        visitor.post("/accounts/password/reset/", {"email": email})
        for email in ("known@firm.example", "nobody@firm.example")
    ]
    assert [a["Location"] for a in answers] == ["/accounts/password/reset/done/"] * 2
    subjects = {m.to[0]: m.subject for m in mail.outbox}
    assert "Choose a new password" in subjects["known@firm.example"]
    assert "There is no account" in subjects["nobody@firm.example"]


def test_a_forgotten_password_is_replaced_through_the_mail(visitor: Client) -> None:
    build_user(email="forgetful@firm.example")
    visitor.post("/accounts/password/reset/", {"email": "forgetful@firm.example"})
    form = visitor.get(link_in(mail.outbox[0]), follow=True)
    assert "Choose a new password" in form.content.decode()
    saved = visitor.post(form.request["PATH_INFO"], {"password1": STRONG, "password2": STRONG})
    assert saved.status_code == 302
    assert "You have a new password" in mail.outbox[-1].subject

    another = Client()
    sign_in(another, "forgetful@firm.example", STRONG)
    assert is_signed_in(another)
    old = Client()
    sign_in(old, "forgetful@firm.example", PASSWORD)
    assert not is_signed_in(old)


def test_a_weak_password_is_refused_beside_its_field(visitor: Client) -> None:
    page = sign_up(visitor, "weak@firm.example", "short").content.decode()
    assert 'href="#id_password1"' in page
    assert "at least 12 characters" in page
    assert not mail.outbox
    assert not User.objects.filter(email="weak@firm.example").exists()


def test_protected_pages_ask_to_sign_in_and_lead_back(visitor: Client) -> None:
    for address in ("/proposals/", "/accounts/email/", "/accounts/2fa/"):
        answer = visitor.get(address)
        assert answer.status_code == 302
        assert answer["Location"] == f"/accounts/login/?next={address}"


def test_signing_in_never_leads_to_another_site(visitor: Client) -> None:
    user = build_user()
    answer = visitor.post(
        "/accounts/login/?next=https://elsewhere.example/",
        {"login": user.email, "password": PASSWORD, "next": "https://elsewhere.example/"},
    )
    assert answer["Location"] == "/proposals/"


def test_a_company_comes_to_its_proposals_and_luxdev_to_its_dashboard(reference: None) -> None:
    for role, place in (("applicant", "/proposals/"), ("officer", "/admin/")):
        answer = sign_in(Client(), build_user(role).email, PASSWORD)
        assert answer["Location"] == place


def test_signing_out_needs_a_click_not_a_link(visitor: Client) -> None:
    sign_in(visitor, build_user().email, PASSWORD)
    assert visitor.get("/accounts/logout/").status_code == 200
    assert is_signed_in(visitor)
    assert visitor.post("/accounts/logout/").status_code == 302
    assert not is_signed_in(visitor)


def test_too_many_wrong_passwords_are_stopped(visitor: Client) -> None:
    user = build_user()
    for _ in range(30):
        answer = sign_in(visitor, user.email, "not-the-password")
    assert "Too many" in answer.content.decode()
    sign_in(visitor, user.email, PASSWORD)
    assert not is_signed_in(visitor)


@pytest.mark.parametrize("demo", [True, False])
def test_demonstration_accounts_are_named_only_in_a_demonstration(
    visitor: Client, settings: LazySettings, demo: bool
) -> None:
    settings.DEMO = demo
    page = visitor.get("/accounts/login/").content.decode()
    assert ("bpf-demo" in page) is demo
    assert ("auditor@example.org" in page) is demo


def test_the_account_pages_open(visitor: Client) -> None:
    user = build_user()
    sign_in(visitor, user.email, PASSWORD)
    for address in (
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/logout/",
    ):
        page = visitor.get(address, follow=True)
        assert page.status_code == 200, address
        assert "<h1>" in page.content.decode()


# The message about it goes out after the commit, while the request is still there.
@pytest.mark.django_db(transaction=True)
def test_a_second_step_is_set_up_asked_for_and_has_recovery_codes(visitor: Client) -> None:
    user = build_user()
    sign_in(visitor, user.email, PASSWORD)
    asked = visitor.get("/accounts/2fa/totp/activate/", follow=True)
    assert "Please give your password once more" in asked.content.decode()
    visitor.post(
        asked.request["PATH_INFO"] + "?" + asked.request["QUERY_STRING"], {"password": PASSWORD}
    )
    page = visitor.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert found
    code = code_of_the_app(found[1])
    done = visitor.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)
    assert "Recovery codes" in done.content.decode()
    codes = re.findall(r"<li>([0-9a-f]+)</li>", done.content.decode())
    assert codes
    assert "Sign-in in two steps is switched on" in [
        str(m.subject).removeprefix("BPF: ") for m in mail.outbox
    ]

    another = Client(headers={"accept-language": "en"})
    assert sign_in(another, user.email, PASSWORD)["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(another)
    assert "Second step" in another.get("/accounts/2fa/authenticate/").content.decode()
    wrong = another.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "error-summary" in wrong.content.decode()
    another.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert is_signed_in(another)
