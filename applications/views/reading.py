"""A frozen dossier as people read it: sections of questions and answers, and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from applications.forms.choices import Choices
from applications.forms.due_diligence_steps import CRITERIA
from applications.models import Document, PartnerRole, Risk, RiskLevel, Vocabulary
from applications.views.section_titles import SECTION_TITLES
from bpf_portal.core import money
from bpf_portal.core.access import Text

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A table; `amounts` are the columns that hold money, to the right."""

    caption: Text
    head: Sequence[Text]
    rows: Sequence[Sequence[str]]
    amounts: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Part:
    """A section of the dossier."""

    section: str
    title: Text
    answers: Sequence[tuple[Text, str]]
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Reading:
    """A dossier to read; `documents` are its files, to download."""

    parts: Sequence[Part]
    documents: Sequence[Document] = field(default_factory=list)


def read(document: Json, choices: Choices, files: Sequence[Document]) -> Reading:
    """The document of schema bpf-proposal/1 in the reader's language."""
    parts = (
        _company(document["lead"], choices),
        _partners(document["partners"], choices),
        _project(document, choices),
        _budget(document["budget"], choices),
        _due_diligence(document["due_diligence"], choices),
    )
    return Reading(parts, files)


def _yes_no(value: bool | None) -> str:
    return _("not answered") if value is None else (_("yes") if value else _("no"))


def _day(value: str | None) -> str:
    if not value:
        return ""
    return formats.date_format(date.fromisoformat(value[:10]), "j F Y")


def _moment(value: str) -> str:
    local = timezone.localtime(datetime.fromisoformat(value))
    return formats.date_format(local, "j F Y, H:i")


def _euros(value: str | None) -> str:
    return money.display(Decimal(value)) if value else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _words(choices: Choices, vocabulary: Vocabulary, codes: Sequence[object]) -> str:
    return ", ".join(choices.label(vocabulary, code) for code in codes)


def _company(lead: Json, choices: Choices) -> Part:
    standing = lead["good_standing"]
    answers: list[tuple[Text, str]] = [
        (_("Legal name"), lead["legal_name"]),
        (
            _("Kind of organisation"),
            choices.label(Vocabulary.ORGANISATION_KIND, lead["kind"]),
        ),
        (_("Legal form"), _text(lead.get("legal_form"))),
        (_("Country of registration"), choices.country(lead["country"])),
        (_("Trade register number"), _text(lead["registration_number"])),
        (_("VAT number"), _text(lead.get("vat_number"))),
        (_("Date of registration"), _day(lead["registered_on"])),
        (_("Number of employees"), _text(lead["employees"])),
        (_("Road haulage for hire or reward"), _yes_no(lead.get("road_haulage_for_hire"))),
        (_("Not bankrupt or being wound up"), _yes_no(standing["not_insolvent"])),
        (_("No conviction"), _yes_no(standing["no_conviction"])),
        (_("Taxes paid"), _yes_no(standing["taxes_paid"])),
        (_("Social security paid"), _yes_no(standing["social_security_paid"])),
    ]
    turnover = [
        (str(row["year"]), _euros(row["amount"]))
        for row in sorted(lead["annual_turnover"], key=lambda row: -row["year"])
    ]
    aid = [
        (
            _day(row["granted_on"]),
            _text(row.get("granted_by")),
            choices.country(row["member_state"]),
            _euros(row["amount"]),
        )
        for row in lead.get("de_minimis_aid", ())
    ]
    people = [
        (_("director"), row["name"], _text(row.get("function")))
        for row in lead.get("directors", ())
    ] + [
        (_("beneficial owner"), row["name"], _text(row.get("share")))
        for row in lead.get("beneficial_owners", ())
    ]
    tables = [
        Table(_("Turnover"), (_("Financial year"), _("Turnover")), turnover, frozenset({1})),
        Table(
            _("De minimis aid received"),
            (_("Granted on"), _("Granted by"), _("Member State"), _("Amount")),
            aid,
            frozenset({3}),
        ),
        Table(
            _("Directors and owners"), (_("Capacity"), _("Name"), _("Function or share")), people
        ),
    ]
    return _part("company", answers, tables)


