"""Published years and the portal's own, joined into one table.

How a year's numbers are found (also said in the report's own dictionary):

1. What was published about a year stands, word for word: the portal never adds its count to it.
2. Where a year was published and a number left out, the portal's count is a part of an unknown
   whole: "at least n", and "not published" when the portal counted none.
3. A year that nobody published is the portal's: its own count of published decisions, complete,
   from the first year with a published decision on; zero is then a true zero. Before that year
   nothing is known.
4. Selected since 2016: the published total of that year; for a year that the portal counts, the
   last published total and what was selected in each year after it. An unknown year in between
   makes it "at least". A published year without its total stays "not published".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from reviews.actions.editions import FIRST_YEAR
from reviews.models import PublishedEdition
from reviews.reports.aggregates import YearCount, counts_by_year
from reviews.reports.numbers import (
    NOT_PUBLISHED,
    Number,
    Value,
    at_least,
    counted,
    published,
    total,
)

NOTHING_COUNTED = YearCount()


@dataclass(frozen=True)
class YearRow:
    """A year of the facility. `awarded` in EUR."""

    year: int
    edition: str
    received: Number
    shortlisted: Number
    selected: Number
    cumulative_selected: Number
    awarded: Number
    note: str
    source: str
    counted_by_portal: YearCount
    published: PublishedEdition | None

    @property
    def portal_counted_all(self) -> bool:
        """Whether every project selected in the year was decided in the portal."""
        return self.selected.exact and self.selected.value == self.counted_by_portal.selected


@dataclass(frozen=True)
class History:
    """All that is known of the years, from two sources."""

    editions: Mapping[int, PublishedEdition]
    counts: Mapping[int, YearCount]

    @property
    def first_counted_year(self) -> int | None:
        """The first year with a decision published by the portal."""
        return min((year for year, count in self.counts.items() if count.decided), default=None)

    @property
    def known_years(self) -> list[int]:
        """The years of which there is something to report, the newest first."""
        years = self.editions.keys() | self.counts.keys()
        return sorted((year for year in years if year >= FIRST_YEAR), reverse=True)

    def until(self, year: int) -> list[YearRow]:
        """A row for each year from 2016 to this one."""
        return list(self._rows(year))

    def _rows(self, last: int) -> Iterator[YearRow]:
        so_far = NOT_PUBLISHED
        for year in range(FIRST_YEAR, last + 1):
            edition = self.editions.get(year)
            count = self.counts.get(year, NOTHING_COUNTED)
            selected = self._number(edition, "selected", year, count.selected)
            if edition is not None and edition.cumulative_selected is not None:
                so_far = shown = published(edition.cumulative_selected)
            else:
                # Of the years before 2016 there is nothing to add to.
                so_far = total([selected] if year == FIRST_YEAR else [so_far, selected])
                shown = so_far if self._portal_counts(year, edition, count) else NOT_PUBLISHED
            yield YearRow(
                year=year,
                edition=edition.edition if edition else "",
                received=self._number(edition, "received", year, count.received),
                shortlisted=self._number(
                    edition, "shortlisted", year, count.by_kind.get("shortlisted", 0)
                ),
                selected=selected,
                cumulative_selected=shown,
                awarded=self._number(edition, "awarded", year, count.awarded),
                note=edition.note if edition else "",
                source=edition.source if edition else "",
                counted_by_portal=count,
                published=edition,
            )

    def _portal_counts(self, year: int, edition: PublishedEdition | None, count: YearCount) -> bool:
        return count.decided or (edition is None and self._is_the_portals(year))

    def _is_the_portals(self, year: int) -> bool:
        first = self.first_counted_year
        received = self.counts.get(year, NOTHING_COUNTED).received
        return bool(received) or (first is not None and year >= first)

    def number_of(self, year: int, own: Value) -> Number:
        """A number that no publication gives, from the portal's own count (rules 2 and 3)."""
        if year not in self.editions and self._is_the_portals(year):
            return counted(own)
        return at_least(own)

    def _number(
        self, edition: PublishedEdition | None, fact: str, year: int, own: int | Decimal
    ) -> Number:
        if edition is not None and getattr(edition, fact) is not None:
            return published(getattr(edition, fact))
        return self.number_of(year, own)


def read_history() -> History:
    """Three queries, whatever there is."""
    return History({row.year: row for row in PublishedEdition.objects.all()}, counts_by_year())
