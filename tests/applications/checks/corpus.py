"""Dossiers of our own on both sides of every boundary, for every rule set that is shipped.

`SETTINGS` gives each rule set a dossier that meets all its rules, on the day of its call's
deadline. `boundaries.txt` changes it, rule by rule, and says what that rule must then find: written
down from the scheme's terms, not computed. What needs more than a dossier (lists of sanctions,
answers of registers, scans) stands in `known.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from applications.checks import (
    CheckContext,
    Dossier,
    Finding,
    ListedName,
    RuleParameters,
    SanctionsList,
)
from applications.checks.engine import RULES
from tests.applications.checks.conftest import DOCUMENT, changed, parameters_of, shipped_context

BPF = ("bpf-2018", "bpf-2020", "bpf-2021", "bpf-2022", "bpf-2024")
SISTER = ("lcf-2026-cr",)
ALL = (*BPF, *SISTER)
GROUPS = {
    "all": ALL,
    "bpf": BPF,
    "sister": SISTER,
    "until-2022": BPF[:4],
    "since-2022": ("bpf-2022", "bpf-2024"),
    "hrdd": ALL[1:],  # the clause is in the contracts since 2020
    "hrdd-before-2024": ("bpf-2020", "bpf-2021", "bpf-2022"),
    "hrdd-since-2024": ("bpf-2024", "lcf-2026-cr"),
}

_BOUNDARIES = Path(__file__).with_name("boundaries.txt")
#: How the rows of a list are written there, and what each of them has besides.
_SHORT: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]] = {
    "partners": (("role", "country", "registration_number"), {"kind": "company"}),
    "lead.annual_turnover": (("year", "amount"), {}),
    "lead.de_minimis_aid": (("granted_on", "amount", "member_state"), {}),
    "budget.lines": (("category", "amount"), {"description": ""}),
    "budget.other_funding": (("source", "amount", "luxembourg_cooperation"), {}),
    "due_diligence.risks": (
        ("id", "flag", "severity", "likelihood", "consulted"),
        {"description": "", "where": "own_operations"},
    ),
    "due_diligence.measures": (
        ("risk", "description", "owner", "due_on", "indicator", "rhythm"),
        {},
    ),
}
_LUXEMBOURG = ZoneInfo("Europe/Luxembourg")
_RULES = {rule.code: rule for rule in RULES}

IVAN = ListedName("EU.1", ("Ivan Petrov",), is_person=True, label="EU.1.1", fingerprint="f")
LISTS = (SanctionsList("EU", date(2018, 1, 2), "0123456789abcdef", (IVAN,)),)


@dataclass(frozen=True)
class Setting:
    """A rule set's reference day and what its sound dossier has otherwise than `DOCUMENT`."""

    day: date
    call: str
    changes: Mapping[str, Any]


def _setting(day: date, call: str, changes: dict[str, Any]) -> Setting:
    own = {
        "call": call,
        "submitted_at": f"{day}T10:00:00Z",
        "lead.registered_on": "2010-03-01",
        "lead.annual_turnover": [
            {"year": day.year - back, "amount": "700000.00"} for back in (1, 2, 3)
        ],
        "due_diligence.policy.dated": f"{day.year - 2}-01-15",
        "due_diligence.clause.version": "2020-1" if day.year < 2024 else "2024-1",
        **changes,
    }
    return Setting(day, call, own)


SETTINGS: Mapping[str, Setting] = {
    "bpf-2018": _setting(date(2018, 4, 30), "bpf-2018", {"project.sectors": ["ict"]}),
    "bpf-2020": _setting(date(2020, 4, 30), "bpf-2020", {"project.sectors": ["ict"]}),
    "bpf-2021": _setting(date(2021, 4, 30), "bpf-2021", {"project.sectors": ["ict"]}),
    "bpf-2022": _setting(date(2022, 5, 29), "bpf-2022-1", {}),
    "bpf-2024": _setting(date(2024, 4, 30), "bpf-2024-1", {}),
    "lcf-2026-cr": _setting(
        date(2026, 3, 1),
        "lcf-2026-cr",
        {
            "lead.country": "CR",
            "lead.registration_number": "3-101-999999",
            "lead.registered_on": "2022-03-01",
            "lead.external_funding_3y": "0.00",
            "partners": [],
            "project.countries": ["CR"],
        },
    ),
}