def _partners(partners: Sequence[Json], choices: Choices) -> Part:
    roles = dict(PartnerRole.choices)
    rows = [
        (
            str(roles[row["role"]]),
            row["legal_name"],
            choices.label(Vocabulary.ORGANISATION_KIND, row["kind"]),
            choices.country(row["country"]),
            _text(row["registration_number"]),
        )
        for row in partners
    ]
    head = (_("Role"), _("Legal name"), _("Kind"), _("Country"), _("Registration number"))
    return _part("partners", [], [Table(_("Partners"), head, rows)])


def _project(document: Json, choices: Choices) -> Part:
    project = document["project"]
    excluded = project["excluded_activities"]
    declared = _words(choices, Vocabulary.EXCLUDED_ACTIVITY, excluded or ())
    months = project["duration_months"]
    answers: list[tuple[Text, str]] = [
        (_("Title"), project["title"]),
        (_("Summary"), project["summary"]),
        (_("Kind of project"), choices.label(Vocabulary.PROJECT_KIND, project["kind"])),
        (
            _("Countries of implementation"),
            ", ".join(choices.country(code) for code in project["countries"]),
        ),
        (_("Sectors"), _words(choices, Vocabulary.SECTOR, project.get("sectors", ()))),
        (_("Economic activity (NACE)"), _text(project.get("nace"))),
        (
            _("Sustainable development goals"),
            ", ".join(f"{g}. {choices.label(Vocabulary.SDG, g)}" for g in project["sdgs"]),
        ),
        (_("Planned start"), _day(project.get("starts_on"))),
        (_("Duration in months"), _text(months)),
        (
            _("Excluded activities"),
            _("not answered") if excluded is None else declared or _("none of them"),
        ),
    ]
    texts = _answers(document["call"], None, project.get("answers", {}), choices)
    return _part("project", [*answers, *texts])


def _answers(
    call: str, section: str | None, given: Mapping[str, str], choices: Choices
) -> list[tuple[Text, str]]:
    """The texts under the questions as they were asked; an answer to none keeps its code."""
    asked = {each.code: each.label for each in choices.questions(call, section)}
    known: list[tuple[Text, str]] = [
        (asked[code], given[code]) for code in asked if given.get(code)
    ]
    others = [(code, text) for code, text in given.items() if code not in asked and text]
    return [*known, *others]


def _budget(budget: Json, choices: Choices) -> Part:
    answers: list[tuple[Text, str]] = [
        (_("Project total"), _euros(budget["total"])),
        (_("Grant requested"), _euros(budget["requested"])),
        (_("Own contribution"), _euros(budget["own_contribution"])),
        (_("Partners' contribution"), _euros(budget["partners_contribution"])),
    ]
    lines = [
        (
            choices.label(Vocabulary.COST_CATEGORY, row["category"]),
            row["description"],
            _number(row.get("quantity")),
            _euros(row.get("unit_cost")),
            _euros(row["amount"]),
        )
        for row in budget["lines"]
    ]
    funding = [
        (_text(row["source"]), _yes_no(row["luxembourg_cooperation"]), _euros(row["amount"]))
        for row in budget["other_funding"]
    ]
    head = (_("Category"), _("Description"), _("Quantity"), _("Unit cost"), _("Amount"))
    tables = [
        Table(_("Costs"), head, lines, frozenset({2, 3, 4})),
        Table(
            _("Other funding"),
            (_("From whom"), _("Luxembourg cooperation"), _("Amount")),
            funding,
            frozenset({2}),
        ),
    ]
    return _part("budget", answers, tables)


def _number(value: str | None) -> str:
    return formats.number_format(Decimal(value), use_l10n=True) if value else ""


