"""The doors of the applicant's pages: one's own rows, or 404."""

from typing import cast

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from applications.access import READS_ONLY
from applications.models import Organisation, Proposal
from bpf_portal.core.access import YES, no, require


def person(request: HttpRequest) -> User:
    """Who is signed in: the middleware lets nobody else through."""
    return cast(User, request.user)


def own_proposal(user: User, reference: str) -> Proposal:
    """A proposal of the user's company, with its call and company; else 404.

    `is_writable` says whether the user may change it, or only read.
    """
    writable = Proposal.objects.writable_by(user).filter(pk=OuterRef("pk"))
    proposals = Proposal.objects.visible_to(user).select_related(
        "call__rule_set", "organisation", "due_diligence", "clause_acceptance__clause"
    )
    return get_object_or_404(proposals.annotate(is_writable=Exists(writable)), reference=reference)


def own_organisation(user: User, organisation_id: int) -> Organisation:
    """A company of the user's own; else 404, also for staff: they read what was handed in."""
    writable = Organisation.objects.writable_by(user).filter(pk=OuterRef("pk"))
    organisations = Organisation.objects.filter(memberships__user=user).visible_to(user)
    return get_object_or_404(
        organisations.annotate(is_writable=Exists(writable)).distinct(), pk=organisation_id
    )


def require_writable(proposal: Proposal) -> None:
    """Stop a reader at the door, by what `own_proposal` read. The action asks again, for sure."""
    require(YES if getattr(proposal, "is_writable", False) else no(READS_ONLY))
