"""The company's pages: entering it, and its profile, alone or as a section of a draft."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.access import may_write_for
from applications.actions.checking_context import rule_parameters
from applications.actions.open_sections import is_open
from applications.actions.organising import (
    AlreadyRegistered,
    editing_organisation,
    register_organisation,
)
from applications.actions.taking_over import take_over_company
from applications.checks.rules import RuleParameters
from applications.forms.choices import Choices
from applications.forms.company import CompanyIdentityForm, CompanySection
from applications.forms.section import with_another_row
from applications.models import Call, Organisation, Proposal
from applications.views import autosaving
from applications.views.access import own_organisation, own_proposal, person
from applications.views.precheck import carried
from applications.views.saving import Attempt, Page, autosave, save, saved_message
from applications.views.sections import no_longer_a_draft
from bpf_portal.core import kept
from bpf_portal.core.access import require


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Enter one's company. With `?call=` one goes on to the application to that call."""
    user = person(request)
    call = Call.objects.visible_to(user).filter(code=request.GET.get("call", "")).first()
    answers = carried(request, call)
    form = CompanyIdentityForm(
        request.POST or None,
        initial={"kind": answers.kind or "company", "country": answers.country or "LU"},
        choices=Choices(),
    )
    join_url = ""
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        country = values.pop("country") or None
        try:
            organisation = register_organisation(actor=user, country_id=country, **values)
        except AlreadyRegistered as error:
            form.add_error("registration_number", str(error.message))
            join_url = _join_url(country, values["registration_number"])
        else:
            if call is not None:
                year = timezone.localdate(call.deadline_at).year
                take_over_company(
                    actor=user, organisation=organisation, answers=answers, reference_year=year
                )
            messages.success(request, _("Your company is entered."))
            return HttpResponseRedirect(_after_creation(organisation, call))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    context = {"form": form, "call": call, "join_url": join_url}
    return render(request, "organisations/create.html", context, status=status)


def _join_url(country: str | None, number: str) -> str:
    """Where one asks to belong to the company with this number, instead of entering it twice."""
    asked_for = urlencode({"country": country or "", "registration_number": number})
    return f"{reverse('organisations:join')}?{asked_for}"


def _after_creation(organisation: Organisation, call: Call | None) -> str:
    if call is not None:
        return reverse("proposals:begin", args=[call.code])
    return reverse("organisations:edit", args=[organisation.pk])


@kept.keeps_what_is_typed
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """The profile of one's own company, kept for the next proposals too."""
    return _profile(request, own_organisation(person(request), organisation_id), None)


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, reference: str) -> HttpResponse:
    """The same profile as the first section of a draft."""
    proposal = own_proposal(person(request), reference)
    if not is_open(proposal, "company"):
        company = own_organisation(person(request), proposal.organisation_id)
        return no_longer_a_draft(
            request, proposal, partial(CompanySection, company, choices=Choices())
        )
    organisation = own_organisation(person(request), proposal.organisation_id)
    return _profile(request, organisation, proposal)


def _profile(
    request: HttpRequest, organisation: Organisation, proposal: Proposal | None
) -> HttpResponse:
    choices = Choices()
    build = partial(CompanySection, organisation, choices=choices)
    if request.method != "POST":
        typed = kept.kept_for(request)
        forms = build(data=typed.data if typed else None)
        return _show(request, organisation, proposal, Attempt(200, forms), typed)
    user = person(request)
    require(may_write_for(user, organisation))
    if again := _not_to_be_saved(request, organisation, proposal, build):
        return again
    page = Page(
        build=lambda data: build(data=data),
        edit=lambda version: editing_organisation(
            actor=user, organisation=organisation, expected_version=version
        ),
        stored=lambda: CompanySection(own_organisation(user, organisation.pk), choices=choices),
    )
    by_itself = kept.saves_by_itself(request)
    attempt = (autosave if by_itself else save)(page, request.POST)
    if attempt.status == HTTPStatus.FOUND:
        kept.forget(request)
    if by_itself:
        return autosaving.answer(request, attempt, proposal)
    if attempt.status == HTTPStatus.FOUND:
        messages.success(request, saved_message())
        return HttpResponseRedirect(_next_page(request, organisation, proposal))
    return _show(request, organisation, proposal, attempt)


def _not_to_be_saved(
    request: HttpRequest,
    organisation: Organisation,
    proposal: Proposal | None,
    build: Callable[..., CompanySection],
) -> HttpResponse | None:
    """What is sent and not to be saved yet: for another row, to be looked at, or to be dropped."""
    if "drop" in request.POST:
        kept.forget(request)
        return HttpResponseRedirect(request.path)
    if "restore" in request.POST:
        typed = kept.Kept(request.POST, timezone.now())
        return _show(request, organisation, proposal, Attempt(200, build(data=typed.data)), typed)
    longer = with_another_row(request.POST)
    if longer is None:
        return None
    messages.info(request, _("An empty entry was added at the end. Nothing is saved yet."))
    return _show(request, organisation, proposal, Attempt(200, build(data=longer)))


def _next_page(request: HttpRequest, organisation: Organisation, proposal: Proposal | None) -> str:
    to_list = request.POST.get("next") == "list"
    if proposal is None:
        if to_list:
            return reverse("proposals:list")
        return reverse("organisations:edit", args=[organisation.pk])
    if to_list:
        return reverse("proposals:detail", args=[proposal.reference])
    return reverse("proposals:section", args=[proposal.reference, "company"])


def _show(
    request: HttpRequest,
    organisation: Organisation,
    proposal: Proposal | None,
    attempt: Attempt,
    typed: kept.Kept | None = None,
) -> HttpResponse:
    forms, newer = attempt.forms, attempt.newer
    sent = typed.data if typed else request.POST
    context: dict[str, Any] = {
        "organisation": organisation,
        "proposal": proposal,
        "section": forms,
        "version": attempt.version or sent.get("version", organisation.version),
        "seen": newer.fingerprint if newer else sent.get("seen") or forms.fingerprint,
        "unsaved_since": typed.at if typed else None,
        "late": autosaving.is_late(proposal),
        "read_only": not getattr(organisation, "is_writable", False),
        "differences": forms.differences(newer) if newer else (),
        "changed_elsewhere": newer is not None,
        "number_remark": _number_remark(organisation, proposal),
    }
    return render(request, forms.template, context, status=attempt.status)


def _number_remark(organisation: Organisation, proposal: Proposal | None) -> str:
    """What will be asked about the number as it stands; the draft is kept either way."""
    number = organisation.registration_number
    formats = _rules(proposal).register_formats or {}
    expected = formats.get(organisation.country_id or "")
    if not number or expected is None:
        return ""
    if not expected.pattern.fullmatch(number):
        return _("This does not look like a number of this register. Please check it.")
    if expected.sections and number[0] not in expected.sections:
        return _("Companies stand in section %(sections)s of this register. Please check it.") % {
            "sections": ", ".join(expected.sections)
        }
    return ""


def _rules(proposal: Proposal | None) -> RuleParameters:
    """Those of the proposal's call, else of the newest published one."""
    if proposal is not None:
        return rule_parameters(proposal.call.rule_set)
    newest = Call.objects.filter(published=True).select_related("rule_set").first()
    return rule_parameters(newest.rule_set) if newest else RuleParameters()
