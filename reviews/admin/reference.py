"""Reference data to read: calls, rules, grids, clauses, letters and countries.

What no public source says carries a visible mark. Nothing is changed here.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Func, Value
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from applications.models import (
    ClauseVersion,
    Country,
    CountryListEntry,
    DeclarationVersion,
)
from bpf_portal.core.access import Text
from bpf_portal.core.templatetags.portal import score
from reviews.admin.dossier import NOT_GIVEN, Section
from reviews.admin.dossier import Table as Facts
from reviews.admin.lists import Column, Table, assumed_mark, link, paginate
from reviews.admin.pages import PortalModelAdmin, find_or_404, render_page
from reviews.admin.wording import region_name
from reviews.models import LetterTemplate, Rubric

LETTER_PARTS = {
    "letterhead": gettext_lazy("Letterhead"),
    "salutation": gettext_lazy("Salutation"),
    "closing": gettext_lazy("Closing"),
}
#: Letters of the names of countries, and beside which they are sorted.
ACCENTED, PLAIN = "ÅÉÎÔáâãåçèéêëíîïóôöúü", "AEIOaaaaceeeeiiiooouu"
LANGUAGE_NAMES = {"fr": gettext_lazy("French"), "en": gettext_lazy("English")}


def when(moment: Any) -> str:
    """A day, or a moment in Luxembourg; not known is said."""
    if moment is None:
        return _("not published")
    if hasattr(moment, "hour"):
        return formats.date_format(timezone.localtime(moment), "j F Y, H:i")
    return formats.date_format(moment, "j F Y")


class ReferenceAdmin(PortalModelAdmin):
    """A list and a readable page."""

    order: tuple[str, ...] = ("pk",)
    related: tuple[str, ...] = ()

    def sorted_by(self) -> tuple[Any, ...]:
        """How the list is sorted."""
        return self.order

    def columns(self) -> list[Column]:
        raise NotImplementedError

    def sections(self, row: Any) -> list[Section]:
        raise NotImplementedError

    def to(self, row: Any, text: object, below: object = "") -> object:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return link(reverse(name, args=(row.pk,)), text, below)

    def list_page(self, request: HttpRequest) -> HttpResponse:
        rows = self.get_queryset(request).select_related(*self.related)
        table = Table(
            columns=self.columns(),
            page=paginate(request, rows.order_by(*self.sorted_by())),
            empty=_("Nothing is loaded yet: manage.py load_reference does it."),
        )
        title = str(self.opts.verbose_name_plural).capitalize()
        return render_page(request, "reviews/list.html", {"title": title, "table": table})

    def object_page(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        rows = self.get_queryset(request).select_related(*self.related)
        row = find_or_404(rows, pk=object_id)
        context = {"title": str(row), "sections": self.sections(row)}
        return render_page(request, "reviews/reference.html", context)


@admin.register(ClauseVersion)
class ClauseVersionAdmin(ReferenceAdmin):
    order = ("-valid_from", "language")

    def columns(self) -> list[Column]:
        return [
            Column(_("Clause"), lambda row: self.to(row, row.title, row.version), "desk-wide"),
            Column(_("Language"), lambda row: LANGUAGE_NAMES[row.language]),
            Column(_("Valid from"), lambda row: when(row.valid_from)),
            Column(_("Assumed"), lambda row: assumed_mark(row.assumed)),
        ]

    def sections(self, row: Any) -> list[Section]:
        facts = [
            (_("Version"), row.version),
            (_("Language"), LANGUAGE_NAMES[row.language]),
            (_("Valid from"), when(row.valid_from)),
            ("SHA-256", row.sha256),
            (_("Assumed"), assumed_mark(row.assumed) or _("no")),
        ]
        text = [(_("Text"), row.text)]
        return [Section("clause", row.title, facts, text, language=row.language)]


@admin.register(DeclarationVersion)
class DeclarationVersionAdmin(ReferenceAdmin):
    order = ("-valid_from", "language")
    related = ("call",)

    def columns(self) -> list[Column]:
        return [
            Column(_("Declarations"), lambda row: self.to(row, str(row)), "desk-wide"),
            Column(_("Call"), lambda row: row.call.title if row.call else _("every call")),
            Column(_("Valid from"), lambda row: when(row.valid_from)),
            Column(_("Assumed"), lambda row: assumed_mark(row.assumed)),
        ]

    def sections(self, row: Any) -> list[Section]:
        facts = [
            (_("Valid from"), when(row.valid_from)),
            ("SHA-256", row.sha256),
            (_("Assumed"), assumed_mark(row.assumed) or _("no")),
        ]
        texts = [
            (_("Statement %(n)d") % {"n": n}, str(each["text"]))
            for n, each in enumerate(row.statements, start=1)
        ]
        return [Section("declarations", str(row), facts, texts, language=row.language)]


@admin.register(Rubric)
class RubricAdmin(ReferenceAdmin):
    order = ("code", "version")

    def columns(self) -> list[Column]:
        return [
            Column(_("Grid"), lambda row: self.to(row, row.title, row.code), "desk-wide"),
            Column(_("Version"), lambda row: str(row.version)),
            Column(_("Threshold"), lambda row: f"{score(row.threshold)} / 100", "desk-figure"),
            Column(_("Assumed"), lambda row: assumed_mark(row.assumed)),
        ]

    def sections(self, row: Any) -> list[Section]:
        facts = [
            (_("Threshold"), f"{score(row.threshold)} / 100"),
            (_("Highest score"), row.scale_max),
            (_("Reviews per proposal"), row.reviews_required),
            (_("Assumed"), assumed_mark(row.assumed) or _("no")),
        ]
        criteria = row.criteria.order_by("position").prefetch_related("levels")
        tables = [
            Facts(
                _("%(criterion)s: weight %(weight)d")
                % {"criterion": each.label, "weight": each.weight},
                (_("Score"), _("Meaning")),
                [(level.value, level.text) for level in each.levels.all()],
            )
            for each in criteria
        ]
        return [Section("grid", row.title, facts, [], tables)]


@admin.register(LetterTemplate)
class LetterTemplateAdmin(ReferenceAdmin):
    order = ("kind", "language", "-version")

    def columns(self) -> list[Column]:
        return [
            Column(_("Letter"), lambda row: self.to(row, row.get_kind_display(), row.subject)),
            Column(_("Language"), lambda row: LANGUAGE_NAMES[row.language]),
            Column(_("Version"), lambda row: str(row.version)),
            Column(_("Assumed"), lambda row: assumed_mark(row.assumed)),
        ]

    def sections(self, row: Any) -> list[Section]:
        facts = [
            (_("Language"), LANGUAGE_NAMES[row.language]),
            (_("Version"), row.version),
            (_("Subject"), row.subject),
            (_("Assumed"), assumed_mark(row.assumed) or _("no")),
        ]
        texts = [text for block in row.blocks if (text := _wording(block))[1]]
        signatories = Facts(
            _("Signatories"),
            (_("Name"), _("Function")),
            [
                (each.get("name") or NOT_GIVEN, each.get("function") or NOT_GIVEN)
                for each in row.signatories
            ],
        )
        title = row.get_kind_display()
        return [Section("letter", title, facts, texts, [signatories], language=row.language)]


def _wording(block: dict[str, Any]) -> tuple[Text, str]:
    """A block of a letter's text: its heading, and its words as they are written."""
    part = block.get("part")
    heading = block.get("heading") or LETTER_PARTS.get(str(part), part) or _("Text")
    words = [block.get("text", ""), *block.get("paragraphs", [])]
    return heading, "\n\n".join(word for word in words if word)


