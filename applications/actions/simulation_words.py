"""The figures of a simulation as tables in the reader's language, and the rows as CSV."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from applications.actions.simulating import BothWays, RuleChange, Simulated, Simulation
from applications.checks import Outcome, ReportOutcome
from applications.checks.texts import rule_title
from applications.models import Country
from bpf_portal.core.exports import Cell, csv_lines

CSV_HEADER = (
    "call",
    "reference",
    "company",
    "company_country",
    "project_countries",
    "requested_eur",
    "outcome_before",
    "outcome_after",
    "change",
    "rules_changed",
)


@dataclass(frozen=True)
class Table:
    """`rows` begin with their names; from the column `figures_from` on the cells are numbers."""

    key: str
    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    figures_from: int = 1


def outcome_words() -> dict[ReportOutcome, str]:
    return {
        ReportOutcome.ELIGIBLE: _("eligible"),
        ReportOutcome.TO_REVIEW: pgettext("outcome of the checks", "to be looked at"),
        ReportOutcome.INELIGIBLE: _("not eligible"),
    }


def country_names(language: str) -> dict[str, str]:
    return dict(Country.objects.order_by().values_list("iso2", f"name_{language}"))


def tables(simulation: Simulation, language: str, countries: Mapping[str, str]) -> list[Table]:
    """From whole to part. `language` is the one in force; the texts of the rules ask for it."""
    return [
        Table(
            "outcomes",
            _("Outcome"),
            (_("Now"), _("With these rules"), _("Proposals"), _("Requested (EUR)")),
            list(_moves(simulation)),
            figures_from=2,
        ),
        Table(
            "rules",
            _("By rule"),
            (
                _("Rule"),
                _("Would fail it"),
                _("Requested (EUR)"),
                _("Would no longer fail it"),
                _("Requested (EUR)"),
                _("Other changes"),
            ),
            [
                (rule_title(code, language), *_amounts(both), _others(both))
                for code, both in _largest_first(simulation.rules)
            ],
        ),
        Table(
            "countries",
            _("By country of the project"),
            (
                _("Country"),
                _("Would no longer be eligible"),
                _("Requested (EUR)"),
                _("Would be eligible or looked at again"),
                _("Requested (EUR)"),
                _("Proposals"),
            ),
            [
                (countries.get(code, code), *_amounts(both), both.all.count)
                for code, both in _largest_first(simulation.countries)
            ],
        ),
    ]


def _moves(simulation: Simulation) -> Iterator[Sequence[Cell]]:
    words = outcome_words()
    for before in ReportOutcome:
        for after in ReportOutcome:
            if tally := simulation.moves.get((before, after)):
                yield words[before], words[after], tally.count, tally.requested


def _amounts(both: BothWays) -> Sequence[Cell]:
    out, back = both.excluded, both.admitted
    return out.count, out.requested, back.count, back.requested


def _others(both: BothWays) -> int:
    return both.all.count - both.excluded.count - both.admitted.count


def _largest_first(parts: Mapping[str, BothWays]) -> list[tuple[str, BothWays]]:
    def size(part: tuple[str, BothWays]) -> tuple[int, int, str]:
        code, both = part
        return -(both.excluded.count + both.admitted.count), -both.all.count, code

    return sorted(parts.items(), key=size)


def simulation_csv(rows: Iterable[Simulated]) -> Iterator[str]:
    """A line for each submission, changed or not, in codes; safe against formulas."""
    return csv_lines(CSV_HEADER, map(_csv_row, rows))


def _csv_row(row: Simulated) -> Sequence[Cell]:
    return (
        row.call,
        row.reference,
        row.lead_name,
        row.lead_country,
        " ".join(row.countries),
        row.requested,
        row.before,
        row.after,
        "excluded" if row.excluded else "admitted" if row.admitted else "",
        "; ".join(_change(change) for change in row.changes),
    )


def _change(change: RuleChange) -> str:
    return f"{change.code}: {_plain(change.before)} > {_plain(change.after)}"


def _plain(outcome: Outcome | None) -> str:
    return "not asked" if outcome is None else outcome.value
