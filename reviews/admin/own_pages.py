"""A reviewer's own pages: the declaration for a call, and the profile."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Role, User
from applications.models import Call
from reviews.actions.interests import declare_for_call
from reviews.actions.profiling import save_profile
from reviews.admin.attempts import attempt
from reviews.admin.labels import Labels
from reviews.admin.pages import find_or_404, reason_of, render_page, require_role, status_of
from reviews.forms.interests import CallDeclarationForm, ProfileForm, names_in
from reviews.models import Assignment, CallDeclaration, ReviewerProfile


def own_calls(user: User) -> Any:
    """The calls in which something is or was assigned to this reviewer."""
    asked = Assignment.objects.filter(reviewer=user).values("submission__call")
    return Call.objects.visible_to(user).filter(pk__in=asked)


def call_declaration(request: HttpRequest, code: str) -> HttpResponse:
    """What a reviewer declares for a call; declared before, it can be added to."""
    user = require_role(request, Role.REVIEWER)
    call: Call = find_or_404(own_calls(user), code=code)
    before = CallDeclaration.objects.visible_to(user).filter(call=call, person=user).first()
    if request.method != "POST":
        initial = {"interests": "\n".join(before.interests)} if before else {}
        form = CallDeclarationForm(initial=initial)
        return _declaration_page(request, user, call, before, form)
    form = CallDeclarationForm(request.POST)

    def act() -> str:
        declare_for_call(
            actor=user,
            call_id=call.pk,
            interests=names_in(form.cleaned_data["interests"]),
            confidential=form.cleaned_data["confidential"],
        )
        return _("Thank you. Your declaration for this call is kept.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect("admin:reviews_assignment_changelist"),
        refused=lambda error: _declaration_page(request, user, call, before, form, error),
    )


def _declaration_page(
    request: HttpRequest,
    user: User,
    call: Call,
    before: CallDeclaration | None,
    form: CallDeclarationForm,
    refused: Exception | None = None,
) -> HttpResponse:
    count = Assignment.objects.filter(reviewer=user, submission__call=call).count()
    context = {
        "title": _("Your interests in this call"),
        "call": call,
        "declared": before,
        "waiting": ngettext(
            "%(n)d proposal of this call is assigned to you.",
            "%(n)d proposals of this call are assigned to you.",
            count,
        )
        % {"n": count},
        "form": form,
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/call_declaration.html", context, status=status)


def my_profile(request: HttpRequest) -> HttpResponse:
    """What a reviewer says of themselves."""
    user = require_role(request, Role.REVIEWER)
    labels = Labels()
    lists = {
        "sectors": sorted(labels.by_kind.get("sector", {}).items(), key=lambda each: each[1]),
        "countries": list(labels.countries.items()),
    }
    if request.method != "POST":
        profile = ReviewerProfile.objects.visible_to(user).filter(person=user).first()
        return _profile_page(request, ProfileForm(initial=_stored(profile), **lists), profile)
    form = ProfileForm(request.POST, **lists)

    def act() -> str:
        given = form.cleaned_data
        save_profile(actor=user, **{**given, "employers": names_in(given["employers"])})
        return _("Your profile is kept.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect(reverse("admin:my_profile")),
        refused=lambda error: _profile_page(request, form, None, error),
    )


def _stored(profile: ReviewerProfile | None) -> dict[str, Any]:
    if profile is None:
        return {}
    return {
        "employers": "\n".join(profile.employers),
        "languages": profile.languages,
        "sectors": profile.sectors,
        "countries": profile.countries,
        "human_rights": profile.human_rights,
    }


def _profile_page(
    request: HttpRequest,
    form: ProfileForm,
    profile: ReviewerProfile | None,
    refused: Exception | None = None,
) -> HttpResponse:
    context = {
        "title": _("My profile"),
        "form": form,
        "profile": profile,
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/profile.html", context, status=status)
