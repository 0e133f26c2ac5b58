"""A dossier as people read it: the frozen document's sections as facts, tables and texts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.views.gantt import Gantt
from applications.views.reading_detailed import detailed_parts
from applications.views.reading_parts import answered
from bpf_portal.core import money
from bpf_portal.core.access import Text
from reviews.admin.dossier_words import (
    CHANNEL_CRITERIA,
    LEVELS,
    PARTNER_ROLES,
    STANDING,
    WHERE,
)
from reviews.admin.labels import Labels

NOT_GIVEN = "–"
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    heading: Text
    columns: Sequence[Text]
    rows: Sequence[Sequence[object]]
    #: Positions of columns with figures.
    figures: Sequence[int] = ()
    total: Sequence[object] = ()

    @property
    def lines(self) -> list[list[tuple[Text, object]]]:
        """Each cell with its column's heading, which a narrow page writes beside it."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Section:
    """One section: facts on top, then texts, then tables."""

    anchor: str
    title: Text
    facts: Sequence[tuple[Text, object]] = ()
    texts: Sequence[tuple[Text, str]] = ()
    tables: Sequence[Table] = ()
    gantt: Gantt | None = None
    #: Of the texts, where they are not in the page's.
    language: str = ""


def sections(document: Document, labels: Labels) -> list[Section]:
    """All sections of a dossier but its files, in the order of the form."""
    return [
        company(document, labels),
        partners(document, labels),
        project(document, labels),
        *_detailed(document, labels),
        budget(document, labels),
        due_diligence(document, labels),
    ]


def day(text: str | None) -> str:
    """`3 May 2019` for an ISO day."""
    parsed: date | None = parse_date(text) if text else None
    return formats.date_format(parsed, "j F Y") if parsed else NOT_GIVEN


def moment(text: str | None) -> str:
    parsed: datetime | None = parse_datetime(text) if text else None
    if parsed is None:
        return NOT_GIVEN
    return formats.date_format(timezone.localtime(parsed), "j F Y, H:i")


def amount(text: str | None) -> str:
    return money.display(money.from_text(text)) if text else NOT_GIVEN


def figures(text: str | None) -> str:
    """An amount in a column whose heading names the currency."""
    return money.figures(money.from_text(text)) if text else NOT_GIVEN


def yes_no(answer: bool | None) -> str:
    return _("not answered") if answer is None else _("yes") if answer else _("no")


def company(document: Document, labels: Labels) -> Section:
    lead = document["lead"]
    facts: list[tuple[Text, object]] = [
        (_("Legal name"), lead["legal_name"]),
        (_("Kind"), labels.term("organisation_kind", lead["kind"])),
        (_("Legal form"), lead.get("legal_form") or NOT_GIVEN),
        (_("Country of registration"), labels.country(lead["country"])),
        (_("Trade register number"), lead["registration_number"] or NOT_GIVEN),
        (_("Registered on"), day(lead["registered_on"])),
        (_("VAT number"), lead.get("vat_number") or NOT_GIVEN),
        (_("Employees"), NOT_GIVEN if lead["employees"] is None else lead["employees"]),
        (_("Road haulage for hire or reward"), yes_no(lead.get("road_haulage_for_hire"))),
    ]
    if lead.get("external_funding_3y"):
        facts.append((_("Grants, equity and loans, 3 years"), amount(lead["external_funding_3y"])))
    standing = lead["good_standing"]
    facts += [(label, yes_no(standing.get(code))) for code, label in STANDING.items()]
    return Section("company", _("Company"), facts, tables=list(_company_tables(lead, labels)))


def _company_tables(lead: Document, labels: Labels) -> Iterable[Table]:
    turnover = sorted(lead["annual_turnover"], key=lambda row: -row["year"])
    yield Table(
        _("Turnover"),
        (_("Year"), _("Turnover")),
        [(str(row["year"]), amount(row["amount"])) for row in turnover],
        figures=(1,),
    )
    yield people(lead)
    aid = lead.get("de_minimis_aid") or []
    yield Table(
        _("De minimis aid received"),
        (_("Granted on"), _("Granted by"), _("Member State"), _("Amount")),
        [
            (
                day(row["granted_on"]),
                row.get("granted_by") or NOT_GIVEN,
                labels.country(row["member_state"]),
                amount(row["amount"]),
            )
            for row in aid
        ],
        figures=(3,),
    )


