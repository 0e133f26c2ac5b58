"""The lead partner's rules, at both sides of each boundary."""

from datetime import date
from typing import Any

import pytest

from applications.checks import RuleParameters

PASS, FAIL, REVIEW, MISSING = "pass", "fail", "review", "missing"


def test_a_sound_dossier_passes_everything_but_the_screening_nobody_could_do(examine: Any) -> None:
    report = examine()
    assert [f.code for f in report.findings if f.outcome != PASS] == ["screening.sanctions"]
    assert (report.outcome, report.due_diligence, report.risk_level) == (
        "to_review",
        "complete",
        "medium",
    )


@pytest.mark.parametrize("kind", ["cooperative", "university", "sole_trader"])
def test_only_a_company_leads(says: Any, kind: str) -> None:
    assert says("lead.private_company") == (PASS, "admitted")
    assert says("lead.private_company", {"lead.kind": kind}) == (FAIL, "other_kind")


@pytest.mark.parametrize(("country", "outcome"), [("LU", PASS), ("HR", PASS), ("CH", FAIL)])
def test_the_lead_is_from_the_union(says: Any, country: str, outcome: str) -> None:
    assert says("lead.country", {"lead.country": country})[0] == outcome


@pytest.mark.parametrize(
    ("country", "number", "expected"),
    [
        ("LU", "b 123 456", (PASS, "valid")),
        ("LU", "B1", (PASS, "valid")),
        ("LU", "B1234567", (FAIL, "invalid")),
        ("LU", "B", (FAIL, "invalid")),
        ("LU", "123456", (FAIL, "invalid")),
        ("LU", "B١٢٣", (FAIL, "invalid")),
        ("LU", "F1234", (FAIL, "other_section")),
        ("LU", "  ", (MISSING, "not_given")),
        ("LU", None, (MISSING, "not_given")),
        ("FR", "552 008 443", (PASS, "valid")),
        ("FR", "552 008 444", (FAIL, "invalid")),
        ("DE", "HRB 12345", (REVIEW, "unknown_register")),
    ],
)
def test_the_register_number_is_read_as_the_register_writes_it(
    says: Any, country: str, number: str | None, expected: tuple[str, str]
) -> None:
    changes = {"lead.country": country, "lead.registration_number": number}
    assert says("lead.registration_number", changes) == expected


@pytest.mark.parametrize(
    ("country", "number", "expected"),
    [
        ("LU", "", (PASS, "not_given")),
        ("LU", "LU 150 274 42", (PASS, "valid")),
        ("LU", "15027442", (PASS, "valid")),
        ("LU", "LU15027443", (FAIL, "invalid")),
        ("FR", "LU15027442", (FAIL, "invalid")),
        ("GR", "EL094259216", (PASS, "valid")),
    ],
)
def test_a_vat_number_belongs_to_its_country(
    says: Any, country: str, number: str, expected: tuple[str, str]
) -> None:
    assert says("lead.vat_number", {"lead.country": country, "lead.vat_number": number}) == expected


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        ("2021-04-30", (PASS, "old_enough")),  # the third anniversary itself
        ("2021-05-01", (FAIL, "too_young")),
        (None, (MISSING, "not_given")),
    ],
)
def test_three_full_years_at_the_reference_date(
    says: Any, registered: str | None, expected: tuple[str, str]
) -> None:
    assert says("lead.registered_years", {"lead.registered_on": registered}) == expected


def test_a_company_of_the_29th_of_february_turns_three_on_the_28th(says: Any) -> None:
    changes = {"lead.registered_on": "2020-02-29"}
    on = {"reference_date": date(2023, 2, 28)}
    assert says("lead.registered_years", changes, **on)[0] == PASS
    assert says("lead.registered_years", changes, reference_date=date(2023, 2, 27))[0] == FAIL


