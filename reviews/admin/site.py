"""The admin site of LuxDev's side: who gets in, how one signs in, and which addresses exist."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from accounts.access import is_staff
from bpf_portal.core import kept
from bpf_portal.core.admin_csp import with_admin_policy

View = Callable[..., HttpResponseBase]

#: Django's and Unfold's pages that would show more than a role may see, or do what allauth does.
CLOSED = {
    "search",
    "password_change",
    "password_change_done",
    "autocomplete",
    "jsi18n",
    "view_on_site",
    "app_list",
}


class PortalAdminSite(UnfoldAdminSite):
    """Unfold's site with our own rules. Nobody but LuxDev's people and reviewers gets in."""

    index_title = _("Overview")
    enable_nav_sidebar = True
    final_catch_all_view = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only pages of our own: packages bring lists of their tables, open to whoever has them."""
        from reviews.admin.pages import PortalModelAdmin

        if admin_class is not None and issubclass(admin_class, PortalModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return is_staff(request.user)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Anonymous visitors sign in; who is signed in and not staff finds nothing here."""
        inner = super().admin_view(view, cacheable)
        #: Such a page keeps what is sent to it after the session ended (bpf_portal.core.kept).
        keeps = getattr(view, "keeps_what_is_typed", False)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            if keeps and not request.user.is_authenticated:
                return kept.keep_and_ask_to_sign_in(request)
            return with_admin_policy(inner(request, *args, **kwargs))

        wrapped = update_wrapper(guarded, view)
        return login_not_required(wrapped) if keeps else wrapped

    @login_not_required
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The portal's own sign-in page; it knows second factors and rate limits."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise Http404
        target = request.GET.get("next") or reverse("admin:index")
        return redirect(f"{reverse('account_login')}?{urlencode({'next': target})}")

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_logout")

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """No list of database tables: the navigation names what each role works with."""
        return []

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        # The colours stand in desk.css: Unfold would write them into a style element.
        return {**super().each_context(request), "colors": None}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from reviews.admin.assignments import assignment_urls
        from reviews.admin.bulk import bulk_begin
        from reviews.admin.comparing import comparison
        from reviews.admin.letters import letter_batch
        from reviews.admin.meetings import convene_page
        from reviews.admin.own_pages import call_declaration, my_profile
        from reviews.admin.ranking import publish_selected, ranking, ranking_index
        from reviews.admin.reports import report_urls
        from reviews.admin.simulation import simulation_urls
        from reviews.admin.tables import tables
        from reviews.admin.work import work_urls

        kept = [each for each in super().get_urls() if getattr(each, "name", "") not in CLOSED]
        view = self.admin_view
        return [
            path("ranking/", view(ranking_index), name="ranking_index"),
            path("ranking/<slug:code>/<slug:stage>/", view(ranking), name="ranking"),
            path(
                "ranking/<slug:code>/<slug:stage>/compare/",
                view(comparison),
                name="ranking_comparison",
            ),
            path(
                "ranking/<slug:code>/<slug:stage>/committee/",
                view(convene_page),
                name="ranking_committee",
            ),
            path("bulk/", view(bulk_begin), name="bulk_begin"),
            path("publish/", view(publish_selected), name="publish"),
            path("letters/<int:pk>/", view(letter_batch), name="letter_batch"),
            path("interests/<slug:code>/", view(call_declaration), name="call_declaration"),
            path("tables/", view(tables), name="tables"),
            path("profile/", view(my_profile), name="my_profile"),
            *assignment_urls(self),
            *report_urls(self),
            *simulation_urls(self),
            *work_urls(self),
            *kept,
        ]
