"""Writing the shipped reference data into rows, as often as one likes.

What has a version is immutable: a file that changed under the same version is an error once the
version was used. Everything else an officer may have corrected, so an existing row stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, models, transaction

from applications.actions.declaring import sha256_of_statements
from applications.checks import RuleParameters
from applications.models import (
    Call,
    CheckRun,
    ClauseVersion,
    Country,
    CountryList,
    CountryListEntry,
    CountryRating,
    DeclarationVersion,
    DocumentRequirement,
    Question,
    RuleSet,
    Term,
)
from applications.reference import files

# Any number, but the same for everyone who loads: two loads at once run one after the other.
_LOAD_LOCK = 0x6270660001


class ReferenceConflict(Exception):
    """A shipped file contradicts a version that is already in use. Nothing was written."""


@dataclass
class LoadReport:
    """How many rows were made or corrected, by what they are."""

    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    #: What the files say and an officer has said otherwise: the officer's stays.
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def changed(self) -> bool:
        return bool(self.created.total() or self.updated.total())

    def __add__(self, other: LoadReport) -> LoadReport:
        return LoadReport(
            self.created + other.created,
            self.updated + other.updated,
            self.left_out + other.left_out,
        )


def lock_reference_data() -> None:
    """Hold the loading to one at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOAD_LOCK])


@transaction.atomic
def load_reference() -> LoadReport:
    """Put in what is missing of the applications' reference data. Raises ReferenceConflict."""
    lock_reference_data()
    report = LoadReport()
    _load_countries(report)
    _load_country_lists(report)
    _load_ratings(report)
    _load_terms(report)
    _load_clauses(report)
    _load_declarations(report)
    _load_rule_sets(report)
    _load_calls(report)
    _load_questions(report)
    return report


def differing(row: models.Model, wanted: Mapping[str, Any]) -> list[str]:
    """Names of the fields in which the row is not what the file says."""
    return [name for name, value in wanted.items() if getattr(row, name) != value]


def _load_countries(report: LoadReport) -> None:
    known = set(Country.objects.values_list("pk", flat=True))
    rows = [
        Country(
            iso2=row.iso2,
            iso3=row.iso3,
            name_fr=row.name_fr,
            name_en=row.name_en,
            region=row.region,
        )
        for row in files.read_countries()
        if row.iso2 not in known
    ]
    report.created["countries"] += len(Country.objects.bulk_create(rows))


def _load_country_lists(report: LoadReport) -> None:
    """A list is written whole with its version; entries an officer changed later stay."""
    known = set(CountryList.objects.values_list("code", "version"))
    for listed in files.read_country_lists():
        if (listed.code, listed.version) in known:
            continue
        row = CountryList.objects.create(
            code=listed.code,
            version=listed.version,
            title_fr=listed.title_fr,
            title_en=listed.title_en,
            valid_from=listed.valid_from,
            source=listed.source,
        )
        CountryListEntry.objects.bulk_create(
            CountryListEntry(
                country_list=row,
                country_id=entry.iso2,
                income_group=entry.income_group,
                luxembourg_partner=entry.luxembourg_partner,
                eligible_until=entry.eligible_until,
                note=entry.note,
            )
            for entry in listed.entries
        )
        report.created["lists of countries"] += 1


def _load_ratings(report: LoadReport) -> None:
    """Only the ten worst are high by the index; the others stand at medium, as unknown does."""
    known = set(CountryRating.objects.values_list("country_id", flat=True))
    rows = [
        CountryRating(
            country_id=row.iso2,
            level="high" if row.standing == "ten_worst" else "medium",
            standing=row.standing,
            trend=row.trend,
            source=row.source,
        )
        for row in files.read_ratings()
        if row.iso2 not in known
    ]
    report.created["ratings of countries"] += len(CountryRating.objects.bulk_create(rows))


def _load_terms(report: LoadReport) -> None:
    known = set(Term.objects.values_list("vocabulary", "code"))
    rows = [
        Term(**row)
        for name in ("terms.json", "due_diligence_examples.json")
        for row in files.read_json(name)
        if (row["vocabulary"], row["code"]) not in known
    ]
    report.created["terms"] += len(Term.objects.bulk_create(rows))


