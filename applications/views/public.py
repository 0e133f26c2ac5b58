"""The pages for everyone: what the facility gives, the calls, and the rules of each."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.access import Visitor, is_staff
from applications.actions.checking_context import rule_parameters
from applications.models import Call, Stage
from applications.views.plain_rules import RuleNames, all_rules, who_may_apply

#: What the start page and the list show of a call; texts nobody sees there stay in the database.
_SHOWN = (
    "code",
    "title_fr",
    "title_en",
    "opens_at",
    "deadline_at",
    "published",
    "assumed",
    "rule_set__parameters",
    "rule_set__sources",
)
#: Calls that are open or announced at one time; there have never been more than a few.
MOST_CURRENT_CALLS = 20
PAST_CALLS_ON_A_PAGE = 20
#: How long the start page may be older than its rows.
MOST_SECONDS = 15.0


def _is_open(call: Call, now: datetime) -> bool:
    return bool(call.published and call.opens_at and call.opens_at <= now <= call.deadline_at)


def _current(user: Visitor, now: datetime) -> tuple[list[Call], list[Call]]:
    """The open calls and those still to open, the next deadline first. One query."""
    rows = (
        Call.objects.visible_to(user)
        .filter(deadline_at__gte=now)
        .select_related("rule_set")
        .only(*_SHOWN)
        .order_by("deadline_at", "code")[:MOST_CURRENT_CALLS]
    )
    calls = list(rows)
    return [c for c in calls if _is_open(c, now)], [c for c in calls if not _is_open(c, now)]


@require_safe
@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """What the facility gives, to whom, how it goes, and the call that is open.

    The page's body is the same for everybody in one language, LuxDev's people apart, who see calls
    before they are published; it is made once in fifteen seconds, and anew when a call opens or
    closes.
    """
    readers = "staff" if is_staff(request.user) else "public"
    key = f"home-{get_language()}-{readers}"
    body = caches["pages"].get(key)
    if body is None:
        facts = _facts(request.user)
        body = render_to_string("public/home_body.html", facts, request)
        caches["pages"].set(key, body, _seconds_to_next_change(facts["shown_calls"]))
    return render(request, "public/home.html", {"body": body})


def _seconds_to_next_change(calls: Iterable[Call]) -> float:
    """How long the body is true: until a call opens or closes, and at most fifteen seconds."""
    now = timezone.now()
    moments = [m for call in calls for m in (call.opens_at, call.deadline_at) if m and m > now]
    return min([MOST_SECONDS, *((moment - now).total_seconds() for moment in moments)])


def _facts(user: Visitor) -> dict[str, Any]:
    """What the body tells; at most four queries."""
    now = timezone.now()
    open_calls, announced = _current(user, now)
    coming = [call for call in announced if call.published]
    last = None
    if not open_calls:
        last = (
            Call.objects.visible_to(user)
            .filter(published=True, deadline_at__lt=now)
            .select_related("rule_set")
            .only(*_SHOWN)
            .order_by("-deadline_at", "code")
            .first()
        )
    told = next(iter((*open_calls, *coming)), last)
    rules = names = None
    if told:
        rules = rule_parameters(told.rule_set)
        names = RuleNames.of_lists()
    return {
        "shown_calls": [*open_calls, *announced],
        "open_calls": open_calls,
        "coming_call": coming[0] if coming else None,
        "last_call": last,
        "told_call": told,
        "rules": rules,
        "conditions": who_may_apply(rules, names) if rules and names else [],
    }


@require_safe
@login_not_required
def calls(request: HttpRequest) -> HttpResponse:
    """Open, coming and past calls; the past ones a page at a time."""
    now = timezone.now()
    open_calls, coming = _current(request.user, now)
    past = Call.objects.visible_to(request.user).filter(deadline_at__lt=now)
    page = Paginator(past.order_by("-deadline_at", "code"), PAST_CALLS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "public/calls.html",
        {"open_calls": open_calls, "coming_calls": coming, "page": page},
    )


@require_safe
@login_not_required
def call(request: HttpRequest, code: str) -> HttpResponse:
    """One call: its dates, its rules in words, the documents it asks for at each stage."""
    now = timezone.now()
    shown = get_object_or_404(
        Call.objects.visible_to(request.user).select_related("rule_set"), code=code
    )
    requirements = list(shown.document_requirements.order_by("position", "pk"))
    return render(
        request,
        "public/call.html",
        {
            "call": shown,
            "is_open": _is_open(shown, now),
            "is_past": shown.deadline_at < now,
            "rules": rule_parameters(shown.rule_set),
            "rule_groups": all_rules(shown.rule_set),
            "stages": [
                (stage.label, [r for r in requirements if r.stage == stage]) for stage in Stage
            ],
        },
    )


@require_safe
@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    """What the portal keeps about people, and who sees it. Says only what the portal does."""
    return render(request, "public/privacy.html")


@require_safe
@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    """How the pages can be used, and whom to tell when one cannot."""
    return render(request, "public/accessibility.html")
