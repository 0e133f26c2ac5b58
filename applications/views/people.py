"""A company's people: who they are, who is invited, who asks to join, and who decides."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from applications.access import may_manage_people
from applications.actions import membership as actions
from applications.forms.people import AnswerForm, InvitationForm, RoleForm
from applications.models import (
    Invitation,
    JoinRequest,
    Membership,
    MembershipRole,
    Organisation,
)
from applications.views.access import own_organisation, person
from bpf_portal.core.access import require


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """The list, for all of the company; its owners invite here."""
    user = person(request)
    organisation = own_organisation(user, organisation_id)
    if request.method != "POST":
        return _show(request, organisation, InvitationForm(initial={"language": get_language()}))
    require(may_manage_people(user, organisation))
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            sent = actions.invite_person(
                actor=user, organisation_id=organisation.pk, **form.cleaned_data
            )
        except actions.MembershipProblem as problem:
            form.add_error("email", str(problem.message))
        else:
            messages.success(
                request, _("The invitation to %(email)s is on its way.") % {"email": sent.email}
            )
            return redirect("organisations:people", organisation.pk)
    return _show(request, organisation, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _show(
    request: HttpRequest,
    organisation: Organisation,
    form: InvitationForm,
    *,
    problem: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    user = person(request)
    belonging = list(_memberships(organisation))
    owners = {each.user_id for each in belonging if each.role == MembershipRole.OWNER}
    requests = JoinRequest.objects.visible_to(user).filter(organisation=organisation).waiting()
    invitations = Invitation.objects.visible_to(user).filter(organisation=organisation).waiting()
    context = {
        "organisation": organisation,
        "memberships": belonging,
        "manages": user.pk in owners,
        "invitations": list(invitations.select_related("invited_by")),
        "join_requests": list(requests.select_related("asked_by", "country")),
        "roles": MembershipRole.choices,
        "form": form,
        "problem": problem,
    }
    return render(request, "organisations/people.html", context, status=status)


def _memberships(organisation: Organisation) -> QuerySet[Membership]:
    return organisation.memberships.select_related("user").order_by("since", "pk")


def _refused(
    request: HttpRequest, organisation: Organisation, problem: actions.MembershipProblem
) -> HttpResponse:
    """The list again as it is now, with why it was not changed."""
    form = InvitationForm(initial={"language": get_language()})
    return _show(
        request, organisation, form, problem=str(problem.message), status=HTTPStatus.CONFLICT
    )


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, organisation_id: int, membership_id: int) -> HttpResponse:
    """One of the company's people: another role, the ownership, or the way out."""
    user = person(request)
    organisation = own_organisation(user, organisation_id)
    require(may_manage_people(user, organisation))
    found = get_object_or_404(_memberships(organisation), pk=membership_id)
    form = RoleForm(initial={"role": found.role})
    context = {"organisation": organisation, "membership": found, "form": form, "problem": ""}
    if request.method != "POST":
        return render(request, "organisations/person.html", context)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        if (done := _change(request, user, found)) is not None:
            messages.success(request, done)
            # Whoever gave the ownership away reads the list like everybody else.
            return redirect("organisations:people", organisation.pk)
        context["form"] = RoleForm(request.POST)
    except actions.MembershipProblem as problem:
        context["problem"], status = str(problem.message), HTTPStatus.CONFLICT
    return render(request, "organisations/person.html", context, status=status)


def _change(request: HttpRequest, user: User, found: Membership) -> str | None:
    """Do what the pressed button says; what was done in words, None when the form is not right."""
    changes: dict[str, Callable[..., object]] = {
        "remove": actions.remove_person,
        "hand_over": actions.hand_over,
    }
    where: dict[str, Any] = {
        "actor": user,
        "organisation_id": found.organisation_id,
        "membership_id": found.pk,
    }
    name = {"person": str(found.user)}
    pressed = request.POST.get("change", "")
    if pressed in changes:
        changes[pressed](**where)
        if pressed == "remove":
            return _("%(person)s no longer belongs to the company.") % name
        return _("%(person)s is the owner now. You stay as editor.") % name
    form = RoleForm(request.POST)
    if not form.is_valid():
        return None
    changed = actions.change_role(**where, role=form.cleaned_data["role"])
    return _("%(person)s is now: %(role)s.") % {**name, "role": changed.get_role_display()}


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_invitation(
    request: HttpRequest, organisation_id: int, invitation_id: int
) -> HttpResponse:
    """Only does something: whoever reloads it comes back to the list."""
    user = person(request)
    organisation = own_organisation(user, organisation_id)
    if request.method == "POST":
        invitation = get_object_or_404(organisation.invitations, pk=invitation_id)
        try:
            actions.withdraw_invitation(
                actor=user, organisation_id=organisation.pk, invitation_id=invitation.pk
            )
        except actions.MembershipProblem as problem:
            return _refused(request, organisation, problem)
        messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    return redirect("organisations:people", organisation.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def answer_request(request: HttpRequest, organisation_id: int, request_id: int) -> HttpResponse:
    """An owner lets somebody in, or not; whoever reloads it comes back to the list."""
    user = person(request)
    organisation = own_organisation(user, organisation_id)
    if request.method != "POST":
        return redirect("organisations:people", organisation.pk)
    require(may_manage_people(user, organisation))
    asked = get_object_or_404(organisation.join_requests, pk=request_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        empty = InvitationForm(initial={"language": get_language()})
        problem, status = _("Choose a role, then accept; or decline."), HTTPStatus(422)
        return _show(request, organisation, empty, problem=problem, status=status)
    where: dict[str, Any] = {
        "actor": user,
        "organisation_id": organisation.pk,
        "request_id": asked.pk,
    }
    try:
        if form.cleaned_data["answer"] == "accept":
            actions.accept_join_request(**where, role=form.cleaned_data["role"])
            messages.success(request, _("Your colleague belongs to the company now."))
        else:
            actions.decline_join_request(**where)
            messages.success(request, _("The request is declined."))
    except actions.MembershipProblem as problem:
        return _refused(request, organisation, problem)
    return redirect("organisations:people", organisation.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """Leave the company, after being asked once."""
    user = person(request)
    organisation = own_organisation(user, organisation_id)
    context = {"organisation": organisation, "problem": ""}
    if request.method != "POST":
        return render(request, "organisations/leave.html", context)
    try:
        actions.leave_company(actor=user, organisation_id=organisation.pk)
    except actions.LastOwner as problem:
        context["problem"] = str(problem.message)
        return render(request, "organisations/leave.html", context, status=HTTPStatus.CONFLICT)
    messages.success(request, _("You left the company."))
    return redirect("proposals:list")
