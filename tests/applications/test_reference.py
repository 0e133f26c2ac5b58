"""The reference data: what is loaded, and that loading again never spoils anything."""

import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from applications.actions.checking_context import (
    ContextBuilder,
    build_context,
    labels_for,
    rule_parameters,
)
from applications.actions.reference import ReferenceConflict, load_reference
from applications.actions.reference_stamp import shared_builder
from applications.checks import InvalidParameter, RiskLevel
from applications.models import (
    Call,
    CheckRun,
    ClauseVersion,
    Country,
    CountryList,
    CountryListEntry,
    CountryRating,
    DocumentRequirement,
    RuleSet,
    Term,
)
from applications.reference import files
from reviews.actions.reference import load_review_reference
from reviews.models import CallRubric, Criterion, CriterionLevel, Rubric
from tests import builders

pytestmark = pytest.mark.usefixtures("reference")

LOADED = (
    Call,
    ClauseVersion,
    Country,
    CountryList,
    CountryListEntry,
    CountryRating,
    Criterion,
    CriterionLevel,
    CallRubric,
    DocumentRequirement,
    Rubric,
    RuleSet,
    Term,
)


def everything() -> dict[str, list[Any]]:
    return {model.__name__: [*model._default_manager.order_by("pk").values()] for model in LOADED}


def loaded() -> str:
    out = io.StringIO()
    call_command("load_reference", stdout=out)
    return out.getvalue()


def test_a_second_run_changes_nothing_and_says_so() -> None:
    before = everything()
    assert "Nothing changed" in loaded()
    assert everything() == before


def test_what_an_officer_corrected_stays() -> None:
    Term.objects.filter(vocabulary="sector", code="ict").update(label_en="Digital")
    Call.objects.filter(code="bpf-2025-2").update(title_en="Our title")
    CountryRating.objects.create(country_id="RW", level="low", source="Officer's visit")
    loaded()
    assert Term.objects.get(vocabulary="sector", code="ict").label_en == "Digital"
    assert Call.objects.get(code="bpf-2025-2").title_en == "Our title"
    assert CountryRating.objects.get(country_id="RW").level == "low"


def test_what_was_lost_comes_back() -> None:
    Term.objects.filter(vocabulary="sdg", code="17").delete()
    assert "1 terms" in loaded()
    assert Term.objects.filter(vocabulary="sdg", code="17").exists()


def changed_files(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """A copy of the shipped files that a test may change."""
    for path in files.FOLDER.rglob("*"):
        if path.suffix in (".json", ".csv", ".txt"):
            copy = folder / path.relative_to(files.FOLDER)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(path.read_bytes())
    monkeypatch.setattr(files, "FOLDER", folder)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_clause_never_changes_under_its_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edit(changed_files(monkeypatch, tmp_path) / "clauses" / "2024-1.fr.txt", "Objet", "Sujet")
    with pytest.raises(CommandError, match=r"clause 2024-1 \(fr\): text, sha256"):
        loaded()


def test_a_rule_set_changes_only_until_it_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, applicant: User
) -> None:
    folder = changed_files(monkeypatch, tmp_path)
    edit(folder / "rule_sets.json", '"min_employees": 5', '"min_employees": 6')
    assert load_reference().updated["rule sets"] == 2
    assert RuleSet.objects.get(code="bpf-2024").parameters["min_employees"] == 6
    submission = builders.build_submission(applicant)
    assert CheckRun.objects.get(submission=submission).rule_set.code == "bpf-2024"
    edit(folder / "rule_sets.json", '"min_employees": 6', '"min_employees": 7')
    before = everything()
    with pytest.raises(ReferenceConflict, match="rule set bpf-2024 v1: parameters"):
        load_reference()
    assert everything() == before


@pytest.mark.parametrize("rate", ["0.5", '"50"', '"1.01"', '"-0.5"', '"0,50"', '"1e400"'])
def test_a_malformed_rule_set_is_refused_by_the_parameters_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rate: str
) -> None:
    folder = changed_files(monkeypatch, tmp_path)
    edit(folder / "rule_sets.json", '"max_rate": "0.50"', f'"max_rate": {rate}')
    with pytest.raises(CommandError, match="max_rate"):
        loaded()


