"""The language of the pages: one click, remembered for the mails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from bpf_portal.core.models import OutgoingEmail
from tests import builders

pytestmark = pytest.mark.django_db
SWITCH = "/i18n/setlang/"


def test_one_click_changes_the_pages_and_the_mails(
    applicant: User, officer: User, as_user: Callable[..., Client]
) -> None:
    submission = builders.build_submission(applicant, language="en")
    client = as_user(applicant)
    html = client.get("/proposals/").content.decode()
    assert f'action="{reverse("set_language")}"' in html
    answer = client.post(SWITCH, {"language": "fr", "next": "/proposals/"})
    assert answer.headers["Location"] == "/proposals/"
    assert '<html lang="fr">' in client.get("/proposals/").content.decode()
    applicant.refresh_from_db()
    assert applicant.language == "fr"

    decision = builders.build_decision(
        officer, builders.build_user("reviewer"), submission=submission
    )
    builders.publish(officer, decision)
    decision.refresh_from_db()
    mail = OutgoingEmail.objects.filter(recipient=applicant.email).latest("pk")
    assert mail.subject == f"Votre proposition {submission.reference}\u00a0: une lettre pour vous"
    assert decision.letter.language == "en"


@pytest.mark.parametrize("language", ["", "de", "fr\0", "x" * 1000])
def test_an_unknown_language_changes_nothing(
    language: str, applicant: User, as_user: Callable[..., Client]
) -> None:
    assert as_user(applicant).post(SWITCH, {"language": language}).status_code == 302
    applicant.refresh_from_db()
    assert applicant.language == "en"


def test_following_a_link_changes_nobodys_language(
    applicant: User, as_user: Callable[..., Client]
) -> None:
    as_user(applicant).get(f"{SWITCH}?language=fr")
    applicant.refresh_from_db()
    assert applicant.language == "en"


def test_signing_in_on_a_new_browser_speaks_the_persons_language(reference: None) -> None:
    user = builders.build_user(language="fr")
    for chosen, spoken in (("", "fr"), ("en", "en")):
        client = Client(headers={"accept-language": "en"})
        if chosen:
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = chosen
        client.post(reverse("account_login"), {"login": user.email, "password": builders.PASSWORD})
        assert f'<html lang="{spoken}">' in client.get("/proposals/").content.decode()
