"""`import_proposals`: dossiers from elsewhere become submissions with checks, once."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from applications.actions.checking import rendered_findings
from applications.actions.completeness import with_everything
from applications.actions.dossier_document import document_of
from applications.models import CheckRun, ClauseVersion, Organisation, Proposal, Submission
from bpf_portal.core import jobs
from bpf_portal.core.models import Event
from tests.applications.checks.conftest import DOCUMENT, changed

pytestmark = pytest.mark.usefixtures("reference")

Writer = Callable[..., Path]


def imported(*files: object) -> tuple[list[str], list[str], int]:
    """Lines out, lines of errors, exit status."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command("import_proposals", *map(str, files), stdout=out, stderr=err, no_color=True)
    except SystemExit as end:
        status = int(end.code or 0)
    return out.getvalue().splitlines(), err.getvalue().splitlines(), status


def checked(file: Path) -> dict[str, Any]:
    out = io.StringIO()
    call_command("check_proposal", str(file), stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


@pytest.fixture
def file_of(tmp_path: Path) -> Writer:
    def write(changes: dict[str, Any] | None = None, name: str = "dossier.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(changed(DOCUMENT, changes or {})), encoding="utf-8")
        return path

    return write


def stored_findings(submission: Submission) -> dict[str, tuple[str, str, str, str, str]]:
    run = submission.check_runs.get()
    assert run.state == "done", run.last_error
    rows = {row.code: row for row in run.findings.all()}
    return {
        f.code: (f.outcome, rows[f.code].observed, rows[f.code].required, f.message, f.remedy)
        for f in rendered_findings(run, submission.language)
    }


def test_it_works(file_of: Writer) -> None:
    file = file_of()

    out, errors, status = imported(file)

    submission = Submission.objects.get()
    assert (errors, status) == ([], 0)
    assert out == [f"{file}: imported as {submission.reference}"]
    assert (submission.call.code, submission.lead_name) == (
        DOCUMENT["call"],
        "Brasserie du Moulin S.A.",
    )
    assert submission.check_runs.get().state == "queued"
    assert Event.objects.filter(name="Imported", details__filename=str(file)).exists()


@pytest.mark.parametrize("example", ["example-eligible.json", "example-ineligible.json"])
def test_the_examples_get_the_findings_that_check_proposal_prints(
    shared: Path, example: str
) -> None:
    file = shared / "data" / example

    _, errors, status = imported(file)
    assert (errors, status) == ([], 0)
    assert jobs.work_off() == 1

    printed = checked(file)
    submission = Submission.objects.get()
    run = submission.check_runs.get()
    assert (run.outcome, run.due_diligence) == (printed["outcome"], printed["due_diligence"])
    assert (submission.outcome, submission.due_diligence) == (run.outcome, run.due_diligence)
    assert (str(run.reference_date), run.rule_set.code) == (
        printed["reference_date"],
        printed["rules"],
    )
    stored = stored_findings(submission)
    # The command knows no other proposal to compare it with.
    assert stored.pop("screening.duplicate")[:2] == ("pass", "none")
    assert stored == {
        f["code"]: (f["outcome"], f["observed"], f["required"], f["message"], f["remedy"])
        for f in printed["findings"]
    }
    assert submission.state == "received"  # a machine finds, a person decides


def test_the_eligible_example_is_told_from_the_ineligible_one(shared: Path) -> None:
    files = [shared / "data" / f"example-{kind}.json" for kind in ("eligible", "ineligible")]
    imported(*files)
    jobs.work_off()

    good, bad = Submission.objects.order_by("pk")
    fails = {
        submission: {
            code for code, finding in stored_findings(submission).items() if finding[0] == "fail"
        }
        for submission in (good, bad)
    }
    assert fails[good] == set()
    assert {"lead.registered_years", "lead.employees"} <= fails[bad]
    assert (good.late, bad.late) == (False, False)
    assert Organisation.objects.filter(registration_number="B123456").count() == 1


def test_a_second_import_changes_nothing(file_of: Writer) -> None:
    file = file_of()
    imported(file)
    (submission,) = Submission.objects.all()

    out, errors, status = imported(file, file)

    assert out == [f"{file}: was already imported as {submission.reference}"] * 2
    assert (errors, status) == ([], 0)
    assert [model.objects.count() for model in (Submission, Proposal, Organisation, CheckRun)] == [
        1,
        1,
        1,
        1,
    ]


def test_the_reference_of_the_dossier_is_kept_and_belongs_to_one(file_of: Writer) -> None:
    named = file_of({"reference": "BPF-2024-1-777"}, "named.json")
    other = file_of(
        {"reference": "BPF-2024-1-777", "project.title": "Another project"}, "other.json"
    )

    out, errors, status = imported(named, other)

    assert out == [f"{named}: imported as BPF-2024-1-777"]
    assert errors == [
        f"{other}: $.reference: the reference 'BPF-2024-1-777' belongs to another proposal"
    ]
    assert status == 2


def test_a_dossier_handed_in_late_is_kept_and_marked(file_of: Writer) -> None:
    imported(file_of({"submitted_at": "2024-05-01T00:00:00+02:00"}))
    assert Submission.objects.get().late


def test_bad_files_take_a_line_each_and_the_others_are_imported(
    file_of: Writer, tmp_path: Path
) -> None:
    binary, huge, text = (tmp_path / name for name in ("photo.json", "huge.json", "text.json"))
    binary.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    huge.write_bytes(b" " * (6 * 1024 * 1024))
    text.write_text("Dear Sir or Madam,", encoding="utf-8")
    bad = {
        tmp_path: "cannot be read",
        tmp_path / "absent.json": "cannot be read",
        binary: "not UTF-8 text",
        huge: "larger than 5 MB",
        text: "not JSON",
        file_of({"schema": "other/1"}, "schema.json"): "$.schema",
        file_of({"call": "bpf-1999"}, "call.json"): "the call 'bpf-1999' is not known",
        file_of({"budget.total": "12,5"}, "amount.json"): "$.budget.total: an amount is text",
        file_of({"budget.total": 5}, "number.json"): "$.budget.total: an amount is text",
        file_of({"lead.registered_on": "2018-02-30"}, "date.json"): "$.lead.registered_on",
        file_of({"submitted_at": None}, "unsent.json"): "$.submitted_at",
        file_of({"lead.country": "XX"}, "country.json"): "country 'XX' is not known",
        file_of(
            {"lead.legal_name": "A" * 300, "lead.registration_number": "B11111"}, "long.json"
        ): "cannot be kept: value too long",
        file_of(
            {"lead.employees": 10**12, "lead.registration_number": "B22222"}, "many.json"
        ): "cannot be kept: integer out of range",
    }
    good, last = file_of({}, "good.json"), file_of({"project.title": "Last"}, "last.json")

    out, errors, status = imported(good, *bad, last)

    assert (len(out), len(errors), status) == (2, len(bad), 2)
    for (path, reason), line in zip(bad.items(), errors, strict=True):
        assert line.startswith(f"{path}: "), line
        assert reason in line
    assert sorted(Submission.objects.values_list("title", flat=True)) == sorted(
        [DOCUMENT["project"]["title"], "Last"]
    )


def test_nothing_stays_behind_of_a_dossier_that_was_refused(file_of: Writer) -> None:
    _, errors, status = imported(file_of({"project.duration_months": 10**9}))

    assert (len(errors), status) == (1, 2)
    assert not Organisation.objects.filter(legal_name="Brasserie du Moulin S.A.").exists()
    assert not Proposal.objects.exists()


def test_a_name_with_a_line_break_stays_on_its_line() -> None:
    assert imported("no\nsuch\nfile") == (
        [],
        ["no?such?file: cannot be read: No such file or directory"],
        2,
    )


# --- stage 2 goes on from an imported dossier -----------------------------------------------------
def test_the_rows_of_a_dossier_say_what_its_document_says(shared: Path) -> None:
    imported(shared / "data" / "example-eligible.json")
    submission = Submission.objects.get()

    written = document_of(
        with_everything(submission.proposal_id), submitted_at=submission.document["submitted_at"]
    )

    given, again = submission.document["due_diligence"], written["due_diligence"]
    assert given["risks"]
    assert given["measures"]
    for name in ("flags", "risks", "communication", "policy", "remedy"):
        assert without_blanks(again[name]) == without_blanks(given[name]), name
    assert [row["description"] for row in again["measures"]] == [
        row["description"] for row in given["measures"]
    ]


def test_the_work_plan_and_who_bears_which_cost_are_rows(file_of: Writer) -> None:
    partner = {"role": "local", "legal_name": DOCUMENT["partners"][0]["legal_name"]}
    package = {
        "code": "A",
        "title": "Cold rooms",
        "description": "Two rooms",
        "leader": partner,
        "first_month": 1,
        "last_month": 6,
        "deliverables": "Rooms",
    }
    backwards = {**package, "code": "B", "leader": None, "first_month": 9}
    lines = [
        {"work_package": "A", "borne_by": {"role": "lead", "legal_name": "Whoever"}},
        {"work_package": "C", "borne_by": partner},
        {"work_package": None, "borne_by": None},
    ]
    extra = {"work_plan": [package, backwards], "budget": {"lines": lines}}
    assert imported(file_of({"extra": extra}))[1:] == ([], 0)

    proposal = Proposal.objects.get()
    first, second = proposal.work_packages.all()
    assert (first.label, first.title, first.deliverables) == ("WP1", "Cold rooms", "Rooms")
    assert (first.partner, first.led_by_company) == (proposal.partners.get(), False)
    # Months that run backwards, which no row can hold, are half left out.
    assert (second.partner, second.first_month, second.last_month) == (None, 9, None)
    said = [
        (line.work_package, line.borne_by_company, line.partner)
        for line in proposal.budget_lines.all()
    ]
    # The third says something of a line that is not there.
    assert said == [(first, True, None), (None, False, first.partner)]


def without_blanks(value: Any) -> Any:
    """The value without what says nothing, the numbers that risks get anew, and the name of a
    file that was not sent along."""
    not_ours = ("id", "document")
    if isinstance(value, dict):
        said = {key: without_blanks(each) for key, each in value.items() if key not in not_ours}
        return {key: each for key, each in said.items() if each not in (None, "", [], {})}
    if isinstance(value, list):
        return [without_blanks(each) for each in value]
    return value


def test_what_no_row_can_hold_does_not_refuse_a_dossier(file_of: Writer) -> None:
    risk = {
        "id": "a number that is far longer than ours",
        "description": "Night work",
        "where": "local_partner",
        "flag": None,
        "severity": "low",
        "likelihood": "low",
        "consulted": None,
    }
    measure = {"risk": risk["id"], "description": "Shifts", "owner": "O" * 400}
    lost = {"risk": "of no risk", "description": "Nothing"}
    file = file_of(
        {
            "due_diligence.risks": [risk, risk],
            "due_diligence.measures": [measure, lost],
            "project.indicators": [
                {"code": "X", "name": "Households", "target": "1200", "baseline": "about 300"},
                {"code": "Y", "name": "Litres", "target": "NaN", "baseline": "1e99"},
            ],
            "extra": {
                "business_plan": {
                    "answers": {"market": "Six towns"},
                    "projections": [
                        {"year": 10**9, "revenue": "1.00", "costs": "99999999999.00"},
                    ],
                    "break_even_year": -4,
                },
                "results": {"due": {"X": "2028-06", "Y": "0000-01", "Z": "2028-01"}},
                "markers": {"gender_equality": 2},
                "jobs": {"total": 10**12, "women": 3, "young": None},
            },
        }
    )

    _, errors, status = imported(file)

    assert (errors, status) == ([], 0)
    proposal = Proposal.objects.get()
    assert [row.label for row in proposal.risks.all()] == ["R1", "R2"]
    (kept,) = [each for row in proposal.risks.all() for each in row.measures.all()]
    assert (kept.risk.label, kept.owner) == ("R1", "O" * 150)
    assert [(row.baseline, row.target, row.due_month) for row in proposal.indicators.all()] == [
        (None, Decimal("1200"), date(2028, 6, 1)),
        (None, None, None),
    ]
    assert proposal.answers["market"] == "Six towns"
    assert [(row.year, row.revenue, row.costs) for row in proposal.projections.all()] == [
        (None, Decimal("1.00"), None)
    ]
    assert (proposal.break_even_year, proposal.markers) == (None, {"gender_equality": 2})
    assert (proposal.jobs_total, proposal.jobs_women, proposal.jobs_young) == (None, 3, None)


def test_only_an_answer_to_our_own_text_of_the_clause_is_kept(file_of: Writer) -> None:
    clause = ClauseVersion.objects.get(version="2024-1", language="fr")
    answer = {
        "version": "2024-1",
        "sha256": clause.sha256.upper(),
        "accepted": True,
        "signatory": "Claire Exemple",
        "function": "Gérante",
        "legal_representative": True,
        "accepted_at": "2024-04-20T10:00:00+02:00",
        "partner_countersigned": False,
    }
    other = {**answer, "sha256": "0" * 64}
    imported(
        file_of({"language": "fr", "due_diligence.clause": answer}, "ours.json"),
        file_of(
            {"language": "fr", "due_diligence.clause": other, "project.title": "Other"},
            "other.json",
        ),
    )
    ours, others = Proposal.objects.order_by("pk")
    assert ours.clause_acceptance.clause == clause
    assert not hasattr(others, "clause_acceptance")
