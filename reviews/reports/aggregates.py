"""What the portal itself counted, in SQL: one function, one query, whatever the number of rows.

Only published decisions count, in the year of their publication in Luxembourg's time.
Amounts in EUR.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DecimalField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Expression
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, ExtractYear, TruncDate

from accounts.access import Visitor
from applications.models import Stage, Submission
from bpf_portal.core.money import CENT
from reviews.models import Decision, DecisionKind

LUXEMBOURG = ZoneInfo("Europe/Luxembourg")
MONEY = DecimalField(max_digits=14, decimal_places=2)


class LowerMedian(Aggregate):
    """The middle value, or the lower of the two in the middle: exact, where a mean is a float."""

    template = "percentile_disc(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    allow_distinct = False


class UpperMedian(LowerMedian):
    template = "percentile_disc(0.5) WITHIN GROUP (ORDER BY %(expressions)s DESC)"


class DaysBetween(Func):
    """`DaysBetween(later, earlier)` of two dates, in days."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


class Each(Func):
    """A row for each element of an array column."""

    function = "unnest"
    set_returning = True
    output_field = TextField()


class EachGoal(Func):
    """A row for each SDG of a dossier; none where the document says nothing of them."""

    template = "(jsonb_path_query(%(expressions)s, '$.project.sdgs[*]') #>> '{}')"
    set_returning = True
    output_field = TextField()


def in_document(part: str, key: str) -> KeyTextTransform:
    """A text of the frozen dossier, e.g. `in_document("budget", "total")`."""
    return KeyTextTransform(key, KeyTransform(part, "submission__document"))


@dataclass(frozen=True)
class Money:
    """The projects selected in a year: their number and their money. Amounts in EUR."""

    selected: int = 0
    luxembourg_led: int = 0
    awarded: Decimal = Decimal("0.00")
    requested: Decimal = Decimal("0.00")
    median: Decimal | None = None
    own: Decimal | None = None
    partners: Decimal | None = None

    @property
    def average(self) -> Decimal | None:
        return _cents(self.awarded / self.selected) if self.selected else None

    def per_euro(self, amount: Decimal | None) -> Decimal | None:
        """That much beside each euro of grant; None when it is not known of every project."""
        if amount is None or not self.awarded:
            return None
        return _cents(amount / self.awarded)


@dataclass(frozen=True)
class YearCount:
    """What the portal counted in one year."""

    received: int = 0
    requested: Decimal = Decimal("0.00")
    by_kind: Mapping[str, int] = field(default_factory=dict)
    awarded: Decimal = Decimal("0.00")

    @property
    def selected(self) -> int:
        return self.by_kind.get(DecisionKind.SELECTED, 0)

    @property
    def decided(self) -> bool:
        return any(self.by_kind.values())


@dataclass(frozen=True)
class Share:
    """One country, sector, goal or kind: projects selected, and awarded to them (EUR)."""

    code: str
    selected: int
    awarded: Decimal


@dataclass(frozen=True)
class Award:
    """A project selected. Amount in EUR."""

    reference: str
    company: str
    company_country: str
    title: str
    countries: tuple[str, ...]
    amount: Decimal


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def published_in(year: int) -> QuerySet[Decision]:
    return Decision.objects.published().filter(
        first_published_at__gte=datetime(year, 1, 1, tzinfo=LUXEMBOURG),
        first_published_at__lt=datetime(year + 1, 1, 1, tzinfo=LUXEMBOURG),
    )


def selected_in(year: int) -> QuerySet[Decision]:
    return published_in(year).filter(kind=DecisionKind.SELECTED).order_by()


def counts_by_year() -> dict[int, YearCount]:
    """Two queries: what came in and what was decided, by year."""
    received = {
        row["year"]: (row["number"], row["requested"])
        for row in Submission.objects.filter(stage=Stage.PRESELECTION)
        .order_by()
        .annotate(year=ExtractYear("submitted_at", tzinfo=LUXEMBOURG))
        .values("year")
        .annotate(number=Count("pk"), requested=Sum("requested"))
    }
    kinds: dict[int, dict[str, int]] = {}
    awarded: dict[int, Decimal] = {}
    for row in (
        Decision.objects.published()
        .order_by()
        .annotate(year=ExtractYear("first_published_at", tzinfo=LUXEMBOURG))
        .values("year", "kind")
        .annotate(number=Count("pk"), awarded=Sum("amount"))
    ):
        kinds.setdefault(row["year"], {})[row["kind"]] = row["number"]
        if row["awarded"] is not None:
            awarded[row["year"]] = row["awarded"]
    nothing = (0, Decimal("0.00"))
    return {
        year: YearCount(
            *received.get(year, nothing),
            by_kind=kinds.get(year, {}),
            awarded=awarded.get(year, Decimal("0.00")),
        )
        for year in received.keys() | kinds.keys()
    }