def people(lead: Document) -> Table:
    """Directors and owners, as the declaration of interests shows them too."""
    directors = [
        (each["name"], _("director"), each.get("function") or NOT_GIVEN)
        for each in lead.get("directors") or []
    ]
    owners = [
        (each["name"], _("beneficial owner"), _share(each.get("share")))
        for each in lead.get("beneficial_owners") or []
    ]
    return Table(
        _("Directors and owners"),
        (_("Name"), _("Capacity"), _("Function or share")),
        [*directors, *owners],
    )


def _share(share: str | None) -> str:
    if not share:
        return NOT_GIVEN
    return f"{share}\u00a0%" if share.replace(".", "", 1).isdigit() else share


def partners(document: Document, labels: Labels) -> Section:
    return Section("partners", _("Partners"), tables=[partner_table(document, labels)])


def partner_table(document: Document, labels: Labels) -> Table:
    return Table(
        _("Partners of the project"),
        (_("Role"), _("Name"), _("Kind"), _("Country"), _("Registration"), _("Registered on")),
        [
            (
                PARTNER_ROLES[row["role"]],
                row["legal_name"],
                labels.term("organisation_kind", row["kind"]),
                labels.country(row["country"]),
                row["registration_number"] or NOT_GIVEN,
                day(row.get("registered_on")),
            )
            for row in document.get("partners") or []
        ],
    )


def project(document: Document, labels: Labels) -> Section:
    given = document["project"]
    months = given["duration_months"]
    excluded = given["excluded_activities"]
    facts: list[tuple[Text, object]] = [
        (_("Title"), given["title"]),
        (_("Kind"), labels.term("project_kind", given["kind"])),
        (_("Countries"), labels.country_list(given["countries"]) or NOT_GIVEN),
        (_("Sectors"), labels.terms("sector", given.get("sectors") or []) or NOT_GIVEN),
        (_("Economic activity (NACE)"), given.get("nace") or NOT_GIVEN),
        (_("Development goals"), labels.terms("sdg", given["sdgs"]) or NOT_GIVEN),
        (_("Starts on"), day(given.get("starts_on"))),
        (_("Duration"), _months(months)),
        (_("Excluded activities"), _excluded(excluded, labels)),
    ]
    texts: list[tuple[Text, str]] = [(_("Summary"), given["summary"])]
    texts += answered(labels.questions, given.get("answers") or {})
    return Section("project", _("Project"), facts, texts)


def _months(months: int | None) -> str:
    if months is None:
        return NOT_GIVEN
    return ngettext("%(n)d month", "%(n)d months", months) % {"n": months}


def _excluded(codes: Sequence[str] | None, labels: Labels) -> str:
    if codes is None:
        return _("not answered")
    return labels.terms("excluded_activity", codes) or _("none declared")


def _detailed(document: Document, labels: Labels) -> Iterable[Section]:
    """What only a detailed proposal has, as its company reads it too."""
    markers = labels.by_kind.get("policy_marker", {})
    for part in detailed_parts(document, labels.questions, markers):
        in_words = part.section == "business_plan"
        yield Section(
            part.section,
            part.title,
            facts=() if in_words else part.answers,
            texts=part.answers if in_words else (),
            tables=[
                Table(table.caption, table.head, table.rows, sorted(table.amounts))
                for table in part.tables
            ],
            gantt=part.gantt,
        )


def budget(document: Document, labels: Labels) -> Section:
    given = document["budget"]
    lines = Table(
        _("Budget"),
        (_("Category"), _("What"), _("Quantity"), _("Unit cost (EUR)"), _("Amount (EUR)")),
        [
            (
                labels.term("cost_category", row["category"]),
                row["description"],
                row.get("quantity") or NOT_GIVEN,
                figures(row.get("unit_cost")),
                figures(row["amount"]),
            )
            for row in given["lines"]
        ],
        figures=(2, 3, 4),
        total=(_("Total"), "", "", "", figures(given["total"])),
    )
    financing = Table(
        _("Financing"),
        (_("From"), _("Amount")),
        [
            (_("Grant requested"), amount(given["requested"])),
            (_("Company's own contribution"), amount(given["own_contribution"])),
            (_("Partners' contribution"), amount(given["partners_contribution"])),
            *((_other(row), amount(row["amount"])) for row in given["other_funding"]),
        ],
        figures=(1,),
    )
    return Section("budget", _("Budget and financing"), tables=[lines, financing])


