"""Reviews: a reviewer's own list, declaration and score sheet; for others what was submitted."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.access import has_role, runs_calls
from accounts.models import Role, User
from applications.models import Call, Submission
from bpf_portal.core import kept
from bpf_portal.core.templatetags.portal import score
from reviews.actions.assigning import declare_interest
from reviews.actions.discussing import write_remark
from reviews.actions.scoring import reopen_scores
from reviews.admin.attempts import attempt
from reviews.admin.corrections import difference_page
from reviews.admin.dossier import partner_table, people
from reviews.admin.labels import Labels
from reviews.admin.lists import Column, Table, badge, link, paginate
from reviews.admin.pages import (
    RUNNING,
    PageView,
    PortalModelAdmin,
    find_or_404,
    person,
    reason_of,
    render_page,
    status_of,
)
from reviews.admin.score_saving import save_sheet, show_typed
from reviews.admin.score_sheet import (
    Trouble,
    earlier_in_words,
    notes_of,
    rights_of,
    score_sheet,
    stored,
    with_sheets,
)
from reviews.admin.wording import assignment_badge
from reviews.forms.assigning import InterestForm
from reviews.forms.desk_form import DeskForm
from reviews.forms.discussing import RemarkForm
from reviews.forms.eligibility import ReasonForm
from reviews.forms.filters import LATE, AssignmentFilter, call_choices
from reviews.models import (
    WHAT_IS_OVER,
    Assignment,
    AssignmentState,
    Criterion,
    Remark,
    ReviewPhase,
    Score,
    ScoreSheet,
)

SOON = timedelta(days=3)


def with_progress(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Assignments with their submission and how many criteria are answered."""
    # Subqueries, not joins: they are counted for the rows of the page only.
    scores = Score.objects.filter(sheet__assignment=OuterRef("pk")).order_by().values("sheet")
    answered = scores.filter(Q(value__isnull=False) | Q(unable_to_judge=True))
    return (
        rows.select_related("submission", "reviewer", "score_sheet")
        .defer("submission__document", "submission__search")
        .annotate(
            criteria=Coalesce(Subquery(scores.annotate(n=Count("pk")).values("n")), 0),
            answered=Coalesce(Subquery(answered.annotate(n=Count("pk")).values("n")), 0),
            open_now=Exists(
                ReviewPhase.objects.of("submission").at(timezone.now()).filter(see=True)
            ),
        )
    )


def calls_to_declare(user: User) -> list[tuple[Call, int]]:
    """The calls whose proposals wait until this reviewer has declared their interests, and how
    many wait. One query, and another where there are some."""
    # What is over needs no declaration any more; `my_reviews` finds the rest without the past.
    open_ones = Assignment.objects.undeclared_by(user).alias(over=WHAT_IS_OVER).filter(over=0)
    counted = open_ones.order_by().values_list("submission__call").annotate(n=Count("pk"))
    waiting = dict(counted)
    calls = Call.objects.filter(pk__in=waiting).order_by("deadline_at") if waiting else ()
    return [(call, waiting[call.pk]) for call in calls]


def progress(row: Assignment) -> str:
    """`3 of 7 criteria` for a sheet that is being filled in, its total once it is submitted."""
    if row.state == AssignmentState.SUBMITTED:
        return f"{score(row.score_sheet.total)} / 100"
    if row.state != AssignmentState.ACCEPTED:
        return "–"
    return _("%(done)d of %(all)d criteria") % {
        "done": row.answered,  # type: ignore[attr-defined]
        "all": row.criteria,  # type: ignore[attr-defined]
    }


def due(row: Assignment) -> str:
    """The day, and that it is over where it is."""
    day = formats.date_format(row.due_on, "j F Y")
    open_still = row.state in (AssignmentState.ASSIGNED, AssignmentState.ACCEPTED)
    if open_still and row.due_on < timezone.localdate():
        return _("%(day)s (overdue)") % {"day": day}
    return day


