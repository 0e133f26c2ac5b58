"""What companies and LuxDev write to each other: the list, one conversation, answering.

A company may write while its proposal is still a draft, of which LuxDev sees nothing: the pages
here show what was written and, once there is one, the way to what was handed in.
"""

from collections.abc import Callable

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import runs_calls
from applications.actions.messaging import mark_read, settle_thread, write_to_company
from applications.models import Submission, Thread, ThreadState
from applications.views.correspondence import PER_PAGE, correspondence, everything
from applications.views.messages import message_number
from reviews.admin.attempts import attempt
from reviews.admin.lists import Column, Table, badge, link, paginate
from reviews.admin.pages import (
    PageView,
    PortalModelAdmin,
    find_or_404,
    person,
    reason_of,
    render_page,
    status_of,
)
from reviews.admin.wording import thread_badge
from reviews.forms.desk_form import DeskForm
from reviews.forms.filters import ListFilter, choices
from reviews.forms.messages import AnswerForm


class ThreadFilter(ListFilter):
    state = choices(gettext_lazy("State"), ThreadState.choices)
    q = forms.CharField(
        label=gettext_lazy("Reference or company"),
        max_length=200,
        widget=forms.TextInput({"type": "search"}),
    )

    def apply(self, rows: QuerySet[Thread]) -> QuerySet[Thread]:
        if self.value("state"):
            rows = rows.filter(state=self.value("state"))
        if words := self.value("q"):
            found = rows.filter(proposal__reference__icontains=words)
            rows = found | rows.filter(proposal__organisation__legal_name__icontains=words)
        return rows


@admin.register(Thread)
class ThreadAdmin(PortalModelAdmin):
    """Every address about a conversation; on a dossier's page it is answered too."""

    def list_page(self, request: HttpRequest) -> HttpResponse:
        chosen = ThreadFilter(request.GET)
        rows = (
            chosen.apply(self.get_queryset(request))
            .with_unread(person(request))  # type: ignore[attr-defined]
            .select_related("proposal__organisation", "proposal__call")
            .only(
                "state",
                "waiting_since",
                "last_message_at",
                "proposal__reference",
                "proposal__organisation__legal_name",
                "proposal__call__title_fr",
                "proposal__call__title_en",
            )
        )
        table = Table(
            columns=_columns(),
            page=paginate(request, rows.order_by("waiting_since", "-last_message_at", "-id")),
            empty=_("No conversation matches.") if chosen.is_used() else _("Nobody wrote yet."),
            caption=_("Conversations, those that wait first"),
        )
        context = {"title": _("Messages"), "table": table, "filter": chosen}
        return render_page(request, "reviews/list.html", context)

    def object_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._page(request, object_id)

    def action_views(self) -> dict[str, PageView]:
        return {"answer": self.answer, "settle": self.settle, "seen": self.seen}

    def answer(self, request: HttpRequest, object_id: int) -> HttpResponse:
        thread = find_or_404(self.get_queryset(request), pk=object_id)
        form = AnswerForm(request.POST, request.FILES)

        def act() -> str:
            write_to_company(
                actor=person(request),
                proposal_id=thread.proposal_id,
                text=form.cleaned_data["text"],
                uploads=form.cleaned_data["attachments"],
            )
            return _("Your message is sent.")

        return self._attempt(request, object_id, form, act)

    def settle(self, request: HttpRequest, object_id: int) -> HttpResponse:
        find_or_404(self.get_queryset(request), pk=object_id)

        def act() -> str:
            settle_thread(actor=person(request), thread_id=object_id)
            return _("Noted: no answer is needed.")

        return self._attempt(request, object_id, DeskForm(request.POST), act)

    def seen(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Everybody who reads keeps their own mark."""
        find_or_404(self.get_queryset(request), pk=object_id)
        mark_read(actor=person(request), thread_id=object_id, up_to=message_number(request))
        if request.headers.get("HX-Request"):
            return HttpResponse()
        return redirect("admin:applications_thread_change", object_id)

    def _attempt(
        self, request: HttpRequest, object_id: int, form: DeskForm, act: Callable[[], str]
    ) -> HttpResponse:
        return attempt(
            request,
            form,
            act,
            done=lambda: redirect("admin:applications_thread_change", object_id),
            refused=lambda error: self._page(request, object_id, refused=error, form=form),
        )

    def _page(
        self,
        request: HttpRequest,
        object_id: int,
        *,
        refused: Exception | None = None,
        form: DeskForm | None = None,
    ) -> HttpResponse:
        user = person(request)
        handed_in = Submission.objects.visible_to(user).filter(proposal=OuterRef("proposal"))
        newest = handed_in.order_by("-submitted_at", "-pk")
        rows = self.get_queryset(request).select_related("proposal__organisation", "proposal__call")
        thread = find_or_404(
            rows.annotate(
                submission_id=Subquery(newest.values("pk")[:1]),
                submission_title=Subquery(newest.values("title")[:1]),
            ),
            pk=object_id,
        )
        page = paginate(request, everything(user, thread.proposal), PER_PAGE)
        context = {
            "title": thread.proposal.reference,
            "thread": thread,
            "badge": thread_badge(thread.state),
            "page": page,
            "correspondence": correspondence(user, page.rows),
            "form": form if isinstance(form, AnswerForm) else AnswerForm(),
            "may_answer": runs_calls(user),
            "waits": thread.is_waiting,
            "problem": reason_of(refused) if refused else "",
        }
        status = status_of(refused) if refused else 200
        return render_page(request, "reviews/thread.html", context, status=status)


def _columns() -> list[Column]:
    def reference(row: Thread) -> object:
        address = reverse("admin:applications_thread_change", args=(row.pk,))
        return link(address, row.proposal.reference, row.proposal.call.title)

    def unread(row: Thread) -> object:
        count: int = row.unread  # type: ignore[attr-defined]
        if not count:
            return "–"
        return ngettext("%(n)d new", "%(n)d new", count) % {"n": count}

    return [
        Column(_("Proposal"), reference, "desk-wide"),
        Column(_("Company"), lambda row: row.proposal.organisation.legal_name),
        Column(_("State"), lambda row: badge(thread_badge(row.state))),
        Column(_("Waiting since"), lambda row: _moment(row.waiting_since)),
        Column(_("Last message"), lambda row: _moment(row.last_message_at)),
        Column(_("Unread"), unread),
    ]


def _moment(moment: object) -> str:
    if moment is None:
        return "–"
    return formats.date_format(timezone.localtime(moment), "j F Y, H:i")  # type: ignore[arg-type]