def money_of(year: int) -> Money:
    """The selected projects' money, own and partners' parts out of the frozen dossiers."""
    own = Cast(in_document("budget", "own_contribution"), MONEY)
    partners = Cast(in_document("budget", "partners_contribution"), MONEY)
    row = selected_in(year).aggregate(
        number=Count("pk"),
        luxembourg_led=Count("pk", filter=Q(submission__lead_country="LU")),
        awarded=Sum("amount"),
        requested=Sum("submission__requested"),
        lower=LowerMedian("amount"),
        upper=UpperMedian("amount"),
        own=Sum(own),
        own_known=Count(own),
        partners=Sum(partners),
        partners_known=Count(partners),
    )
    if not row["number"]:
        return Money()
    return Money(
        selected=row["number"],
        luxembourg_led=row["luxembourg_led"],
        awarded=row["awarded"],
        requested=row["requested"],
        median=_cents((row["lower"] + row["upper"]) / 2),
        own=row["own"] if row["own_known"] == row["number"] else None,
        partners=row["partners"] if row["partners_known"] == row["number"] else None,
    )


def median_days(year: int) -> dict[str, Decimal | int]:
    """By stage, the median of the days from the call's deadline to the publication.

    Who was answered before the deadline did not wait from it, and is not counted.
    """
    deadline = Case(
        When(
            submission__stage=Stage.DETAILED_PROPOSAL,
            submission__call__stage_2_deadline_at__isnull=False,
            then=F("submission__call__stage_2_deadline_at"),
        ),
        default=F("submission__call__deadline_at"),
    )
    days = DaysBetween(
        TruncDate("first_published_at", tzinfo=LUXEMBOURG), TruncDate(deadline, tzinfo=LUXEMBOURG)
    )
    rows = (
        published_in(year)
        .filter(first_published_at__gt=deadline)
        .order_by()
        .values(stage=F("submission__stage"))
        .annotate(lower=LowerMedian(days), upper=UpperMedian(days))
    )
    return {row["stage"]: _middle(row["lower"], row["upper"]) for row in rows}


def _middle(lower: int, upper: int) -> Decimal | int:
    """A whole number of days where it is one."""
    return (lower + upper) // 2 if (lower + upper) % 2 == 0 else Decimal(lower + upper) / 2


#: What the selected projects are counted by. A project in two countries counts in both.
DIMENSIONS: dict[str, Expression] = {
    "country": Each("submission__countries"),
    "sector": Each("submission__sectors"),
    "sdg": EachGoal("submission__document"),
    "project_kind": Cast(in_document("project", "kind"), TextField()),
    "lead": Case(
        When(submission__lead_country="LU", then=Value("luxembourg")),
        default=Value("eu"),
        output_field=TextField(),
    ),
}


def shares_of(year: int, dimension: str) -> list[Share]:
    """The selected projects by one dimension, the largest first."""
    rows = (
        selected_in(year)
        .annotate(code=DIMENSIONS[dimension])
        .values("code")
        .annotate(number=Count("pk"), awarded=Sum("amount"))
        .order_by("-number", "code")
    )
    return [Share(row["code"], row["number"], row["awarded"]) for row in rows if row["code"]]


def awards_of(year: int, reader: Visitor | None) -> Iterator[Award]:
    """The selected projects themselves; with a reader only those they may see."""
    decisions = selected_in(year)
    if reader is not None:
        decisions = decisions & Decision.objects.visible_to(reader).order_by()
    rows = decisions.order_by("submission__reference").values_list(
        "submission__reference",
        "submission__lead_name",
        "submission__lead_country",
        "submission__title",
        "submission__countries",
        "amount",
    )
    for reference, company, country, title, countries, amount in rows:
        if amount is not None:  # the database gives every award its amount
            yield Award(reference, company, country, title, tuple(countries), amount)
