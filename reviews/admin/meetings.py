"""Committee meetings: their list, one of them with its agenda, and how one is convened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import reads_everything, runs_calls
from accounts.models import STAFF_ROLES, Role, User
from applications.models import Call, Stage
from reviews.actions.convening import (
    cancel_meeting,
    close_meeting,
    convene_meeting,
    open_meeting,
    proposals_to_discuss,
    quorum,
    sign_for_meeting,
)
from reviews.admin.attempts import attempt
from reviews.admin.lists import Column, Table, badge, link, paginate
from reviews.admin.live import agenda_seen_by, standing_answer, standing_of
from reviews.admin.minutes import minutes_pdf
from reviews.admin.pages import (
    RUNNING,
    PageView,
    PortalModelAdmin,
    find_or_404,
    person,
    reason_of,
    render_page,
    require_role,
    status_of,
)
from reviews.admin.wording import Badge, item_badge, meeting_badge
from reviews.forms.committee import ConveneForm, RemarksForm, SigningForm
from reviews.forms.desk_form import DeskForm
from reviews.forms.eligibility import ReasonForm
from reviews.models import AgendaItem, ItemState, Meeting, MeetingState, Member


@dataclass(frozen=True)
class AgendaLine:
    """One dossier of the agenda; `money` is what the outcomes up to here award (EUR)."""

    item: AgendaItem
    badge: Badge
    money: Decimal
    over: bool


def convene_page(request: HttpRequest, code: str, stage: str) -> HttpResponse:
    """The officer's form, with the agenda that it would have."""
    user = require_role(request, Role.OFFICER)
    call: Call = find_or_404(Call.objects.visible_to(user), code=code)
    if stage not in Stage.values:
        raise Http404
    people = User.objects.filter(is_active=True, role__in=STAFF_ROLES).order_by("full_name", "pk")
    if request.method != "POST":
        return _convene(request, call, stage, ConveneForm(people=people))
    form = ConveneForm(request.POST, people=people)
    convened: list[Meeting] = []

    def act() -> str:
        convened.append(
            convene_meeting(
                actor=user,
                call=call,
                stage=stage,
                held_on=form.cleaned_data["held_on"],
                voting_ids=form.people("voting"),
                observer_ids=form.people("observers"),
            )
        )
        return _("The committee is convened; its members are told by mail.")

    return attempt(
        request,
        form,
        act,
        done=lambda: redirect("admin:reviews_meeting_change", convened[0].pk),
        refused=lambda error: _convene(request, call, stage, form, error),
    )


def _convene(
    request: HttpRequest,
    call: Call,
    stage: str,
    form: ConveneForm,
    refused: Exception | None = None,
) -> HttpResponse:
    context = {
        "title": _("Convene a committee"),
        "call": call,
        "stage": Stage(stage),
        "proposals": proposals_to_discuss(person(request), call, stage),
        "form": form,
        "problem": reason_of(refused) if refused else "",
    }
    status = status_of(refused) if refused else 200
    return render_page(request, "reviews/meeting_convene.html", context, status=status)