def _due_diligence(file: Json, choices: Choices) -> Part:
    flags = _words(choices, Vocabulary.RISK_FLAG, file["flags"])
    answers: list[tuple[Text, str]] = [
        (_("Warning signs"), flags or _("none declared")),
        *_clause(file["clause"]),
        *_policy(file["policy"]),
        (_("Communication"), _text(file["communication"])),
        *_remedy(file["remedy"]),
    ]
    places, levels = dict(Risk.Where.choices), dict(RiskLevel.choices)
    risks = [
        (
            row["id"],
            row["description"],
            str(places[row["where"]]),
            str(levels[row["severity"]]),
            str(levels[row["likelihood"]]),
            _text(row.get("consulted")),
        )
        for row in file["risks"]
    ]
    measures = [
        (
            row["risk"],
            row["description"],
            _text(row.get("owner")),
            _day(row.get("due_on")),
            _text(row.get("indicator")),
            _text(row.get("rhythm")),
        )
        for row in file["measures"]
    ]
    tables = [
        Table(
            _("Risks"),
            (
                _("No."),
                _("Risk"),
                _("Where"),
                _("Severity"),
                _("Likelihood"),
                _("Who was consulted"),
            ),
            risks,
        ),
        Table(
            _("Measures"),
            (
                _("Risk"),
                _("Measure"),
                _("Responsible"),
                _("Until"),
                _("Indicator"),
                _("Looked at"),
            ),
            measures,
        ),
    ]
    return _part("due_diligence", answers, tables)


def _clause(clause: Json | None) -> list[tuple[Text, str]]:
    if clause is None:
        return [(_("Human-rights clause"), _("not answered"))]
    answer = _("accepted") if clause["accepted"] else _("refused")
    signed = f"{clause['signatory']}, {clause.get('function', '')}".rstrip(", ")
    return [
        (
            _("Human-rights clause"),
            _("version %(version)s %(answer)s by %(person)s on %(moment)s")
            % {
                "version": clause["version"],
                "answer": answer,
                "person": signed,
                "moment": _moment(clause["accepted_at"]),
            },
        ),
        (_("Signed by a legal representative"), _yes_no(clause["legal_representative"])),
    ]


def _policy(policy: Json | None) -> list[tuple[Text, str]]:
    if policy is None:
        return [(_("Human-rights policy"), _("none"))]
    return [
        (_("Date of the policy"), _day(policy["dated"])),
        (_("Signed by the management"), _yes_no(policy["signed_by_management"])),
        (_("Person responsible"), _text(policy["responsible_person"])),
        (_("Public address of the policy"), _text(policy.get("url"))),
    ]


def _remedy(remedy: Json | None) -> list[tuple[Text, str]]:
    if remedy is None:
        return [(_("Grievance channel"), _("none"))]
    given = remedy.get("criteria", {})
    criteria: list[tuple[Text, str]] = [
        (label, _yes_no(True) if given[code] is True else str(given[code]))
        for code, label in CRITERIA.items()
        if given.get(code)
    ]
    return [
        (_("Grievance channel"), remedy["channel"]),
        (_("Contact of the channel"), _text(remedy["contact"])),
        (_("Languages of the channel"), ", ".join(remedy.get("languages", ()))),
        (_("Protects from reprisal"), _yes_no(remedy["protects_from_reprisal"])),
        (_("Open to the partner's workers"), _yes_no(remedy["open_to_partner_workers"])),
        (_("Open to communities"), _yes_no(remedy.get("open_to_communities"))),
        *criteria,
    ]


def _part(section: str, answers: Sequence[tuple[Text, str]], tables: Sequence[Table] = ()) -> Part:
    """Without the questions that were not answered, and without empty tables."""
    return Part(
        section,
        SECTION_TITLES[section],
        [(label, text) for label, text in answers if text],
        [table for table in tables if table.rows],
    )
