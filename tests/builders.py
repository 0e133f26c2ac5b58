"""Builds what tests and benchmarks need, through the actions wherever an action exists."""

from __future__ import annotations

import io
import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pgtrigger
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Role, User
from applications.actions import (
    clause,
    correcting,
    countersigning,
    documents,
    drafting,
    eligibility,
    finding_decisions,
    submitting,
)
from applications.actions.clause_in_force import current_clause, reference_day
from applications.actions.reference import questions
from applications.checks.decided import facts_of
from applications.models import (
    BudgetLine,
    Call,
    CorrectionRequest,
    DocumentRequirement,
    Finding,
    FindingDecision,
    Measure,
    Membership,
    Organisation,
    Partner,
    Proposal,
    Question,
    Risk,
    RuleSet,
    Stage,
    Submission,
)
from bpf_portal.core import jobs
from reviews.actions import assigning, contracting, deciding, interests, scoring
from reviews.models import (
    Agreement,
    Assignment,
    CallDeclaration,
    CallRubric,
    Decision,
    Rubric,
    ScoreSheet,
)

PASSWORD = "bpf-tests-password"
_counter = itertools.count(1)


def build_user(role: str = "applicant", name: str = "", **fields: Any) -> User:
    number = next(_counter)
    email = fields.pop("email", f"{role}{number}@example.org")
    user = User.objects.create_user(
        email,
        PASSWORD,
        role=Role(role),
        full_name=name or f"Person {number}",
        language=fields.pop("language", "en"),
        **fields,
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def build_call(code: str = "", *, open_for_days: int = 30, **fields: Any) -> Call:
    """A published call under `bpf-2024`, open now, with documents and the example grid."""
    number = next(_counter)
    now = timezone.now()
    call = Call.objects.create(
        code=code or f"bpf-test-{number}",
        title_fr=fields.pop("title_fr", f"Appel d'essai {number}"),
        title_en=fields.pop("title_en", f"Test call {number}"),
        rule_set=fields.pop("rule_set", None)
        or RuleSet.objects.in_force().filter(code="bpf-2024").latest("version"),
        opens_at=fields.pop("opens_at", now - timedelta(days=30)),
        deadline_at=fields.pop("deadline_at", now + timedelta(days=open_for_days)),
        stage_2_deadline_at=fields.pop(
            "stage_2_deadline_at", now + timedelta(days=max(open_for_days, 0) + 180)
        ),
        envelope=fields.pop("envelope", Decimal("1000000.00")),
        published=fields.pop("published", True),
        **fields,
    )
    _like_the_shipped_calls(call)
    return call


def build_rules(**changes: Any) -> RuleSet:
    """Rules in force that differ from the newest of the facility in these parameters."""
    newest = RuleSet.objects.newest("bpf-2024")
    assert newest is not None
    return RuleSet.objects.create(
        code=f"rules-{next(_counter)}",
        title_fr="Essai",
        title_en="Test",
        parameters={**newest.parameters, **changes},
        valid_from=date(2026, 1, 1),
    )


def give_rules(call: Call, rule_set: RuleSet) -> None:
    """Other rules for a call that has opened, which the database forbids everybody else."""
    with pgtrigger.ignore("applications.Call:rules_stay_once_open"):
        Call.objects.filter(pk=call.pk).update(rule_set=rule_set)


def _like_the_shipped_calls(call: Call) -> None:
    example = DocumentRequirement.objects.filter(call__code="bpf-2024-1")
    for row in example:
        row.pk, row.call = None, call
        row.save(force_insert=True)
    Question.objects.bulk_create(questions(call))
    rubric = Rubric.objects.latest("pk")
    for stage in Stage.values:
        CallRubric.objects.get_or_create(call=call, stage=stage, defaults={"rubric": rubric})


def build_organisation(user: User | None = None, **fields: Any) -> Organisation:
    """A company that passes every rule, with `user` as its owner."""
    number = next(_counter)
    company = Organisation.objects.create(
        **{
            "legal_name": f"Société d'essai {number} S.à r.l.",
            "kind": "company",
            "legal_form": "S.à r.l.",
            "country_id": "LU",
            "registration_number": f"B{100_000 + number}",
            "registered_on": date(2016, 2, 15),
            "address": "12, rue du Fossé",
            "postal_code": "L-1536",
            "city": "Luxembourg",
            "employees": 14,
            "road_haulage_for_hire": False,
            "not_insolvent": True,
            "no_conviction": True,
            "taxes_paid": True,
            "social_security_paid": True,
            **fields,
        }
    )
    last_year = timezone.localdate().year - 1
    for year, amount in (
        (last_year - 2, 780_000),
        (last_year - 1, 910_000),
        (last_year, 1_040_000),
    ):
        company.annual_turnover.create(year=year, amount=Decimal(amount))
    company.people.create(capacity="director", name="Claire Exemple", detail="Gérante")
    company.people.create(capacity="beneficial_owner", name="Claire Exemple", detail="100")
    if user is not None:
        Membership.objects.create(organisation=company, user=user, role="owner")
    return company


def build_draft(user: User, call: Call | None = None, **fields: Any) -> Proposal:
    """An empty draft of the user's company (made if there is none)."""
    membership = user.memberships.select_related("organisation").first()
    company = membership.organisation if membership else build_organisation(user)
    return drafting.begin_proposal(
        actor=user,
        call=call or build_call(),
        organisation=company,
        language=fields.pop("language", "fr"),
    )


def build_complete_proposal(user: User, call: Call | None = None, **fields: Any) -> Proposal:
    """A draft that lacks nothing; `fields` override columns of the proposal."""
    language = fields.pop("language", "fr")
    proposal = build_draft(user, call, language=language)
    for name, value in {
        "title": "Prévisions de récolte par satellite",
        "summary": "Un service de prévision par message vocal en wolof pour 3 000 maraîchers.",
        "kind": "pilot",
        "countries": ["SN"],
        "sectors": ["ict"],
        "nace": "62.10",
        "sdgs": [2, 8, 13],
        "starts_on": timezone.localdate() + timedelta(days=200),
        "duration_months": 24,
        "excluded_activities": [],
        "requested": Decimal("150000.00"),
        "own_contribution": Decimal("120000.00"),
        "partners_contribution": Decimal("30000.00"),
        **fields,
    }.items():
        setattr(proposal, name, value)
    proposal.save()
    _fill_rows(proposal)
    _fill_due_diligence(proposal, user)
    add_required_documents(user, proposal)
    proposal.refresh_from_db()
    return proposal


def _fill_rows(proposal: Proposal) -> None:
    Partner.objects.create(
        proposal=proposal,
        role="local",
        legal_name="Coopérative Exemple de Thiès",
        kind="civil_society",
        country_id="SN",
        registration_number="SN-THS-2017-C-0001",
        registered_on=date(2017, 5, 4),
    )
    lines = (
        ("staff", "Équipe projet", "24", "6000.00"),
        ("equipment", "Stations météo", "20", "4000.00"),
        ("services", "Intégration télécom", "1", "66000.00"),
        ("audit", "Audit des dépenses", "1", "10000.00"),
    )
    for position, (category, description, quantity, unit) in enumerate(lines):
        BudgetLine.objects.create(
            proposal=proposal,
            position=position,
            category=category,
            description=description,
            quantity=Decimal(quantity),
            unit_cost=Decimal(unit),
            amount=Decimal(quantity) * Decimal(unit),
        )


def fill_detailed_sections(proposal: Proposal) -> None:
    """What the detailed proposal must say besides: business plan, work plan, results, jobs."""
    asked = proposal.call.questions.filter(section="business_plan")
    proposal.answers = {
        **proposal.answers,
        **{code: f"Réponse à {code}" for code in asked.values_list("code", flat=True)},
    }
    year = timezone.localdate().year + 1
    proposal.break_even_year = year + 2
    proposal.jobs_total, proposal.jobs_women, proposal.jobs_young = 12, 7, None
    proposal.markers = {"gender_equality": 1, "climate_adaptation": 2, "biodiversity": 0}
    proposal.save()
    for number in range(3):
        proposal.projections.create(
            year=year + number,
            revenue=Decimal("40000.10") * (number + 1),
            costs=Decimal("60000.05"),
        )
    partner = proposal.partners.first()
    proposal.work_packages.create(
        number=1,
        title="Installer les stations",
        description="Vingt stations dans six communes.",
        led_by_company=True,
        first_month=1,
        last_month=8,
        deliverables="Vingt stations qui émettent",
    )
    proposal.work_packages.create(
        number=2,
        title="Former les relais",
        description="Deux relais par commune.",
        partner=partner,
        first_month=6,
        last_month=24,
        deliverables="Douze relais formés",
    )
    first, second, *_others = proposal.budget_lines.all()
    first.work_package, first.partner = proposal.work_packages.get(number=2), partner
    second.borne_by_company = True
    for line in (first, second):
        line.save()
    proposal.indicators.create(
        number=1,
        name="Maraîchers qui reçoivent les prévisions",
        unit="personnes",
        baseline=None,
        target=Decimal("3000"),
        due_month=date(year + 2, 6, 1),
    )


def _fill_due_diligence(proposal: Proposal, user: User) -> None:
    file = proposal.due_diligence
    file.policy_dated = timezone.localdate() - timedelta(days=200)
    file.policy_signed_by_management = True
    file.policy_responsible_person = "Claire Exemple"
    file.policy_url = "https://example.org/policy"
    file.flags = ["migrant_or_seasonal_workers"]
    file.communication = "Rapport annuel publié et résumé affiché à la coopérative"
    file.remedy_channel = "Numéro vert et boîte à la coopérative"
    file.remedy_languages = ["fr", "wo"]
    file.remedy_contact = "+221 33 000 00 00"
    file.protects_from_reprisal = file.open_to_partner_workers = file.open_to_communities = True
    file.remedy_criteria = dict.fromkeys(
        (
            "legitimate",
            "accessible",
            "predictable",
            "equitable",
            "transparent",
            "rights_compatible",
            "continuous_learning",
            "dialogue_based",
        ),
        True,
    )
    file.save()
    risk = Risk.objects.create(
        proposal=proposal,
        label="R1",
        description="Travail saisonnier non déclaré",
        where="local_partner",
        flag="migrant_or_seasonal_workers",
        severity="medium",
        likelihood="medium",
        consulted="Délégués de la coopérative",
    )
    Measure.objects.create(
        risk=risk,
        description="Contrats écrits et registre des journaliers",
        owner="Coordination locale",
        due_on=timezone.localdate() + timedelta(days=300),
        indicator="Part des journaliers sous contrat",
        rhythm="trimestriel",
    )
    text = current_clause(proposal.language, reference_day(proposal))
    assert text is not None
    clause.answer_clause(
        actor=user,
        proposal=proposal,
        expected_version=proposal.version,
        clause=text,
        accepted=True,
        signatory="Claire Exemple",
        function="Gérante",
        legal_representative=True,
    )
    proposal.refresh_from_db()


def pdf_bytes(text: str = "A document") -> bytes:
    """A small real PDF."""
    import pikepdf

    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.docinfo["/Title"] = text
    buffer = io.BytesIO()
    pdf.save(buffer)
    return buffer.getvalue()


def upload(name: str = "document.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or pdf_bytes(name), content_type="application/pdf")


def add_required_documents(user: User, proposal: Proposal) -> None:
    kinds = proposal.call.document_requirements.filter(stage=proposal.stage, required=True)
    for kind in kinds.values_list("kind", flat=True):
        documents.add_document(
            actor=user, proposal=proposal, kind=kind, upload=upload(f"{kind}.pdf")
        )


def do_waiting_jobs() -> int:
    """Do every waiting job of every kind in this process; returns how many were done."""
    return jobs.work_off()


def build_submission(
    user: User | None = None, call: Call | None = None, *, checked: bool = True, **fields: Any
) -> Submission:
    """A handed-in proposal, its checks done unless `checked=False`."""
    actor = user or build_user("applicant")
    proposal = build_complete_proposal(actor, call, **fields)
    submission = submitting.submit(actor=actor, proposal_id=proposal.pk)
    if checked:
        do_waiting_jobs()
        submission.refresh_from_db()
    return submission


def build_correction(
    officer: User, submission: Submission, *sections: str, **fields: Any
) -> CorrectionRequest:
    """An open request to correct the sections (the project unless others are named)."""
    return correcting.request_correction(
        actor=officer,
        submission_id=submission.pk,
        sections=sections or ("project",),
        text=fields.get("text", "Please say how many growers take part."),
        due_on=fields.get("due_on", timezone.localdate() + timedelta(days=10)),
    )


def correct(user: User, submission: Submission, summary: str = "For 3,200 growers now.") -> None:
    """The company changes the summary of its project."""
    proposal = Proposal.objects.get(pk=submission.proposal_id)
    with drafting.editing(
        actor=user, proposal=proposal, expected_version=proposal.version, section="project"
    ) as row:
        row.summary = summary


def answer_correction(user: User, correction: CorrectionRequest) -> Submission:
    """The project corrected and handed in again."""
    correct(user, correction.submission)
    return answer_correction_as_written(user, correction)


def answer_correction_as_written(user: User, correction: CorrectionRequest) -> Submission:
    """Handed in again with what the company wrote so far."""
    return submitting.submit(actor=user, proposal_id=correction.submission.proposal_id)


def build_eligible(
    officer: User, submission: Submission | None = None, **fields: Any
) -> Submission:
    submission = submission or build_submission(**fields)
    return eligibility.confirm_eligible(
        actor=officer, submission_id=submission.pk, reason="Checked by hand."
    )


def finding_of(submission: Submission, code: str) -> Finding:
    """What the newest finished run says of one rule."""
    runs = submission.check_runs.filter(state=jobs.JobState.DONE)
    return runs.latest("pk").findings.get(code=code)


def decide(
    officer: User, submission: Submission, code: str, action: str, reason: str = "Looked at it."
) -> FindingDecision:
    return finding_decisions.decide_on_finding(
        actor=officer,
        submission_id=submission.pk,
        code=code,
        facts=facts_of(finding_of(submission, code)),
        action=action,
        reason=reason,
    )


def propose_exclusion(officer: User, submission: Submission) -> Submission:
    """The first look, on a rule that the machine took for met."""
    if not submission.finding_decisions.filter(code="lead.registered_years").exists():
        decide(
            officer, submission, "lead.registered_years", "overrule", "The company is too young."
        )
    return eligibility.propose_exclusion(actor=officer, submission_id=submission.pk)


def build_excluded(officer: User, submission: Submission | None = None) -> Submission:
    """Excluded by two people."""
    submission = propose_exclusion(officer, submission or build_submission())
    return eligibility.confirm_exclusion(actor=build_user("officer"), submission_id=submission.pk)


def build_assignment(
    officer: User,
    reviewer: User,
    submission: Submission | None = None,
    *,
    declared: bool = True,
    **fields: Any,
) -> Assignment:
    """An assignment; `declared`: the reviewer has said that there is no conflict."""
    if submission is None:
        submission = build_eligible(officer, **fields)
    (assignment,) = assigning.assign_reviewers(
        actor=officer,
        submission_id=submission.pk,
        reviewer_ids=[reviewer.pk],
        due_on=timezone.localdate() + timedelta(days=14),
    )
    declare_for_call(reviewer, submission.call)
    if declared:
        assignment = assigning.declare_interest(
            actor=reviewer, assignment_id=assignment.pk, conflict=False
        )
    return assignment


def declare_for_call(reviewer: User, call: Call, *names: str) -> CallDeclaration:
    """What a reviewer declares before they see anything of a call; `names`: their interests."""
    return interests.declare_for_call(
        actor=reviewer, call_id=call.pk, interests=names, confidential=True
    )


def build_scored(assignment: Assignment, value: int = 4) -> ScoreSheet:
    """The sheet scored with `value` everywhere and submitted."""
    sheet = ScoreSheet.objects.get(assignment=assignment)
    answers = [
        scoring.CriterionAnswer(score.criterion_id, value, False, "Convincing and well founded.")
        for score in sheet.scores.all()
    ]
    scoring.save_scores(
        actor=assignment.reviewer,
        assignment_id=assignment.pk,
        expected_version=sheet.version,
        answers=answers,
        comment="A sound proposal.",
    )
    return scoring.submit_scores(actor=assignment.reviewer, assignment_id=assignment.pk)


def build_decision(
    officer: User,
    reviewer: User,
    *,
    kind: str = "shortlisted",
    submission: Submission | None = None,
    amount: Decimal | None = None,
    **fields: Any,
) -> Decision:
    """A prepared decision on a scored submission (stage 2 where the kind needs it)."""
    if submission is None:
        stage_2 = kind in ("selected", "reserve", "not_selected")
        submission = build_stage_2(officer, **fields) if stage_2 else build_submission(**fields)
    if kind == "ineligible":
        submission = build_excluded(officer, submission)
    else:
        submission = build_eligible(officer, submission)
        build_scored(build_assignment(officer, reviewer, submission))
    if kind == "selected" and amount is None:
        amount = Decimal("150000.00")
    refusal = kind in ("ineligible", "not_shortlisted", "not_selected")
    return deciding.prepare_decision(
        actor=officer,
        submission_id=submission.pk,
        kind=kind,
        amount=amount,
        grounds="The proposal does not reach the threshold." if refusal else "",
        conditions="Audit at the end\nHalf-yearly reports" if kind == "selected" else "",
    )


def build_award(officer: User, user: User | None = None) -> Agreement:
    """A published award: its contract is to be prepared. The local partner has an address."""
    stage_2 = build_stage_2(officer, user)
    reviewer = build_user("reviewer")
    decision = build_decision(officer, reviewer, kind="selected", submission=stage_2)
    decision.submission.proposal.partners.update(
        contact_email="awa@example.org", contact_name="Awa Ndiaye"
    )
    publish(officer, decision)
    return Agreement.objects.get(decision=decision)


def build_countersigned(officer: User, user: User | None = None) -> Agreement:
    """An award whose contract can be signed: countersigned, and checked after that."""
    agreement = build_award(officer, user)
    submission_id = agreement.decision.submission_id
    for asked in countersigning.ask_countersignatures(actor=officer, submission_id=submission_id):
        countersigning.sign_clause(
            token=countersigning.token_of(asked), signatory="Awa Ndiaye", function="Directrice"
        )
    do_waiting_jobs()
    return agreement


def build_running(officer: User, user: User | None = None) -> Agreement:
    """A project whose contract is signed today."""
    agreement = build_countersigned(officer, user)
    day = timezone.localdate()
    return contracting.sign_agreement(
        actor=officer,
        agreement_id=agreement.pk,
        signed_on=day,
        starts_on=day,
        ends_on=day + timedelta(days=730),
    )


def build_stage_2(officer: User, user: User | None = None, **fields: Any) -> Submission:
    """A detailed proposal handed in after a published shortlisting."""
    actor = user or build_user("applicant")
    helper = build_user("reviewer")
    first = build_submission(actor, **fields)
    decision = build_decision(officer, helper, kind="shortlisted", submission=first)
    publish(officer, decision)
    proposal = Proposal.objects.get(pk=first.proposal_id)
    fill_detailed_sections(proposal)
    add_required_documents(actor, proposal)
    second = submitting.submit(actor=actor, proposal_id=proposal.pk)
    do_waiting_jobs()
    second.refresh_from_db()
    return second


def publish(officer: User, *decisions: Decision) -> None:
    """Confirmed by an approver of its own, published, letters issued."""
    approver = build_user("approver")
    for decision in decisions:
        deciding.confirm_decision(actor=approver, decision_id=decision.pk)
    deciding.publish_decisions(actor=officer, decision_ids=[d.pk for d in decisions])
    do_waiting_jobs()


def build_detailed_draft(user: User, call: Call | None = None, *, filled: bool = True) -> Proposal:
    """A draft of the detailed stage, as after a shortlisting: complete, or without its sections."""
    proposal = build_complete_proposal(user, call)
    Proposal.objects.filter(pk=proposal.pk).update(stage=Stage.DETAILED_PROPOSAL)
    proposal.refresh_from_db()
    if filled:
        fill_detailed_sections(proposal)
        add_required_documents(user, proposal)
    return proposal
