"""The page on which a local partner countersigns the clause, behind the link of its mail."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from applications.actions import countersigning
from applications.actions.countersigning import LinkClosed
from applications.forms.countersigning import CountersignForm, RefuseClauseForm
from applications.models import Countersignature, CountersignatureState
from bpf_portal.core.access import Text

#: Why a link is closed -> what its page says.
CLOSED: dict[str, tuple[Text, Text]] = {
    "answered": (
        _("You have answered already"),
        _("Your answer is stored. To change it, please write to the lead partner."),
    ),
    "replaced": (
        _("There is a newer link"),
        _("A newer mail with another link was sent to you. Please use that one."),
    ),
    "expired": (
        _("This link has expired"),
        _("Please ask LuxDev or the lead partner for a new one."),
    ),
}


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def countersign(request: HttpRequest, token: str) -> HttpResponse:
    """The clause in the partner's language, to sign or to refuse. No account is needed."""
    asked = _asked(token)
    with translation.override(_language(request, asked)):
        if why := countersigning.why_closed(asked):
            return _private(_closed(request, why))
        if request.method == "POST":
            return _private(_answer(request, token, asked))
        return _private(_show(request, asked))


@never_cache
@login_not_required
@require_safe
def countersigned(request: HttpRequest, token: str) -> HttpResponse:
    """Thanks for an answer."""
    asked = _asked(token)
    if asked.state not in (CountersignatureState.SIGNED, CountersignatureState.REFUSED):
        raise Http404
    with translation.override(_language(request, asked)):
        return _private(render(request, "partner/countersigned.html", {"asked": asked}))


def _asked(token: str) -> Countersignature:
    try:
        return countersigning.countersignature_of(token)
    except Countersignature.DoesNotExist:
        raise Http404 from None


def _language(request: HttpRequest, asked: Countersignature) -> str:
    """The partner's language, until the visitor chooses another one."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else asked.partner.language


def _private(response: HttpResponse) -> HttpResponse:
    """Whoever holds the address may answer: no search engine keeps it."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Content-Language"] = translation.get_language()
    return response


def _answer(request: HttpRequest, token: str, asked: Countersignature) -> HttpResponse:
    refusing = request.POST.get("answer") == "refuse"
    form: CountersignForm | RefuseClauseForm = (
        RefuseClauseForm(asked.partner, request.POST)
        if refusing
        else CountersignForm(asked.partner, request.POST)
    )
    if not form.is_valid():
        return _show(request, asked, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    given = form.cleaned_data
    try:
        if refusing:
            countersigning.refuse_clause(token=token, **given)
        else:
            countersigning.sign_clause(
                token=token, signatory=given["signatory"], function=given["function"]
            )
    except LinkClosed as closed:
        return _closed(request, closed.why)
    return redirect("partner:countersigned", token)


def _closed(request: HttpRequest, why: str) -> HttpResponse:
    title, text = CLOSED[why]
    context = {"title": title, "text": text}
    return render(request, "partner/closed.html", context, status=HTTPStatus.GONE)


def _show(
    request: HttpRequest,
    asked: Countersignature,
    form: CountersignForm | RefuseClauseForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    partner = asked.partner
    context: dict[str, Any] = {
        "asked": asked,
        "partner": partner,
        "proposal": asked.proposal,
        "clause": asked.clause,
        "form": form if isinstance(form, CountersignForm) else CountersignForm(partner),
        "refuse": form if isinstance(form, RefuseClauseForm) else RefuseClauseForm(partner),
        "refusing": isinstance(form, RefuseClauseForm),
    }
    return render(request, "partner/countersign.html", context, status=status)
