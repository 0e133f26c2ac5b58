"""Where a proposal stands: what happened so far and what comes next, in plain words.

Only what the company knows already, or what was published, is read here: the hand-ins, the checks
that follow each of them by themselves, the company's own people and partners, published decisions.
Nothing of LuxDev's inner work is asked for, so nothing of it can show.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, NullIf
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from applications.models import (
    CheckRun,
    CorrectionPurpose,
    CorrectionRequest,
    CorrectionState,
    Countersignature,
    CountersignatureState,
    InvitationState,
    Membership,
    Moment,
    PartnerInvitation,
    Proposal,
    Stage,
    Submission,
)
from applications.views.access import own_proposal, person
from applications.views.next_steps import next_steps
from applications.views.outcome import Outcome, published_outcomes
from bpf_portal.core.jobs import JobState
from bpf_portal.core.models import Event
from bpf_portal.core.templatetags.portal import deadline

#: Facts of one moment in the order in which they are told.
ORDER = (
    "begun",
    "joined",
    "partner_confirmed",
    "partner_declined",
    "partner_void",
    "handed_in",
    "handed_in_late",
    "checked",
    "correction_asked",
    "corrected",
    "correction_withdrawn",
    "correction_lapsed",
    "decision",
    "decision_corrected",
    "letter",
    "invited",
    "countersigned",
    "renewal_asked",
    "renewed",
    "withdrawn",
)
Row = tuple[str, datetime, str, str]
NOBODY = Value("", CharField())


@dataclass(frozen=True)
class Fact:
    """Something that happened: its kind, who did it, and what the sentence still needs."""

    kind: str
    at: datetime
    who: str = ""
    what: str = ""
    url: str = ""


@dataclass(frozen=True)
class Entry:
    """A line of the timeline; `url` leads to the paper it speaks of."""

    kind: str
    at: datetime
    sentence: str
    url: str = ""


# --- what happened ------------------------------------------------------------------------------
def timeline(facts: Iterable[Fact]) -> list[Entry]:
    """From facts to lines in the language in force, newest first."""
    told = sorted(facts, key=lambda fact: (fact.at, ORDER.index(fact.kind)), reverse=True)
    return [Entry(fact.kind, fact.at, SENTENCES[fact.kind](fact), fact.url) for fact in told]


def facts_of(user: User, proposal: Proposal) -> list[Fact]:
    """What the company may know of its proposal. Two queries."""
    rows = [Fact(*row) for row in _rows(proposal)]
    facts = [_with_address(fact, proposal) for fact in rows]
    if any(fact.kind.startswith("handed_in") for fact in facts):
        facts += _of_outcomes(proposal, published_outcomes(user, [proposal])[proposal.pk])
    return facts


def _with_address(fact: Fact, proposal: Proposal) -> Fact:
    if fact.kind.startswith(("correct", "renew")):
        url = reverse("proposals:correction", args=[proposal.reference, int(fact.what.split()[0])])
        return replace(fact, url=url)
    if not fact.kind.startswith("handed_in"):
        return fact
    url = reverse("proposals:receipt", args=[proposal.reference, fact.what])
    return replace(fact, url=url)


def _of_outcomes(proposal: Proposal, outcomes: Sequence[Outcome]) -> Iterable[Fact]:
    for outcome in outcomes:
        kind = "decision_corrected" if outcome.correction_reason else "decision"
        yield Fact(kind, outcome.published_at, what=str(outcome.label))
        if outcome.letter_issued_at:
            yield Fact("letter", outcome.letter_issued_at, url=outcome.letter_url)
        if outcome.stage == Stage.PRESELECTION and outcome.favourable:
            due = proposal.call.deadline_of(Stage.DETAILED_PROPOSAL)
            yield Fact("invited", outcome.published_at, what=deadline(due) if due else "")


# --- the rows that tell it ----------------------------------------------------------------------
def _name(path: str) -> Coalesce:
    """A person as others read them: the name, else the address, else nothing."""
    full_name = NullIf(f"{path}__full_name", Value(""))
    return Coalesce(full_name, f"{path}__email", Value(""), output_field=CharField())


def _told(rows: Any, kind: Any, at: str, who: Any = NOBODY, what: Any = NOBODY) -> Any:
    """The columns of a fact, for a union: `kind`, `who`, `what` are expressions."""
    told = rows.order_by().annotate(kind_=kind, who_=who, what_=what)
    return told.values_list("kind_", at, "who_", "what_")


def _text(value: str) -> Value:
    return Value(value, CharField())


def _rows(proposal: Proposal) -> list[Row]:
    """All facts that lie in rows, in one query."""
    first, *others = (
        *_of_company(proposal),
        *_of_partners(proposal),
        *_of_hand_ins(proposal),
        *_of_corrections(proposal),
        *_of_contract(proposal),
    )
    return list(first.union(*others, all=True))


def _of_company(proposal: Proposal) -> Iterable[Any]:
    begun = Proposal.objects.filter(pk=proposal.pk)
    yield _told(begun, _text("begun"), "created_at", _name("created_by"))
    colleagues = Membership.objects.filter(
        organisation=proposal.organisation_id, since__gt=proposal.created_at
    )
    yield _told(colleagues, _text("joined"), "since", _name("user"))
    withdrawn = Event.objects.filter(
        aggregate="proposal", aggregate_id=proposal.pk, name="ProposalWithdrawn"
    )
    yield _told(withdrawn, _text("withdrawn"), "at", _name("actor"))


def _of_partners(proposal: Proposal) -> Iterable[Any]:
    asked = PartnerInvitation.objects.filter(proposal=proposal)
    given = NullIf("legal_name", Value(""))
    who = Coalesce(given, "partner__legal_name", Value(""), output_field=CharField())
    confirmed = asked.filter(confirmed_at__isnull=False)
    yield _told(confirmed, _text("partner_confirmed"), "confirmed_at", who)
    declined = asked.filter(declined_at__isnull=False)
    yield _told(declined, _text("partner_declined"), "declined_at", who)
    void = confirmed.filter(state=InvitationState.VOID)
    yield _told(void, _text("partner_void"), "voided_at", who)


def _of_contract(proposal: Proposal) -> Iterable[Any]:
    signed = Countersignature.objects.filter(proposal=proposal, state=CountersignatureState.SIGNED)
    yield _told(signed, _text("countersigned"), "answered_at", F("partner__legal_name"))


def _of_hand_ins(proposal: Proposal) -> Iterable[Any]:
    """Each hand-in, and the checks that follow it by themselves: those asked for later by an
    officer are LuxDev's own work."""
    handed_in = Submission.objects.filter(proposal=proposal)
    kind = Case(When(late=True, then=_text("handed_in_late")), default=_text("handed_in"))
    yield _told(handed_in, kind, "submitted_at", _name("submitted_by"), F("stage"))
    checked = CheckRun.objects.filter(
        submission__proposal=proposal,
        moment__in=(Moment.SUBMISSION, Moment.CORRECTION),
        state=JobState.DONE,
    )
    yield _told(checked, _text("checked"), "finished_at")


