"""Am I eligible? A page for everyone: a dozen answers before the very rules of a call.

A GET keeps nothing: the answers stand in the address. Only who takes them over leaves them in the
session, from where `carried` reads them when a company and a draft are made.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import replace_url

from accounts.access import Visitor, is_staff
from applications.actions.checking_context import build_context, rule_parameters
from applications.actions.precheck import (
    ONE_OF_THE_LIST,
    Answered,
    Answers,
    judge,
    questions_of,
)
from applications.checks import CheckContext, Outcome, RuleParameters
from applications.checks import render as render_finding
from applications.checks.texts import rule_title
from applications.forms.choices import Choices
from applications.forms.precheck import PrecheckForm
from applications.models import Call, Vocabulary
from applications.views.plain_rules import PlainRule, RuleNames, rules_by_parameter

SESSION_KEY = "precheck"
MOST_CALLS = 20
_CODE = re.compile(r"[-\w]{1,40}", re.ASCII)

#: The parameters whose sentences say what a rule requires.
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "lead.private_company": ("lead_kinds",),
    "lead.country": ("lead_country_list", "lead_countries"),
    "lead.registered_years": ("min_years",),
    "lead.registration_window": ("registration_window",),
    "lead.employees": ("min_employees",),
    "lead.turnover": ("turnover",),
    "lead.external_funding": ("max_external_funding",),
    "lead.good_standing": ("good_standing",),
    "partnership.local_partner": ("min_local_partners",),
    "project.country": ("project_countries", "project_country_list"),
    "project.sector": ("sectors",),
    "project.duration": ("duration_months",),
    "project.excluded_activity": ("excluded_activities",),
    "budget.ceiling": ("grant_ceiling", "grant_ceiling_haulage"),
    "budget.rate": ("max_rate",),
    "aid.de_minimis": ("de_minimis",),
}
_WORST_FIRST = {Outcome.FAIL: 0, Outcome.REVIEW: 1, Outcome.MISSING: 2, Outcome.PASS: 3}


@dataclass(frozen=True, slots=True)
class Answer:
    """One rule's answer in the visitor's language; `question` is the one it waits for."""

    code: str
    title: str
    outcome: str
    why: str
    to_do: str
    required: Sequence[PlainRule]
    question: str


@dataclass(frozen=True, slots=True)
class Precheck:
    """The chosen call with its rules, ready to judge."""

    call: Call
    parameters: RuleParameters
    context: CheckContext
    choices: Choices
    language: str

    @classmethod
    def of(cls, call: Call) -> "Precheck":
        """Under the rules as they are on the day of the deadline, as proposals are checked."""
        day = timezone.localdate(call.deadline_at)
        return cls(
            call=call,
            parameters=rule_parameters(call.rule_set),
            # Dates and documents of the call are no question here; lists of countries are.
            context=build_context(None, call.rule_set, day),
            choices=Choices(),
            language="fr" if get_language() == "fr" else "en",
        )

    def form(self, data: QueryDict | None) -> PrecheckForm:
        return PrecheckForm(
            data,
            questions=questions_of(self.parameters, self.context),
            parameters=self.parameters,
            year=self.context.reference_date.year,
            choices=self.choices,
        )

    def answers_to(self, given: Answers) -> list[Answer]:
        """What each rule says, worst first."""
        partner = self.choices.country(given.partner_country)
        judged = judge(given, self.parameters, self.context, partner)
        labels = self._labels()
        required = rules_by_parameter(self.call.rule_set, self.parameters, self._names(labels))
        answers = [self._answer(each, labels, required) for each in judged]
        return sorted(answers, key=lambda answer: _WORST_FIRST[Outcome(answer.outcome)])

    def _answer(
        self,
        judged: Answered,
        labels: Mapping[str, Mapping[str, str]],
        required: Mapping[str, PlainRule],
    ) -> Answer:
        # A rule that waits for an answer shows what it requires; one that failed already says why.
        waits = judged.outcome is Outcome.MISSING and bool(judged.open_questions)
        text = None if waits else render_finding(judged.finding, self.language, labels)
        return Answer(
            code=judged.code,
            title=rule_title(judged.code, self.language),
            outcome=judged.outcome.value,
            why=text.message if text else "",
            to_do=text.remedy if text else "",
            required=[required[name] for name in _REQUIRED[judged.code] if name in required],
            question=judged.open_questions[0] if waits else "",
        )

    def _labels(self) -> dict[str, dict[str, str]]:
        excluded = dict(self.choices.words(Vocabulary.EXCLUDED_ACTIVITY))
        return {
            "country": dict(self.choices.countries()),
            "sector": dict(self.choices.words(Vocabulary.SECTOR)),
            "organisation_kind": dict(self.choices.words(Vocabulary.ORGANISATION_KIND)),
            "excluded_activity": {**excluded, ONE_OF_THE_LIST: _("something on the list")},
        }

    def _names(self, labels: Mapping[str, Mapping[str, str]]) -> RuleNames:
        vocabularies = ("sector", "organisation_kind", "excluded_activity")
        return RuleNames(
            country_lists=RuleNames.of_lists().country_lists,
            countries=labels["country"],
            terms={
                (kind, code): label for kind in vocabularies for code, label in labels[kind].items()
            },
        )


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def eligibility(request: HttpRequest) -> HttpResponse:
    """The questions and what the rules say to the answers. POST takes the answers over."""
    data = request.POST if request.method == "POST" else request.GET
    calls, call = _calls(request.user, data.get("call", ""))
    if call is None:
        return render(request, "public/eligibility_none.html")
    precheck = Precheck.of(call)
    form = precheck.form(data if request.method == "POST" or _has_answers(data) else None)
    given = form.answers()
    if request.method == "POST" and form.is_valid():
        request.session[SESSION_KEY] = {"call": call.code, "answers": given.to_plain()}
        return HttpResponseRedirect(reverse("proposals:begin", args=[call.code]))
    answers = precheck.answers_to(given)
    sent = _as_sent(data, form)
    context = {
        "call": call,
        "calls": calls,
        "form": form,
        "answers": answers,
        "summary": _summary(answers),
        "sent": sent,
        "may_begin": call.is_open and not is_staff(request.user),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    if request.htmx and request.htmx.target == "answers":  # type: ignore[attr-defined]
        address = urlencode([("call", call.code), *sent])
        response = render(request, "public/eligibility_live.html", context, status=status)
        return replace_url(response, f"{request.path}?{address}")
    return render(request, "public/eligibility.html", context, status=status)


def _calls(user: Visitor, code: str) -> tuple[list[Call], Call | None]:
    """The calls to choose from, and the chosen one; without a choice the next deadline's.

    At most two queries. Raises Http404 for a call that is not there.
    """
    if code and not _CODE.fullmatch(code):
        raise Http404
    visible = Call.objects.visible_to(user).select_related("rule_set")
    current = visible.filter(deadline_at__gte=timezone.now()).order_by("deadline_at", "code")
    offered = list(current[:MOST_CALLS])
    if code:
        chosen = next((call for call in offered if call.code == code), None)
        if chosen is None:
            chosen = get_object_or_404(visible, code=code)
            offered.append(chosen)
        return offered, chosen
    if not offered:
        offered = list(visible.order_by("-deadline_at", "code")[:1])
    open_first = sorted(offered, key=lambda call: not call.is_open)
    return offered, next(iter(open_first), None)


def _has_answers(data: QueryDict) -> bool:
    return any(name in PrecheckForm.base_fields for name in data)


def _as_sent(data: QueryDict, form: PrecheckForm) -> list[tuple[str, str]]:
    """The answers as they were written, for the form that takes them over."""
    return [(name, str(data[name])) for name in form.fields if data.get(name)]


@dataclass(frozen=True, slots=True)
class Summary:
    tone: str
    failing: int
    waiting: int
    looked_at: int
    met: int

    @property
    def total(self) -> int:
        return self.failing + self.waiting + self.looked_at + self.met


def _summary(answers: Sequence[Answer]) -> Summary:
    counts = {outcome: 0 for outcome in Outcome}
    for answer in answers:
        counts[Outcome(answer.outcome)] += 1
    failing, met = counts[Outcome.FAIL], counts[Outcome.PASS]
    tone = "refused" if failing else "done" if met else "neutral"
    return Summary(tone, failing, counts[Outcome.MISSING], counts[Outcome.REVIEW], met)


def carried(request: HttpRequest, call: Call | None) -> Answers:
    """What the visitor took over for this call; nothing where there is nothing."""
    kept: Any = request.session.get(SESSION_KEY)
    if call is None or not kept or kept["call"] != call.code:
        return Answers()
    return Answers.from_plain(kept["answers"])


def forget(request: HttpRequest, call: Call) -> None:
    """The answers for this call have found their place in a draft."""
    kept: Any = request.session.get(SESSION_KEY)
    if kept and kept["call"] == call.code:
        del request.session[SESSION_KEY]
