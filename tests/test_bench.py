"""`script/bench` at its smallest: every group as JSON, with ratios to limits of the same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

Measurement = dict[str, object]


@pytest.fixture(scope="module")
def measurements() -> list[Measurement]:
    """Everything measured once over forty proposals, as a developer would."""
    command = [sys.executable, "-m", "benchmarks", "--n", "40", "--repeat", "1"]
    environment = {**os.environ, "SECRET_KEY": settings.SECRET_KEY}
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def named(measurements: list[Measurement]) -> dict[object, Measurement]:
    return {each["name"]: each for each in measurements}


def test_every_line_is_a_measurement(measurements: list[Measurement]) -> None:
    keys = {"name", "n", "queries", "ms_median", "cpu_ms", "memory_grown_kb", "ratio", "against"}
    for each in measurements:
        assert set(each) == keys
        for time in (each["ms_median"], each["cpu_ms"]):
            assert isinstance(time, float)
            assert time > 0
        assert each["n"] == 40


def test_a_ratio_is_to_a_limit_of_the_same_run(measurements: list[Measurement]) -> None:
    by_name = named(measurements)
    compared = [each for each in measurements if each["against"]]
    assert len(compared) == len(measurements) - 7
    for each in compared:
        limit = by_name[each["against"]]
        assert limit["ratio"] is None
        expected = float(str(each["ms_median"])) / float(str(limit["ms_median"]))
        assert each["ratio"] == pytest.approx(expected, abs=0.01)


def test_pages_and_actions_are_all_there(measurements: list[Measurement]) -> None:
    assert {
        "public page",
        "reviewer's list",
        "officer's list",
        "officer's list, full-text search",
        "one dossier",
        "score sheet",
        "save scores",
        "submit",
        "one letter",
        "annual figures",
    } <= set(named(measurements))


def test_handing_in_stays_within_its_queries(measurements: list[Measurement]) -> None:
    by_name = named(measurements)
    assert int(str(by_name["submit"]["queries"])) <= 25
    assert int(str(by_name["save scores"]["queries"])) <= 12


def test_the_checks_ask_the_database_nothing(measurements: list[Measurement]) -> None:
    by_name = named(measurements)
    assert by_name["checking 100 dossiers"]["queries"] == 0
    # Two of them keep the planner at the index, two are the transaction around the search.
    assert by_name["looking for texts like one among 40"]["queries"] == 7