def test_calls_close_at_the_last_second_of_the_day_in_luxembourg() -> None:
    deadlines = {call.code: call.deadline_at.isoformat() for call in Call.objects.all()}
    assert deadlines["bpf-2024-1"] == "2024-04-30T21:59:59+00:00"
    assert deadlines["bpf-2024-2"] == "2024-10-31T22:59:59+00:00"
    assert deadlines["bpf-2022-1"] == "2022-05-29T21:59:59+00:00"
    assert deadlines["bpf-2022-2"] == "2022-10-20T21:59:59+00:00"
    assert {code for code in deadlines if Call.objects.get(code=code).assumed} == {
        "bpf-2018",
        "bpf-2019",
        "bpf-2020",
        "bpf-2021",
    }


@pytest.mark.parametrize(
    ("call", "rules"),
    [
        ("bpf-2018", "bpf-2018"),
        ("bpf-2020", "bpf-2020"),
        ("bpf-2021", "bpf-2021"),
        ("bpf-2022-2", "bpf-2022"),
        ("bpf-2023-1", "bpf-2022"),
        ("bpf-2024-1", "bpf-2024"),
        ("bpf-2025-2", "bpf-2024"),
    ],
)
def test_calls_use_the_rules_of_their_year(call: str, rules: str) -> None:
    assert Call.objects.get(code=call).rule_set.code == rules


def test_every_rule_set_can_be_read_and_marks_what_is_assumed() -> None:
    for row in RuleSet.objects.all():
        parameters = rule_parameters(row)
        given = {name for name, value in row.parameters.items() if value is not None}
        assert set(row.sources) == given, row
        assert row.assumed == sorted(n for n, s in row.sources.items() if s.startswith("A:"))
        assert parameters.max_rate is not None


def test_the_dac_list_is_dated_and_namibia_is_on_it() -> None:
    entries = CountryListEntry.objects.filter(country_list__code="dac-oda")
    assert entries.count() == 141
    assert entries.get(country_id="NA").country.name_en == "Namibia"
    assert entries.get(country_id="XK").country.name_fr == "Kosovo"
    assert entries.get(country_id="PS").luxembourg_partner == ""
    assert entries.get(country_id="SN").luxembourg_partner == "icp_partner"
    assert {entry.country_id for entry in entries.exclude(eligible_until=None)} == {"NR"}
    assert CountryListEntry.objects.filter(country_list__code="eu").count() == 27


def test_the_files_are_those_that_were_given(shared: Path) -> None:
    for name in ("dac-oda-recipients.csv", "labour-rights.csv"):
        assert (files.FOLDER / name).read_bytes() == (shared / "data" / name).read_bytes()


def test_the_clause_is_a_real_text_in_both_languages() -> None:
    clauses = list(ClauseVersion.objects.all())
    assert {(clause.version, clause.language) for clause in clauses} == {
        ("2020-1", "fr"),
        ("2020-1", "en"),
        ("2024-1", "fr"),
        ("2024-1", "en"),
    }
    assert all(350 <= len(clause.text.split()) <= 600 for clause in clauses)
    assert len({clause.sha256 for clause in clauses}) == 4


def test_the_example_grid_is_complete() -> None:
    rubric = Rubric.objects.get(code="bpf-example")
    criteria = list(rubric.criteria.prefetch_related("levels"))
    assert rubric.assumed
    assert sum(criterion.weight for criterion in criteria) == 100
    assert {c.code: c.floor for c in criteria if c.floor} == {"human_rights_environment": 3}
    for criterion in criteria:
        levels = list(criterion.levels.all())
        assert [level.value for level in levels] == [0, 1, 2, 3, 4, 5]
        assert all(level.text_fr and level.text_en for level in levels)
    assert CallRubric.objects.filter(rubric=rubric).count() == 2 * Call.objects.count()


def test_a_new_call_gets_the_example_grid_once() -> None:
    call = Call.objects.create(
        code="bpf-2099",
        title_fr="x",
        title_en="x",
        rule_set=RuleSet.objects.get(code="bpf-2024"),
        deadline_at=datetime.fromisoformat("2099-04-30T21:59:59+00:00"),
    )
    assert load_review_reference().created["grids of calls"] == 2
    assert load_review_reference().changed is False
    assert call.rubrics.count() == 2


