"""Partners: the lead's buttons on their page, and the partner's own page behind its link."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from applications.access import may_write
from applications.actions import partnering
from applications.actions.drafting import ChangedElsewhere
from applications.actions.open_sections import is_open
from applications.actions.partner_link import facts_shown, invitation_of, why_closed
from applications.actions.partnering import DetailsChanged, LinkClosed, NotNow
from applications.forms.choices import Choices
from applications.forms.partner_answer import ConfirmForm, DeclineForm
from applications.models import InvitationState, PartnerInvitation, Proposal, Vocabulary
from applications.views.access import own_proposal, person
from applications.views.sections import no_longer_a_draft
from bpf_portal.core.access import Text, require
from bpf_portal.core.states import WrongState

# --- the lead -----------------------------------------------------------------------------------
Do = Callable[[User, Proposal], Text]


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, reference: str, partner_id: int) -> HttpResponse:
    """Send a partner its link, or a new one."""

    def do(user: User, proposal: Proposal) -> Text:
        sent = partnering.ask_partner(actor=user, proposal_id=proposal.pk, partner_id=partner_id)
        return _("The link is on its way to %(email)s.") % {"email": sent.email}

    return _pressed(request, reference, partner_id, do)


@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: HttpRequest, reference: str, partner_id: int) -> HttpResponse:
    """Send the same link once more."""

    def do(user: User, proposal: Proposal) -> Text:
        sent = partnering.remind_partner(actor=user, proposal_id=proposal.pk, partner_id=partner_id)
        return _("A reminder is on its way to %(email)s.") % {"email": sent.email}

    return _pressed(request, reference, partner_id, do)


@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, reference: str, partner_id: int) -> HttpResponse:
    """Take the partner's corrections over."""

    def do(user: User, proposal: Proposal) -> Text:
        partnering.take_corrections(
            actor=user,
            proposal=proposal,
            partner_id=partner_id,
            seen=request.POST.get("facts", ""),
        )
        return _("The partner's corrections are taken over.")

    return _pressed(request, reference, partner_id, do)


def _pressed(request: HttpRequest, reference: str, partner_id: int, do: Do) -> HttpResponse:
    """Do what a button says and come back to the partners' page; a reload only comes back."""
    user = person(request)
    proposal = own_proposal(user, reference)
    if not proposal.partners.filter(pk=partner_id).exists():
        raise Http404
    if request.method == "POST":
        require(may_write(user, proposal))
        if not is_open(proposal, "partners"):
            return no_longer_a_draft(request, proposal)
        try:
            messages.success(request, str(do(user, proposal)))
        except NotNow as refusal:
            messages.warning(request, str(refusal.message))
        except (WrongState, ChangedElsewhere, DetailsChanged, PartnerInvitation.DoesNotExist):
            messages.warning(request, str(WrongState.message))
    return redirect("proposals:section", proposal.reference, "partners")


# --- the partner --------------------------------------------------------------------------------
#: Why a link is closed -> the page's status and what it says.
CLOSED: dict[str, tuple[int, Text, Text]] = {
    "answered": (
        HTTPStatus.GONE,
        gettext_lazy("You have answered already"),
        gettext_lazy("Your answer is stored. To change it, please write to the lead partner."),
    ),
    "replaced": (
        HTTPStatus.GONE,
        gettext_lazy("There is a newer link"),
        gettext_lazy("A newer mail with another link was sent to you. Please use that one."),
    ),
    "changed": (
        HTTPStatus.GONE,
        gettext_lazy("This link is no longer valid"),
        gettext_lazy(
            "The lead partner changed what is written about you. You will get a new link if your"
            " confirmation is still needed."
        ),
    ),
    "removed": (
        HTTPStatus.GONE,
        gettext_lazy("This link is no longer valid"),
        gettext_lazy("You are no longer named as a partner of this project."),
    ),
    "withdrawn": (
        HTTPStatus.GONE,
        gettext_lazy("The proposal was withdrawn"),
        gettext_lazy("The lead partner took it back. There is nothing left for you to confirm."),
    ),
    "handed_in": (
        HTTPStatus.CONFLICT,
        gettext_lazy("The proposal was handed in"),
        gettext_lazy("It can no longer be confirmed for now. Please write to the lead partner."),
    ),
    "expired": (
        HTTPStatus.GONE,
        gettext_lazy("This link has expired"),
        gettext_lazy("Please ask the lead partner to send you a new one."),
    ),
}


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """What the lead wrote about the partner, to confirm or to decline. No account is needed."""
    invitation = _invitation(token)
    with translation.override(_language(request, invitation)):
        if why := why_closed(invitation):
            return _private(_closed(request, why))
        if request.method == "POST":
            return _private(_answer(request, token, invitation))
        return _private(_show(request, invitation))


