"""The dossier as a value: what a company handed in, typed, and nothing else.

Money is Decimal in EUR with two decimals, made from text. Dates are calendar days; moments are
aware. Lists keep the order of the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from .document_schema import validate


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text.upper())


def _text(value: str | None) -> str:
    """Blank and absent are the same to every rule."""
    return (value or "").strip()


def _number(value: float | None) -> int | None:
    """JSON Schema counts 14.0 as an integer; we keep the integer."""
    return None if value is None else int(value)


@dataclass(frozen=True, slots=True)
class Turnover:
    year: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Aid:
    granted_on: date
    amount: Decimal
    member_state: str
    granted_by: str


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class GoodStanding:
    """Declarations of the legal representative; None is "not answered"."""

    not_insolvent: bool | None
    no_conviction: bool | None
    taxes_paid: bool | None
    social_security_paid: bool | None


@dataclass(frozen=True, slots=True)
class Lead:
    legal_name: str
    kind: str
    country: str
    registration_number: str
    vat_number: str
    registered_on: date | None
    employees: int | None
    annual_turnover: tuple[Turnover, ...]
    road_haulage_for_hire: bool
    external_funding_3y: Decimal | None
    good_standing: GoodStanding
    de_minimis_aid: tuple[Aid, ...]
    directors: tuple[Person, ...]
    beneficial_owners: tuple[Person, ...]

    @classmethod
    def from_document(cls, part: Mapping[str, Any]) -> Self:
        return cls(
            legal_name=_text(part["legal_name"]),
            kind=part["kind"],
            country=part["country"],
            registration_number=_text(part["registration_number"]),
            vat_number=_text(part.get("vat_number")),
            registered_on=_day(part["registered_on"]),
            employees=_number(part["employees"]),
            annual_turnover=tuple(
                Turnover(int(row["year"]), Decimal(row["amount"]))
                for row in part["annual_turnover"]
            ),
            road_haulage_for_hire=part.get("road_haulage_for_hire", False),
            external_funding_3y=_money(part.get("external_funding_3y")),
            good_standing=GoodStanding(**part["good_standing"]),
            de_minimis_aid=tuple(
                Aid(
                    granted_on=date.fromisoformat(row["granted_on"]),
                    amount=Decimal(row["amount"]),
                    member_state=row["member_state"],
                    granted_by=_text(row.get("granted_by")),
                )
                for row in part.get("de_minimis_aid", ())
            ),
            directors=tuple(
                Person(_text(row["name"]), _text(row.get("function")))
                for row in part.get("directors", ())
            ),
            beneficial_owners=tuple(
                Person(_text(row["name"]), _text(row.get("share")))
                for row in part.get("beneficial_owners", ())
            ),
        )


@dataclass(frozen=True, slots=True)
class Partner:
    role: str
    legal_name: str
    kind: str
    country: str
    registration_number: str
    registered_on: date | None
    confirmed_at: datetime | None

    @classmethod
    def from_document(cls, part: Mapping[str, Any]) -> Self:
        return cls(
            role=part["role"],
            legal_name=_text(part["legal_name"]),
            kind=part["kind"],
            country=part["country"],
            registration_number=_text(part["registration_number"]),
            registered_on=_day(part.get("registered_on")),
            confirmed_at=_moment(part.get("confirmed_at")),
        )


@dataclass(frozen=True, slots=True)
class Project:
    title: str
    summary: str
    kind: str
    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    nace: str
    sdgs: tuple[int, ...]
    starts_on: date | None
    duration_months: int | None
    excluded_activities: tuple[str, ...] | None

    @classmethod
    def from_document(cls, part: Mapping[str, Any]) -> Self:
        excluded = part["excluded_activities"]
        return cls(
            title=_text(part["title"]),
            summary=_text(part["summary"]),
            kind=part["kind"],
            countries=tuple(part["countries"]),
            sectors=tuple(part.get("sectors", ())),
            nace=_text(part.get("nace")),
            sdgs=tuple(int(goal) for goal in part["sdgs"]),
            starts_on=_day(part.get("starts_on")),
            duration_months=_number(part["duration_months"]),
            excluded_activities=None if excluded is None else tuple(excluded),
        )


@dataclass(frozen=True, slots=True)
class BudgetLine:
    category: str
    description: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Funding:
    source: str
    amount: Decimal
    luxembourg_cooperation: bool


@dataclass(frozen=True, slots=True)
class Budget:
    lines: tuple[BudgetLine, ...]
    total: Decimal
    requested: Decimal
    own_contribution: Decimal
    partners_contribution: Decimal
    other_funding: tuple[Funding, ...]

    @classmethod
    def from_document(cls, part: Mapping[str, Any]) -> Self:
        return cls(
            lines=tuple(
                BudgetLine(row["category"], row["description"], Decimal(row["amount"]))
                for row in part["lines"]
            ),
            total=Decimal(part["total"]),
            requested=Decimal(part["requested"]),
            own_contribution=Decimal(part["own_contribution"]),
            partners_contribution=Decimal(part["partners_contribution"]),
            other_funding=tuple(
                Funding(_text(row["source"]), Decimal(row["amount"]), row["luxembourg_cooperation"])
                for row in part["other_funding"]
            ),
        )


@dataclass(frozen=True, slots=True)
class ClauseAcceptance:
    version: str
    sha256: str
    accepted: bool
    signatory: str
    function: str
    legal_representative: bool
    accepted_at: datetime
    partner_countersigned: bool

    @classmethod
    def from_document(cls, part: Mapping[str, Any]) -> Self:
        return cls(
            version=_text(part["version"]),
            sha256=_text(part.get("sha256")).lower(),
            accepted=part["accepted"],
            signatory=_text(part["signatory"]),
            function=_text(part.get("function")),
            legal_representative=part["legal_representative"],
            accepted_at=datetime.fromisoformat(part["accepted_at"].upper()),
            partner_countersigned=part.get("partner_countersigned", False),
        )


@dataclass(frozen=True, slots=True)
class Policy:
    dated: date
    signed_by_management: bool
    responsible_person: str
    url: str
    document: str

    @classmethod
    def from_document(cls, part: Mapping[str, Any]) -> Self:
        return cls(
            dated=date.fromisoformat(part["dated"]),
            signed_by_management=part["signed_by_management"],
            responsible_person=_text(part["responsible_person"]),
            url=_text(part.get("url")),
            document=_text(part.get("document")),
        )


@dataclass(frozen=True, slots=True)
class Risk:
    id: str
    description: str
    where: str
    flag: str
    severity: str
    likelihood: str
    consulted: str


@dataclass(frozen=True, slots=True)
class Measure:
    risk: str
    description: str
    owner: str
    due_on: date | None
    indicator: str
    rhythm: str


@dataclass(frozen=True, slots=True)
class Remedy:
    channel: str
    contact: str
    protects_from_reprisal: bool
    open_to_partner_workers: bool
    criteria: Mapping[str, bool | str]

    @classmethod
    def from_document(cls, part: Mapping[str, Any]) -> Self:
        return cls(
            channel=_text(part["channel"]),
            contact=_text(part["contact"]),
            protects_from_reprisal=part["protects_from_reprisal"],
            open_to_partner_workers=part["open_to_partner_workers"],
            criteria=dict(part.get("criteria", {})),
        )


@dataclass(frozen=True, slots=True)
class DueDiligence:
    clause: ClauseAcceptance | None
    policy: Policy | None
    flags: tuple[str, ...]
    risks: tuple[Risk, ...]
    measures: tuple[Measure, ...]
    communication: str
    remedy: Remedy | None

    @classmethod
    def from_document(cls, part: Mapping[str, Any]) -> Self:
        clause, policy, remedy = part["clause"], part["policy"], part["remedy"]
        return cls(
            clause=ClauseAcceptance.from_document(clause) if clause else None,
            policy=Policy.from_document(policy) if policy else None,
            flags=tuple(part["flags"]),
            risks=tuple(
                Risk(
                    id=row["id"],
                    description=_text(row["description"]),
                    where=row["where"],
                    flag=_text(row.get("flag")),
                    severity=row["severity"],
                    likelihood=row["likelihood"],
                    consulted=_text(row.get("consulted")),
                )
                for row in part["risks"]
            ),
            measures=tuple(
                Measure(
                    risk=row["risk"],
                    description=_text(row["description"]),
                    owner=_text(row.get("owner")),
                    due_on=_day(row.get("due_on")),
                    indicator=_text(row.get("indicator")),
                    rhythm=_text(row.get("rhythm")),
                )
                for row in part["measures"]
            ),
            communication=_text(part["communication"]),
            remedy=Remedy.from_document(remedy) if remedy else None,
        )


@dataclass(frozen=True, slots=True)
class Document:
    kind: str
    filename: str
    sha256: str
    scan: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """A proposal as handed in at one stage of one call."""

    reference: str
    call: str
    rules: str
    stage: str
    language: str
    submitted_at: datetime | None
    lead: Lead
    partners: tuple[Partner, ...]
    project: Project
    budget: Budget
    due_diligence: DueDiligence
    documents: tuple[Document, ...]

    @classmethod
    def from_document(cls, document: object) -> Self:
        """Validate and read a document of schema "bpf-proposal/1"; NotADossier says why not."""
        return cls.from_frozen(validate(document))

    @classmethod
    def from_frozen(cls, document: Mapping[str, Any]) -> Self:
        """Read a document that was validated when it was frozen (a submission's): faster."""
        return cls(
            reference=_text(document.get("reference")),
            call=_text(document["call"]),
            rules=_text(document.get("rules")),
            stage=document["stage"],
            language=document["language"],
            submitted_at=_moment(document.get("submitted_at")),
            lead=Lead.from_document(document["lead"]),
            partners=tuple(Partner.from_document(row) for row in document["partners"]),
            project=Project.from_document(document["project"]),
            budget=Budget.from_document(document["budget"]),
            due_diligence=DueDiligence.from_document(document["due_diligence"]),
            documents=tuple(
                Document(row["kind"], row["filename"], row["sha256"], row.get("scan", ""))
                for row in document["documents"]
            ),
        )

    def partners_in_role(self, role: str) -> tuple[Partner, ...]:
        return tuple(partner for partner in self.partners if partner.role == role)
