"""Dossiers from elsewhere become submissions: companies, draft rows, document, and a check."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.db.models import prefetch_related_objects

from applications.actions import checking
from applications.actions.dossier_document import digest
from applications.actions.drafting import next_number, reference_of
from applications.actions.restoring import (
    line_parts,
    restore_business_plan,
    restore_due_diligence,
    restore_results,
    restore_work_plan,
)
from applications.actions.submitting import file_revision
from applications.checks import Dossier, NotADossier, read_document
from applications.events import Imported
from applications.models import (
    BudgetLine,
    Call,
    Country,
    Moment,
    Organisation,
    OtherFunding,
    Partner,
    Proposal,
    ProposalState,
    Submission,
)
from bpf_portal.core.events import record

Json = dict[str, Any]


def read_dossier(content: bytes) -> Json:
    """The document in a file's content. Raises NotADossier (with one line of reason)."""
    document = read_document(content)
    Dossier.from_document(document)
    return document


def import_proposal(*, document: Json, filename: str) -> tuple[Submission, bool]:
    """Store one dossier as a submission of its call; the second value says whether it is new.

    The same dossier a second time changes nothing. Raises NotADossier when its call is unknown, it
    does not say when it was handed in, its reference belongs to another dossier, or a value is
    more than the portal keeps (the schema sets no length).
    """
    try:
        return _import(document, filename)
    except (DataError, IntegrityError, InvalidOperation) as error:
        raise NotADossier(f"cannot be kept: {str(error) or 'a number is too large'}") from error


@transaction.atomic
def _import(document: Json, filename: str) -> tuple[Submission, bool]:
    call = Call.objects.select_for_update().filter(code=document["call"]).first()
    if call is None:
        raise NotADossier(f"the call {document['call']!r} is not known", "$.call")
    if not document.get("submitted_at"):
        raise NotADossier("it does not say when it was handed in", "$.submitted_at")
    _check_countries(document)
    company = _company(document["lead"])
    if earlier := _same_dossier(document, call, company):
        return earlier, False
    proposal = _proposal(document, call, company)
    submission = _submission({**document, "reference": proposal.reference}, proposal)
    file_revision(submission, [])
    record(
        Imported(stage=submission.stage, sha256=submission.sha256, filename=filename),
        about=submission,
        actor=None,
        to_state=submission.state,
    )
    checking.request_check(submission=submission, moment=Moment.SUBMISSION)
    return submission, True


def _check_countries(document: Json) -> None:
    named = {document["lead"]["country"], *(each["country"] for each in document["partners"])}
    known = set(Country.objects.filter(pk__in=named).values_list("pk", flat=True))
    if unknown := sorted(named - known):
        raise NotADossier(f"the country {unknown[0]!r} is not known", "$.lead.country")


def _company(lead: Json) -> Organisation:
    """The company by its register number, else a new one with the profile of the dossier."""
    number = lead.get("registration_number") or ""
    if number:
        known = Organisation.objects.filter(
            country_id=lead["country"], registration_number=number
        ).first()
        if known:
            return known
    standing = lead["good_standing"]
    company = Organisation.objects.create(
        legal_name=lead["legal_name"],
        kind=lead["kind"],
        legal_form=lead.get("legal_form") or "",
        country_id=lead["country"],
        registration_number=number,
        vat_number=lead.get("vat_number") or "",
        lei=lead.get("lei") or "",
        registered_on=_day(lead.get("registered_on")),
        employees=lead.get("employees"),
        road_haulage_for_hire=lead.get("road_haulage_for_hire"),
        external_funding_3y=_amount(lead.get("external_funding_3y")),
        **{name: standing[name] for name in standing},
    )
    for row in lead["annual_turnover"]:
        company.annual_turnover.create(year=row["year"], amount=Decimal(row["amount"]))
    for aid in lead.get("de_minimis_aid", ()):
        company.de_minimis_aid.create(
            granted_on=date.fromisoformat(aid["granted_on"]),
            amount=Decimal(aid["amount"]),
            granted_by=aid.get("granted_by") or "",
            member_state=Country.objects.filter(pk=aid["member_state"]).first(),
        )
    for capacity, people, detail in (
        ("director", lead.get("directors", ()), "function"),
        ("beneficial_owner", lead.get("beneficial_owners", ()), "share"),
    ):
        for person in people:
            company.people.create(
                capacity=capacity, name=person["name"], detail=person.get(detail) or ""
            )
    return company


