"""The states of pages that no mere visit shows: refused, stale, expired, held, withdrawn, empty.

Each scene yields what it shows, the portal's answer, and the answer's status.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpResponse
from django.template.loader import render_to_string
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
from reviews.actions.plan_sending import send_plan
from reviews.models import Assignment, PlannedReview
from tests import builders
from tests.access.expecting import Address
from tests.access.world import INVITATION_TOKEN, World
from tests.applications.pages import Data, form_data
from tests.journeys.looking import Gallery

Scene = Iterator[tuple[str, Any, int]]
REFUSALS = (409, 410, 422)
DETAILED = ("business_plan", "work_plan", "results")
_NOT_TYPED = ("csrfmiddlewaretoken", "version", "seen", "typist")


def readings(addresses: Sequence[Address], world: World, gallery: Gallery) -> Scene:
    """Each page of these addresses: sent empty where that brings it back with its errors, else as
    somebody reads it, the readers in turn. Files are no pages; a page that several forms bring
    back is shown for the first of them. What sections refuse: `sections`.
    """
    shown: set[tuple[str, int]] = set()
    for number, address in enumerate(addresses):
        url = reverse(address.name, args=address.args(world))
        name, status = _refused(address)
        if name and address.name != "proposals:section":
            answer = gallery.reader(world.people.get(name)).post(url)
            page = (_template(answer), status)
            if page[0] and page not in shown:
                shown.add(page)
                yield f"{address.title} sent empty by {name}", answer, status
                continue
        readers = [name for name, answer in address.get.items() if answer == 200]
        if readers:
            name = readers[number % len(readers)]
            answer = gallery.reader(world.people.get(name)).get(url)
            if _template(answer):
                yield f"{address.title} for {name}", answer, 200


def _refused(address: Address) -> tuple[str, int]:
    """Whose empty form is refused for what it says, and how; nobody's, if not."""
    for name, answer in (address.post or {}).items():
        if isinstance(answer, int) and answer in REFUSALS:
            return name, answer
    return "", 0


def _template(answer: Any) -> str:
    """Of a page; empty for a file, a fragment or a redirect."""
    is_page = answer["Content-Type"].startswith("text/html") and answer.templates
    return str(answer.templates[0].name) if is_page and b"<h1" in answer.content else ""


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
    client, url = gallery.reader(owner), _section(full, "project")
    stale = form_data(client.get(url), title="Written here", version=1, seen="an older page")
    yield "two tabs", client.post(url, stale), 409
    yield from _handing_in(world, gallery)


def _handing_in(world: World, gallery: Gallery) -> Scene:
    owner = world.people["owner"]
    begun = builders.build_draft(owner, world.call)
    last_look = reverse("proposals:submit", args=[begun.reference])
    yield "hand-in refused", gallery.reader(owner).post(last_look), 422
    drafting.withdraw_proposal(
        actor=owner, proposal_id=begun.pk, reason="Our partner has other plans."
    )
    for what, proposal, name in (
        ("withdrawn", begun, "detail"),
        ("decided", world.published.submission.proposal, "detail"),
        ("decided", world.published.submission.proposal, "timeline"),
        ("correction asked", world.corrected.proposal, "detail"),
        ("corrected", world.revised.proposal, "detail"),
    ):
        url = reverse(f"proposals:{name}", args=[proposal.reference])
        yield f"{what}: {name}", gallery.reader(owner).get(url), 200


def later_that_year(world: World, gallery: Gallery) -> Scene:
    """A plan of reviewers that was sent, somebody late, and a deadline that moved."""
    officer = world.people["officer"]
    world.call.deadline_at += timedelta(days=3)
    world.call.save()
    due_on = timezone.localdate() - timedelta(days=1)
    Assignment.objects.filter(pk=world.awaiting.pk).update(due_on=due_on)
    PlannedReview.objects.filter(plan=world.plan).delete()
    PlannedReview.objects.create(
        plan=world.plan, submission=world.reviewed, reviewer=world.people["unassigned"]
    )
    send_plan(actor=officer, plan_id=world.plan.pk, due_on=timezone.localdate())
    for what, name, args in (
        ("a plan that was sent", "assignment_plan", [world.plan.pk]),
        ("somebody late", "assignments", [world.call.code, "preselection"]),
        ("somebody late on the overview", "index", []),
        ("a deadline that moved", "applications_call_change", [world.call.pk]),
    ):
        yield what, gallery.reader(officer).get(reverse(f"admin:{name}", args=args)), 200


def files(world: World, gallery: Gallery) -> Scene:
    """A file that waits for the scanner, and one in which it found something, for both sides."""
    owner, officer = world.people["owner"], world.people["officer"]
    waiting = world.draft.documents.exclude(pk=world.draft_file.pk).earliest("pk")
    Document.objects.filter(
        pk__in=(waiting.pk, world.draft_file.pk, world.handed_in_file.pk)
    ).update(scan=ScanState.PENDING)
    place = reverse("proposals:document", args=[waiting.pk])
    yield "file being scanned", gallery.reader(owner).get(place), 409
    for document in (world.draft_file, world.handed_in_file):
        document.refresh_from_db()
        scan = scanning.request_scan(document)
        assert scan
        jobs.run(DocumentScan, scan.pk, lambda job: scanning.take_verdict(job, Verdict("Found")))
    place = reverse("proposals:document", args=[world.draft_file.pk])
    yield "file held", gallery.reader(owner).get(place), 409
    documents = _section(world.draft, "documents")
    yield "documents, one pending and one held", gallery.reader(owner).get(documents), 200
    dossier = reverse("admin:applications_submission_change", args=[world.reviewed.pk])
    yield "dossier, a file held", gallery.reader(officer).get(dossier), 200


def links(world: World, gallery: Gallery) -> Scene:
    """Links that are open, expired, used, or somebody else's."""
    partner = reverse("partner:confirm", args=[world.partner_token])
    yield "partner's page", gallery.reader().get(partner), 200
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


# --- accounts, and pages of errors --------------------------------------------------------------


def second_factor(world: World, gallery: Gallery) -> Scene:
    """Enrolment step by step, the code asked at the next sign-in, and the pages about it."""
    person = world.people["stranger"]
    begin, password = reverse("mfa_activate_totp"), {"password": builders.PASSWORD}
    client = gallery.reader(person)
    client.post(reverse("account_reauthenticate"), password)
    yield "second factor, wrong code", client.post(begin, {"code": "000000"}), 422
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
    request = gallery.reader(world.people["owner"]).get(reverse("home")).wsgi_request
    with translation.override(gallery.language):
        page: Any = HttpResponse(render_to_string("429.html", request=request), status=429)
    page.wsgi_request = request
    yield "429", page, 429
    request = gallery.reader().get(reverse("home")).wsgi_request
    with translation.override(gallery.language):
        broken: Any = server_error(request)
    broken.wsgi_request = request
    yield "500", broken, 500


# --- LuxDev's side ------------------------------------------------------------------------------


def empty_lists(addresses: Sequence[Address], gallery: Gallery) -> Scene:
    """Each list of the desk before anything is there."""
    officer = builders.build_user("officer")
    for address in addresses:
        if address.name.endswith(("changelist", "index")) and address.get["officer"] == 200:
            answer = gallery.reader(officer).get(reverse(address.name))
            yield f"{address.title} empty", answer, 200
