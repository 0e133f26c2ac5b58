"""The year in sentences, in the manner of a ministry's yearly report and in our own words."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import formats
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviews.reports.figures import AnnualReport
from reviews.reports.history import YearRow
from reviews.reports.numbers import Status
from reviews.reports.wording import in_words, name_of, quoted


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, with its language where it is not the report's."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Chapter:
    key: str
    title: str
    paragraphs: tuple[Paragraph, ...]


def narrative(report: AnnualReport) -> list[Chapter]:
    """The chapters of the year, in the language in force."""
    parts = (
        ("selection", _("The year's selection"), _selection(report)),
        ("sectors", _("Sectors targeted"), _sectors(report)),
        ("scheme", _("What changed in the scheme"), _changes(report)),
    )
    return [Chapter(key, title, tuple(paragraphs)) for key, title, paragraphs in parts]


def _begun(sentence: str) -> str:
    """With a capital, where a number in words begins it."""
    return sentence[:1].upper() + sentence[1:]


def _selection(report: AnnualReport) -> Iterator[Paragraph]:
    yield Paragraph(" ".join((_selected(report), _since_the_start(report))))
    yield Paragraph(" ".join(_way_to_selection(report)))
    if report.number("awarded").value is not None and report.number("selected").value:
        yield Paragraph(" ".join(_money(report)))


def _selected(report: AnnualReport) -> str:
    number = report.number("selected")
    values = {"year": report.year, "number": in_words(number)}
    if number.value is None:
        return (
            _("The number of projects selected in %(year)s for a grant was not published.") % values
        )
    if number.value == 0:
        return _("No project was selected for a grant in %(year)s.") % values
    return (
        ngettext(
            "In %(year)s, %(number)s project was selected for a grant of the Business Partnership"
            " Facility.",
            "In %(year)s, %(number)s projects were selected for a grant of the Business"
            " Partnership Facility.",
            int(number.value),
        )
        % values
    )


def _since_the_start(report: AnnualReport) -> str:
    number = report.number("cumulative_selected")
    if number.value is None:
        return _total_not_published(report)
    sentence = ngettext(
        "That makes %(number)s project since the facility began in 2016.",
        "That makes %(number)s projects since the facility began in 2016.",
        int(number.value),
    )
    if report.number("selected").value is None:
        sentence = ngettext(
            "%(number)s project has been selected since the facility began in 2016.",
            "%(number)s projects have been selected since the facility began in 2016.",
            int(number.value),
        )
    sentence %= {"number": in_words(number)}
    if number.status in (Status.CALCULATED, Status.AT_LEAST):
        sentence = " ".join(filter(None, (sentence, _what_it_stands_on(report))))
    return _begun(sentence)


def _last_published_total(report: AnnualReport) -> YearRow | None:
    rows = (
        row
        for row in reversed(report.years[:-1])
        if row.cumulative_selected.status == Status.PUBLISHED
    )
    return next(rows, None)


def _total_not_published(report: AnnualReport) -> str:
    sentence = _("The total since 2016 at the end of the year was not published.")
    last = _last_published_total(report)
    if last is None:
        return sentence
    known = _("The last one published before it is %(number)s, for %(year)s.")
    return f"{sentence} " + known % {
        "number": in_words(last.cumulative_selected),
        "year": last.year,
    }


def _what_it_stands_on(report: AnnualReport) -> str:
    """How a total that nobody published was calculated."""
    last = _last_published_total(report)
    if last is None:
        return _("No total was published before; only what the portal decided is counted.")
    return _("It adds what was selected since to the total published for %(year)s, %(number)s.") % {
        "year": last.year,
        "number": in_words(last.cumulative_selected),
    }


def _way_to_selection(report: AnnualReport) -> Iterator[str]:
    received = report.number("received")
    if received.value is None:
        yield _("How many proposals were received was not published.")
    else:
        sentence = ngettext(
            "%(number)s proposal was received.",
            "%(number)s proposals were received.",
            int(received.value),
        )
        yield _begun(sentence % {"number": in_words(received)})
    shortlisted = report.number("shortlisted")
    if shortlisted.value is None:
        yield _("How many were shortlisted was not published.")
    else:
        sentence = ngettext(
            "%(number)s was invited to hand in a detailed proposal.",
            "%(number)s were invited to hand in a detailed proposal.",
            int(shortlisted.value),
        )
        yield _begun(sentence % {"number": in_words(shortlisted)})


def _money(report: AnnualReport) -> Iterator[str]:
    yield _("The grants awarded come to %(amount)s.") % {
        "amount": in_words(report.number("awarded"), "EUR")
    }
    average, median = report.number("average_grant"), report.number("median_grant")
    if average.exact and median.exact:
        yield _("The average grant is %(average)s, the median %(median)s.") % {
            "average": in_words(average, "EUR"),
            "median": in_words(median, "EUR"),
        }
    own, partners = report.number("own_per_euro"), report.number("partners_per_euro")
    if own.exact and partners.exact:
        yield _(
            "For each euro of grant, the companies put in %(own)s of their own and their partners"
            " %(partners)s."
        ) % {"own": in_words(own, "EUR/EUR"), "partners": in_words(partners, "EUR/EUR")}


def _sectors(report: AnnualReport) -> Iterator[Paragraph]:
    if not report.calls:
        yield Paragraph(_("No call of the facility is recorded for the year."))
        return
    by_sectors: dict[tuple[str, ...] | None, list[str]] = {}
    for call in report.calls:
        sectors = call.rule_set.parameters.get("sectors")
        key = None if sectors is None else tuple(sectors)
        by_sectors.setdefault(key, []).append(call.edition or call.code)
    for codes, editions in by_sectors.items():
        yield Paragraph(_sentence_on_sectors(report, codes, editions))


def _sentence_on_sectors(
    report: AnnualReport, codes: tuple[str, ...] | None, editions: list[str]
) -> str:
    values = {"editions": get_text_list(editions, _("and"))}
    if codes is None:
        return (
            ngettext(
                "The call of the year (edition %(editions)s) was open to every sector that serves"
                " the sustainable development goals.",
                "The calls of the year (editions %(editions)s) were open to every sector that"
                " serves the sustainable development goals.",
                len(editions),
            )
            % values
        )
    values["sectors"] = get_text_list([name_of(report, "sector", code) for code in codes], _("and"))
    return (
        ngettext(
            "The call of the year (edition %(editions)s) targeted these sectors: %(sectors)s.",
            "The calls of the year (editions %(editions)s) targeted these sectors: %(sectors)s.",
            len(editions),
        )
        % values
    )


def _changes(report: AnnualReport) -> Iterator[Paragraph]:
    if report.row.note:
        note, language = quoted(report.row.note)
        yield Paragraph(f"{_begun(note)}.", language)
    if report.clause_since is not None:
        yield Paragraph(_clause(report))
    elif not report.row.note:
        yield Paragraph(_("Nothing was published about changes in the scheme."))


def _clause(report: AnnualReport) -> str:
    since = report.clause_since.year if report.clause_since else report.year
    if since == report.year:
        return _(
            "From this year on, the contracts with companies carry a clause on human-rights due"
            " diligence."
        )
    return _(
        "As every year since %(since)s, the contracts with companies carry a clause on"
        " human-rights due diligence."
    ) % {"since": since}


def difference_of(row: YearRow) -> str:
    """Where a published number and the portal's own differ, both are told; else nothing."""
    own, number = row.counted_by_portal, row.selected
    if row.published is None or not own.decided or number.value in (None, own.selected):
        return ""
    return _("The portal itself counted %(own)s selected; the published number is given.") % {
        "own": formats.number_format(own.selected)
    }
