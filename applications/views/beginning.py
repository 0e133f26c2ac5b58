"""Beginning a proposal: empty, with answers given before, or as a copy of an earlier one."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from applications.actions.copying import LeftOut, begin_copy, copyable
from applications.actions.drafting import begin_proposal
from applications.actions.precheck import Answers
from applications.actions.taking_over import take_over_project
from applications.forms.beginning import BeginForm
from applications.forms.choices import Choices
from applications.models import Call, Organisation, Proposal, ProposalState, Vocabulary
from applications.views.access import person
from applications.views.precheck import carried, forget

#: More earlier proposals than anybody looks through.
MOST_EARLIER = 50


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """Begin a proposal to an open call, for a company that one may write for."""
    user = person(request)
    calls = Call.objects.visible_to(user).select_related("rule_set")
    call = get_object_or_404(calls, code=code)
    organisations = list(Organisation.objects.writable_by(user))
    begun = _begun(user, call)
    data = request.POST if request.method == "POST" else None
    answers = carried(request, call)
    form = BeginForm(
        organisations,
        begun,
        list(copyable(user, call)[:MOST_EARLIER]),
        data,
        language=get_language() or "fr",
    )
    if data is not None and call.is_open and form.is_valid():
        company = next(
            each for each in organisations if each.pk == form.cleaned_data["organisation"]
        )
        proposal = _begin(request, user, call, company, form, answers)
        return redirect("proposals:detail", proposal.reference)
    status = HTTPStatus.OK if data is None else HTTPStatus.UNPROCESSABLE_ENTITY
    context = {
        "call": call,
        "form": form,
        "organisations": organisations,
        "begun": begun,
        "has_draft": any(proposal.is_draft for proposal in begun),
        "carried": answers.to_plain(),
    }
    return render(request, "proposals/begin.html", context, status=status)


def _begun(user: User, call: Call) -> list[Proposal]:
    """What one's companies have for this call already."""
    return list(
        Proposal.objects.visible_to(user)
        .filter(call=call)
        .exclude(state=ProposalState.WITHDRAWN)
        .select_related("organisation")
    )


def _begin(
    request: HttpRequest,
    user: User,
    call: Call,
    company: Organisation,
    form: BeginForm,
    answers: Answers,
) -> Proposal:
    language, source = form.cleaned_data["language"], form.cleaned_data.get("copy_from")
    if source is not None:
        proposal, left_out = begin_copy(
            actor=user, call=call, organisation=company, language=language, source_id=source
        )
        _tell_left_out(request, left_out)
        return proposal
    proposal = begin_proposal(actor=user, call=call, organisation=company, language=language)
    take_over_project(actor=user, proposal=proposal, answers=answers)
    forget(request, call)
    return proposal


def _tell_left_out(request: HttpRequest, left_out: LeftOut) -> None:
    """What the copy lacks, on the page that comes next."""
    choices = Choices()
    countries = ", ".join(choices.country(code) for code in left_out.countries)
    sectors = ", ".join(choices.label(Vocabulary.SECTOR, code) for code in left_out.sectors)
    messages.success(request, _("The earlier proposal was copied. Read every section once more."))
    if countries:
        told = _("This call does not offer these countries any more: %(names)s")
        messages.warning(request, told % {"names": countries})
    if sectors:
        told = _("This call does not offer these sectors any more: %(names)s")
        messages.warning(request, told % {"names": sectors})
    if left_out.questions:
        told = _("Answers to questions that this call does not ask were not copied: %(names)s")
        messages.warning(request, told % {"names": ", ".join(left_out.questions)})
    if left_out.passed_dates:
        messages.warning(request, _("Dates that have passed were left empty."))