#: What became of a correction that was asked for -> the kind of its fact.
_CLOSED = {
    CorrectionState.ANSWERED: "corrected",
    CorrectionState.WITHDRAWN: "correction_withdrawn",
    CorrectionState.LAPSED: "correction_lapsed",
}


def _of_corrections(proposal: Proposal) -> Iterable[Any]:
    """The company was told of each by mail. Its number leads to its page."""
    renewal = When(purpose=CorrectionPurpose.RENEWAL, then=_text("renewal_asked"))
    kind_asked = Case(renewal, default=_text("correction_asked"))
    renewed = When(purpose=CorrectionPurpose.RENEWAL, then=_text("renewed"))
    asked = CorrectionRequest.objects.filter(submission__proposal=proposal)
    number = Cast("pk", CharField())
    until = Concat(number, _text(" "), Cast("due_on", CharField()))
    yield _told(asked, kind_asked, "requested_at", NOBODY, until)
    for state, kind in _CLOSED.items():
        closed = asked.filter(state=state)
        answered = state == CorrectionState.ANSWERED
        who = _name("closed_by") if answered else NOBODY
        kind_closed = Case(renewed, default=_text(kind)) if answered else _text(kind)
        yield _told(closed, kind_closed, "closed_at", who, number)


# --- the words ----------------------------------------------------------------------------------
def _begun(fact: Fact) -> str:
    if not fact.who:
        return _("The proposal was begun.")
    return _("%(person)s began the proposal.") % {"person": fact.who}


def _handed_in(fact: Fact) -> str:
    words = {"person": fact.who, "moment": deadline(fact.at)}
    if not fact.who:
        return _("Your proposal was handed in on %(moment)s.") % words
    return _("%(person)s handed in your proposal on %(moment)s.") % words


def _handed_in_late(fact: Fact) -> str:
    late = _("It came after the deadline and is kept for the next edition.")
    return f"{_handed_in(fact)} {late}"


def _correction_asked(fact: Fact) -> str:
    """`what`: the request's number and its last day."""
    _number, _space, until = fact.what.partition(" ")
    if not until:
        return _("The facility asked you to correct something.")
    last_day = formats.date_format(date.fromisoformat(until), "j F Y")
    return _("The facility asked you to correct something, until %(day)s.") % {"day": last_day}