@pytest.mark.parametrize(
    ("turnover", "requested", "expected"),
    [
        ("500000.00", "200000.00", (PASS, "reached")),  # the floor
        ("499999.99", "166666.67", (FAIL, "below_both")),
        ("499999.98", "166666.66", (PASS, "reached")),  # three times the grant, to the cent
        ("300000.00", "100000.00", (PASS, "reached")),
        ("299999.99", "100000.00", (FAIL, "below_both")),
        ("1.00", "0.00", (MISSING, "no_base")),
    ],
)
def test_the_turnover_reaches_the_floor_or_three_times_the_grant(
    says: Any, turnover: str, requested: str, expected: tuple[str, str]
) -> None:
    changes = {
        "lead.annual_turnover": [{"year": 2023, "amount": turnover}],
        "budget.requested": requested,
    }
    assert says("lead.turnover", changes) == expected


def turnovers(*rows: tuple[int, str]) -> dict[str, Any]:
    return {"lead.annual_turnover": [{"year": year, "amount": amount} for year, amount in rows]}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (((2023, "1.00"), (2022, "900000.00")), (FAIL, "below_both")),  # the last year, any order
        (((2024, "900000.00"), (2023, "1.00")), (FAIL, "below_both")),  # 2024 is not closed yet
        (((2024, "900000.00"),), (MISSING, "not_given")),
        ((), (MISSING, "not_given")),
        (((2023, "1.00"), (2023, "900000.00")), (REVIEW, "contradictory")),
    ],
)
def test_the_last_closed_year_counts(
    says: Any, rows: tuple[tuple[int, str], ...], expected: tuple[str, str]
) -> None:
    assert says("lead.turnover", turnovers(*rows)) == expected


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (("500000.00", "500000.00", "500000.00"), (PASS, "reached")),
        (("500000.00", "500000.00", "499999.99"), (FAIL, "below_both")),
        (("900000.00", "900000.00"), (MISSING, "not_given")),
    ],
)
def test_in_2022_the_average_of_three_years_counts(
    says: Any, amounts: tuple[str, ...], expected: tuple[str, str]
) -> None:
    changes = turnovers(*zip((2021, 2020, 2019), amounts, strict=False))
    on = {"rules": "bpf-2022", "reference_date": date(2022, 5, 29)}
    assert says("lead.turnover", changes, **on) == expected


def test_an_average_just_short_is_never_shown_as_reached(examine: Any) -> None:
    changes = turnovers((2021, "500000.00"), (2020, "500000.00"), (2019, "499999.99"))
    report = examine(changes, rules="bpf-2022", reference_date=date(2022, 5, 29))
    assert report.finding("lead.turnover").observed == "499999.99"
    assert report.finding("lead.turnover").required == ">= 500000.00 or >= 600000.00"


def test_both_conditions_may_be_asked_for(says: Any) -> None:
    rule = {"floor": "500000.00", "multiple": "3", "base": "requested", "statistic": "last_year"}
    both = RuleParameters.from_mapping({"turnover": {**rule, "combine": "all"}})
    changes = {**turnovers((2023, "500000.00")), "budget.requested": "170000.00"}
    assert says("lead.turnover", changes, parameters=both) == (FAIL, "below_one")
    changes["budget.requested"] = "166666.66"
    assert says("lead.turnover", changes, parameters=both) == (PASS, "reached")


@pytest.mark.parametrize(
    ("count", "expected"),
    [(5, (PASS, "enough")), (4, (FAIL, "too_few")), (None, (MISSING, "not_given"))],
)
def test_five_people(says: Any, count: int | None, expected: tuple[str, str]) -> None:
    assert says("lead.employees", {"lead.employees": count}) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(False, (FAIL, "not_declared")), (None, (MISSING, "unanswered"))],
)
@pytest.mark.parametrize(
    "name", ["not_insolvent", "no_conviction", "taxes_paid", "social_security_paid"]
)
def test_each_declaration_counts(
    says: Any, name: str, answer: bool | None, expected: tuple[str, str]
) -> None:
    assert says("lead.good_standing", {f"lead.good_standing.{name}": answer}) == expected


def aid(granted_on: str, amount: str, state: str = "LU") -> dict[str, Any]:
    return {"granted_on": granted_on, "amount": amount, "member_state": state}


