"""`check_proposal`: what it prints, and how it fails."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from applications.models import Submission
from tests.applications.checks.conftest import DOCUMENT, changed
from tests.applications.checks.corpus import ALL, SETTINGS, Case, cases_of, written_rows

pytestmark = pytest.mark.usefixtures("reference")


def checked(*arguments: object) -> tuple[list[dict[str, Any]], list[str], int]:
    """Lines out, lines of errors, exit status."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command("check_proposal", *map(str, arguments), stdout=out, stderr=err, no_color=True)
    except SystemExit as end:
        status = int(end.code or 0)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return lines, err.getvalue().splitlines(), status


@pytest.fixture
def file_of(tmp_path: Path) -> Any:
    def write(changes: dict[str, Any] | None = None, name: str = "dossier.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(changed(DOCUMENT, changes or {})), encoding="utf-8")
        return path

    return write


def outcomes(result: dict[str, Any]) -> dict[str, str]:
    return {finding["code"]: finding["outcome"] for finding in result["findings"]}


ELIGIBILITY = (
    "lead.private_company",
    "lead.country",
    "lead.registration_number",
    "lead.vat_number",
    "lead.registered_years",
    "lead.turnover",
    "lead.employees",
    "lead.good_standing",
    "aid.de_minimis",
    "partnership.local_partner",
    "partnership.associated_partners",
    "partnership.size",
    "project.country",
    "project.sdg",
    "project.excluded_activity",
    "budget.ceiling",
    "budget.rate",
    "budget.balance",
    "budget.audit",
    "aid.double_funding",
    "documents.complete",
    "call.deadline",
)
DUE_DILIGENCE = (
    "hrdd.clause",
    "hrdd.policy",
    "hrdd.risks",
    "hrdd.measures",
    "hrdd.tracking",
    "hrdd.communication",
    "hrdd.remedy",
)


def test_the_eligible_example(shared: Path) -> None:
    [result], errors, status = checked(shared / "data" / "example-eligible.json")
    assert (errors, status) == ([], 0)
    assert outcomes(result) == {
        **dict.fromkeys(ELIGIBILITY, "pass"),
        # No list of sanctions is loaded: that is never a pass.
        "screening.sanctions": "review",
        **dict.fromkeys(DUE_DILIGENCE, "pass"),
    }
    head = {name: value for name, value in result.items() if name != "findings"}
    assert head == {
        "schema": "bpf-findings/1",
        "rules": "bpf-2024",
        "reference_date": "2024-04-30",
        "outcome": "to_review",
        "due_diligence": "complete",
    }
    turnover = next(f for f in result["findings"] if f["code"] == "lead.turnover")
    assert turnover["observed"] == "1040000.00"
    assert turnover["required"] == ">= 500000.00 or >= 450000.00"
    assert set(turnover) == {
        "code",
        "outcome",
        "observed",
        "required",
        "message",
        "remedy",
        "source",
    }
    assert turnover["source"].startswith("[S] ")


def test_the_ineligible_example(shared: Path) -> None:
    [result], errors, status = checked(shared / "data" / "example-ineligible.json")
    assert (errors, status) == ([], 0)
    assert outcomes(result) == {
        **dict.fromkeys(ELIGIBILITY, "pass"),
        "lead.registered_years": "fail",  # registered on 1 May 2021, one day too late
        "lead.employees": "fail",  # 4 of 5
        "budget.rate": "fail",  # 160,000 of 300,000
        "screening.sanctions": "review",
        **dict.fromkeys(DUE_DILIGENCE, "pass"),
        "hrdd.measures": "missing",
        "hrdd.tracking": "missing",
    }
    assert (result["outcome"], result["due_diligence"]) == ("ineligible", "gaps")
    by_code = {finding["code"]: finding for finding in result["findings"]}
    assert "1er mai 2024" in by_code["lead.registered_years"]["message"]
    assert "53,33\u00a0%" in by_code["budget.rate"]["message"]
    assert "150\u202f000,00\u00a0EUR" in by_code["budget.rate"]["remedy"]
    assert by_code["aid.de_minimis"]["observed"] == "40000.00 + 160000.00 = 200000.00"


@pytest.mark.parametrize("rule_set", ALL)
def test_the_corpus_through_the_command(tmp_path: Path, rule_set: str) -> None:
    """Of every rule the first dossier on each side; all are in tests/applications/checks."""
    sides: dict[tuple[str, str], Case] = {}
    for case in cases_of(written_rows()):
        # The papers and the deadline are those of the calls that are stored, not the corpus's.
        if case.rule_set == rule_set and case.code not in ("documents.complete", "call.deadline"):
            sides.setdefault((case.code, case.row.outcome), case)
    files = [tmp_path / f"{number}.json" for number in range(len(sides))]
    for path, case in zip(files, sides.values(), strict=True):
        path.write_text(json.dumps(case.document), encoding="utf-8")
    results, errors, status = checked(
        *files, "--rules", rule_set, "--on", str(SETTINGS[rule_set].day)
    )
    assert (len(results), errors, status) == (len(sides), [], 0)
    for result, case in zip(results, sides.values(), strict=True):
        [finding] = [f for f in result["findings"] if f["code"] == case.code]
        said = (finding["outcome"], finding["observed"].strip(), finding["required"])
        assert said == (case.expected[0], *case.expected[2:]), str(case)
        assert result["rules"] == rule_set


def test_another_rule_set_and_another_day(shared: Path) -> None:
    example = shared / "data" / "example-ineligible.json"
    [result], _, _ = checked(example, "--rules", "bpf-2018", "--on", "2024-05-01")
    assert (result["rules"], result["reference_date"]) == ("bpf-2018", "2024-05-01")
    assert outcomes(result)["project.sector"] == "pass"
    assert "lead.employees" not in outcomes(result)
    [on_time], _, _ = checked(example, "--on", "2024-05-01")
    assert outcomes(on_time)["lead.registered_years"] == "pass"


def test_the_language_is_the_dossiers(file_of: Any) -> None:
    english, french = file_of({}, "en.json"), file_of({"language": "fr"}, "fr.json")
    (first, second), _, _ = checked(english, french)
    assert "Luxembourg time" in json.dumps(first, ensure_ascii=False)
    assert "heure de Luxembourg" in json.dumps(second, ensure_ascii=False)


def test_bad_files_take_a_line_each_and_the_others_are_checked(
    file_of: Any, tmp_path: Path
) -> None:
    good = file_of()
    binary = tmp_path / "photo.json"
    binary.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    huge = tmp_path / "huge.json"
    huge.write_bytes(b" " * (6 * 1024 * 1024))
    bad = [
        tmp_path,
        tmp_path / "absent.json",
        binary,
        huge,
        file_of({"budget.total": 5}, "number.json"),
        file_of({"rules": "bpf-1999"}, "rules.json"),
        file_of({"call": "bpf-1999"}, "call.json"),
    ]
    results, errors, status = checked(good, *bad, good)
    assert (len(results), len(errors), status) == (2, len(bad), 2)
    for path, line in zip(bad, errors, strict=True):
        assert line.startswith(f"{path}: ")
    assert "$.budget.total" in errors[4]
    assert "5 MB" in errors[3]


def test_a_call_nobody_knows_needs_rules_and_a_day(file_of: Any) -> None:
    dossier = file_of({"call": "lcf-2026", "lead.country": "CR"})
    results, errors, status = checked(dossier, "--rules", "lcf-2026-cr")
    assert (results, status) == ([], 2)
    assert "--on" in errors[0]
    [result], errors, status = checked(dossier, "--rules", "lcf-2026-cr", "--on", "2026-03-01")
    assert (errors, status) == ([], 0)
    assert outcomes(result)["lead.country"] == "pass"
    assert "call.deadline" not in outcomes(result)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--rules", "bpf-1999"), "there is no rule set 'bpf-1999'"),
        (("--rules", ""), "there is no rule set ''"),
        (("--on", "2024-02-30"), "2024-02-30"),
        (("--on", "20240430"), "20240430"),
        (("--on", "tomorrow"), "tomorrow"),
    ],
)
def test_a_wrong_option_is_explained(file_of: Any, arguments: tuple[str, str], says: str) -> None:
    with pytest.raises(CommandError, match=says) as refusal:
        checked(file_of(), *arguments)
    assert refusal.value.returncode in (1, 2)


def test_it_stores_nothing(file_of: Any) -> None:
    checked(file_of())
    assert not Submission.objects.exists()


def test_a_name_with_a_line_break_stays_on_its_line(file_of: Any) -> None:
    _, errors, status = checked("no\nsuch\nfile")
    assert (len(errors), status) == (1, 2)