def _load_clauses(report: LoadReport) -> None:
    known = {(row.version, row.language): row for row in ClauseVersion.objects.all()}
    for clause in files.read_clauses():
        wanted = {
            "title": clause.title,
            "text": clause.text,
            "sha256": clause.sha256,
            "valid_from": clause.valid_from,
            "assumed": clause.assumed,
        }
        row = known.get((clause.version, clause.language))
        if row is None:
            ClauseVersion.objects.create(version=clause.version, language=clause.language, **wanted)
            report.created["clause versions"] += 1
        elif changed := differing(row, wanted):
            raise ReferenceConflict(
                f"clause {clause.version} ({clause.language}): {', '.join(changed)} differ from"
                " the file; a clause never changes, give the new text a new version"
            )


def _load_declarations(report: LoadReport) -> None:
    known = {(row.version, row.language): row for row in DeclarationVersion.objects.shipped()}
    for item in files.read_json("declarations.json"):
        wanted = {
            "statements": item["statements"],
            "sha256": sha256_of_statements(item["statements"]),
            "valid_from": date.fromisoformat(item["valid_from"]),
            "assumed": item["assumed"],
        }
        key = (item["version"], item["language"])
        row = known.get(key)
        if row is None:
            DeclarationVersion.objects.create(version=key[0], language=key[1], **wanted)
            report.created["declarations"] += 1
        elif changed := differing(row, wanted):
            raise ReferenceConflict(
                f"declarations {key[0]} ({key[1]}): {', '.join(changed)} differ from the file;"
                " declarations never change, give the new text a new version"
            )


def _load_rule_sets(report: LoadReport) -> None:
    known = {(row.code, row.version): row for row in RuleSet.objects.all()}
    for item in files.read_json("rule_sets.json"):
        # A malformed file must not become a row: InvalidParameter names the parameter.
        RuleParameters.from_mapping(item["parameters"], item["sources"])
        wanted = {name: value for name, value in item.items() if name not in ("code", "version")}
        wanted["valid_from"] = date.fromisoformat(item["valid_from"])
        row = known.get((item["code"], item["version"]))
        if row is None:
            RuleSet.objects.create(code=item["code"], version=item["version"], **wanted)
            report.created["rule sets"] += 1
        elif row.made_by_id is not None:
            report.left_out["rule sets"] += 1
        elif changed := differing(row, wanted):
            if CheckRun.objects.filter(rule_set=row).exists():
                raise ReferenceConflict(
                    f"rule set {row}: {', '.join(changed)} differ from the file, but checks were"
                    " run under this version; give the new rules a new version"
                )
            for name, value in wanted.items():
                setattr(row, name, value)
            row.save()
            report.updated["rule sets"] += 1


def _load_calls(report: LoadReport) -> None:
    known = set(Call.objects.values_list("code", flat=True))
    shipped = RuleSet.objects.filter(made_by=None)
    rule_sets = {(row.code, row.version): row for row in shipped}
    requirements = files.read_json("document_requirements.json")
    for item in files.read_json("calls.json"):
        if item["code"] in known:
            continue
        fields = dict(item)
        key = (fields.pop("rule_set"), fields.pop("rule_set_version"))
        if key not in rule_sets:
            report.left_out["calls"] += 1
            continue
        for name in ("opens_at", "deadline_at", "stage_2_deadline_at"):
            fields[name] = files.in_luxembourg(fields[name])
        call = Call.objects.create(rule_set=rule_sets[key], **fields)
        DocumentRequirement.objects.bulk_create(document_requirements(call, requirements))
        report.created["calls"] += 1


def document_requirements(
    call: Call, requirements: list[dict[str, Any]] | None = None
) -> list[DocumentRequirement]:
    """The shipped (assumed) list of documents, for a call that has none yet; not saved."""
    rows = files.read_json("document_requirements.json") if requirements is None else requirements
    return [
        DocumentRequirement(call=call, position=position, **row)
        for position, row in enumerate(rows, start=1)
    ]


def _load_questions(report: LoadReport) -> None:
    """Every call that asks nothing yet gets the shipped questions; what an officer wrote stays."""
    rows = files.read_json("questions.json")
    for call in Call.objects.filter(questions=None):
        report.created["questions"] += len(Question.objects.bulk_create(questions(call, rows)))


def questions(call: Call, rows: list[dict[str, Any]] | None = None) -> list[Question]:
    """The shipped (assumed) questions of the form, for a call that has none yet; not saved."""
    shipped = files.read_json("questions.json") if rows is None else rows
    return [Question(call=call, position=n, **row) for n, row in enumerate(shipped, start=1)]
