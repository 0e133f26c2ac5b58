"""Pictures of the report: Vega-Lite drawn to SVG on the server, no script, no style, no network.

Each has a text alternative that says what it shows; the table of the same numbers stands beside.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from reviews.reports.figures import AnnualReport
from reviews.reports.history import YearRow
from reviews.reports.numbers import Number
from reviews.reports.wording import by_size, in_words, name_of

BAR = "#1b6b7a"
THIS_YEAR = "#b4531a"
FONT = "Inter, sans-serif"
COUNTRIES_SHOWN = 15
#: The parts of a drawing say nothing by themselves: it is one picture with one alternative.
INNER_ROLES = re.compile(r' (?:role="graphics-[a-z]+"|aria-[a-z]+="[^"]*")')


@dataclass(frozen=True)
class Chart:
    """A drawing for inline use, its title and what it shows in words.

    `gaps` says whether a dash stands in it for a number that nobody published.
    """

    key: str
    title: str
    gaps: bool
    alternative: str
    svg: str


@dataclass(frozen=True)
class Bar:
    name: str
    number: Number
    label: str
    highlighted: bool = False

    def as_row(self, position: int) -> dict[str, Any]:
        known = self.number.value is not None
        return {
            "position": position,
            "name": self.name,
            "value": float(self.number.value or 0),
            "label": self.label if known else "",
            "unknown": "" if known else "–",
            "highlighted": self.highlighted,
        }


def charts_of(report: AnnualReport) -> list[Chart]:
    """The charts there are numbers for, in the language in force."""
    charts = [_projects_by_year(report)]
    # One bar among dashes would say no more than the figure itself.
    if sum(row.awarded.value is not None for row in report.years) > 1:
        charts.append(_money_by_year(report))
    countries = next(part for part in report.breakdowns if part.definition.key == "country")
    if countries.rows:
        charts.append(_by_country(report))
    return charts


def _projects_by_year(report: AnnualReport) -> Chart:
    return _by_year(
        report,
        "projects",
        _("Projects selected, by year"),
        lambda row: (row.selected, in_words(row.selected)),
    )


def _money_by_year(report: AnnualReport) -> Chart:
    return _by_year(
        report,
        "money",
        _("Grants awarded, by year (EUR)"),
        lambda row: (row.awarded, in_words(row.awarded, "EUR")),
    )


def _by_year(report: AnnualReport, key: str, title: str, read: Any) -> Chart:
    bars = [_year_bar(row, report.year, *read(row)) for row in report.years]
    told = [f"{bar.name}: {bar.label}" for bar in bars]
    gaps = any(bar.number.value is None for bar in bars)
    return Chart(key, title, gaps, f"{title}. {'; '.join(told)}.", _drawn(_columns(bars)))


def _year_bar(row: YearRow, year: int, number: Number, label: str) -> Bar:
    return Bar(str(row.year), number, label.replace("EUR", "").strip(), row.year == year)


def _by_country(report: AnnualReport) -> Chart:
    part = next(part for part in report.breakdowns if part.definition.key == "country")
    bars = [
        Bar(name_of(report, "country", row.code), row.selected, in_words(row.selected))
        for row in by_size(report, part)[:COUNTRIES_SHOWN]
    ]
    title = _("Selected projects by country")
    told = "; ".join(f"{bar.name}: {bar.label}" for bar in bars)
    return Chart("countries", title, False, f"{title}. {told}.", _drawn(_rows(bars)))


def _columns(bars: Sequence[Bar]) -> Any:
    """Upright bars; a year of which nothing is known gets a dash, not a bar of no height."""
    # Altair takes a second to load, which commands and pages without a chart need not wait for.
    import altair as alt

    x = alt.X("name:O", sort=[bar.name for bar in bars], axis=_axis(alt))
    y = alt.Y("value:Q", axis=None)
    base = alt.Chart(_data(alt, bars)).encode(x=x)
    columns = base.mark_bar().encode(y=y, color=_colour(alt))
    labels = base.mark_text(dy=-8, fontSize=12, fontWeight=600).encode(y=y, text="label:N")
    dashes = base.mark_text(dy=-8, fontSize=14).encode(y=alt.datum(0), text="unknown:N")
    return alt.layer(columns, labels, dashes).properties(width=620, height=180, padding=6)


def _rows(bars: Sequence[Bar]) -> Any:
    """Lying bars, for names that need room."""
    import altair as alt

    y = alt.Y("name:N", sort=[bar.name for bar in bars], axis=_axis(alt, labelLimit=220))
    x = alt.X("value:Q", axis=None)
    base = alt.Chart(_data(alt, bars)).encode(y=y, x=x)
    drawn = base.mark_bar().encode(color=_colour(alt))
    labels = base.mark_text(align="left", dx=6, fontSize=12, fontWeight=600).encode(text="label:N")
    return alt.layer(drawn, labels).properties(
        # Inter is wider than the font the library measures with: room for the longest name.
        width=440,
        height=alt.Step(24),
        padding={"left": 28, "top": 6, "right": 6, "bottom": 6},
    )


def _data(alt: Any, bars: Sequence[Bar]) -> Any:
    return alt.Data(values=[bar.as_row(position) for position, bar in enumerate(bars)])


def _colour(alt: Any) -> Any:
    return alt.condition("datum.highlighted", alt.value(THIS_YEAR), alt.value(BAR))


def _axis(alt: Any, **options: Any) -> Any:
    return alt.Axis(
        title=None, ticks=False, labelAngle=0, labelFontSize=12, labelPadding=6, **options
    )


def _drawn(chart: Any) -> str:
    configured = (
        chart.configure(background="transparent", font=FONT, aria=False)
        .configure_view(stroke=None)
        .configure_axis(labelColor="currentColor", domainColor="currentColor", domainOpacity=0.4)
        .configure_text(color="currentColor")
    )
    return _svg(json.dumps(configured.to_dict(), sort_keys=True))


@lru_cache(maxsize=64)
def _svg(specification: str) -> str:
    """Drawn once for the same numbers: drawing costs more than all the rest of a page."""
    import vl_convert

    return INNER_ROLES.sub("", str(vl_convert.vegalite_to_svg(specification)))
