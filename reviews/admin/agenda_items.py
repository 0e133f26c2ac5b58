"""One dossier in a committee: read on one side, voted on and concluded on the other."""

from collections.abc import Callable, Iterable
from string import ascii_uppercase
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import reads_everything, runs_calls
from accounts.models import Role, User
from applications.models import Document, Submission
from reviews.access import may_vote
from reviews.actions.agenda import (
    cast_vote,
    conclude,
    count_votes,
    money_left,
    recuse_from_item,
    set_aside,
    take_up,
)
from reviews.admin.attempts import attempt
from reviews.admin.dossier import sections
from reviews.admin.dossier_page import sheets_of
from reviews.admin.labels import Labels
from reviews.admin.live import agenda_seen_by, standing_of
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
from reviews.admin.wording import DUE_DILIGENCE, OUTCOMES, item_badge
from reviews.forms.assigning import InterestForm
from reviews.forms.committee import ConclusionForm, VoteForm
from reviews.forms.desk_form import DeskForm
from reviews.models import (
    AgendaItem,
    ItemState,
    MeetingState,
    Member,
    Outcome,
    Vote,
    outcomes_of,
)
from reviews.models.committee import VOTES

#: What the pages say of the other dossiers of the agenda.
LINE = ("meeting", "position", "state", "outcome", "amount", "submission__reference")


