"""An officer corrects a published decision; an approver confirms it; both stay readable."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from reviews.models import Decision
from tests import builders

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]


@pytest.fixture
def published(officer: User, reviewer: User) -> Decision:
    decision = builders.build_decision(officer, reviewer, kind="not_shortlisted")
    builders.publish(officer, decision)
    return decision


def at(decision: Decision, name: str = "change") -> str:
    return reverse(f"admin:reviews_decision_{name}", args=(decision.pk,))


def test_a_decision_is_corrected_by_another(
    as_user: AsUser, officer: User, approver: User, published: Decision
) -> None:
    client = as_user(officer)
    assert at(published, "correct") in client.get(at(published)).content.decode()
    form = client.get(at(published, "correct")).content.decode()
    assert "The proposal does not reach the threshold." in form

    refused = client.post(at(published, "correct"), {"kind": "shortlisted"})
    assert refused.status_code == 422
    assert "The company must be told why." in refused.content.decode()

    sent = {"kind": "shortlisted", "correction_reason": "A page of the grid was not read."}
    answer = client.post(at(published, "correct"), sent)
    new = Decision.objects.get(replaces=published)
    assert answer["Location"] == at(new)
    assert at(new) in client.get(at(published)).content.decode()
    assert "prepared already" in client.get(at(published, "correct")).content.decode()

    signing = as_user(approver)
    page = signing.get(at(new)).content.decode()
    assert "A page of the grid was not read." in page
    assert at(published) in page
    assert signing.get(at(new, "preview"))["Content-Type"] == "application/pdf"
    signing.post(at(new, "confirm"))
    signing.post(at(new, "publish"))

    assert "A later decision replaced this one." in client.get(at(published)).content.decode()
    dossier = reverse("admin:applications_submission_change", args=(published.submission_id,))
    assert "It replaces an earlier decision." in client.get(dossier).content.decode()


def test_a_correction_sent_back_is_prepared_again_or_given_up(
    as_user: AsUser, officer: User, approver: User, published: Decision
) -> None:
    client, signing = as_user(officer), as_user(approver)
    sent = {"kind": "shortlisted", "correction_reason": "A page of the grid was not read."}
    client.post(at(published, "correct"), sent)
    new = Decision.objects.get(replaces=published)
    signing.post(at(new, "send_back"), {"reason": "Which page?"})

    assert at(published, "correct") in client.get(at(new)).content.decode()
    assert (
        "A page of the grid was not read." in client.get(at(published, "correct")).content.decode()
    )

    assert client.post(at(new, "drop"), {"reason": " "}).status_code == 422
    assert client.post(at(new, "drop"), {"reason": "It was right."}).status_code == 302
    new.refresh_from_db()
    assert new.state == "dropped"
    assert "It was right." in client.get(at(new)).content.decode()
