"""Writing the demonstration's proposals, section by section, as their companies would."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from applications.actions.clause import answer_clause
from applications.actions.clause_in_force import current_clause
from applications.actions.documents import add_document
from applications.actions.drafting import begin_proposal, editing
from applications.models import (
    BudgetLine,
    Call,
    Measure,
    Organisation,
    OtherFunding,
    Partner,
    Proposal,
    Risk,
    ScanState,
)
from bpf_portal.core import money
from reviews.actions.demonstration.dates import Calendar, set_values
from reviews.actions.demonstration.files import Json, read
from reviews.actions.demonstration.paper import page_with
from reviews.actions.demonstration.people import years_ago

#: The quality of a grievance channel (UNGP 31); `legitimate` is explained where it is not met.
_CHANNEL_QUALITIES = (
    "legitimate",
    "accessible",
    "predictable",
    "equitable",
    "transparent",
    "rights_compatible",
    "continuous_learning",
    "dialogue_based",
)


def write_draft(
    given: Json, call: Call, company: Organisation, author: User, calendar: Calendar
) -> Proposal:
    """A draft with everything but what `given["without"]` names."""
    without = set(given.get("without", ()))
    proposal = begin_proposal(
        actor=author, call=call, organisation=company, language=given["language"]
    )
    with editing(actor=author, proposal=proposal, expected_version=proposal.version) as draft:
        _write_project(draft, given, calendar)
        _write_budget(draft, given, without)
        _write_partners(draft, given)
        if "diligence" not in without:
            _write_due_diligence(draft, given, author, calendar, without)
    proposal.refresh_from_db()
    if "clause" not in without:
        _accept_clause(proposal, author, calendar)
    if "documents" not in without:
        upload_documents(proposal, author, calendar, without=without)
    set_values(proposal, created_at=calendar.begun, updated_at=calendar.handed_in)
    return proposal


def _write_project(draft: Proposal, given: Json, calendar: Calendar) -> None:
    for name in ("title", "summary", "kind", "countries", "sectors", "nace", "sdgs"):
        setattr(draft, name, given[name])
    draft.duration_months = given["duration"]
    if given["kind"]:
        draft.starts_on = _first_of_the_month(calendar.handed_in.date() + timedelta(days=330))
        draft.excluded_activities = []


def _first_of_the_month(day: date) -> date:
    return day.replace(day=1)


def _write_budget(draft: Proposal, given: Json, without: set[str]) -> None:
    total = Decimal(0)
    for position, (category, description, quantity, unit_cost) in enumerate(given["lines"]):
        amount = (Decimal(quantity) * Decimal(unit_cost)).quantize(money.CENT, ROUND_HALF_UP)
        total += amount
        BudgetLine.objects.create(
            proposal=draft,
            position=position,
            category=category,
            description=description,
            quantity=Decimal(quantity),
            unit_cost=Decimal(unit_cost),
            amount=amount,
        )
    other = Decimal(0)
    for row in given.get("other_funding", ()):
        funding = OtherFunding.objects.create(
            proposal=draft, **{**row, "amount": Decimal(row["amount"])}
        )
        other += funding.amount
    if given["requested"] is None:
        return
    draft.requested = Decimal(given["requested"])
    draft.partners_contribution = Decimal(given["partners_contribution"])
    if "own_contribution" not in without:
        draft.own_contribution = total - draft.requested - draft.partners_contribution - other


def _write_partners(draft: Proposal, given: Json) -> None:
    for role, key in (("local", "partner"), ("associated", "associated")):
        partner = given.get(key)
        if partner:
            Partner.objects.create(
                proposal=draft,
                role=role,
                legal_name=partner["name"],
                kind=partner["kind"],
                country_id=partner["country"],
                registration_number=partner["number"],
                registered_on=years_ago(partner["since"]),
                contact_name=partner["contact"],
                contact_email=f"partner.{draft.number}@example.org",
            )


def _write_due_diligence(
    draft: Proposal, given: Json, author: User, calendar: Calendar, without: set[str]
) -> None:
    words = read("due_diligence")[draft.language]
    file = draft.due_diligence
    file.policy_dated = calendar.begun.date() - timedelta(days=240)
    file.policy_signed_by_management = True
    file.policy_responsible_person = author.full_name
    file.policy_url = f"https://{given['company']}.example/human-rights"
    file.flags = given["flags"]
    file.communication = words["communication"]
    if "remedy" not in without:
        file.remedy_channel = words["remedy_channel"]
        file.remedy_languages = words["remedy_languages"]
        file.remedy_contact = f"speak-up@{given['company']}.example"
        file.protects_from_reprisal = file.open_to_partner_workers = True
        file.open_to_communities = True
        file.remedy_criteria = {
            **dict.fromkeys(_CHANNEL_QUALITIES, True),
            "legitimate": words["independence"],
        }
    file.save()
    for number, key in enumerate((*given["flags"], "working_hours"), start=1):
        _write_risk(draft, f"R{number}", key)


def _write_risk(draft: Proposal, label: str, key: str) -> None:
    given = read("due_diligence")["risks"][key]
    words = given[draft.language]
    risk = Risk.objects.create(
        proposal=draft,
        label=label,
        description=words["description"],
        where=given["where"],
        flag=given.get("flag", key),
        severity=given["severity"],
        likelihood=given["likelihood"],
        consulted=words["consulted"],
    )
    starts_on = draft.starts_on or timezone.localdate()
    Measure.objects.create(
        risk=risk,
        description=words["measure"],
        owner=words["owner"],
        due_on=starts_on + timedelta(days=120),
        indicator=words["indicator"],
        rhythm=words["rhythm"],
    )


def _accept_clause(proposal: Proposal, author: User, calendar: Calendar) -> None:
    text = current_clause(proposal.language, calendar.handed_in.date())
    if text is None:
        raise LookupError("no clause is in force: the reference data are not loaded")
    answer = answer_clause(
        actor=author,
        proposal=proposal,
        expected_version=proposal.version,
        clause=text,
        accepted=True,
        signatory=author.full_name,
        function=_function_of(author),
        legal_representative=True,
    )
    set_values(answer, accepted_at=calendar.handed_in - timedelta(days=1))
    proposal.refresh_from_db()


def _function_of(author: User) -> str:
    people = (person for company in read("companies") for person in company["people"])
    return next(str(each["function"]) for each in people if each["email"] == author.email)


def upload_documents(
    proposal: Proposal,
    author: User,
    calendar: Calendar,
    *,
    only: set[str] | None = None,
    without: set[str] | frozenset[str] = frozenset(),
) -> None:
    """Upload what the call requires at the proposal's stage (only these, and not those)."""
    required = proposal.call.document_requirements.filter(stage=proposal.stage, required=True)
    for each in required:
        if each.kind in without or (only is not None and each.kind not in only):
            continue
        label = each.label_fr if proposal.language == "fr" else each.label_en
        page = page_with(
            label, proposal.organisation.legal_name, proposal.title, proposal.reference
        )
        document = add_document(
            actor=author,
            proposal=proposal,
            kind=each.kind,
            upload=SimpleUploadedFile(f"{each.kind}.pdf", page, content_type="application/pdf"),
        )
        # The page was made a moment ago, by us: there is nothing in it that a scanner could find.
        set_values(
            document, scan=ScanState.CLEAN, uploaded_at=calendar.handed_in - timedelta(days=2)
        )
