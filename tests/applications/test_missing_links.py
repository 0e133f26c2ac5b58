"""The list of what is missing leads to the very field."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from applications.actions.completeness import missing, with_everything
from applications.models import Organisation, Partner, Proposal
from tests import builders

pytestmark = pytest.mark.django_db


def empty_proposal(user: User) -> Proposal:
    """A draft in which everything that can be missing is missing."""
    organisation = Organisation.objects.create(legal_name="Nur ein Name")
    organisation.memberships.create(user=user, role="owner")
    return builders.build_draft(user)


def test_every_link_ends_at_something_on_its_page(
    applicant: User, as_user: Callable[..., Client]
) -> None:
    proposal = empty_proposal(applicant)
    Partner.objects.create(proposal=proposal, legal_name="Associated", role="associated")
    client = as_user(applicant)
    gaps = missing(with_everything(proposal.pk))

    assert len(gaps) > 20
    for gap in gaps:
        page = client.get(f"/proposals/{proposal.reference}/{gap.section}/").content.decode()
        assert f'id="{gap.anchor}"' in page, f"{gap.section}: {gap.message} -> #{gap.anchor}"
