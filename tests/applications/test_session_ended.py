"""The session ended while somebody typed: the text comes back after the sign-in, to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import submitting
from applications.models import Call, Proposal
from tests import builders
from tests.applications.pages import Data, form_data

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def draft(applicant: User, open_call: Call) -> Proposal:
    return builders.build_draft(applicant, open_call)


@pytest.fixture
def url(draft: Proposal) -> str:
    return reverse("proposals:section", args=[draft.reference, "project"])


@pytest.fixture
def client(applicant: User, as_user: SignIn) -> Client:
    return as_user(applicant)


def end_session(client: Client) -> None:
    """As it ends on the server: the browser still sends its old cookie."""
    client.session.flush()


def sign_in(client: Client, user: User, next_url: str = "") -> None:
    response = client.post(
        f"{reverse('account_login')}?next={next_url}",
        {"login": user.email, "password": builders.PASSWORD},
    )
    assert response.status_code == 302, response.content.decode()


def typed_into(client: Client, url: str, **changes: object) -> Data:
    return form_data(client.get(url), **changes)


@pytest.mark.parametrize("how", ["button", "by itself"])
def test_what_was_typed_comes_back_after_the_sign_in_and_can_be_saved(
    how: str, client: Client, draft: Proposal, applicant: User, url: str
) -> None:
    data = typed_into(client, url, title="Typed in vain?", countries=["SN", "ML"])
    end_session(client)
    if how == "button":
        response = client.post(url, data)
        assert response.status_code == 302
        assert response["Location"] == f"{reverse('account_login')}?next={url.replace('/', '%2F')}"
    else:
        answer = client.post(url, data, headers={"X-Autosave": "pause"})
        assert answer.status_code == HTTPStatus.UNAUTHORIZED
        assert answer.json()["kept"]
    draft.refresh_from_db()
    assert draft.title == ""

    sign_in(client, applicant, url)
    page = client.get(url)
    assert "It is not saved yet" in page.content.decode()
    back = form_data(page)
    assert (back["title"], back["countries"]) == (["Typed in vain?"], ["ML", "SN"])
    assert client.post(url, back).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Typed in vain?"
    assert "It is not saved yet" not in client.get(url).content.decode()


def test_it_can_be_dropped(client: Client, applicant: User, url: str) -> None:
    data = typed_into(client, url, title="Not wanted")
    end_session(client)
    client.post(url, data)
    sign_in(client, applicant)
    assert client.post(url, {"drop": "yes"}).status_code == 302
    assert "Not wanted" not in client.get(url).content.decode()


def test_newer_text_of_a_colleague_is_not_overwritten_by_what_came_back(
    client: Client, draft: Proposal, applicant: User, url: str, as_user: SignIn
) -> None:
    data = typed_into(client, url, title="Mine")
    end_session(client)
    client.post(url, data)
    colleague = builders.build_user("applicant")
    draft.organisation.memberships.create(user=colleague, role="editor")
    theirs = as_user(colleague)
    assert theirs.post(url, typed_into(theirs, url, title="Theirs")).status_code == 302
    sign_in(client, applicant)
    response = client.post(url, form_data(client.get(url)))
    assert response.status_code == HTTPStatus.CONFLICT
    draft.refresh_from_db()
    assert draft.title == "Theirs"


@pytest.mark.parametrize("company", ["the same", "another"])
def test_another_person_at_the_same_browser_sees_nothing_of_it(
    company: str, client: Client, draft: Proposal, applicant: User, stranger: User, url: str
) -> None:
    other = stranger
    if company == "the same":
        other = builders.build_user("applicant")
        draft.organisation.memberships.create(user=other, role="editor")
    data = typed_into(client, url, title="Private words")
    end_session(client)
    client.post(url, data)
    sign_in(client, other)
    page = client.get(url)
    assert page.status_code == (200 if company == "the same" else 404)
    assert "Private words" not in page.content.decode()
    client.post(reverse("account_logout"))
    sign_in(client, applicant)
    assert "Private words" not in client.get(url).content.decode()


def test_a_form_renewed_in_another_window_is_kept_and_shown_again(
    draft: Proposal, applicant: User, url: str
) -> None:
    """One signed out and in again elsewhere: the old page's token no longer counts."""
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    data = typed_into(client, url, title="Old token", csrfmiddlewaretoken="x" * 64)
    response = client.post(url, data, headers=OURS)
    assert (response.status_code, response["Location"]) == (302, url)
    page = client.get(url)
    assert "It is not saved yet" in page.content.decode()
    assert client.post(url, form_data(page), headers=OURS).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Old token"


