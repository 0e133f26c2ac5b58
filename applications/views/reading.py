"""A frozen dossier as people read it: sections of questions and answers, and tables."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _

from applications.forms.choices import Choices
from applications.forms.due_diligence_steps import CRITERIA
from applications.models import Document, PartnerRole, Risk, RiskLevel, Vocabulary
from applications.views.reading_detailed import budget_detail, detailed_parts
from applications.views.reading_parts import (
    Json,
    Part,
    Reading,
    Table,
    answered,
    asked_by,
    day,
    euros,
    moment,
    part_of,
    text_of,
    words,
    yes_no,
)
from bpf_portal.core.access import Text


def read(document: Json, choices: Choices, files: Sequence[Document]) -> Reading:
    """The document of schema bpf-proposal/1 in the reader's language."""
    parts = (
        _company(document["lead"], choices),
        _partners(document["partners"], choices),
        _project(document, choices),
        *detailed_parts(
            document,
            asked_by(document["call"], choices),
            dict(choices.words(Vocabulary.POLICY_MARKER)),
        ),
        _budget(document["budget"], choices, budget_detail(document)),
        _due_diligence(document["due_diligence"], choices),
    )
    return Reading(parts, files)


def _company(lead: Json, choices: Choices) -> Part:
    standing = lead["good_standing"]
    answers: list[tuple[Text, str]] = [
        (_("Legal name"), lead["legal_name"]),
        (
            _("Kind of organisation"),
            choices.label(Vocabulary.ORGANISATION_KIND, lead["kind"]),
        ),
        (_("Legal form"), text_of(lead.get("legal_form"))),
        (_("Country of registration"), choices.country(lead["country"])),
        (_("Trade register number"), text_of(lead["registration_number"])),
        (_("VAT number"), text_of(lead.get("vat_number"))),
        (_("Date of registration"), day(lead["registered_on"])),
        (_("Number of employees"), text_of(lead["employees"])),
        (_("Road haulage for hire or reward"), yes_no(lead.get("road_haulage_for_hire"))),
        (_("Not bankrupt or being wound up"), yes_no(standing["not_insolvent"])),
        (_("No conviction"), yes_no(standing["no_conviction"])),
        (_("Taxes paid"), yes_no(standing["taxes_paid"])),
        (_("Social security paid"), yes_no(standing["social_security_paid"])),
    ]
    turnover = [
        (str(row["year"]), euros(row["amount"]))
        for row in sorted(lead["annual_turnover"], key=lambda row: -row["year"])
    ]
    aid = [
        (
            day(row["granted_on"]),
            text_of(row.get("granted_by")),
            choices.country(row["member_state"]),
            euros(row["amount"]),
        )
        for row in lead.get("de_minimis_aid", ())
    ]
    people = [
        (_("director"), row["name"], text_of(row.get("function")))
        for row in lead.get("directors", ())
    ] + [
        (_("beneficial owner"), row["name"], text_of(row.get("share")))
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
    return part_of("company", answers, tables)


def _partners(partners: Sequence[Json], choices: Choices) -> Part:
    roles = dict(PartnerRole.choices)
    rows = [
        (
            str(roles[row["role"]]),
            row["legal_name"],
            choices.label(Vocabulary.ORGANISATION_KIND, row["kind"]),
            choices.country(row["country"]),
            text_of(row["registration_number"]),
        )
        for row in partners
    ]
    head = (_("Role"), _("Legal name"), _("Kind"), _("Country"), _("Registration number"))
    return part_of("partners", [], [Table(_("Partners"), head, rows)])


def _project(document: Json, choices: Choices) -> Part:
    project = document["project"]
    excluded = project["excluded_activities"]
    declared = words(choices, Vocabulary.EXCLUDED_ACTIVITY, excluded or ())
    months = project["duration_months"]
    answers: list[tuple[Text, str]] = [
        (_("Title"), project["title"]),
        (_("Summary"), project["summary"]),
        (_("Kind of project"), choices.label(Vocabulary.PROJECT_KIND, project["kind"])),
        (
            _("Countries of implementation"),
            ", ".join(choices.country(code) for code in project["countries"]),
        ),
        (_("Sectors"), words(choices, Vocabulary.SECTOR, project.get("sectors", ()))),
        (_("Economic activity (NACE)"), text_of(project.get("nace"))),
        (
            _("Sustainable development goals"),
            ", ".join(f"{g}. {choices.label(Vocabulary.SDG, g)}" for g in project["sdgs"]),
        ),
        (_("Planned start"), day(project.get("starts_on"))),
        (_("Duration in months"), text_of(months)),
        (
            _("Excluded activities"),
            _("not answered") if excluded is None else declared or _("none of them"),
        ),
    ]
    texts = answered(asked_by(document["call"], choices), project.get("answers", {}))
    return part_of("project", [*answers, *texts])


def _budget(budget: Json, choices: Choices, detail: Sequence[tuple[str, str]]) -> Part:
    answers: list[tuple[Text, str]] = [
        (_("Project total"), euros(budget["total"])),
        (_("Grant requested"), euros(budget["requested"])),
        (_("Own contribution"), euros(budget["own_contribution"])),
        (_("Partners' contribution"), euros(budget["partners_contribution"])),
    ]
    lines = [
        (
            choices.label(Vocabulary.COST_CATEGORY, row["category"]),
            row["description"],
            _number(row.get("quantity")),
            euros(row.get("unit_cost")),
            euros(row["amount"]),
            *(detail[index] if index < len(detail) else ()),
        )
        for index, row in enumerate(budget["lines"])
    ]
    funding = [
        (text_of(row["source"]), yes_no(row["luxembourg_cooperation"]), euros(row["amount"]))
        for row in budget["other_funding"]
    ]
    head = [_("Category"), _("Description"), _("Quantity"), _("Unit cost"), _("Amount")]
    if detail:
        head += [_("Work package"), _("Borne by")]
    tables = [
        Table(_("Costs"), head, lines, frozenset({2, 3, 4})),
        Table(
            _("Other funding"),
            (_("From whom"), _("Luxembourg cooperation"), _("Amount")),
            funding,
            frozenset({2}),
        ),
    ]
    return part_of("budget", answers, tables)


def _number(value: str | None) -> str:
    return formats.number_format(Decimal(value), use_l10n=True) if value else ""


def _due_diligence(file: Json, choices: Choices) -> Part:
    flags = words(choices, Vocabulary.RISK_FLAG, file["flags"])
    answers: list[tuple[Text, str]] = [
        (_("Warning signs"), flags or _("none declared")),
        *_clause(file["clause"]),
        *_policy(file["policy"]),
        (_("Communication"), text_of(file["communication"])),
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
            text_of(row.get("consulted")),
        )
        for row in file["risks"]
    ]
    measures = [
        (
            row["risk"],
            row["description"],
            text_of(row.get("owner")),
            day(row.get("due_on")),
            text_of(row.get("indicator")),
            text_of(row.get("rhythm")),
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
    return part_of("due_diligence", answers, tables)


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
                "moment": moment(clause["accepted_at"]),
            },
        ),
        (_("Signed by a legal representative"), yes_no(clause["legal_representative"])),
    ]