@admin.register(Country)
class CountryAdmin(ReferenceAdmin):
    related = ("rating",)
    converter = "slug"

    def sorted_by(self) -> tuple[Any, ...]:
        """By the name that is shown, É beside E, with whatever collation the database has."""
        shown = "name_fr" if get_language() == "fr" else "name_en"
        return (Func(shown, Value(ACCENTED), Value(PLAIN), function="translate"),)

    def columns(self) -> list[Column]:
        def rating(row: Country) -> str:
            rated = getattr(row, "rating", None)
            return rated.get_level_display() if rated else _("not rated: medium")

        return [
            Column(_("Country"), lambda row: self.to(row, row.name, row.iso2), "desk-wide"),
            Column(_("Region"), lambda row: region_name(row.region) or NOT_GIVEN),
            Column(_("Labour-rights risk"), rating),
        ]

    def sections(self, row: Any) -> list[Section]:
        rated = getattr(row, "rating", None)
        facts = [
            (_("Code"), row.iso2),
            (_("Region"), region_name(row.region) or NOT_GIVEN),
            (
                _("Labour-rights risk"),
                rated.get_level_display() if rated else _("not rated: medium"),
            ),
            (_("Source of the rating"), rated.source if rated else NOT_GIVEN),
        ]
        entries = CountryListEntry.objects.filter(country=row).select_related("country_list")
        lists = Facts(
            _("On these lists"),
            (_("List"), _("Version"), _("Eligible until")),
            [
                (
                    each.country_list.code,
                    each.country_list.version,
                    when(each.eligible_until) if each.eligible_until else _("no end known"),
                )
                for each in entries
            ],
        )
        return [Section("country", row.name, facts, [], [lists])]
