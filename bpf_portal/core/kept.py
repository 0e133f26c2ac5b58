"""What was typed into a page whose session had ended: kept until that person has signed in again.

It lies in the visitor's own session, under the address it was sent to, for a day. The page that it
was typed into carries a signed `typist`, so only what was typed by somebody signed in is kept, and
only that person sees it again, on a page that this person may see. Signing out empties it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

SESSION_KEY = "kept"
KEPT_FOR = timedelta(days=1)
#: A page may stay open for as long before it is sent.
PAGE_VALID_FOR = timedelta(days=30)
#: In one session, all pages together; a full dossier has about 100,000.
MOST_CHARACTERS = 500_000
#: A page that saves by itself says so by this header; it is answered in JSON.
AUTOSAVE_HEADER = "X-Autosave"
_TECHNICAL = ("csrfmiddlewaretoken", "typist")

View = TypeVar("View", bound=Callable[..., HttpResponse])


@dataclass(frozen=True)
class Kept:
    """What one form held when it was sent, and when that was."""

    data: QueryDict
    at: datetime


def saves_by_itself(request: HttpRequest) -> bool:
    return AUTOSAVE_HEADER in request.headers


def typist_of(user: Any) -> str:
    """What a page carries to show who types into it."""
    return _signer().sign(str(user.pk))


def keeps_what_is_typed(view: View) -> View:
    """The view of a form: sent by somebody no longer signed in, it is kept, not lost."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return keep_and_ask_to_sign_in(request)

    marked = login_not_required(wrapped)
    marked.keeps_what_is_typed = True  # type: ignore[attr-defined]
    return marked  # type: ignore[return-value]


def is_kept_here(request: HttpRequest) -> bool:
    """Whether the page keeps what is typed, and the form was sent from one of our own pages."""
    if not saves_by_itself(request) and _typist(request) is None:
        return False
    match = request.resolver_match
    ours = (
        request.headers.get("Sec-Fetch-Site") == "same-origin"
        or request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    )
    return bool(match and ours and getattr(match.func, "keeps_what_is_typed", False))


def keep_and_ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Keep a form that was not taken and lead back to its page, by the sign-in where needed."""
    typed = request.method == "POST" and _typist(request) is not None
    kept = typed and _keep(request)
    back = request.path
    if not request.user.is_authenticated:
        back = f"{reverse('account_login')}?{urlencode({'next': request.path})}"
    if saves_by_itself(request):
        return _answer(request, back, kept=kept)
    if typed and not kept:
        context = {"typed": _texts(request.POST), "back": back}
        return render(request, "not_kept.html", context, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    return HttpResponseRedirect(back)


def kept_for(request: HttpRequest) -> Kept | None:
    """What this person had typed into the page of this address."""
    entry = _entries(request).get(request.path)
    if entry is None or entry["typist"] != str(request.user.pk):
        return None
    data = QueryDict(mutable=True)
    for name, values in entry["data"].items():
        data.setlist(name, values)
    return Kept(data, datetime.fromisoformat(entry["at"]))


def forget(request: HttpRequest) -> None:
    """What was typed is saved now, or not wanted any more."""
    entries = _entries(request)
    if request.path in entries:
        del entries[request.path]
        request.session[SESSION_KEY] = entries


def _keep(request: HttpRequest) -> bool:
    """False where it is more than a session may hold; older pages make room first."""
    data = {name: values for name, values in request.POST.lists() if name not in _TECHNICAL}
    size = _size(data)
    if size > MOST_CHARACTERS:
        return False
    others = {path: each for path, each in _entries(request).items() if path != request.path}
    while size + sum(_size(each["data"]) for each in others.values()) > MOST_CHARACTERS:
        del others[min(others, key=lambda path: others[path]["at"])]
    entry = {"typist": _typist(request), "at": timezone.now().isoformat(), "data": data}
    request.session[SESSION_KEY] = {**others, request.path: entry}
    return True


def _entries(request: HttpRequest) -> dict[str, Any]:
    oldest = (timezone.now() - KEPT_FOR).isoformat()
    kept = request.session.get(SESSION_KEY, {})
    return {path: entry for path, entry in kept.items() if entry["at"] > oldest}


def _size(data: dict[str, list[Any]]) -> int:
    return sum(len(name) + sum(len(str(value)) for value in data[name]) for name in data)


def _typist(request: HttpRequest) -> str | None:
    try:
        return _signer().unsign(request.POST.get("typist", ""), max_age=PAGE_VALID_FOR)
    except BadSignature:
        return None


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="typist")


def _texts(data: QueryDict) -> list[tuple[str, str]]:
    return [
        (name, str(value))
        for name, values in data.lists()
        for value in values
        if name not in _TECHNICAL and str(value).strip()
    ]


def _answer(request: HttpRequest, back: str, *, kept: bool) -> JsonResponse:
    signed_in = request.user.is_authenticated
    text = _("Please open the page again.") if signed_in else _("You were signed out.")
    stays = _("Your text is kept.") if kept else _("Your text stays on this page and is not saved.")
    answer = {
        "state": "signed_out",
        "kept": kept,
        "message": f"{text} {stays}",
        "url": back,
        "link": _("Open the page again") if signed_in else _("Sign in"),
    }
    return JsonResponse(answer, status=HTTPStatus.UNAUTHORIZED)