def _policy(policy: Json | None) -> list[tuple[Text, str]]:
    if policy is None:
        return [(_("Human-rights policy"), _("none"))]
    return [
        (_("Date of the policy"), day(policy["dated"])),
        (_("Signed by the management"), yes_no(policy["signed_by_management"])),
        (_("Person responsible"), text_of(policy["responsible_person"])),
        (_("Public address of the policy"), text_of(policy.get("url"))),
    ]


def _remedy(remedy: Json | None) -> list[tuple[Text, str]]:
    if remedy is None:
        return [(_("Grievance channel"), _("none"))]
    given = remedy.get("criteria", {})
    criteria: list[tuple[Text, str]] = [
        (label, yes_no(True) if given[code] is True else str(given[code]))
        for code, label in CRITERIA.items()
        if given.get(code)
    ]
    return [
        (_("Grievance channel"), remedy["channel"]),
        (_("Contact of the channel"), text_of(remedy["contact"])),
        (_("Languages of the channel"), ", ".join(remedy.get("languages", ()))),
        (_("Protects from reprisal"), yes_no(remedy["protects_from_reprisal"])),
        (_("Open to the partner's workers"), yes_no(remedy["open_to_partner_workers"])),
        (_("Open to communities"), yes_no(remedy.get("open_to_communities"))),
        *criteria,
    ]