@dataclass(frozen=True)
class Row:
    """What one rule finds when the sound dossier has `changes`, in each of these rule sets.

    "DAY" stands for the rule set's reference day, "MORROW" for the day after it. `known` is what
    the portal knows besides the dossier, by the names of `CheckContext`.
    """

    rule_sets: tuple[str, ...]
    code: str
    changes: Mapping[str, Any]
    outcome: str
    reason: str
    observed: str = ""
    required: str = ""
    known: Mapping[str, Any] | None = None


def written_rows() -> Iterator[Row]:
    """The rows of `boundaries.txt`: `[rule]`, then rule sets | changes | outcome | observed |
    required, each on a line."""
    code = ""
    for line in _BOUNDARIES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            code = line.strip("[]")
        elif line and not line.startswith("#"):
            names, changes, said, observed, required = (part.strip() for part in line.split("|"))
            rule_sets = tuple(s for name in names.split() for s in GROUPS.get(name, (name,)))
            outcome, reason = said.split()
            given = json.loads(f"{{{changes}}}")
            written_out = {path: _written_out(path, value) for path, value in given.items()}
            yield Row(rule_sets, code, written_out, outcome, reason, observed, required)


def _written_out(path: str, value: Any) -> Any:
    if path not in _SHORT:
        return value
    names, rest = _SHORT[path]
    rows = [{**rest, **dict(zip(names, row, strict=True))} for row in value]
    if path == "partners":
        rows = [{**row, "legal_name": f"{row['role']} {row['country']}"} for row in rows]
    return rows


@dataclass(frozen=True)
class Case:
    """A row in one rule set."""

    rule_set: str
    row: Row

    @property
    def day(self) -> date:
        return SETTINGS[self.rule_set].day

    @property
    def code(self) -> str:
        return self.row.code

    @property
    def expected(self) -> tuple[str, ...]:
        row = self.row
        words = {"DAY": str(self.day), "MORROW": str(self.day + timedelta(days=1))}
        shown = [row.observed, row.required]
        for word, day in words.items():
            shown = [text.replace(word, day) for text in shown]
        return (row.outcome, row.reason, *shown)

    @property
    def changes(self) -> dict[str, Any]:
        given = json.dumps(dict(self.row.changes)).replace("DAY", str(self.day))
        changes: dict[str, Any] = json.loads(given)
        return changes

    @property
    def document(self) -> dict[str, Any]:
        return changed(sound(self.rule_set), self.changes)

    @property
    def context(self) -> CheckContext:
        return context_of(self.rule_set, **(self.row.known or {}))

    @property
    def parameters(self) -> RuleParameters:
        return parameters_of(self.rule_set)

    def found(self) -> Finding | None:
        """What the rule says, asked alone."""
        dossier = Dossier.from_frozen(self.document)
        return _RULES[self.code].finding(dossier, self.parameters, self.context)

    def __str__(self) -> str:
        return f"{self.rule_set} {self.code} {dict(self.row.changes)} {self.row.known or ''}"


def context_of(rule_set: str, **known: Any) -> CheckContext:
    """What the portal knew on the day: a deadline, a list of sanctions, no similar proposal."""
    day = SETTINGS[rule_set].day
    deadline = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=_LUXEMBOURG)
    given: dict[str, Any] = {
        "reference_date": day,
        "call_code": SETTINGS[rule_set].call,
        "deadlines": {"preselection": deadline},
        "sanctions_lists": LISTS,
        "similar_proposals": (),
    }
    return shipped_context(**{**given, **known})


def sound(rule_set: str) -> dict[str, Any]:
    return changed(DOCUMENT, dict(SETTINGS[rule_set].changes))


def cases_of(rows: Iterable[Row]) -> Iterator[Case]:
    return (Case(rule_set, row) for row in rows for rule_set in row.rule_sets)