def test_the_context_of_a_call() -> None:
    call = Call.objects.get(code="bpf-2024-1")
    CountryRating.objects.create(country_id="RW", level="low", source="Officer's visit")
    context = build_context(call, call.rule_set, date(2024, 4, 30))
    assert context.deadlines["preselection"] == call.deadline_at
    assert context.deadlines["detailed_proposal"].isoformat() == "2024-10-31T22:59:59+00:00"
    assert context.next_edition is not None
    assert context.next_edition.code == "bpf-2024-2"
    assert context.required_documents["preselection", "local"] == (
        "local_partner_registration",
        "letter_of_intent",
    )
    assert len(context.labour_worst) == 10
    assert context.officer_ratings["RW"] is RiskLevel.LOW
    assert context.officer_ratings["CR"] is RiskLevel.MEDIUM
    assert context.flag_levels["conflict_minerals"] is RiskLevel.HIGH
    assert set(context.nace_high_prefixes) >= {"01", "05", "10", "15", "41", "49", "52", "78"}
    assert not {"16", "46", "53", "62"} & set(context.nace_high_prefixes)
    assert context.current_clause("fr") == "2024-1"


def test_a_stage_without_deadline_is_not_invented() -> None:
    call = Call.objects.get(code="bpf-2025-2")
    context = build_context(call, call.rule_set, date(2025, 10, 31))
    assert "detailed_proposal" not in context.deadlines
    assert context.next_edition is None


def test_a_newer_version_of_a_list_counts_from_its_day() -> None:
    newer = CountryList.objects.create(
        code="dac-oda", version=2, title_fr="x", title_en="x", valid_from=date(2027, 1, 1)
    )
    CountryListEntry.objects.create(country_list=newer, country_id="RW")
    rules = RuleSet.objects.get(code="bpf-2024")
    builder = ContextBuilder()
    assert len(builder.context(None, rules, date(2026, 12, 31)).country_lists["dac-oda"]) == 141
    assert set(builder.context(None, rules, date(2027, 1, 1)).country_lists["dac-oda"]) == {"RW"}
    # Before any version the oldest is the best that is known.
    assert len(builder.context(None, rules, date(2018, 4, 30)).country_lists["dac-oda"]) == 141


def test_a_rule_set_with_an_unknown_list_is_refused() -> None:
    rules = RuleSet(code="x", parameters={"lead_country_list": "efta"})
    with pytest.raises(InvalidParameter, match="efta"):
        build_context(None, rules, date(2024, 4, 30))


def test_a_batch_reads_the_lists_once() -> None:
    calls = list(Call.objects.select_related("rule_set"))
    builder = ContextBuilder()
    builder.context(calls[0], calls[0].rule_set, date(2024, 4, 30))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for _ in range(50):
            builder.context(calls[0], calls[0].rule_set, date(2024, 4, 30))
    assert len(queries) == 0


def test_what_a_process_keeps_is_read_anew_when_it_changes() -> None:
    kept = shared_builder()
    assert shared_builder() is kept
    call = Call.objects.get(code="bpf-2024-1")
    day = date(2024, 4, 30)
    assert "XK" not in shared_builder().context(call, call.rule_set, day).officer_ratings
    with transaction.atomic():
        CountryRating.objects.create(country_id="XK", level="low", source="A visit in 2024.")
        rated = shared_builder()
        assert "XK" in rated.context(call, call.rule_set, day).officer_ratings
        transaction.set_rollback(True)
    again = shared_builder().context(call, call.rule_set, day)
    assert "XK" not in again.officer_ratings
    assert rated is not shared_builder()


def test_labels_in_both_languages() -> None:
    assert labels_for("fr")["country"]["SN"] == "Sénégal"
    assert labels_for("en")["document"]["letter_of_intent"].startswith("Letter of intent")
    assert labels_for("en")["organisation_kind"]["company"] == "Company"
    assert "tobacco" in labels_for("fr")["excluded_activity"]


def test_two_loads_at_once_do_not_collide() -> None:
    """The second waits for the lock instead of tripping over a half-written list."""
    with transaction.atomic(), connection.cursor() as cursor:
        load_reference()
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        assert cursor.fetchone()[0] >= 1


def test_terms_have_both_languages() -> None:
    for row in json.loads((files.FOLDER / "terms.json").read_text(encoding="utf-8")):
        assert row["label_fr"], row
        assert row["label_en"], row
