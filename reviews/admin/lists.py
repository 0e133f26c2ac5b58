"""Tables of rows: columns, filters, and pages that never count all rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bpf_portal.core.access import Text
from reviews.admin.wording import Badge

PER_PAGE = 50
#: Deeper pages are reached by filters and search, not by counting rows in the database.
DEEPEST_PAGE = 1000


@dataclass(frozen=True)
class Column:
    """A heading and what stands under it for one row."""

    heading: Text
    cell: Callable[[Any], object]
    css: str = ""


@dataclass(frozen=True)
class Page:
    """One page of rows, and the addresses of its neighbours."""

    rows: Sequence[Any]
    number: int
    previous: str
    following: str


@dataclass
class Table:
    """What the list template shows."""

    columns: Sequence[Column]
    page: Page
    empty: Text
    caption: Text = ""
    lines: list[list[tuple[Column, object]]] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = [
            [(column, column.cell(row)) for column in self.columns] for row in self.page.rows
        ]


def page_number(request: HttpRequest) -> int:
    """The page asked for; anything that is not a page number is the first page."""
    text = request.GET.get("page", "1")
    return min(int(text), DEEPEST_PAGE) if text.isdecimal() and int(text) > 0 else 1


def paginate(request: HttpRequest, rows: QuerySet[Any], per_page: int = PER_PAGE) -> Page:
    """One page: a single query that fetches one row more than it shows."""
    number = page_number(request)
    start = (number - 1) * per_page
    found = list(rows[start : start + per_page + 1])
    return Page(
        rows=found[:per_page],
        number=number,
        previous=_address(request.GET, number - 1) if number > 1 else "",
        following=_address(request.GET, number + 1) if len(found) > per_page else "",
    )


def page_of(request: HttpRequest, rows: Sequence[Any], per_page: int = PER_PAGE) -> Page:
    """One page of rows that are at hand already; after the last page comes the last page."""
    number = min(page_number(request), max(1, -(-len(rows) // per_page)))
    end = number * per_page
    return Page(
        rows=rows[end - per_page : end],
        number=number,
        previous=_address(request.GET, number - 1) if number > 1 else "",
        following=_address(request.GET, number + 1) if end < len(rows) else "",
    )


def _address(parameters: QueryDict, number: int) -> str:
    changed = parameters.copy()
    changed["page"] = str(number)
    return f"?{changed.urlencode()}"


def badge(word: Badge) -> SafeString:
    return format_html('<span class="desk-badge desk-badge-{}">{}</span>', word.tone, word.label)


def link(address: str, text: object, below: object = "") -> SafeString:
    """The row's main cell: what it is called, and a second line under it."""
    if not below:
        return format_html('<a href="{}">{}</a>', address, text)
    return format_html(
        '<a href="{}">{}</a><span class="desk-below">{}</span>', address, text, below
    )


def two_lines(text: object, below: object) -> SafeString:
    return format_html('{}<span class="desk-below">{}</span>', text, below)


def assumed_mark(assumed: object) -> SafeString:
    """The visible mark of what no public source says."""
    if not assumed:
        return SafeString("")
    return format_html(
        '<span class="desk-assumed" title="{}">{}</span>',
        _("No public source says this; LuxDev may change it."),
        _("assumed"),
    )
