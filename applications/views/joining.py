"""Coming into a company: by the link of an invitation, or by asking its owners."""

from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from applications.access import may_accept, may_join_companies
from applications.actions import membership as actions
from applications.forms.choices import Choices
from applications.forms.people import JoinForm
from applications.models import Invitation, token_digest
from applications.views.access import person
from bpf_portal.core.access import NotAllowed, Text, require


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation's link opens: the company is named to the invited person only."""
    found = get_object_or_404(
        Invitation.objects.select_related("organisation", "invited_by"),
        token_sha256=token_digest(token),
    )
    if not request.user.is_authenticated:
        return _sign_in_first(request, found)
    user = person(request)
    if not (answer := may_accept(user, found)):
        return _not_for_you(request, answer.reason)
    try:
        actions.require_open(found)
        if request.method == "POST":
            return _accept(request, user, token)
    except actions.MembershipProblem as problem:
        return _closed(request, found, problem)
    except NotAllowed as refusal:
        return _not_for_you(request, refusal.reason)
    return render(request, "organisations/invitation.html", {"invitation": found})


def _sign_in_first(request: HttpRequest, found: Invitation) -> HttpResponse:
    if request.method == "POST":
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
    try:
        actions.require_open(found)
    except actions.MembershipProblem as problem:
        return _closed(request, found, problem)
    after = urlencode({"next": request.path})
    context = {
        "login_url": f"{reverse('account_login')}?{after}",
        "signup_url": f"{reverse('account_signup')}?{after}",
    }
    return render(request, "organisations/invitation_sign_in.html", context)


def _accept(request: HttpRequest, user: User, token: str) -> HttpResponse:
    membership = actions.accept_invitation(actor=user, token=token)
    messages.success(
        request,
        _("You belong to %(company)s now, as %(role)s.")
        % {
            "company": membership.organisation.legal_name,
            "role": membership.get_role_display(),
        },
    )
    return redirect("proposals:list")


def _not_for_you(request: HttpRequest, reason: Text) -> HttpResponse:
    """Nothing of the company: whoever found or was sent the link learns only why it is no use."""
    context = {"reason": reason, "address": person(request).email}
    return render(
        request, "organisations/invitation_refused.html", context, status=HTTPStatus.FORBIDDEN
    )


def _closed(
    request: HttpRequest, found: Invitation, problem: actions.MembershipProblem
) -> HttpResponse:
    """409 for a link that was used, 410 for one that is over; names nobody."""
    used = isinstance(problem, actions.InvitationUsed)
    context = {
        "problem": problem.message,
        "yours": found.accepted_by_id == request.user.pk and used,
    }
    status = HTTPStatus.CONFLICT if used else HTTPStatus.GONE
    return render(request, "organisations/invitation_closed.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Ask the owners of a company that is in the portal already to be let in."""
    user = person(request)
    require(may_join_companies(user))
    asked_for = {
        "country": request.GET.get("country", "LU"),
        "registration_number": request.GET.get("registration_number", ""),
    }
    data = request.POST if request.method == "POST" else None
    form = JoinForm(data, initial=asked_for, choices=Choices())
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            actions.ask_to_join(
                actor=user,
                country_id=values["country"],
                registration_number=values["registration_number"],
                message=values["message"],
            )
        except actions.MembershipProblem as problem:
            form.add_error("registration_number", str(problem.message))
        else:
            messages.success(
                request,
                _("We asked the owners of the company. You get a mail as soon as they answer."),
            )
            return redirect("proposals:list")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "organisations/join.html", {"form": form}, status=status)
