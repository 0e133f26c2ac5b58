"""Work in hand: every durable job that waits, runs or failed, and having one tried again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.admin.sites import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bpf_portal.core.jobs import JOB_TRANSITIONS, Job, JobState
from bpf_portal.core.models import Event, OutgoingEmail
from bpf_portal.core.queue import (
    Standing,
    jobs_shown,
    key_of,
    model_of,
    standings,
    without_addresses,
)
from reviews.access import may_retry_job
from reviews.actions.retrying import retry_failed, retry_job
from reviews.admin.attempts import attempt
from reviews.admin.job_subjects import subject_of
from reviews.admin.lists import Column, Table, badge, link, paginate, two_lines
from reviews.admin.pages import (
    RUNNING,
    find_or_404,
    person,
    reason_of,
    render_page,
    require_role,
    status_of,
)
from reviews.admin.reference import when
from reviews.admin.wording import Badge
from reviews.events import JobRetried
from reviews.forms.working import RetryAllForm, RetryForm, WorkFilter

_TONES = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "info",
    JobState.DONE: "done",
    JobState.FAILED: "refused",
}
#: As much of an error as stands in a line of the list.
LINE = 120


def work_urls(site: AdminSite) -> list[URLPattern]:
    return [
        path("work/", site.admin_view(work), name="work"),
        path("work/<slug:kind>/<int:number>/", site.admin_view(one_job), name="work_job"),
    ]


def job_badge(state: str) -> Badge:
    return Badge(JobState(state).label, _TONES[JobState(state)])


def age(moment: datetime) -> str:
    """`2 hours`: how long ago, in its largest unit."""
    return timesince(moment, depth=1)


def work(request: HttpRequest) -> HttpResponse:
    """How much there is of each kind and each job of it; POST has the failed ones tried again."""
    user = require_role(request, *RUNNING)
    found = standings()
    if request.method != "POST":
        return _work(request, found)
    form = RetryAllForm(request.POST, standings=found)

    def act() -> str:
        model = model_of(form.cleaned_data["kind"]) or Job
        count = retry_failed(actor=user, model=model, reason=form.cleaned_data["reason"])
        return ngettext(
            "%(count)s task is tried again.", "%(count)s tasks are tried again.", count
        ) % {"count": count}

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect("admin:work"),
        refused=lambda error: _work(request, found, form, error),
    )


def _work(
    request: HttpRequest,
    found: list[Standing],
    form: RetryAllForm | None = None,
    refused: Exception | None = None,
) -> HttpResponse:
    chosen = WorkFilter(request.GET, standings=found)
    rows = jobs_shown(chosen.chosen_models(), chosen.chosen_states())
    waiting = [each.oldest_at for each in found if each.oldest_at]
    failing = [each for each in found if each.failed]
    if form is None and failing and may_retry_job(request.user):
        form = RetryAllForm(standings=failing)
    context: dict[str, Any] = {
        "title": _("Work in hand"),
        "kinds": [
            (each, age(each.oldest_at) if each.oldest_at else "–", _address(each)) for each in found
        ],
        "waiting": sum(each.waiting for each in found),
        "running": sum(each.running for each in found),
        "failed": sum(each.failed for each in found),
        "oldest": age(min(waiting)) if waiting else "",
        "filter": chosen,
        "table": Table(
            columns=_columns(),
            page=paginate(request, rows),
            empty=_("Nothing waits, and nothing failed."),
            caption=_("Tasks"),
        ),
        "form": form if may_retry_job(request.user) else None,
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/work.html", context, status=status)


def _address(standing: Standing) -> str:
    return f"{reverse('admin:work')}?kind={standing.key}"


def _columns() -> Sequence[Column]:
    def job(row: dict[str, Any]) -> object:
        model = model_of(row["kind"]) or Job
        name = capfirst(str(model._meta.verbose_name))
        address = reverse("admin:work_job", args=(row["kind"], row["number"]))
        return link(address, f"{name} {row['number']}", row["about"])

    def state(row: dict[str, Any]) -> object:
        word = badge(job_badge(row["state"]))
        return two_lines(word, f"{row['done']} / {row['total']}") if row["total"] else word

    def error(row: dict[str, Any]) -> str:
        text = without_addresses(row["error"])
        return text if len(text) <= LINE else f"{text[:LINE]}…"

    def following(row: dict[str, Any]) -> str:
        is_later = row["state"] == JobState.QUEUED and row["not_before"] > timezone.now()
        return when(row["not_before"]) if is_later else "–"

    return [
        Column(_("Task"), job, "desk-wide"),
        Column(_("State"), state),
        Column(_("Age"), lambda row: age(row["created_at"])),
        Column(_("Attempts"), lambda row: row["attempts"], "desk-figure"),
        Column(_("Tried again on"), following),
        Column(_("Reason"), error, "desk-error-text"),
    ]


def one_job(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """One job with its times and why it failed; POST has it tried again."""
    user = require_role(request, *RUNNING)
    model = model_of(kind)
    if model is None or number > 2**63 - 1:
        raise Http404
    if request.method != "POST":
        return _job(request, model, number, RetryForm())
    find_or_404(model._default_manager.all(), pk=number)
    form = RetryForm(request.POST)

    def act() -> str:
        retry_job(actor=user, model=model, pk=number, reason=form.cleaned_data["reason"])
        return _("The task is tried again now.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect("admin:work_job", kind, number),
        refused=lambda error: _job(request, model, number, form, error),
    )


def _job(
    request: HttpRequest,
    model: type[Job],
    number: int,
    form: RetryForm,
    refused: Exception | None = None,
) -> HttpResponse:
    job: Job = find_or_404(model._default_manager.all(), pk=number)
    may_retry = may_retry_job(request.user) and JOB_TRANSITIONS.allows(job.state, "retry")
    context: dict[str, Any] = {
        "title": f"{capfirst(str(model._meta.verbose_name))} {job.pk}",
        "job": job,
        "badge": job_badge(job.state),
        "age": age(job.created_at),
        "error": without_addresses(job.last_error),
        "mailbox": without_addresses(job.recipient) if isinstance(job, OutgoingEmail) else "",
        "subject": subject_of(job, person(request)),
        "retries": _retries(job),
        "form": form if may_retry else None,
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/work_job.html", context, status=status)


def _retries(job: Job) -> list[Event]:
    rows = Event.objects.filter(
        aggregate=JobRetried.aggregate,
        aggregate_id=job.pk,
        name=JobRetried.__name__,
        details__job_kind=key_of(type(job)),
    )
    return list(rows.select_related("actor").order_by("-id"))
