"""The states of pages that no mere visit shows: refused, stale, expired, held, withdrawn, empty.

Each scene yields what it shows, the portal's answer, and the answer's status.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.views.defaults import server_error

from applications.actions import drafting, membership, scanning
from applications.models import (
    Document,
    DocumentScan,
    Invitation,
    PartnerInvitation,
    Proposal,
    ScanState,
)
from bpf_portal.core import jobs
from bpf_portal.core.virus_scanner import Verdict
from tests import builders
from tests.access.expecting import Address
from tests.access.world import INVITATION_TOKEN, World
from tests.applications.pages import Data, form_data
from tests.journeys.looking import Gallery

Scene = Iterator[tuple[str, Any, int]]
REFUSALS = (409, 410, 422)
DETAILED = ("business_plan", "work_plan", "results")
_NOT_TYPED = ("csrfmiddlewaretoken", "version", "seen", "typist")


def pages(addresses: list[Address], world: World, gallery: Gallery) -> Scene:
    """Each page that somebody may read, with its readers in turn; files are none."""
    for number, address in enumerate(addresses):
        readers = [name for name, answer in address.get.items() if answer == 200]
        if not readers:
            continue
        name = readers[number % len(readers)]
        client = gallery.reader(world.people.get(name))
        answer = client.get(reverse(address.name, args=address.args(world)))
        if answer["Content-Type"].startswith("text/html"):
            yield f"{address.title} for {name}", answer, 200


def refusals(addresses: list[Address], world: World, gallery: Gallery, *but: str) -> Scene:
    """What comes back when each form is sent empty."""
    for address in addresses:
        if address.name in but:
            continue
        for name, status in (address.post or {}).items():
            if status in REFUSALS and isinstance(status, int):
                client = gallery.reader(world.people.get(name))
                answer = client.post(reverse(address.name, args=address.args(world)))
                if answer.content and answer["Content-Type"].startswith("text/html"):
                    yield f"{address.title} sent empty by {name}", answer, status
                break


# --- the company's side -------------------------------------------------------------------------


def _section(proposal: Proposal, name: str) -> str:
    return reverse("proposals:section", args=[proposal.reference, name])


def _spoilt(data: Data) -> Data:
    """Every field as nobody can mean it."""
    technical = (*_NOT_TYPED, "TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    return {
        name: values if name.endswith((*technical, "-id")) else [f"{value}\0" for value in values]
        for name, values in data.items()
    }


def sections(world: World, gallery: Gallery) -> Scene:
    """Every section with an error at every field; the detailed ones empty and filled too."""
    owner = world.people["owner"]
    full = builders.build_detailed_draft(owner, world.call)
    bare = builders.build_detailed_draft(owner, world.call, filled=False)
    for name in ("company", "project", "partners", "budget", "due_diligence", *DETAILED):
        client, url = gallery.reader(owner), _section(full, name)
        refused = client.post(url, _spoilt(form_data(client.get(url))))
        yield f"{name} with errors", refused, 422
    for name in DETAILED:
        yield f"{name} empty", gallery.reader(owner).get(_section(bare, name)), 200
        yield f"{name} filled", gallery.reader(owner).get(_section(full, name)), 200
    yield "budget, detailed", gallery.reader(owner).get(_section(full, "budget")), 200
    client, url = gallery.reader(owner), _section(full, "project")
    stale = form_data(client.get(url), title="Written here", version=1, seen="an older page")
    yield "two tabs", client.post(url, stale), 409
    yield from _handing_in(world, gallery)


def _handing_in(world: World, gallery: Gallery) -> Scene:
    owner = world.people["owner"]
    begun = builders.build_draft(owner, world.call)
    last_look = reverse("proposals:submit", args=[begun.reference])
    yield "last look, almost all missing", gallery.reader(owner).get(last_look), 200
    yield "hand-in refused", gallery.reader(owner).post(last_look), 422
    drafting.withdraw_proposal(
        actor=owner, proposal_id=begun.pk, reason="Our partner has other plans."
    )
    for name in ("detail", "timeline"):
        url = reverse(f"proposals:{name}", args=[begun.reference])
        yield f"withdrawn: {name}", gallery.reader(owner).get(url), 200
    for submission in (world.published, world.corrected, world.revised):
        proposal = getattr(submission, "submission", submission).proposal
        for name in ("detail", "timeline"):
            url = reverse(f"proposals:{name}", args=[proposal.reference])
            yield f"{submission}: {name}", gallery.reader(owner).get(url), 200


def files(world: World, gallery: Gallery) -> Scene:
    """Files that wait for the scanner, and one in which it found something, for both sides."""
    owner, officer = world.people["owner"], world.people["officer"]
    for document in (world.draft_file, world.handed_in_file):
        Document.objects.filter(pk=document.pk).update(scan=ScanState.PENDING)
        document.refresh_from_db()
        place = reverse("proposals:document", args=[document.pk])
        yield "file being scanned", gallery.reader(owner).get(place), 409
    yield "documents, one pending", gallery.reader(owner).get(_documents(world)), 200
    dossier = reverse("admin:applications_submission_change", args=[world.reviewed.pk])
    yield "dossier, a file pending", gallery.reader(officer).get(dossier), 200
    for document in (world.draft_file, world.handed_in_file):
        scan = scanning.request_scan(document)
        assert scan
        jobs.run(DocumentScan, scan.pk, lambda job: scanning.take_verdict(job, Verdict("Found")))
        place = reverse("proposals:document", args=[document.pk])
        yield "file held", gallery.reader(owner).get(place), 409
    yield "documents, one refused", gallery.reader(owner).get(_documents(world)), 200
    yield "dossier, a file held", gallery.reader(officer).get(dossier), 200


def _documents(world: World) -> str:
    return _section(world.draft, "documents")


def links(world: World, gallery: Gallery) -> Scene:
    """Links that are open, expired, used, or somebody else's."""
    partner = reverse("partner:confirm", args=[world.partner_token])
    yield "partner's page", gallery.reader().get(partner), 200
    client = gallery.reader()
    yield "partner's page with errors", client.post(partner, _spoilt(_answer(client, partner))), 422
    now = timezone.now()
    PartnerInvitation.objects.filter(partner=world.partner).update(
        sent_at=now - timedelta(days=90), expires_at=now - timedelta(days=1)
    )
    yield "partner's link, expired", gallery.reader().get(partner), 410

    invitation = reverse("organisations:invitation", args=[INVITATION_TOKEN])
    invited = builders.build_user(email=world.invitation.email)
    yield "invitation", gallery.reader(invited).get(invitation), 200
    yield "invitation, not yours", gallery.reader(world.people["stranger"]).get(invitation), 403
    Invitation.objects.filter(pk=world.invitation.pk).update(
        created_at=now - timedelta(days=90), expires_at=now - timedelta(days=1)
    )
    yield "invitation, expired", gallery.reader(invited).get(invitation), 410
    Invitation.objects.filter(pk=world.invitation.pk).update(expires_at=now + timedelta(days=1))
    membership.accept_invitation(actor=invited, token=INVITATION_TOKEN)
    yield "invitation, used", gallery.reader(invited).get(invitation), 409