@never_cache
@login_not_required
@require_safe
def answered(request: HttpRequest, token: str) -> HttpResponse:
    """Thanks for an answer, until it no longer counts."""
    invitation = _invitation(token)
    if invitation.state not in (InvitationState.CONFIRMED, InvitationState.DECLINED):
        raise Http404
    with translation.override(_language(request, invitation)):
        return _private(render(request, "partner/answered.html", {"invitation": invitation}))


def _invitation(token: str) -> PartnerInvitation:
    try:
        return invitation_of(token)
    except PartnerInvitation.DoesNotExist:
        raise Http404 from None


def _language(request: HttpRequest, invitation: PartnerInvitation) -> str:
    """The language the lead chose for the partner, until the visitor chooses another one."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in dict(settings.LANGUAGES) else invitation.language


def _private(response: HttpResponse) -> HttpResponse:
    """Whoever holds the address may answer: no search engine keeps it.

    The portal's own `Referrer-Policy` already keeps it from other sites.
    """
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Content-Language"] = translation.get_language()
    return response


def _answer(request: HttpRequest, token: str, invitation: PartnerInvitation) -> HttpResponse:
    partner = invitation.partner
    if partner is None:
        raise Http404
    declining = request.POST.get("answer") == "decline"
    form: ConfirmForm | DeclineForm = (
        DeclineForm(partner, request.POST) if declining else ConfirmForm(partner, request.POST)
    )
    if not form.is_valid():
        return _show(request, invitation, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    seen = request.POST.get("facts", "")
    try:
        if isinstance(form, DeclineForm):
            partnering.decline_partner(token=token, seen=seen, **form.cleaned_data)
        else:
            partnering.confirm_partner(token=token, seen=seen, answer=form.answer)
    except LinkClosed as closed:
        return _closed(request, closed.why)
    except DetailsChanged:
        return _show(request, _invitation(token), form, HTTPStatus.CONFLICT)
    return redirect("partner:answered", token)


def _closed(request: HttpRequest, why: str) -> HttpResponse:
    status, title, text = CLOSED[why]
    return render(request, "partner/closed.html", {"title": title, "text": text}, status=status)


def _show(
    request: HttpRequest,
    invitation: PartnerInvitation,
    form: ConfirmForm | DeclineForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    partner, proposal = invitation.partner, invitation.proposal
    if partner is None:
        raise Http404
    context: dict[str, Any] = {
        "invitation": invitation,
        "partner": partner,
        "kind": Choices().label(Vocabulary.ORGANISATION_KIND, partner.kind),
        "proposal": proposal,
        "facts": facts_shown(partner, proposal),
        "form": form if isinstance(form, ConfirmForm) else ConfirmForm(partner),
        "decline": form if isinstance(form, DeclineForm) else DeclineForm(partner),
        "declining": isinstance(form, DeclineForm),
        "changed": status == HTTPStatus.CONFLICT,
    }
    return render(request, "partner/confirm.html", context, status=status)