def _other(row: Document) -> str:
    if row["luxembourg_cooperation"]:
        return _("%(source)s (Luxembourg cooperation)") % {"source": row["source"]}
    return str(row["source"])


def due_diligence(document: Document, labels: Labels) -> Section:
    given = document["due_diligence"]
    policy, remedy = given["policy"], given["remedy"]
    facts: list[tuple[Text, object]] = [
        (_("Clause"), _clause(given["clause"])),
        (_("Policy"), _policy(policy)),
        (_("Warning signs"), labels.terms("risk_flag", given["flags"]) or _("none declared")),
    ]
    if remedy:
        facts += _channel(remedy)
    texts: list[tuple[Text, str]] = []
    if given["communication"]:
        texts.append((_("How and when it is reported"), given["communication"]))
    if remedy:
        texts.append((_("Grievance channel"), remedy["channel"]))
    tables = [_risks(given, labels), _measures(given)]
    return Section("due_diligence", _("Human rights and environment"), facts, texts, tables)


def _clause(clause: Document | None) -> str:
    if clause is None:
        return _("not answered")
    words = {
        "version": clause["version"],
        "name": clause["signatory"],
        "function": clause.get("function") or NOT_GIVEN,
        "moment": moment(clause["accepted_at"]),
    }
    if clause["accepted"]:
        return _("Version %(version)s accepted by %(name)s (%(function)s), %(moment)s") % words
    return _("Version %(version)s refused by %(name)s (%(function)s), %(moment)s") % words


def _policy(policy: Document | None) -> str:
    if policy is None:
        return _("none given")
    parts = [
        day(policy["dated"]),
        _("signed by the management") if policy["signed_by_management"] else _("not signed"),
        policy["responsible_person"] or _("nobody named"),
        policy.get("url") or "",
    ]
    return ", ".join(part for part in parts if part)


def _channel(remedy: Document) -> list[tuple[Text, object]]:
    ask: Callable[[str], str] = lambda name: yes_no(remedy.get(name))  # noqa: E731
    facts: list[tuple[Text, object]] = [
        (_("Contact of the channel"), remedy["contact"] or NOT_GIVEN),
        (_("Languages of the channel"), ", ".join(remedy.get("languages") or []) or NOT_GIVEN),
        (_("Protects from reprisal"), ask("protects_from_reprisal")),
        (_("Open to the partner's workers"), ask("open_to_partner_workers")),
        (_("Open to communities"), ask("open_to_communities")),
    ]
    answers = remedy.get("criteria") or {}
    for code, label in CHANNEL_CRITERIA.items():
        answer = answers.get(code)
        facts.append((label, answer if isinstance(answer, str) else yes_no(answer)))
    return facts


def _risks(given: Document, labels: Labels) -> Table:
    return Table(
        _("Risks"),
        (_("Risk"), _("Where"), _("Warning sign"), _("Severity"), _("Likelihood"), _("Consulted")),
        [
            (
                row["description"],
                WHERE[row["where"]],
                labels.term("risk_flag", row["flag"]) if row.get("flag") else NOT_GIVEN,
                LEVELS[row["severity"]],
                LEVELS[row["likelihood"]],
                row.get("consulted") or NOT_GIVEN,
            )
            for row in given["risks"]
        ],
    )


def _measures(given: Document) -> Table:
    risks = {row["id"]: row["description"] for row in given["risks"]}
    return Table(
        _("Measures"),
        (_("Measure"), _("Against"), _("Owner"), _("Due on"), _("Indicator"), _("Rhythm")),
        [
            (
                row["description"],
                risks.get(row["risk"], row["risk"]),
                row.get("owner") or NOT_GIVEN,
                day(row.get("due_on")),
                row.get("indicator") or NOT_GIVEN,
                row.get("rhythm") or NOT_GIVEN,
            )
            for row in given["measures"]
        ],
    )