def _answer(client: Client, url: str) -> Data:
    return form_data(client.get(url), answer="confirm")


# --- accounts, and pages of errors --------------------------------------------------------------


def second_factor(world: World, gallery: Gallery) -> Scene:
    """Enrolment step by step, the code asked at the next sign-in, and the pages about it."""
    person = world.people["stranger"]
    begin, password = reverse("mfa_activate_totp"), {"password": builders.PASSWORD}
    for what, code in (("begun", None), ("wrong code", "000000")):
        client = gallery.reader(person)
        client.post(reverse("account_reauthenticate"), password)
        answer = client.post(begin, {"code": code}) if code else client.get(begin)
        yield f"second factor, {what}", answer, 200
    TOTP.activate(person, generate_totp_secret())
    codes = iter(RecoveryCodes.activate(person).get_unused_codes())
    asked = gallery.reader()
    answer = asked.post(reverse("account_login"), {"login": person.email, **password}, follow=True)
    yield "second factor asked", answer, 200
    for name in (
        "mfa_index",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_deactivate_totp",
    ):
        client = gallery.reader(person)
        if name == "mfa_index":
            yield "second factor once more", client.get(reverse("mfa_reauthenticate")), 200
            client = gallery.reader(person)
        client.post(reverse("mfa_reauthenticate"), {"code": next(codes)})
        yield name, client.get(reverse(name)), 200


def errors(world: World, gallery: Gallery) -> Scene:
    yield "404", gallery.reader().get("/nowhere/"), 404
    strict = gallery.reader(world.people["owner"])
    strict.handler.enforce_csrf_checks = True
    yield "403 without a token", strict.post(_section(world.draft, "project")), 403
    read_only = gallery.reader(world.people["reader"])
    yield "403", read_only.post(_section(world.draft, "project")), 403
    for status in (400, 413, 429):
        request = gallery.reader(world.people["owner"]).get(reverse("home")).wsgi_request
        with translation.override(gallery.language):
            page: Any = HttpResponse(
                render_to_string(f"{status}.html", request=request), status=status
            )
        page.wsgi_request = request
        yield str(status), page, status
    request = gallery.reader().get(reverse("home")).wsgi_request
    with translation.override(gallery.language):
        broken: Any = server_error(request)
    broken.wsgi_request = request
    yield "500", broken, 500


# --- LuxDev's side ------------------------------------------------------------------------------


def empty_lists(addresses: list[Address], gallery: Gallery) -> Scene:
    """Each list of the desk before anything is there."""
    people = {role: builders.build_user(role) for role in ("officer", "reviewer")}
    for address in addresses:
        if not address.name.endswith(("changelist", "index")):
            continue
        for role, person in people.items():
            if role in address.get and address.get[role] == 200:
                yield (
                    f"{address.title} empty",
                    gallery.reader(person).get(reverse(address.name)),
                    200,
                )