@admin.register(Meeting)
class MeetingAdmin(PortalModelAdmin):
    """Those who run, approve or audit see all meetings, everybody else of the staff their own."""

    readers = (Role.REVIEWER, *RUNNING)

    def list_page(self, request: HttpRequest) -> HttpResponse:
        table = Table(
            columns=_columns(),
            page=paginate(request, self.get_queryset(request).select_related("call")),
            empty=_("No committee meeting yet. An officer convenes one from a ranking."),
        )
        context = {"title": _("Committee meetings"), "table": table}
        return render_page(request, "reviews/list.html", context)

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._page(request, object_id)

    def extra_pages(self) -> dict[str, PageView]:
        return {"minutes": self.minutes, "standing": self.standing}

    def action_views(self) -> dict[str, PageView]:
        return {
            "sign": self.sign,
            "open": self.open,
            "cancel": self.cancel,
            "close": self.close,
        }

    def minutes(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The minutes as PDF, for those who read everything: they name every vote."""
        meeting = self._meeting(request, object_id)
        if not reads_everything(request.user) or meeting.state != MeetingState.CLOSED:
            raise Http404
        language = request.GET.get("language") or get_language() or "fr"
        if language not in ("fr", "en"):
            raise Http404
        name = f"minutes-{meeting.call.code}-{meeting.held_on}-{language}.pdf"
        return HttpResponse(
            minutes_pdf(meeting, language),
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def standing(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Whether an open page of the meeting still shows how things stand."""
        return standing_answer(person(request), self._meeting(request, object_id))

    def sign(self, request: HttpRequest, object_id: int) -> HttpResponse:
        meeting = self._meeting(request, object_id)
        form = SigningForm(request.POST, items=_items(meeting))

        def act() -> str:
            sign_for_meeting(
                actor=person(request),
                meeting_id=object_id,
                confidential=form.cleaned_data["confidential"],
                conflicts=form.conflicts(),
            )
            return _("Thank you. You can read the dossiers now.")

        return self._attempt(request, object_id, form, act)

    def open(self, request: HttpRequest, object_id: int) -> HttpResponse:
        def act() -> str:
            open_meeting(actor=person(request), meeting_id=object_id)
            return _("The meeting is open. Take up the first proposal.")

        return self._attempt(request, object_id, DeskForm(request.POST), act)

    def cancel(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = ReasonForm(request.POST)

        def act() -> str:
            cancel_meeting(
                actor=person(request), meeting_id=object_id, reason=form.cleaned_data["reason"]
            )
            return _("The meeting is cancelled.")

        return self._attempt(request, object_id, form, act)

    def close(self, request: HttpRequest, object_id: int) -> HttpResponse:
        form = RemarksForm(request.POST)

        def act() -> str:
            close_meeting(
                actor=person(request), meeting_id=object_id, remarks=form.cleaned_data["remarks"]
            )
            return _("The meeting is closed and its minutes are kept.")

        return self._attempt(request, object_id, form, act)

    def _attempt(
        self, request: HttpRequest, object_id: int, form: DeskForm, act: Callable[[], str]
    ) -> HttpResponse:
        self._meeting(request, object_id)
        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:reviews_meeting_change", object_id),
            refused=lambda error: self._page(request, object_id, form, error),
        )

    def _meeting(self, request: HttpRequest, object_id: int) -> Meeting:
        found: Meeting = find_or_404(
            self.get_queryset(request).select_related("call", "convened_by"), pk=object_id
        )
        return found

    def _page(
        self,
        request: HttpRequest,
        object_id: int,
        form: DeskForm | None = None,
        refused: Exception | None = None,
    ) -> HttpResponse:
        meeting = self._meeting(request, object_id)
        members = list(meeting.members.select_related("user"))
        me = next((each for each in members if each.user_id == person(request).pk), None)
        lines = _agenda(request, meeting)
        context = {
            "title": _("Committee of %(day)s")
            % {"day": formats.date_format(meeting.held_on, "j F Y")},
            "meeting": meeting,
            "state_badge": meeting_badge(meeting.state),
            "members": members,
            "quorum": quorum(sum(each.votes for each in members)),
            "signing": _signing(meeting, me, form),
            "lines": lines,
            "now": next((each.item for each in lines if each.item.state == ItemState.OPEN), None),
            "concluded": sum(each.item.state == ItemState.CONCLUDED for each in lines),
            "money": lines[-1].money if lines else None,
            "share": _share(meeting, lines),
            "standing": standing_of(meeting, members, [each.item for each in lines]),
            "offered": _offered(request, meeting, form),
            "may_prepare": runs_calls(request.user),
            "reads_minutes": reads_everything(request.user),
            "form": form,
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/meeting.html", context, status=status)


def _items(meeting: Meeting) -> Sequence[AgendaItem]:
    rows = meeting.items.select_related("submission")
    return list(rows.defer("submission__document", "submission__search"))


def _signing(meeting: Meeting, me: Member | None, form: DeskForm | None) -> DeskForm | None:
    """The promise that a member still owes."""
    under_way = meeting.state in (MeetingState.PLANNED, MeetingState.OPEN)
    if me is None or me.signed_at or not under_way:
        return None
    return form if isinstance(form, SigningForm) else SigningForm(items=_items(meeting))


def _agenda(request: HttpRequest, meeting: Meeting) -> list[AgendaLine]:
    """The dossiers that this person may see, with the money of the outcomes so far."""
    rows = agenda_seen_by(person(request), meeting)
    rows = rows.select_related("submission", "submission__decision")
    money, lines = Decimal(0), []
    for item in rows.defer("submission__document", "submission__search"):
        money += item.amount or Decimal(0)
        envelope = meeting.call.envelope
        over = envelope is not None and money > envelope
        lines.append(AgendaLine(item, item_badge(item.state), money, over))
    return lines


def _share(meeting: Meeting, lines: Sequence[AgendaLine]) -> int | None:
    """The hundredths of the envelope that this meeting has awarded; None without an envelope."""
    if not meeting.call.envelope or not lines:
        return None
    return min(100, round(100 * lines[-1].money / meeting.call.envelope))


def _offered(request: HttpRequest, meeting: Meeting, form: DeskForm | None) -> dict[str, Any]:
    """The officer's forms, as they were typed where one was refused."""
    if not runs_calls(request.user):
        return {}
    if meeting.state == MeetingState.PLANNED:
        return {"cancel": form if isinstance(form, ReasonForm) else ReasonForm()}
    if meeting.state == MeetingState.OPEN:
        return {"close": form if isinstance(form, RemarksForm) else RemarksForm()}
    return {}


def _columns() -> list[Column]:
    def day(row: Meeting) -> object:
        address = reverse("admin:reviews_meeting_change", args=(row.pk,))
        return link(address, formats.date_format(row.held_on, "j F Y"))

    return [
        Column(_("Day"), day, "desk-wide"),
        Column(_("Call"), lambda row: row.call.title),
        Column(_("Stage"), lambda row: row.get_stage_display()),
        Column(_("State"), lambda row: badge(meeting_badge(row.state))),
    ]