@pytest.mark.parametrize(
    ("received", "outcome"),
    [
        ([aid("2024-04-30", "200000.00")], PASS),  # exactly 300,000 with the grant
        ([aid("2024-04-30", "200000.01")], FAIL),
        ([aid("2021-04-30", "900000.00")], PASS),  # the day three years earlier is out
        ([aid("2021-05-01", "200000.01")], FAIL),  # the day after is in
        ([aid("2024-05-01", "900000.00")], PASS),  # after the reference date
        ([aid("2023-01-01", "900000.00", "FR")], PASS),  # another Member State's
        ([aid("2022-01-01", "100000.00"), aid("2023-01-01", "100000.01")], FAIL),
    ],
)
def test_de_minimis_aid_within_the_rolling_window(
    says: Any, received: list[dict[str, Any]], outcome: str
) -> None:
    assert says("aid.de_minimis", {"lead.de_minimis_aid": received})[0] == outcome


def test_the_earlier_ceiling_of_de_minimis(says: Any) -> None:
    changes = {"lead.de_minimis_aid": [aid("2023-05-01", "100000.01")]}
    on = {"reference_date": date(2023, 10, 31)}
    assert says("aid.de_minimis", changes, rules="bpf-2022", **on)[0] == FAIL
    assert says("aid.de_minimis", changes, rules="bpf-2024", **on)[0] == PASS


@pytest.mark.parametrize(
    ("changes", "code", "outcome"),
    [
        ({}, "lead.private_company", PASS),
        ({"lead.kind": "cooperative"}, "lead.private_company", PASS),
        ({"lead.kind": "university"}, "lead.private_company", FAIL),
        ({}, "lead.country", PASS),
        ({"lead.country": "LU"}, "lead.country", FAIL),
        ({"lead.registered_on": "2021-06-01"}, "lead.registration_window", PASS),
        ({"lead.registered_on": "2021-05-31"}, "lead.registration_window", FAIL),
        ({"lead.registered_on": "2025-06-01"}, "lead.registration_window", PASS),
        ({"lead.registered_on": "2025-06-02"}, "lead.registration_window", FAIL),
        ({"lead.registered_on": None}, "lead.registration_window", MISSING),
        ({"lead.external_funding_3y": "300000.00"}, "lead.external_funding", PASS),
        ({"lead.external_funding_3y": "300000.01"}, "lead.external_funding", FAIL),
        ({}, "lead.external_funding", MISSING),
        ({"lead.employees": 2}, "lead.employees", PASS),
        ({"lead.employees": 1}, "lead.employees", FAIL),
        ({"project.duration_months": 11}, "project.duration", FAIL),
        ({"project.duration_months": 12}, "project.duration", PASS),
        ({"project.duration_months": 24}, "project.duration", PASS),
        ({"project.duration_months": 25}, "project.duration", FAIL),
        ({"project.duration_months": None}, "project.duration", MISSING),
        ({"budget.requested": "120000.00"}, "budget.ceiling", PASS),
        ({"budget.requested": "120000.01"}, "budget.ceiling", FAIL),
        ({"budget.requested": "140000.00"}, "budget.rate", PASS),
        ({"budget.requested": "140000.01"}, "budget.rate", FAIL),
        ({"project.countries": ["CR"]}, "project.country", PASS),
        ({"project.countries": ["RW"]}, "project.country", FAIL),
    ],
)
def test_costa_rica_needs_data_alone(
    says: Any, changes: dict[str, Any], code: str, outcome: str
) -> None:
    given = {"lead.country": "CR", **changes}
    on = {"rules": "lcf-2026-cr", "reference_date": date(2026, 3, 1)}
    assert says(code, given, **on)[0] == outcome


def test_costa_rica_asks_for_no_local_partner_age_or_turnover(examine: Any) -> None:
    report = examine(
        {"lead.country": "CR", "partners": []}, rules="lcf-2026-cr", reference_date=date(2026, 3, 1)
    )
    codes = {finding.code for finding in report.findings}
    assert not codes & {
        "partnership.local_partner",
        "partnership.associated_partners",
        "partnership.size",
        "lead.registered_years",
        "lead.turnover",
        "aid.de_minimis",
    }