def _same_dossier(document: Json, call: Call, company: Organisation) -> Submission | None:
    """The submission this very dossier became earlier; its reference may have been given by us."""
    for submission in Submission.objects.filter(call=call, organisation=company):
        if {**submission.document, "reference": None} == {**document, "reference": None}:
            return submission
    return None


def _proposal(document: Json, call: Call, company: Organisation) -> Proposal:
    project, budget = document["project"], document["budget"]
    number = next_number(call)
    reference = document.get("reference") or reference_of(call, number)
    if Proposal.objects.filter(reference=reference).exists():
        raise NotADossier(f"the reference {reference!r} belongs to another proposal", "$.reference")
    proposal = Proposal.objects.create(
        call=call,
        number=number,
        reference=reference,
        organisation=company,
        stage=document["stage"],
        state=ProposalState.SUBMITTED,
        language=document["language"],
        title=project["title"][:200],
        summary=project["summary"],
        kind=project["kind"],
        countries=project["countries"],
        sectors=project.get("sectors", []),
        nace=project.get("nace") or "",
        sdgs=project["sdgs"],
        starts_on=_day(project.get("starts_on")),
        duration_months=project["duration_months"],
        excluded_activities=project["excluded_activities"],
        answers=project.get("answers", {}),
        requested=Decimal(budget["requested"]),
        own_contribution=Decimal(budget["own_contribution"]),
        partners_contribution=Decimal(budget["partners_contribution"]),
    )
    restore_due_diligence(proposal, document["due_diligence"])
    extra = document.get("extra") or {}
    restore_business_plan(proposal, extra)
    restore_results(proposal, project, extra)
    proposal.save()
    _rows(proposal, document)
    return proposal


def _rows(proposal: Proposal, document: Json) -> None:
    Partner.objects.bulk_create(
        Partner(
            proposal=proposal,
            role=each["role"],
            legal_name=each["legal_name"],
            kind=each["kind"],
            country_id=each["country"],
            registration_number=each.get("registration_number") or "",
            registered_on=_day(each.get("registered_on")),
            confirmed_at=_moment(each.get("confirmed_at")),
        )
        for each in document["partners"]
    )
    extra, lines = document.get("extra") or {}, document["budget"]["lines"]
    prefetch_related_objects([proposal], "partners")
    parts = line_parts(proposal, extra, restore_work_plan(proposal, extra))
    BudgetLine.objects.bulk_create(
        BudgetLine(
            proposal=proposal,
            position=position,
            category=line["category"],
            description=line["description"][:200],
            quantity=Decimal(line.get("quantity") or "1"),
            unit_cost=Decimal(line.get("unit_cost") or line["amount"]),
            amount=Decimal(line["amount"]),
            **(part or {}),
        )
        for position, (line, part) in enumerate(zip_longest(lines, parts[: len(lines)]))
    )
    OtherFunding.objects.bulk_create(
        OtherFunding(
            proposal=proposal,
            source=row["source"],
            amount=Decimal(row["amount"]),
            luxembourg_cooperation=row["luxembourg_cooperation"],
        )
        for row in document["budget"]["other_funding"]
    )


def _submission(document: Json, proposal: Proposal) -> Submission:
    moment = datetime.fromisoformat(document["submitted_at"].upper())
    return Submission.objects.create(
        proposal=proposal,
        call=proposal.call,
        organisation=proposal.organisation,
        stage=proposal.stage,
        document=document,
        sha256=digest(document),
        submitted_at=moment,
        late=proposal.call.is_late(proposal.stage, moment),
        reference=proposal.reference,
        language=proposal.language,
        title=proposal.title,
        lead_name=proposal.organisation.legal_name,
        lead_country=document["lead"]["country"],
        countries=proposal.countries,
        sectors=proposal.sectors,
        requested=proposal.requested or 0,
        total=Decimal(document["budget"]["total"]),
    )


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.upper()) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
