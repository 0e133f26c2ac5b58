"""What other rules would change: the command's figures, and how it refuses."""

import copy
import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from applications.actions.simulating import simulate, summed
from applications.checks import ReportOutcome
from applications.models import Call, Finding, RuleSet, Submission
from tests import builders

FLOOR = Decimal("1040000.00")


def with_floor(floor: str) -> dict[str, Any]:
    """The parameters of 2024, the turnover's floor alone being another."""
    parameters = copy.deepcopy(RuleSet.objects.filter(code="bpf-2024").latest("version").parameters)
    parameters["turnover"] = {
        "floor": floor,
        "base": "requested",
        "combine": "any",
        "statistic": "last_year",
    }
    return parameters


def hand_in(call: Call, turnover: Decimal, name: str) -> Submission:
    user = builders.build_user("applicant")
    company = builders.build_organisation(user, legal_name=name)
    last = company.annual_turnover.order_by("year").last()
    assert last is not None
    last.amount = turnover
    last.save()
    return builders.build_submission(user, call, checked=False)


@pytest.fixture
def both_sides(open_call: Call) -> tuple[Submission, Submission]:
    """At the floor and a cent below, checked; the last run found the first on a sanctions list."""
    at = hand_in(open_call, FLOOR, "=Genau S.A.")
    below = hand_in(open_call, FLOOR - Decimal("0.01"), "Knapp S.A.")
    builders.do_waiting_jobs()
    found = Finding.objects.filter(check_run__submission=at, code="screening.sanctions")
    assert found.update(outcome="fail") == 1
    return at, below


def simulated(*arguments: object) -> str:
    out = io.StringIO()
    call_command("simulate_rules", *map(str, arguments), stdout=out, no_color=True)
    return out.getvalue()


def test_a_floor_changes_who_is_below_it_and_back(
    both_sides: tuple[Submission, Submission], open_call: Call, tmp_path: Path
) -> None:
    at, below = both_sides
    file, lines = tmp_path / "higher.json", tmp_path / "lines.csv"
    file.write_text(json.dumps(with_floor(str(FLOOR))))
    said = simulated("--rules", file, "--calls", open_call.code, "--csv", lines)
    moves = [line.split() for line in said.splitlines()]
    assert ["to", "be", "looked", "at", "not", "eligible", "1", "150000.00"] in moves
    assert ["not", "eligible", "not", "eligible", "1", "150000.00"] in moves
    with lines.open(encoding="utf-8-sig", newline="") as written:
        rows = {row["reference"]: row for row in csv.DictReader(written)}
    assert rows[at.reference]["change"] == ""
    assert rows[at.reference]["company"] == "'=Genau S.A."
    assert rows[below.reference]["change"] == "excluded"
    assert rows[below.reference]["rules_changed"] == "lead.turnover: pass > fail"

    RuleSet.objects.create(
        code="higher", parameters=with_floor(str(FLOOR)), valid_from="2024-01-01"
    )
    builders.give_rules(open_call, RuleSet.objects.get(code="higher"))
    call = Call.objects.select_related("rule_set").get(pk=open_call.pk)
    simulation = summed(simulate(RuleSet.objects.get(code="bpf-2024", version=1), [call]))
    assert [row.reference for row in simulation.changed] == [below.reference]
    assert simulation.changed[0].after is ReportOutcome.TO_REVIEW
    for both in (
        simulation.whole,
        simulation.rules["lead.turnover"],
        simulation.countries["SN"],
    ):
        assert (both.excluded.count, both.admitted.count) == (0, 1)
        assert both.admitted.requested == Decimal("150000.00")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"max_rate": "50"}, "'max_rate': must be at most 1"),
        ({"max_rate": 50}, "'max_rate': must be a number written as text"),
        ({"colour": "red"}, "'colour': is not a parameter"),
        ({"lead_country_list": "nowhere"}, "which is not loaded"),
    ],
)
def test_parameters_that_cannot_be_read_are_refused(
    open_call: Call, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    file, lines = tmp_path / "rules.json", tmp_path / "lines.csv"
    file.write_text(json.dumps({"parameters": with_floor("1") | changes}))
    with pytest.raises(CommandError, match=reason):
        simulated("--rules", file, "--calls", open_call.code, "--csv", lines)
    assert not lines.exists()


@pytest.mark.parametrize(
    ("rules", "calls", "reason"),
    [
        ("bpf-1999", "bpf-2024-1", "no rule set 'bpf-1999'; there are bpf-2018:1"),
        ("bpf-2024:99", "bpf-2024-1", "no rule set 'bpf-2024:99'"),
        ("bpf-2024:x", "bpf-2024-1", "no rule set 'bpf-2024:x'"),
        ("nothing.json", "bpf-2024-1", "cannot be read: No such file"),
        ("bpf-2024", "bpf-1999", "no call 'bpf-1999'"),
        ("bpf-2024", ",", "no call is named"),
        ("bpf-2024", "bpf-2024-1", "nothing was handed in"),
    ],
)
@pytest.mark.usefixtures("reference")
def test_what_is_not_there_is_named(rules: str, calls: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        simulated("--rules", rules, "--calls", calls)


@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize("content", ["", "[]", '{"parameters": []}', "[" * 100_000])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "rules.json"
    file.write_text(content)
    with pytest.raises(CommandError, match=r"rules\.json: is n"):
        simulated("--rules", file)