@pytest.mark.parametrize("site", ["cross-site", "none"])
def test_a_form_of_another_site_is_refused_and_leaves_nothing(
    site: str, draft: Proposal, applicant: User, url: str
) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(applicant, backend="django.contrib.auth.backends.ModelBackend")
    data = typed_into(client, url, title="Planted", csrfmiddlewaretoken="x" * 64)
    response = client.post(url, data, headers={"Sec-Fetch-Site": site})
    assert response.status_code == 403
    assert "Planted" not in client.get(url).content.decode()


@pytest.mark.parametrize("typist", ["", "1:broken:signature"])
def test_what_was_not_typed_into_a_page_of_ours_is_not_kept(
    typist: str, client: Client, url: str
) -> None:
    data = typed_into(client, url, title="From nowhere", typist=typist)
    stranger = Client()
    assert stranger.post(url, data).status_code == 302
    assert not stranger.cookies.get("sessionid")
    answer = stranger.post(url, data, headers={"X-Autosave": "pause"})
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert not answer.json()["kept"]


def test_what_is_too_long_to_be_kept_is_shown_to_be_copied(client: Client, url: str) -> None:
    data = typed_into(client, url, summary="y" * 600_000)
    end_session(client)
    response = client.post(url, data)
    assert response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "y" * 600_000 in response.content.decode()


def test_the_newest_pages_fit_where_not_all_do(
    client: Client, draft: Proposal, applicant: User, url: str
) -> None:
    budget = reverse("proposals:section", args=[draft.reference, "budget"])
    first = typed_into(client, url, summary="y" * 300_000)
    second = typed_into(client, budget, **{"lines-0-description": "z" * 300_000})
    end_session(client)
    client.post(url, first)
    client.post(budget, second)
    sign_in(client, applicant)
    assert "yyy" not in client.get(url).content.decode()
    assert "zzz" in client.get(budget).content.decode()


def test_after_a_day_it_is_gone(client: Client, applicant: User, url: str) -> None:
    data = typed_into(client, url, title="Yesterday's words")
    end_session(client)
    client.post(url, data)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        sign_in(client, applicant)
        assert "Yesterday" not in client.get(url).content.decode()


def test_a_proposal_handed_in_meanwhile_still_shows_what_was_typed(
    client: Client, applicant: User, open_call: Call
) -> None:
    complete = builders.build_complete_proposal(applicant, open_call)
    url = reverse("proposals:section", args=[complete.reference, "project"])
    data = typed_into(client, url, answer_problem="Only here")
    end_session(client)
    client.post(url, data)
    submitting.submit(actor=applicant, proposal_id=complete.pk)
    sign_in(client, applicant)
    page = client.get(url)
    assert page.status_code == HTTPStatus.CONFLICT
    assert "Only here" in page.content.decode()


def test_text_that_a_browser_held_is_put_into_the_form_unsaved(
    client: Client, draft: Proposal, url: str
) -> None:
    data = typed_into(client, url, title="From the browser", restore="yes")
    page = client.post(url, data)
    assert page.status_code == 200
    assert form_data(page)["title"] == ["From the browser"]
    draft.refresh_from_db()
    assert (draft.title, draft.version) == ("", 1)
