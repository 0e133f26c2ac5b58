"""What every page of the admin stands on: rendering, rights, and rows through `visible_to`."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin

from accounts.access import has_role
from accounts.models import Role, User
from bpf_portal.core.access import NotAllowed, Text
from bpf_portal.core.states import WrongState
from reviews.admin.navigation import way_back

#: Who reads every dossier; reviewers have pages of their own.
RUNNING = (Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR)
REFUSED = (ValidationError, NotAllowed, WrongState)

PageView = Callable[..., HttpResponse]


def person(request: HttpRequest) -> User:
    """The signed-in person; the site lets nobody else through."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def require_role(request: HttpRequest, *roles: Role) -> User:
    """For other roles the page does not exist."""
    if not has_role(request.user, *roles):
        raise Http404
    return person(request)


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> TemplateResponse:
    """A page in the frame of the admin; `context` names its `title`."""
    frame = {**admin.site.each_context(request), "way_back": way_back(request)}
    return TemplateResponse(request, template, {**frame, **context}, status=status)


def status_of(error: Exception) -> int:
    """Wrong input is 422, an old page 409, a missing right 403."""
    if isinstance(error, ValidationError):
        return 422
    return 409 if isinstance(error, WrongState) else 403


def reason_of(error: Exception) -> Text:
    """The sentence for the top of the page; what belongs to a field stands beside it."""
    if isinstance(error, WrongState):
        return error.message
    if isinstance(error, NotAllowed):
        return error.reason
    return ""


def find_or_404(queryset: QuerySet[Any], **lookup: Any) -> Any:
    """The row if the person may see it; what is not theirs does not exist."""
    found = queryset.filter(**lookup).first()
    if found is None:
        raise Http404
    return found


class PortalModelAdmin(ModelAdmin):
    """Rows as pages of our own. Nothing is written but through the actions' own addresses."""

    readers: ClassVar[tuple[Role, ...]] = RUNNING
    converter: ClassVar[str] = "int"
    #: Whether what is typed into a row's page survives the end of the session.
    keeps_what_is_typed: ClassVar[bool] = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        manager = self.model._default_manager
        visible_to = getattr(manager, "visible_to", None)
        return visible_to(request.user) if visible_to else manager.all()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, *self.readers)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return has_role(request.user, *self.readers)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def list_page(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError

    def object_page(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        raise NotImplementedError

    def action_views(self) -> dict[str, PageView]:
        """POST addresses under one object, by their last part."""
        return {}

    def extra_pages(self) -> dict[str, PageView]:
        """Other pages of one object (GET and POST), by their last part."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        """The list, one object, and its actions: no add, delete or history pages."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        one = f"<{self.converter}:object_id>/"
        return [
            path("", self._for_readers(self.list_page), name=f"{name}_changelist"),
            path(
                f"{one}change/",
                self._for_readers(self.object_page, keeps=self.keeps_what_is_typed),
                name=f"{name}_change",
            ),
            *(
                path(f"{one}{part}/", self._for_readers(view), name=f"{name}_{part}")
                for part, view in self.extra_pages().items()
            ),
            *(
                path(f"{one}{part}/", self._for_readers(self._acting(view)), name=f"{name}_{part}")
                for part, view in self.action_views().items()
            ),
        ]

    def _acting(self, view: PageView) -> PageView:
        """An action answers to POST. Its address in a browser (a reloaded page of errors, another
        language chosen there) leads back to the row, and changes nothing."""
        change = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"

        def act(request: HttpRequest, object_id: Any) -> HttpResponse:
            if request.method != "POST":
                return redirect(change, object_id)
            return view(request, object_id=object_id)

        return act

    def _for_readers(self, view: PageView, *, keeps: bool = False) -> Any:
        def for_readers(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            require_role(request, *self.readers)
            return view(request, **kwargs)

        for_readers.keeps_what_is_typed = keeps  # type: ignore[attr-defined]
        return self.admin_site.admin_view(for_readers)
