"""What nothing of ours can beat: an empty page in our frame, and Unfold's list of constants."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template import engines
from unfold.admin import ModelAdmin

from applications.models import Submission
from reviews.admin.site import PortalAdminSite

COLUMNS = 8


@login_not_required
def empty_page(request: HttpRequest) -> HttpResponse:
    """Our base template with nothing in it, through the same middleware."""
    template = engines["django"].from_string('{% extends "base.html" %}')
    return HttpResponse(template.render({}, request))


class BenchSite(PortalAdminSite):
    """Our admin's own frame, so that only what a list itself costs differs."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """The portal's site takes only its own pages; this one is for Unfold's plain list."""
        admin.AdminSite.register(self, model_or_iterable, admin_class, **options)

    def get_urls(self):  # type: ignore[no-untyped-def]
        return admin.AdminSite.get_urls(self)


site = BenchSite(name="bench")


def _constant(position: int):  # type: ignore[no-untyped-def]
    @admin.display(description=f"Column {position}")
    def cell(_self: object, _row: Submission) -> str:
        return "constant"

    return cell


@admin.register(Submission, site=site)
class ConstantAdmin(ModelAdmin):
    """Unfold's list of as many rows, whose cells say nothing and ask nothing of the row."""

    list_display = tuple(f"column_{position}" for position in range(COLUMNS))
    list_per_page = 50
    show_full_result_count = False
    list_display_links = None
    actions = None
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        return Submission.objects.only("pk")

    def has_view_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        return True


for _position in range(COLUMNS):
    setattr(ConstantAdmin, f"column_{_position}", _constant(_position))