def _renewal_asked(fact: Fact) -> str:
    """`what`: the request's number and its last day."""
    _number, _space, until = fact.what.partition(" ")
    if not until:
        return _("The facility asked you to renew your due diligence.")
    last_day = formats.date_format(date.fromisoformat(until), "j F Y")
    return _("The facility asked you to renew your due diligence, until %(day)s.") % {
        "day": last_day
    }


def _invited(fact: Fact) -> str:
    if not fact.what:
        return _("You are invited to write the detailed proposal.")
    return _("You are invited to write the detailed proposal, until %(moment)s.") % {
        "moment": fact.what
    }


def _withdrawn(fact: Fact) -> str:
    if not fact.who:
        return _("The proposal was withdrawn.")
    return _("%(person)s withdrew the proposal.") % {"person": fact.who}


SENTENCES: dict[str, Callable[[Fact], str]] = {
    "begun": _begun,
    "joined": lambda fact: _("%(person)s joined the company’s people.") % {"person": fact.who},
    "partner_confirmed": lambda fact: (
        _("The partner “%(partner)s” confirmed its part.") % {"partner": fact.who}
    ),
    "partner_declined": lambda fact: (
        _("The partner “%(partner)s” declined to take part.") % {"partner": fact.who}
    ),
    "partner_void": lambda fact: (
        _("The confirmation of “%(partner)s” no longer counts: what it confirmed was changed.")
        % {"partner": fact.who}
    ),
    "handed_in": _handed_in,
    "handed_in_late": _handed_in_late,
    "checked": lambda fact: _("The automatic checks are done. A person at LuxDev looks at them."),
    "correction_asked": _correction_asked,
    "corrected": lambda fact: (
        _("%(person)s handed the corrected proposal in.") % {"person": fact.who}
    ),
    "correction_withdrawn": lambda fact: _("The request for a correction was withdrawn."),
    "correction_lapsed": lambda fact: _(
        "The day for the correction passed; what was handed in before stands."
    ),
    "countersigned": lambda fact: (
        _("The partner “%(partner)s” countersigned the human-rights clause.")
        % {"partner": fact.who}
    ),
    "renewal_asked": _renewal_asked,
    "renewed": lambda fact: (
        _("%(person)s handed the renewed due diligence in.") % {"person": fact.who}
    ),
    "decision": lambda fact: (
        _("The decision was published: %(decision)s.") % {"decision": fact.what}
    ),
    "decision_corrected": lambda fact: (
        _("The decision was corrected: %(decision)s.") % {"decision": fact.what}
    ),
    "letter": lambda fact: _("Your letter was issued."),
    "invited": _invited,
    "withdrawn": _withdrawn,
}


# --- the pages ----------------------------------------------------------------------------------
PER_PAGE = 20
#: Lines beside the proposal; the timeline has a page of its own.
BESIDE = 4


def panel(
    proposal: Proposal,
    submissions: Sequence[Submission],
    outcomes: Sequence[Outcome],
    corrections: Sequence[CorrectionRequest],
) -> dict[str, object]:
    """What the proposal's own page shows of it (templates/proposals/_standing.html).

    Made of what that page has read already: no query, and only the great steps.
    """
    facts = [Fact("begun", proposal.created_at), *_of_outcomes(proposal, outcomes)]
    for each in submissions:
        kind = "handed_in_late" if each.late else "handed_in"
        facts.append(_with_address(Fact(kind, each.submitted_at, what=each.stage), proposal))
    facts += [_with_address(fact, proposal) for each in corrections for fact in _told_of(each)]
    return {
        "timeline": timeline(facts)[:BESIDE],
        "steps": next_steps(proposal, timezone.now()),
    }


def _told_of(asked: CorrectionRequest) -> Iterable[Fact]:
    """A correction as `_of_corrections` tells it, of a row with its `closed_by`."""
    kind = "renewal_asked" if asked.is_renewal else "correction_asked"
    yield Fact(kind, asked.requested_at, what=f"{asked.pk} {asked.due_on}")
    if asked.closed_at:
        answered = asked.state == CorrectionState.ANSWERED
        who = str(asked.closed_by) if answered else ""
        kind = _CLOSED[CorrectionState(asked.state)]
        kind = "renewed" if answered and asked.is_renewal else kind
        yield Fact(kind, asked.closed_at, who, str(asked.pk))


@require_safe
def page(request: HttpRequest, reference: str) -> HttpResponse:
    """The whole timeline, newest first, and what comes next."""
    user = person(request)
    proposal = own_proposal(user, reference)
    entries = timeline(facts_of(user, proposal))
    context = {
        "proposal": proposal,
        "page": Paginator(entries, PER_PAGE).get_page(request.GET.get("page")),
        "steps": next_steps(proposal, timezone.now()),
    }
    return render(request, "proposals/timeline.html", context)
