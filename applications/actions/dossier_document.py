"""The dossier as one document: what `submit` freezes (applications/checks/proposal.schema.json)."""

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from applications.actions import document_detailed as detailed
from applications.actions.completeness import sections_of
from applications.checks import SCHEMA_ID, Dossier
from applications.checks.dossier import Budget, DueDiligence, Lead, Partner, Project
from applications.models import (
    DeMinimisAid,
    Document,
    Organisation,
    OrganisationPerson,
    Proposal,
    Stage,
)
from bpf_portal.core import money

Json = dict[str, Any]
ZERO = Decimal("0.00")


def canonical(document: Json) -> bytes:
    """The document's one spelling, sorted and without spaces; its SHA-256 is over these bytes."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(document: Json) -> str:
    return hashlib.sha256(canonical(document)).hexdigest()


def document_of(proposal: Proposal, *, submitted_at: str | None) -> Json:
    """The proposal's rows as a document. Raises ValueError when a required value is missing.

    Callers make sure by `completeness.missing` first, and read the proposal by
    `completeness.with_everything`, so that nothing is asked of the database here.
    """
    document: Json = {
        "schema": SCHEMA_ID,
        "reference": proposal.reference,
        "call": proposal.call.code,
        "rules": proposal.call.rule_set.code,
        "stage": proposal.stage,
        "language": proposal.language,
        "submitted_at": submitted_at,
        "project": {"indicators": []},
    }
    return with_sections(document, proposal, sections_of(proposal.stage))


def with_sections(document: Json, proposal: Proposal, sections: Iterable[str]) -> Json:
    """The document with these sections as they are written now; the others stay as they stand in
    it. Raises ValueError when a required value of one of them is missing.
    """
    changed = dict(document)
    for section in sections:
        for name, part in _SECTIONS[section](proposal).items():
            # Several sections share these two.
            shared = name in ("project", "extra")
            changed[name] = {**(changed.get(name) or {}), **part} if shared else part
    return changed


def draft_dossier(proposal: Proposal) -> Dossier:
    """What a draft says, whole or not, for rules that judge values: without due diligence and
    files, and without an aid that is only half told. Nothing is validated, and nothing frozen.
    """
    company = proposal.organisation
    told = [aid for aid in company.de_minimis_aid.all() if _is_told(aid)]
    return Dossier(
        reference=proposal.reference,
        call=proposal.call.code,
        rules=proposal.call.rule_set.code,
        stage=proposal.stage,
        language=proposal.language,
        submitted_at=None,
        lead=Lead.from_document(_lead(company, told)),
        partners=tuple(Partner.from_document(_partner(row)) for row in proposal.partners.all()),
        project=Project.from_document(_project(proposal)),
        budget=Budget.from_document(_budget(proposal)),
        due_diligence=DueDiligence(None, None, (), (), (), "", None),
        documents=(),
    )


def _is_told(aid: DeMinimisAid) -> bool:
    return None not in (aid.granted_on, aid.amount, aid.member_state_id)


def current_documents(proposal: Proposal) -> list[Document]:
    """The files that count at the proposal's stage, by kind; no query where they are prefetched."""
    current = (
        document
        for document in proposal.documents.all()
        if document.removed_at is None and document.stage == proposal.stage
    )
    return sorted(current, key=lambda document: document.kind)


def _day(value: Any) -> str | None:
    return value.isoformat() if value else None


def _moment(value: datetime | None) -> str | None:
    """With its zone, as the schema's date-time wants it."""
    return timezone.localtime(value).isoformat(timespec="seconds") if value else None


def _lead(company: Organisation, aid: Iterable[DeMinimisAid]) -> Json:
    people = list(company.people.all())
    return {
        "legal_name": company.legal_name,
        "kind": company.kind,
        "legal_form": company.legal_form or None,
        "country": company.country_id or "",
        "registration_number": company.registration_number or None,
        "vat_number": company.vat_number or None,
        "lei": company.lei or None,
        "registered_on": _day(company.registered_on),
        "employees": company.employees,
        "annual_turnover": [
            {"year": row.year, "amount": money.as_text(row.amount)}
            for row in company.annual_turnover.all()
        ],
        "road_haulage_for_hire": bool(company.road_haulage_for_hire),
        "external_funding_3y": money.as_text(company.external_funding_3y)
        if company.external_funding_3y is not None
        else None,
        "good_standing": {
            "not_insolvent": company.not_insolvent,
            "no_conviction": company.no_conviction,
            "taxes_paid": company.taxes_paid,
            "social_security_paid": company.social_security_paid,
        },
        "de_minimis_aid": [_aid(row) for row in aid],
        "directors": [
            {"name": person.name, "function": person.detail or None}
            for person in people
            if person.capacity == OrganisationPerson.Capacity.DIRECTOR
        ],
        "beneficial_owners": [
            {"name": person.name, "share": person.detail or None}
            for person in people
            if person.capacity == OrganisationPerson.Capacity.BENEFICIAL_OWNER
        ],
    }


def _aid(row: DeMinimisAid) -> Json:
    if row.granted_on is None or row.amount is None or row.member_state_id is None:
        raise ValueError("an aid without its day, amount or state")
    return {
        "granted_on": row.granted_on.isoformat(),
        "amount": money.as_text(row.amount),
        "granted_by": row.granted_by,
        "member_state": row.member_state_id,
    }


def _partner(partner: Any) -> Json:
    return {
        "role": partner.role,
        "legal_name": partner.legal_name,
        "kind": partner.kind,
        "country": partner.country_id or "",
        "registration_number": partner.registration_number or None,
        "registered_on": _day(partner.registered_on),
        "confirmed_at": _moment(partner.confirmed_at),
    }