@admin.register(Assignment)
class AssignmentAdmin(PortalModelAdmin):
    """A reviewer sees their own; who runs the call sees who reviews what, and submitted sheets."""

    readers = (Role.REVIEWER, *RUNNING)
    keeps_what_is_typed = True

    def list_page(self, request: HttpRequest) -> HttpResponse:
        mine = has_role(request.user, Role.REVIEWER)
        if not mine:
            return self._all_reviews(request)
        rows = with_progress(self.get_queryset(request))
        table = Table(
            columns=_columns(mine=True),
            page=paginate(request, rows.order_by(WHAT_IS_OVER, "due_on", "id")),
            empty=_("Nothing to review at the moment."),
        )
        context = {"title": _("My reviews"), "table": table}
        context["undeclared"] = calls_to_declare(person(request))
        return render_page(request, "reviews/my_reviews.html", context)

    def _all_reviews(self, request: HttpRequest) -> HttpResponse:
        """For those who run the calls; what is late, the latest first."""
        calls = Call.objects.visible_to(person(request))
        chosen = AssignmentFilter(request.GET, calls=call_choices(calls))
        rows = with_progress(chosen.apply(self.get_queryset(request)))
        order = ("due_on", "id") if chosen.value("state") == LATE else ("-id",)
        table = Table(
            columns=_columns(mine=False),
            page=paginate(request, rows.order_by(*order)),
            empty=_("No review matches.") if chosen.is_used() else _("No review yet."),
        )
        context = {"title": _("Reviews"), "table": table, "filter": chosen}
        return render_page(request, "reviews/list.html", context)

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """A reviewer's sheet to read, or with POST to save; before that what has to be declared."""
        assignment: Assignment | None = self._visible(request).filter(pk=object_id).first()
        if assignment is None:
            return _led_to_declare(person(request), object_id)
        if not _is_theirs(request, assignment):
            return self._overview(request, assignment)
        if not rights_of(assignment).see:
            return self._closed(request, assignment)
        if assignment.state == AssignmentState.ASSIGNED:
            return self._declaration(request, assignment, InterestForm())
        if request.method == "POST":
            return save_sheet(request, assignment)
        if typed := kept.kept_for(request):
            return show_typed(request, assignment, stored(assignment), typed)
        return score_sheet(request, assignment)

    def extra_pages(self) -> dict[str, PageView]:
        return {"difference": self.difference}

    def difference(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """What a correction changed, for the reviewer who may read the proposal."""
        assignment = self._own(request, object_id)
        visible = Submission.objects.visible_to(person(request)).defer("document")
        submission = find_or_404(visible, pk=assignment.submission_id)
        back = reverse("admin:reviews_assignment_change", args=(object_id,))
        return difference_page(request, submission, back)

    def action_views(self) -> dict[str, PageView]:
        return {"declare": self.declare, "remark": self.remark, "reopen": self.reopen}

    def declare(self, request: HttpRequest, object_id: int) -> HttpResponse:
        assignment = self._own(request, object_id)
        conflict = request.POST.get("conflict") != "no"
        form = InterestForm(request.POST)

        def act() -> str:
            declare_interest(
                actor=person(request),
                assignment_id=object_id,
                conflict=conflict,
                details=form.cleaned_data["details"],
            )
            if conflict:
                return _("Thank you. This proposal goes to somebody else.")
            return _("Thank you. You can read the proposal and score it now.")

        def refused(error: Exception) -> HttpResponse:
            if assignment.state == AssignmentState.ASSIGNED:
                return self._declaration(request, assignment, form, error)
            return score_sheet(request, assignment, Trouble(refused=error, interest=form))

        def done() -> HttpResponse:
            if conflict:
                return redirect("admin:reviews_assignment_changelist")
            return redirect("admin:reviews_assignment_change", object_id)

        return attempt(request, form, act, done=done, refused=refused)

    def remark(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """To the others who review the same proposal."""
        assignment = self._own(request, object_id)
        form = RemarkForm(request.POST)

        def act() -> str:
            write_remark(
                actor=person(request), assignment_id=object_id, text=form.cleaned_data["text"]
            )
            return _("Your remark is there for the others.")

        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:reviews_assignment_change", object_id),
            refused=lambda error: score_sheet(
                request, assignment, Trouble(refused=error, remark=form)
            ),
        )

    def reopen(self, request: HttpRequest, object_id: int) -> HttpResponse:
        assignment = self._assignment(request, object_id)
        form = ReasonForm(request.POST)

        def act() -> str:
            reopen_scores(
                actor=person(request),
                assignment_id=object_id,
                reason=form.cleaned_data["reason"],
            )
            return _("The score sheet was given back to its reviewer.")

        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:reviews_assignment_change", object_id),
            refused=lambda error: self._overview(request, assignment, form, error),
        )

    def _visible(self, request: HttpRequest) -> QuerySet[Assignment]:
        return with_sheets(self.get_queryset(request))

    def _assignment(self, request: HttpRequest, object_id: int) -> Assignment:
        found: Assignment = find_or_404(self._visible(request), pk=object_id)
        return found

    def _own(self, request: HttpRequest, object_id: int) -> Assignment:
        """Declaring and scoring are the reviewer's, while a phase lets them read: for everybody
        else there is no such page."""
        assignment = self._assignment(request, object_id)
        if not _is_theirs(request, assignment) or not rights_of(assignment).see:
            raise Http404
        return assignment

    def _closed(self, request: HttpRequest, assignment: Assignment) -> HttpResponse:
        """Outside of the phases: what is the reviewer's own, and when it goes on."""
        submission = assignment.submission
        coming = ReviewPhase.objects.filter(
            call=submission.call_id,
            stage=submission.stage,
            see=True,
            starts_at__gt=timezone.now(),
        )
        sheet = assignment.score_sheet if hasattr(assignment, "score_sheet") else None
        context = {
            "title": submission.reference,
            "assignment": assignment,
            "state_badge": assignment_badge(assignment.state),
            "opens_at": coming.order_by("starts_at").values_list("starts_at", flat=True).first(),
            "sheet": sheet,
            "scores": _scores(sheet) if sheet else [],
            "notes": notes_of(assignment),
        }
        return render_page(request, "reviews/closed.html", context)

    def _declaration(
        self,
        request: HttpRequest,
        assignment: Assignment,
        form: InterestForm,
        refused: Exception | None = None,
    ) -> HttpResponse:
        """Names only, so that a reviewer can tell an interest: nothing else of the dossier."""
        submission = assignment.submission
        labels = Labels(submission.call_id)
        context = {
            "title": _("Before you review"),
            "assignment": assignment,
            "due": due(assignment),
            "proposal_title": submission.title,
            "company": submission.lead_name,
            "countries": labels.country_list(submission.countries),
            "tables": [
                partner_table(submission.document, labels),
                people(submission.document["lead"]),
            ],
            "form": form,
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/declaration.html", context, status=status)

    def _overview(
        self,
        request: HttpRequest,
        assignment: Assignment,
        form: DeskForm | None = None,
        refused: Exception | None = None,
    ) -> HttpResponse:
        """For the people who run the call: the sheet once it is submitted, and nothing before."""
        sheet = ScoreSheet.objects.visible_to(person(request)).filter(assignment=assignment).first()
        submitted = assignment.state == AssignmentState.SUBMITTED
        may_reopen = submitted and runs_calls(request.user)
        context = {
            "title": _("Review of %(reference)s") % {"reference": assignment.submission.reference},
            "assignment": assignment,
            "state_badge": assignment_badge(assignment.state),
            "due": due(assignment),
            "sheet": sheet,
            "earlier_text": bool(sheet and sheet.revision < assignment.submission.revision),
            "earlier": _earlier_sheets(assignment),
            "remarks": _discussion(person(request), assignment),
            "scores": _scores(sheet) if sheet else [],
            "reopen": (form or ReasonForm()) if may_reopen or form else None,
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/review.html", context, status=status)


def _is_theirs(request: HttpRequest, assignment: Assignment) -> bool:
    mine = assignment.reviewer_id == person(request).pk
    return mine and has_role(request.user, Role.REVIEWER)


def _led_to_declare(user: User, object_id: int) -> HttpResponse:
    """To the declaration for the call, where this page exists for its reviewer only after that."""
    waiting = Assignment.objects.undeclared_by(user).filter(pk=object_id)
    code = waiting.values_list("submission__call__code", flat=True).first()
    if code is None or not has_role(user, Role.REVIEWER):
        raise Http404
    return redirect("admin:call_declaration", code)


def _earlier_sheets(assignment: Assignment) -> list[dict[str, Any]]:
    """What was submitted before the sheet was given back, for those who run the call."""
    told: list[dict[str, Any]] = assignment.earlier_sheets  # type: ignore[attr-defined]
    if not told:
        return []
    criteria = Criterion.objects.filter(rubric=assignment.score_sheet.rubric_id).in_bulk()
    return [earlier_in_words(each, criteria) for each in told]


def _discussion(user: User, assignment: Assignment) -> QuerySet[Remark]:
    rows = Remark.objects.visible_to(user).filter(submission=assignment.submission_id)
    return rows.select_related("author")


def _scores(sheet: ScoreSheet) -> list[Score]:
    return list(sheet.scores.select_related("criterion").order_by("criterion__position"))


def _columns(*, mine: bool) -> list[Column]:
    def proposal(row: Assignment) -> object:
        address = reverse("admin:reviews_assignment_change", args=(row.pk,))
        below = row.submission.title if shown(row) else _("not open at the moment")
        return link(address, row.submission.reference, below)

    def company(row: Assignment) -> str:
        return row.submission.lead_name if shown(row) else "–"

    def shown(row: Assignment) -> bool:
        return not mine or row.open_now  # type: ignore[attr-defined]

    columns = [
        Column(_("Proposal"), proposal, "desk-wide"),
        Column(_("Company"), company),
        Column(_("Stage"), lambda row: row.submission.get_stage_display()),
        Column(_("Due"), due, "desk-day"),
        Column(_("State"), lambda row: badge(assignment_badge(row.state))),
        Column(_("Progress"), progress),
    ]
    if not mine:
        columns.insert(2, Column(_("Reviewer"), lambda row: str(row.reviewer)))
    return columns
