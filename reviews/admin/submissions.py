"""Proposals as LuxDev sees them: the list, one dossier, and what an officer does with it."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.actions.correcting import request_correction, withdraw_correction
from applications.actions.eligibility import (
    confirm_eligible,
    confirm_exclusion,
    dismiss_exclusion,
    propose_exclusion,
    reconsider_eligibility,
    run_checks_again,
)
from applications.actions.finding_decisions import decide_on_finding
from applications.actions.fresh_checks import check_before_award
from applications.actions.messaging import write_to_company
from applications.models import Call, Submission, SubmissionState
from bpf_portal.core.templatetags.portal import euro_round, score
from reviews.actions.assigning import assign_reviewers
from reviews.actions.interests import recuse_oneself
from reviews.admin.attempts import attempt
from reviews.admin.bulk import choice, choosing
from reviews.admin.corrections import correction_form, difference_page, withdrawal_form
from reviews.admin.decision_preparation import decision_preparation
from reviews.admin.dossier_page import assign_form, dossier_page
from reviews.admin.finding_answers import refused_form
from reviews.admin.finding_pages import ask_page, runs_page
from reviews.admin.labels import Labels
from reviews.admin.lists import Column, Table, badge, link, paginate, two_lines
from reviews.admin.pages import (
    REFUSED,
    PageView,
    PortalModelAdmin,
    find_or_404,
    person,
    render_page,
)
from reviews.admin.side_by_side import side_by_side
from reviews.admin.wording import DECIDED, DUE_DILIGENCE, OUTCOMES, submission_badge
from reviews.forms.desk_form import DeskForm
from reviews.forms.eligibility import EligibilityForm, ReasonForm, SecondLookForm
from reviews.forms.filters import SubmissionFilter, call_choices
from reviews.forms.interests import RecusalForm
from reviews.forms.messages import AnswerForm

LISTED = (
    "reference",
    "title",
    "lead_name",
    "countries",
    "stage",
    "state",
    "outcome",
    "decided_outcome",
    "open_findings",
    "exclusion_proposed_by",
    "due_diligence",
    "requested",
    "score_mean",
    "review_count",
    "submitted_at",
    "late",
)


@admin.register(Submission)
class SubmissionAdmin(PortalModelAdmin):
    """Every address about a proposal but its decision."""

    def list_page(self, request: HttpRequest) -> HttpResponse:
        labels = Labels()
        calls = Call.objects.visible_to(person(request))
        chosen = SubmissionFilter(
            request.GET, calls=call_choices(calls), countries=labels.countries
        )
        rows = chosen.apply(self.get_queryset(request).only(*LISTED))
        many = choosing(request, "submission")
        ticks = [choice(lambda row: row.reference)] if many else []
        table = Table(
            columns=[*ticks, *_columns(labels)],
            page=paginate(request, rows.order_by("-submitted_at", "-id")),
            empty=_("No proposal matches.") if chosen.is_used() else _("No proposal yet."),
            caption=_("Proposals, newest first"),
        )
        context = {"title": _("Proposals"), "table": table, "filter": chosen, "choosing": many}
        return render_page(request, "reviews/list.html", context)

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return dossier_page(request, object_id)

    def extra_pages(self) -> dict[str, PageView]:
        return {
            "decision": decision_preparation,
            "difference": self.difference,
            "ask": ask_page,
            "checks": runs_page,
            "compare": side_by_side,
        }

    def action_views(self) -> dict[str, PageView]:
        return {
            "confirm": self.confirm,
            "second_look": self.second_look,
            "finding": self.finding,
            "reconsider": self.reconsider,
            "rerun": self.rerun,
            "award_check": self.award_check,
            "assign": self.assign,
            "recuse": self.recuse,
            "write": self.write,
            "correct": self.correct,
            "withdraw_correction": self.withdraw_correction,
        }

    def confirm(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = EligibilityForm(request.POST)

        def act() -> str:
            user, reason = person(request), form.cleaned_data["reason"]
            if form.cleaned_data["answer"] == "eligible":
                confirm_eligible(actor=user, submission_id=object_id, reason=reason)
                return _("Confirmed as eligible.")
            propose_exclusion(actor=user, submission_id=object_id, reason=reason)
            return _("Proposed as not eligible. A second person looks at it.")

        return self._attempt(request, object_id, "confirm", form, act)

    def second_look(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The other of the two people: excluded, or not."""
        form = SecondLookForm(request.POST)

        def act() -> str:
            user = person(request)
            if form.cleaned_data["answer"] == "exclude":
                confirm_exclusion(actor=user, submission_id=object_id)
                return _("Confirmed as not eligible.")
            dismiss_exclusion(
                actor=user, submission_id=object_id, reason=form.cleaned_data["reason"]
            )
            return _("The proposal is not excluded. The findings are open to decisions again.")

        return self._attempt(request, object_id, "second_look", form, act)

    def finding(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """One answer to one finding."""
        form = refused_form(request.POST)

        def act() -> str:
            decide_on_finding(
                actor=person(request),
                submission_id=object_id,
                **{name: form.cleaned_data[name] for name in ("code", "facts", "action", "reason")},
            )
            return _("Your decision on the finding is kept.")

        return self._attempt(request, object_id, "finding", form, act)

    def reconsider(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = ReasonForm(request.POST, auto_id="reconsider_%s")

        def act() -> str:
            reconsider_eligibility(
                actor=person(request),
                submission_id=object_id,
                reason=form.cleaned_data["reason"],
            )
            return _("The eligibility is open again.")

        return self._attempt(request, object_id, "reconsider", form, act)

    def rerun(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = DeskForm(request.POST)

        def act() -> str:
            run_checks_again(actor=person(request), submission_id=object_id)
            return _("The checks run again; the result appears here in a moment.")

        return self._attempt(request, object_id, "rerun", form, act)

    def award_check(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """As of today, from the page where the decision is prepared."""
        rows = self.get_queryset(request).select_related("decision").only("pk", "state", "decision")
        submission = find_or_404(rows, pk=object_id)
        try:
            check_before_award(actor=person(request), submission_id=object_id)
        except REFUSED as error:
            return dossier_page(request, object_id, refused=error, forms={})
        messages.success(request, _("The rules are being checked as of today."))
        if submission.state == SubmissionState.DECIDED:
            return redirect("admin:reviews_decision_correct", submission.decision.pk)
        return redirect("admin:applications_submission_decision", object_id)

    def assign(self, request: HttpRequest, object_id: int) -> HttpResponse:
        submission = find_or_404(self.get_queryset(request).only("pk"), pk=object_id)
        form = assign_form(request.POST, assignments=list(submission.assignments.all()))

        def act() -> str:
            new = assign_reviewers(
                actor=person(request),
                submission_id=object_id,
                reviewer_ids=form.reviewer_ids(),
                due_on=form.cleaned_data["due_on"],
            )
            return ngettext(
                "%(n)d reviewer was asked.", "%(n)d reviewers were asked.", len(new)
            ) % {"n": len(new)}

        return self._attempt(request, object_id, "assign", form, act)

    def recuse(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """One's own conflict of interest: from then on the dossier is gone."""
        find_or_404(self.get_queryset(request).only("pk"), pk=object_id)
        form = RecusalForm(request.POST, auto_id="recusal_%s")

        def act() -> str:
            recuse_oneself(
                actor=person(request),
                submission_id=object_id,
                details=form.cleaned_data["details"],
            )
            return _("Thank you. You see nothing of this proposal any more.")

        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:applications_submission_changelist"),
            refused=lambda error: dossier_page(
                request, object_id, refused=error, forms={"recuse": form}
            ),
        )

    def write(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """To the company, of LuxDev's own accord or in answer."""
        submission = find_or_404(self.get_queryset(request).only("proposal"), pk=object_id)
        form = AnswerForm(request.POST, request.FILES)

        def act() -> str:
            write_to_company(
                actor=person(request),
                proposal_id=submission.proposal_id,
                text=form.cleaned_data["text"],
                uploads=form.cleaned_data["attachments"],
            )
            return _("Your message is sent.")

        return self._attempt(request, object_id, "write", form, act)

    def correct(self, request: HttpRequest, object_id: int) -> HttpResponse:
        submission = find_or_404(self.get_queryset(request).only("stage"), pk=object_id)
        form = correction_form(submission.stage, request.POST)

        def act() -> str:
            request_correction(actor=person(request), submission_id=object_id, **form.cleaned_data)
            return _("The company was asked for the correction.")

        return self._attempt(request, object_id, "correct", form, act)

    def withdraw_correction(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = withdrawal_form(request.POST)
        submission = find_or_404(self.get_queryset(request).only("pk"), pk=object_id)
        number = request.POST.get("correction", "")
        wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0
        asked = find_or_404(submission.corrections.all(), pk=wanted)

        def act() -> str:
            withdraw_correction(
                actor=person(request),
                submission_id=object_id,
                correction_id=asked.pk,
                reason=form.cleaned_data["reason"],
            )
            return _("The request is withdrawn; the company was told.")

        return self._attempt(request, object_id, "withdraw_correction", form, act)

    def difference(self, request: HttpRequest, object_id: int) -> HttpResponse:
        submission = find_or_404(self.get_queryset(request).defer("document"), pk=object_id)
        back = reverse("admin:applications_submission_change", args=(object_id,))
        return difference_page(request, submission, back)

    def _attempt(
        self,
        request: HttpRequest,
        object_id: int,
        name: str,
        form: DeskForm,
        act: Callable[[], str],
    ) -> HttpResponse:
        """Do it and come back to the dossier; refused, show the dossier with what was typed."""
        find_or_404(self.get_queryset(request).only("pk"), pk=object_id)
        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:applications_submission_change", object_id),
            refused=lambda error: dossier_page(
                request, object_id, refused=error, forms={name: form}
            ),
        )


def _checks(row: Submission) -> object:
    """What the machine said; below it what people made of it, and what waits for one."""
    said, below = badge(OUTCOMES[row.outcome]), []
    if row.decided_outcome != row.outcome:
        below.append(str(DECIDED[row.decided_outcome]))
    if row.state == SubmissionState.RECEIVED and row.exclusion_proposed_by_id:
        below.append(_("waits for a second look"))
    elif row.state == SubmissionState.RECEIVED and row.open_findings:
        count = row.open_findings
        below.append(
            ngettext("%(n)d finding to decide on", "%(n)d findings to decide on", count)
            % {"n": count}
        )
    return two_lines(said, " · ".join(below)) if below else said


def _columns(labels: Labels) -> list[Column]:
    def reference(row: Submission) -> object:
        address = reverse("admin:applications_submission_change", args=(row.pk,))
        return link(address, row.reference, row.title)

    def mean(row: Submission) -> object:
        return "–" if row.score_mean is None else f"{score(row.score_mean)} ({row.review_count})"

    def company(row: Submission) -> object:
        return two_lines(row.lead_name, labels.country_list(row.countries))

    def state(row: Submission) -> object:
        return two_lines(badge(submission_badge(row.state)), row.get_stage_display())

    return [
        Column(_("Proposal"), reference, "desk-wide"),
        Column(_("Company and countries"), company, "desk-name"),
        Column(_("State"), state),
        Column(_("Checks"), _checks),
        Column(_("Due diligence"), lambda row: badge(DUE_DILIGENCE[row.due_diligence])),
        Column(_("Requested"), lambda row: euro_round(row.requested), "desk-figure"),
        Column(_("Score (reviews)"), mean, "desk-figure"),
    ]
