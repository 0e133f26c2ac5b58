"""The figures of a simulation as JSON, so that they are shown later as they were found.

`{"moves": [["eligible", "ineligible", 3, "450000.00"]], "whole": […], "rules": {…}, …}`: a tally is
a number and an amount in EUR as text, both ways are three tallies (all, excluded, admitted).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from applications.actions.simulating import BothWays, Simulated, Simulation, Tally
from applications.checks import ReportOutcome

Json = dict[str, Any]


def as_json(simulation: Simulation) -> Json:
    return {
        "moves": [
            [before.value, after.value, *_tally(tally)]
            for (before, after), tally in simulation.moves.items()
        ],
        "whole": _both(simulation.whole),
        "rules": {code: _both(both) for code, both in simulation.rules.items()},
        "countries": {code: _both(both) for code, both in simulation.countries.items()},
        "changed": [_changed(row) for row in simulation.changed],
    }


def from_json(kept: Mapping[str, Any]) -> Simulation:
    """The figures again. What each rule said of a single proposal stands in the CSV only."""
    simulation = Simulation(shown=len(kept["changed"]))
    for before, after, *tally in kept["moves"]:
        simulation.moves[ReportOutcome(before), ReportOutcome(after)] = _read_tally(tally)
    simulation.whole = _read_both(kept["whole"])
    simulation.rules = {code: _read_both(both) for code, both in kept["rules"].items()}
    simulation.countries = {code: _read_both(both) for code, both in kept["countries"].items()}
    simulation.changed = [_read_changed(row) for row in kept["changed"]]
    return simulation


def _tally(tally: Tally) -> list[Any]:
    return [tally.count, str(tally.requested)]


def _read_tally(kept: Sequence[Any]) -> Tally:
    count, requested = kept
    return Tally(count, Decimal(requested))


def _both(both: BothWays) -> list[Any]:
    return [_tally(each) for each in (both.all, both.excluded, both.admitted)]


def _read_both(kept: Sequence[Any]) -> BothWays:
    return BothWays(*map(_read_tally, kept))


def _changed(row: Simulated) -> Json:
    return {
        "pk": row.pk,
        "call": row.call,
        "reference": row.reference,
        "lead_name": row.lead_name,
        "lead_country": row.lead_country,
        "countries": list(row.countries),
        "requested": str(row.requested),
        "before": row.before.value,
        "after": row.after.value,
    }


def _read_changed(kept: Mapping[str, Any]) -> Simulated:
    return Simulated(
        **{
            **kept,
            "countries": tuple(kept["countries"]),
            "requested": Decimal(kept["requested"]),
            "before": ReportOutcome(kept["before"]),
            "after": ReportOutcome(kept["after"]),
            "changes": (),
        }
    )
