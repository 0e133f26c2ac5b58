"""Pages, and two actions, beside an empty page of ours and Unfold's list of constant cells."""

from collections.abc import Callable, Iterator
from itertools import cycle

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions.submitting import submit
from applications.models import Call
from benchmarks.measurement import WARM_UP, Measurement, measure
from reviews.actions import scoring
from reviews.actions.demonstration.load import CODE_PREFIX
from reviews.models import Assignment, ScoreSheet
from tests import builders

BACKEND = "django.contrib.auth.backends.ModelBackend"


def measure_group(n: int, repeat: int) -> Iterator[Measurement]:
    """Each page as the person who works with it sees it."""
    officer, reviewer = person("officer"), person("reviewer1")
    anybody, as_officer, as_reviewer = Client(), signed_in(officer), signed_in(reviewer)
    open_call = Call.objects.get(code=f"{CODE_PREFIX}1")
    assignment = open_review(reviewer, officer)

    def page(name: str, client: Client, path: str, against: Measurement | None) -> Measurement:
        return measure(name, fetch(client, path), n=n, repeat=repeat, against=against)

    empty = page("an empty page of ours", anybody, reverse("bench_empty"), None)
    unfold = page("Unfold's list with constant cells", as_officer, constant_list(), None)
    yield from (empty, unfold)
    yield page("public page", anybody, reverse("home"), empty)
    yield page("a call's page", anybody, reverse("calls:detail", args=[open_call.code]), empty)
    mine = reverse("admin:reviews_assignment_changelist")
    yield page("reviewer's list", as_reviewer, mine, unfold)
    everything = reverse("admin:applications_submission_changelist")
    yield page("officer's list", as_officer, everything, unfold)
    yield page("officer's list, full-text search", as_officer, f"{everything}?q=water", unfold)
    dossier = reverse("admin:applications_submission_change", args=[assignment.submission_id])
    yield page("one dossier", as_officer, dossier, empty)
    sheet = reverse("admin:reviews_assignment_change", args=[assignment.pk])
    yield page("score sheet", as_reviewer, sheet, empty)
    yield measure("save scores", save(assignment), n=n, repeat=repeat, against=empty)
    runs = WARM_UP + 1 + repeat
    yield measure("submit", hand_in(open_call, runs), n=n, repeat=repeat, against=empty)


def person(name: str) -> User:
    return User.objects.get(email=f"load-{name}@example.org")


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=BACKEND)
    return client


def constant_list() -> str:
    return reverse("bench:applications_submission_changelist", current_app="bench")


def fetch(client: Client, path: str) -> Callable[[], None]:
    """A request whose page comes out whole; anything else ends the measurements."""

    def get() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answers {answer.status_code}")
        if answer.streaming:
            raise SystemExit(f"{path} streams: its time cannot be compared")

    return get


def open_review(reviewer: User, officer: User) -> Assignment:
    """A review that was submitted and is given back, so that its sheet can be saved again."""
    assignment = (
        Assignment.objects.filter(reviewer=reviewer, submission__decision=None)
        .order_by("pk")
        .first()
    )
    if assignment is None:
        return builders.build_assignment(officer, reviewer)
    scoring.reopen_scores(actor=officer, assignment_id=assignment.pk, reason="To be measured.")
    assignment.refresh_from_db()
    return assignment


def save(assignment: Assignment) -> Callable[[], None]:
    """The action behind the sheet's save button, with another value each time."""
    sheet = ScoreSheet.objects.get(assignment=assignment)
    criteria = list(sheet.rubric.criteria.order_by("position"))
    values = cycle((2, 3, 4))
    reviewer = assignment.reviewer
    version = sheet.version

    def save_once() -> None:
        nonlocal version
        value = next(values)
        saved = scoring.save_scores(
            actor=reviewer,
            assignment_id=assignment.pk,
            expected_version=version,
            answers=[
                scoring.CriterionAnswer(criterion.pk, value, False, "A reason in words.")
                for criterion in criteria
            ],
            comment=f"Measured at {timezone.now()}",
        )
        version = saved.version

    return save_once


def hand_in(call: Call, runs: int) -> Callable[[], None]:
    """The action behind the submit button; each run hands in a complete draft of its own."""
    author = builders.build_user("applicant")
    drafts = iter([builders.build_complete_proposal(author, call) for _ in range(runs)])

    def hand_in_once() -> None:
        submit(actor=author, proposal_id=next(drafts).pk)

    return hand_in_once