@admin.register(AgendaItem)
class AgendaItemAdmin(PortalModelAdmin):
    """The dossiers of one's meetings; the one with an interest does not exist for that person."""

    readers = (Role.REVIEWER, *RUNNING)

    def list_page(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:reviews_meeting_changelist")

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._page(request, object_id)

    def action_views(self) -> dict[str, PageView]:
        return {
            "discuss": self.discuss,
            "aside": self.aside,
            "vote": self.vote,
            "recuse": self.recuse,
            "conclude": self.conclude,
        }

    def discuss(self, request: HttpRequest, object_id: int) -> HttpResponse:
        def act() -> str:
            take_up(actor=person(request), item_id=object_id)
            return _("This proposal is being discussed; the members can vote.")

        return self._attempt(request, object_id, DeskForm(request.POST), act)

    def aside(self, request: HttpRequest, object_id: int) -> HttpResponse:
        def act() -> str:
            set_aside(actor=person(request), item_id=object_id)
            return _("Set aside. It stays on the agenda.")

        return self._attempt(request, object_id, DeskForm(request.POST), act)

    def vote(self, request: HttpRequest, object_id: int) -> HttpResponse:
        item = self._item(request, object_id)
        form = VoteForm(request.POST, choices=_choices(item))

        def act() -> str:
            cast_vote(
                actor=person(request),
                item_id=object_id,
                value=form.cleaned_data["value"],
                comment=form.cleaned_data["comment"],
            )
            return _("Your vote is kept. You can change it until the proposal is concluded.")

        return self._attempt(request, object_id, form, act)

    def recuse(self, request: HttpRequest, object_id: int) -> HttpResponse:
        item = self._item(request, object_id)
        form = InterestForm(request.POST)

        def act() -> str:
            recuse_from_item(
                actor=person(request), item_id=object_id, details=form.cleaned_data["details"]
            )
            return _("Thank you. You take no part in this proposal.")

        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:reviews_meeting_change", item.meeting_id),
            refused=lambda error: self._page(request, object_id, form, error),
        )

    def conclude(self, request: HttpRequest, object_id: int) -> HttpResponse:
        item = self._item(request, object_id)
        form = ConclusionForm(request.POST, outcomes=outcomes_of(item.meeting.stage))

        def act() -> str:
            conclude(
                actor=person(request),
                item_id=object_id,
                outcome=form.cleaned_data["outcome"],
                amount=form.cleaned_data.get("amount"),
                discussion=form.cleaned_data["discussion"],
            )
            return _("Concluded.")

        return self._attempt(request, object_id, form, act)

    def _attempt(
        self, request: HttpRequest, object_id: int, form: DeskForm, act: Callable[[], str]
    ) -> HttpResponse:
        self._item(request, object_id)
        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:reviews_agendaitem_change", object_id),
            refused=lambda error: self._page(request, object_id, form, error),
        )

    def _item(self, request: HttpRequest, object_id: int) -> AgendaItem:
        rows = self.get_queryset(request).select_related(
            "meeting__call", "submission__call__rule_set"
        )
        user = person(request)
        dossier = Submission.objects.visible_to(user).filter(pk=OuterRef("submission"))
        rows = rows.defer("submission__search").annotate(readable=Exists(dossier))
        found: AgendaItem = find_or_404(rows, pk=object_id)
        return found

    def _page(
        self,
        request: HttpRequest,
        object_id: int,
        form: DeskForm | None = None,
        refused: Exception | None = None,
    ) -> HttpResponse:
        item = self._item(request, object_id)
        submission = item.submission
        labels = Labels(submission.call_id)
        user = person(request)
        # The item stays, the dossier is closed again to those who only sat in the committee.
        readable = item.readable  # type: ignore[attr-defined]
        files = Document.objects.visible_to(user).with_scan_trouble()
        members = list(item.meeting.members.all())
        rows = agenda_seen_by(user, item.meeting).select_related("submission")
        rows = rows.only(*LINE)
        context = {
            "title": submission.reference,
            "item": item,
            "meeting": item.meeting,
            "submission": submission,
            "state_badge": item_badge(item.state),
            "badges": {
                "outcome": OUTCOMES[submission.decided_outcome],
                "due_diligence": DUE_DILIGENCE[submission.decided_due_diligence],
            },
            "sections": sections(submission.document, labels) if readable else [],
            "documents": [
                (each, labels.term("document", each.kind))
                for each in files.handed_in_with(submission)
            ]
            if readable
            else [],
            "sheets": _sheets(user, submission) if readable else [],
            "form": form,
            "problem": reason_of(refused) if refused else "",
            **_around(item, members, rows),
            **_voting(request, item, members, form),
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/agenda_item.html", context, status=status)


def _sheets(user: User, submission: Submission) -> list[dict[str, Any]]:
    """What the reviewers wrote. Who wrote it is for those who run the call: a reviewer in the
    committee votes on what was said, not on who said it.
    """
    sheets = sheets_of(submission)
    if reads_everything(user):
        return sheets
    return [
        {**sheet, "reviewer": _("Reviewer %(letter)s") % {"letter": letter}}
        for letter, sheet in zip(ascii_uppercase, sheets, strict=False)
    ]


def _choices(item: AgendaItem) -> list[tuple[str, Any]]:
    allowed = {each.value for each in outcomes_of(item.meeting.stage)}
    return [(value, label) for value, label in VOTES if value in allowed or value == "abstain"]


def _voting(
    request: HttpRequest, item: AgendaItem, members: list[Member], form: DeskForm | None
) -> dict[str, Any]:
    """The votes, and what this person may do. While it is open only the officer sees who voted
    what: nobody votes after a neighbour's sheet.
    """
    votes = list(item.votes.select_related("member__user"))
    me = next((each for each in members if each.user_id == person(request).pk), None)
    count = count_votes((vote.value for vote in votes), sum(each.votes for each in members))
    in_session = item.meeting.state == MeetingState.OPEN
    runs = runs_calls(request.user) and in_session
    seen = item.state == ItemState.CONCLUDED or reads_everything(request.user)
    concludes = runs and item.state == ItemState.OPEN
    return {
        "count": count,
        "votes": votes if seen else [],
        "vote_form": _vote_form(request, item, me, votes, form) if in_session else None,
        "interest": _interest(item, me, form),
        "may_discuss": runs and item.state != ItemState.OPEN,
        "conclusion": _conclusion(item, count.winner, form) if concludes else None,
        "left": money_left(item) if concludes else None,
    }


def _vote_form(
    request: HttpRequest,
    item: AgendaItem,
    me: Member | None,
    votes: list[Vote],
    form: DeskForm | None,
) -> DeskForm | None:
    """The form of a member who may vote now, with the vote that they have cast."""
    if item.state != ItemState.OPEN or not may_vote(request.user, me):
        return None
    if isinstance(form, VoteForm):
        return form
    mine = next((vote for vote in votes if me and vote.member_id == me.pk), None)
    initial = {"value": mine.value, "comment": mine.comment} if mine else {}
    return VoteForm(initial=initial, choices=_choices(item))


def _interest(item: AgendaItem, me: Member | None, form: DeskForm | None) -> DeskForm | None:
    """A member may find an interest until the dossier is concluded."""
    under_way = item.meeting.state in (MeetingState.PLANNED, MeetingState.OPEN)
    if me is None or not under_way or item.state == ItemState.CONCLUDED:
        return None
    return form if isinstance(form, InterestForm) else InterestForm()


def _conclusion(item: AgendaItem, winner: str, form: DeskForm | None) -> DeskForm:
    """The majority's outcome is chosen already; the amount is what was asked for."""
    if isinstance(form, ConclusionForm):
        return form
    initial: dict[str, Any] = {"outcome": winner, "discussion": item.discussion}
    if winner == Outcome.SELECTED:
        initial["amount"] = item.submission.requested
    return ConclusionForm(initial=initial, outcomes=outcomes_of(item.meeting.stage))


def _around(item: AgendaItem, members: list[Member], rows: Iterable[AgendaItem]) -> dict[str, Any]:
    """The dossiers before and after this one on the agenda that the person may see, the one that
    is being discussed where it is another, and how the meeting stands.
    """
    seen = list(rows)
    at = next((place for place, each in enumerate(seen) if each.pk == item.pk), 0)
    others = (each for each in seen if each.state == ItemState.OPEN and each.pk != item.pk)
    return {
        "neighbours": {
            "previous": seen[at - 1] if at else None,
            "following": seen[at + 1] if at + 1 < len(seen) else None,
        },
        "now": next(others, None),
        "standing": standing_of(item.meeting, members, seen),
    }