def _project(proposal: Proposal) -> Json:
    elsewhere = detailed.business_plan_codes(proposal)
    return {
        "title": proposal.title,
        "summary": proposal.summary,
        "kind": proposal.kind,
        "countries": list(proposal.countries),
        "sectors": list(proposal.sectors),
        "nace": proposal.nace or None,
        "sdgs": list(proposal.sdgs),
        "starts_on": _day(proposal.starts_on),
        "duration_months": proposal.duration_months,
        "excluded_activities": proposal.excluded_activities,
        "answers": {
            code: text for code, text in proposal.answers.items() if text and code not in elsewhere
        },
    }


def budget_total(proposal: Proposal) -> Decimal:
    """The sum of the budget's lines, EUR."""
    return sum((line.amount for line in proposal.budget_lines.all()), ZERO)


def _budget(proposal: Proposal) -> Json:
    return {
        "lines": [
            {
                "category": line.category,
                "description": line.description,
                "quantity": detailed.plain_number(line.quantity),
                "unit_cost": money.as_text(line.unit_cost),
                "amount": money.as_text(line.amount),
            }
            for line in proposal.budget_lines.all()
        ],
        "total": money.as_text(budget_total(proposal)),
        "requested": money.as_text(proposal.requested or ZERO),
        "own_contribution": money.as_text(proposal.own_contribution or ZERO),
        "partners_contribution": money.as_text(proposal.partners_contribution or ZERO),
        "other_funding": [
            {
                "source": row.source,
                "amount": money.as_text(row.amount),
                "luxembourg_cooperation": row.luxembourg_cooperation,
            }
            for row in proposal.other_funding.all()
        ],
    }


def due_diligence_part(proposal: Proposal) -> Json:
    """The due diligence as the document has it; of a draft, with whatever is there."""
    file = proposal.due_diligence
    risks = list(proposal.risks.all())
    return {
        "clause": _clause(proposal),
        "policy": _policy(proposal),
        "flags": list(file.flags),
        "risks": [
            {
                "id": risk.label,
                "description": risk.description,
                "where": risk.where,
                "flag": risk.flag or None,
                "severity": risk.severity,
                "likelihood": risk.likelihood,
                "consulted": risk.consulted or None,
            }
            for risk in risks
        ],
        "measures": [
            {
                "risk": risk.label,
                "description": measure.description,
                "owner": measure.owner or None,
                "due_on": _day(measure.due_on),
                "indicator": measure.indicator or None,
                "rhythm": measure.rhythm or None,
            }
            for risk in risks
            for measure in risk.measures.all()
        ],
        "communication": file.communication or None,
        "remedy": _remedy(proposal),
    }


def _clause(proposal: Proposal) -> Json | None:
    answer = getattr(proposal, "clause_acceptance", None)
    if answer is None:
        return None
    return {
        "version": answer.clause.version,
        "sha256": answer.sha256,
        "accepted": answer.accepted,
        "signatory": answer.signatory,
        "function": answer.function,
        "legal_representative": answer.legal_representative,
        "accepted_at": answer.accepted_at.isoformat(timespec="seconds"),
        "partner_countersigned": answer.partner_countersigned,
    }


def _policy(proposal: Proposal) -> Json | None:
    file = proposal.due_diligence
    if file.policy_dated is None:
        return None
    uploaded = [each for each in current_documents(proposal) if each.kind == "human_rights_policy"]
    return {
        "dated": file.policy_dated.isoformat(),
        "signed_by_management": bool(file.policy_signed_by_management),
        "responsible_person": file.policy_responsible_person or None,
        "url": file.policy_url or None,
        "document": uploaded[0].filename if uploaded else None,
    }


def _remedy(proposal: Proposal) -> Json | None:
    file = proposal.due_diligence
    if not file.remedy_channel:
        return None
    return {
        "channel": file.remedy_channel,
        "languages": list(file.remedy_languages),
        "contact": file.remedy_contact or None,
        "protects_from_reprisal": bool(file.protects_from_reprisal),
        "open_to_partner_workers": bool(file.open_to_partner_workers),
        "open_to_communities": bool(file.open_to_communities),
        "criteria": {key: value for key, value in file.remedy_criteria.items() if value},
    }


def _budget_detail(proposal: Proposal) -> Json:
    if proposal.stage != Stage.DETAILED_PROPOSAL:
        return {}
    return {"extra": {"budget": detailed.budget_part(proposal)}}


def _file(document: Document) -> Json:
    return {
        "kind": document.kind,
        "filename": document.filename,
        "sha256": document.sha256,
        "size": document.size,
        "scan": document.scan,
    }


#: Each section of the form -> what it writes, under the document's names.
_SECTIONS: dict[str, Callable[[Proposal], Json]] = {
    "company": lambda proposal: {
        "lead": _lead(proposal.organisation, proposal.organisation.de_minimis_aid.all())
    },
    "partners": lambda proposal: {"partners": [_partner(each) for each in proposal.partners.all()]},
    "project": lambda proposal: {"project": _project(proposal)},
    "business_plan": lambda proposal: {
        "extra": {"business_plan": detailed.business_plan_part(proposal)}
    },
    # The lines of the budget name their packages by the codes of the work plan.
    "work_plan": lambda proposal: {
        "extra": {
            "work_plan": detailed.work_plan_part(proposal),
            "budget": detailed.budget_part(proposal),
        }
    },
    "results": lambda proposal: {
        "project": {"indicators": detailed.indicators(proposal)},
        "extra": detailed.results_part(proposal),
    },
    "budget": lambda proposal: {"budget": _budget(proposal), **_budget_detail(proposal)},
    "due_diligence": lambda proposal: {"due_diligence": due_diligence_part(proposal)},
    "documents": lambda proposal: {
        "documents": [_file(each) for each in current_documents(proposal)]
    },
}
