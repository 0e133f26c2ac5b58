"""The database tables, for administrators: about how many rows each has, and the page behind it."""

from dataclasses import dataclass

from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Role
from reviews.admin.pages import render_page, require_role

APPS = ("accounts", "applications", "reviews", "core")


@dataclass(frozen=True)
class TableRow:
    name: str
    table: str
    rows: int
    address: str


def tables(request: HttpRequest) -> HttpResponse:
    """Counts are the database's own estimates: no table is read."""
    require_role(request, Role.ADMINISTRATOR)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_live_tup FROM pg_stat_user_tables")
        estimates = dict(cursor.fetchall())
    found = [
        TableRow(
            name=capfirst(str(model._meta.verbose_name_plural)),
            table=model._meta.db_table,
            rows=estimates.get(model._meta.db_table, 0),
            address=_address(model._meta.label_lower) if admin.site.is_registered(model) else "",
        )
        for label in APPS
        for model in apps.get_app_config(label).get_models()
        if not model._meta.proxy
    ]
    context = {"title": _("Database tables"), "rows": sorted(found, key=lambda row: row.table)}
    return render_page(request, "reviews/tables.html", context)


def _address(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")
