"""A draft keeps what is half said; handing in asks for the other half, and never guesses it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from applications.actions import submitting
from applications.actions.completeness import missing, with_everything
from applications.models import Proposal
from tests import builders
from tests.applications.pages import form_data

pytestmark = pytest.mark.django_db


def anchors(proposal: Proposal) -> set[str]:
    return {gap.anchor for gap in missing(with_everything(proposal.pk))}


def test_a_complete_proposal_lacks_nothing(applicant: User) -> None:
    assert anchors(builders.build_complete_proposal(applicant)) == set()


def test_half_an_aid_is_kept_and_asked_for(applicant: User, as_user: Callable[..., Client]) -> None:
    proposal = builders.build_complete_proposal(applicant)
    client, page = as_user(applicant), f"/proposals/{proposal.reference}/company/"

    saved = client.post(page, form_data(client.get(page), **{"aid-0-amount": "40000"}))

    assert saved.status_code == 302
    assert proposal.organisation.de_minimis_aid.get().amount == 40_000
    assert anchors(proposal) == {"id_aid-0-granted_on", "id_aid-0-member_state"}
    with pytest.raises(submitting.Incomplete):
        submitting.submit(actor=applicant, proposal_id=proposal.pk)


@pytest.mark.parametrize(
    "question",
    [
        "policy_signed_by_management",
        "protects_from_reprisal",
        "open_to_partner_workers",
        "open_to_communities",
    ],
)
def test_silence_is_not_a_no(question: str, applicant: User) -> None:
    proposal = builders.build_complete_proposal(applicant)
    setattr(proposal.due_diligence, question, None)
    proposal.due_diligence.save()

    assert anchors(proposal) == {f"id_{question}_0"}


def test_nothing_is_asked_of_a_channel_that_is_not_there(applicant: User) -> None:
    proposal = builders.build_complete_proposal(applicant)
    file = proposal.due_diligence
    file.remedy_channel = ""
    file.protects_from_reprisal = None
    file.save()

    assert anchors(proposal) == set()
