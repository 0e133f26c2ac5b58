"""A company is asked about a finding; and the runs of the checks, with what each one changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role
from applications.actions.checking import StatedFinding, rendered_findings
from applications.actions.checking_context import labels_for
from applications.actions.finding_questions import ask_about_finding, proposed_question
from applications.actions.finding_standing import newest_done_run
from applications.checks.decided import facts_of
from applications.checks.texts import rule_title
from applications.models import CheckRun, Finding, Submission
from bpf_portal.core.access import Text
from bpf_portal.core.jobs import JobState
from reviews.admin.attempts import attempt
from reviews.admin.labels import Labels
from reviews.admin.pages import (
    find_or_404,
    person,
    reason_of,
    render_page,
    require_role,
    status_of,
)
from reviews.admin.wording import DUE_DILIGENCE, FINDINGS, OUTCOMES, Badge
from reviews.forms.eligibility import FindingQuestionForm

#: Runs that the page lists; a dossier seldom has more than a handful.
SHOWN_RUNS = 50


def ask_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """The message to the company, proposed in the language of its application."""
    user = require_role(request, Role.OFFICER)
    rows = Submission.objects.visible_to(user).defer("document", "search")
    submission = find_or_404(rows, pk=object_id)
    if request.method != "POST":
        finding = _newest_finding(submission, request.GET.get("code", ""))
        initial = {
            "code": finding.code,
            "facts": facts_of(finding),
            "text": proposed_question(submission, finding),
        }
        return _ask(request, submission, FindingQuestionForm(initial=initial))
    form = FindingQuestionForm(request.POST, request.FILES)

    def act() -> str:
        ask_about_finding(
            actor=user,
            submission_id=submission.pk,
            code=form.cleaned_data["code"],
            facts=form.cleaned_data["facts"],
            text=form.cleaned_data["text"],
            uploads=form.cleaned_data["attachments"],
        )
        return _("The company is asked. Its answer will stand beside the finding.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect("admin:applications_submission_change", submission.pk),
        refused=lambda error: _ask(request, submission, form, error),
    )


def _newest_finding(submission: Submission, code: str) -> Finding:
    run = newest_done_run(submission)
    if run is None or len(code) > 40 or "\0" in code:
        raise Http404
    found: Finding = find_or_404(run.findings.all(), code=code)
    return found


def _ask(
    request: HttpRequest,
    submission: Submission,
    form: FindingQuestionForm,
    refused: Exception | None = None,
) -> HttpResponse:
    context = {
        "title": _("Ask the company about a finding"),
        "submission": submission,
        "form": form,
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/finding_question.html", context, status=status)


@dataclass(frozen=True)
class Change:
    """One rule between two runs; None where a run has no finding of it."""

    title: str
    code: str
    kind: Text
    before: StatedFinding | None
    after: StatedFinding | None

    @property
    def badges(self) -> tuple[Badge | None, Badge | None]:
        return (
            FINDINGS[self.before.outcome] if self.before else None,
            FINDINGS[self.after.outcome] if self.after else None,
        )


def runs_page(request: HttpRequest, object_id: int) -> HttpResponse:
    """Every run, and what one of them (`?run=`, else the newest) changed against the one before."""
    rows = Submission.objects.visible_to(person(request)).defer("document", "search")
    submission = find_or_404(rows, pk=object_id)
    runs = list(submission.check_runs.select_related("rule_set").order_by("-pk")[:SHOWN_RUNS])
    done = [run for run in runs if run.state == JobState.DONE]
    chosen = next((run for run in done if str(run.pk) == request.GET.get("run")), None)
    chosen = chosen or next(iter(done), None)
    before = next((run for run in done if chosen and run.pk < chosen.pk), None)
    context = {
        "title": _("Runs of the checks of %(reference)s") % {"reference": submission.reference},
        "submission": submission,
        "back": reverse("admin:applications_submission_change", args=(submission.pk,)),
        "runs": [(run, OUTCOMES[run.outcome], DUE_DILIGENCE[run.due_diligence]) for run in runs],
        "chosen": chosen,
        "before": before,
        "changes": _changes(before, chosen) if chosen and before else [],
    }
    return render_page(request, "reviews/check_runs.html", context)


def _changes(before: CheckRun, after: CheckRun) -> list[Change]:
    language = Labels().language
    labels = labels_for(language)
    prefetch_related_objects([before, after], "findings")
    old, new = (
        {each.code: each for each in rendered_findings(run, language, labels)}
        for run in (before, after)
    )
    return list(differences(old, new, language))


def differences(
    old: Mapping[str, StatedFinding], new: Mapping[str, StatedFinding], language: str
) -> Iterable[Change]:
    """New findings, changed ones and those that are gone, in the order of the newer run."""
    codes: Sequence[str] = [*new, *(code for code in old if code not in new)]
    for code in codes:
        was, now = old.get(code), new.get(code)
        if was and now and was.facts == now.facts:
            continue
        kind = _("changed") if was and now else _("new") if now else _("gone")
        yield Change(rule_title(code, language), code, kind, was, now)
