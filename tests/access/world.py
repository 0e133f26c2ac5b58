"""Everybody who may come to an address, and one object of each kind that they come for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from applications.actions import (
    checking,
    countersigning,
    membership,
    messaging,
    partnering,
    uploading,
)
from applications.actions.partner_link import facts_shown, token_of
from applications.actions.rule_sets import draft_version
from applications.actions.trying_rules import try_rules
from applications.models import (
    Call,
    CorrectionRequest,
    Document,
    Invitation,
    JoinRequest,
    Membership,
    MessageFile,
    Moment,
    NameMatch,
    Organisation,
    Partner,
    Proposal,
    RegisterAnswer,
    RuleSet,
    RuleTrial,
    Submission,
    Thread,
    Upload,
    token_digest,
)
from reviews.actions import agenda, assigning, convening, planning, profiling
from reviews.actions.bulk import begin_bulk
from reviews.models import (
    AgendaItem,
    Agreement,
    Assignment,
    AssignmentPlan,
    BulkAction,
    CallDeclaration,
    Conflict,
    Decision,
    Letter,
)
from tests import builders, sanctions

#: Each stands at another point of one review.
REVIEWERS = ("unassigned", "uncalled", "suspected", "undeclared", "declared", "recused")
INVITATION_TOKEN = "token-of-the-world"


@dataclass(frozen=True)
class World:
    """The objects belong to `owner`'s company; every other visitor comes to somebody else's."""

    people: dict[str, User]
    call: Call
    company: Organisation
    colleague: Membership  # the reader's
    invitation: Invitation  # to an address of nobody here, with `INVITATION_TOKEN`
    join_request: JoinRequest
    draft: Proposal
    draft_file: Document
    upload: Upload
    partner: Partner  # of the draft, asked to confirm
    partner_token: str
    answered_token: str  # of another partner, who has confirmed
    clause_token: str  # of a partner who is to countersign
    signed_token: str  # of one who has
    agreement: Agreement  # whose contract is to be prepared
    message_file: MessageFile  # sent with a message about the proposal being reviewed
    thread: Thread  # about the draft, waiting for an answer
    reviewed: Submission  # handed in, eligible, being reviewed
    handed_in_file: Document
    awaiting: Assignment  # `undeclared`'s
    scoring: Assignment  # `declared`'s
    recusal: Assignment  # `recused`'s
    uncalled: Assignment  # `uncalled`'s, who has declared nothing for the call
    suspicion: Assignment  # `suspected`'s, who has the name of the partner in their profile
    conflict: Conflict  # the one that is suspected
    declaration: CallDeclaration  # `declared`'s
    prepared: Decision  # by the officer, on another proposal
    published: Decision
    letter: Letter
    bulk: BulkAction  # of the officer, over: the published decision
    name_match: NameMatch  # of the company
    register_answer: RegisterAnswer  # about the company, still awaited
    corrected: Submission  # handed in, its project open for a correction
    correction: CorrectionRequest
    revised: Submission  # corrected and handed in again
    reading_again: Assignment  # `declared`'s, of the revised one
    agenda_item: AgendaItem  # being discussed by `declared`, an approver and `recused`, who takes
    # no part in it; `undeclared` observes and has not signed
    draft_rules: RuleSet
    trial: RuleTrial  # of rules in force
    plan: AssignmentPlan  # open, of the stage at which `reviewed` is


def build_world() -> World:
    people = _people()
    owner, officer = people["owner"], people["officer"]
    company = builders.build_organisation(owner)
    colleague = Membership.objects.create(
        organisation=company, user=people["reader"], role="viewer"
    )
    builders.build_organisation(people["stranger"])
    call = builders.build_call("access-call")
    draft = builders.build_complete_proposal(owner, call)
    partner, partner_token, answered_token = _partners(owner, draft)
    reviewed = builders.build_eligible(officer, builders.build_submission(owner, call))
    assigned = _assignments(people, reviewed)
    writer = builders.build_user("reviewer")
    prepared = builders.build_decision(
        officer, writer, kind="shortlisted", submission=builders.build_submission(owner, call)
    )
    published = builders.build_decision(
        officer, writer, kind="ineligible", submission=builders.build_submission(owner, call)
    )
    builders.publish(officer, published)
    many = begin_bulk(actor=officer, kind="publish", chosen=[published.pk])
    corrected = builders.build_submission(owner, call)
    correction = builders.build_correction(officer, corrected)
    revised = builders.build_eligible(officer, builders.build_submission(owner, call))
    reading_again = builders.build_assignment(officer, people["declared"], revised)
    builders.answer_correction(owner, builders.build_correction(officer, revised))
    agenda_item = _agenda_item(people, builders.build_assignment(officer, writer))
    agreement, clause_token, signed_token = _contract(owner, officer)
    builders.do_waiting_jobs()
    reviewed.refresh_from_db()
    revised.refresh_from_db()
    published.refresh_from_db()
    return World(
        people=people,
        call=call,
        company=company,
        colleague=colleague,
        invitation=_invitation(owner, company),
        join_request=membership.ask_to_join(
            actor=builders.build_user(),
            country_id="LU",
            registration_number=company.registration_number,
        ),
        draft=draft,
        draft_file=_first_file(draft.documents.all()),
        upload=uploading.begin_upload(
            actor=owner, proposal=draft, kind="register_extract", filename="a.pdf", size=9
        ),
        partner=partner,
        partner_token=partner_token,
        answered_token=answered_token,
        clause_token=clause_token,
        signed_token=signed_token,
        agreement=agreement,
        message_file=messaging.write_to_facility(
            actor=owner,
            proposal_id=reviewed.proposal_id,
            text="The extract you asked for.",
            uploads=[builders.upload()],
        ).files.get(),
        thread=messaging.write_to_facility(
            actor=owner, proposal_id=draft.pk, text="May the partner be a university?"
        ).thread,
        reviewed=reviewed,
        handed_in_file=_first_file(reviewed.documents.all()),
        awaiting=assigned["undeclared"],
        scoring=assigned["declared"],
        recusal=assigned["recused"],
        uncalled=assigned["uncalled"],
        suspicion=assigned["suspected"],
        conflict=Conflict.objects.get(person=people["suspected"]),
        declaration=CallDeclaration.objects.get(call=call, person=people["declared"]),
        prepared=prepared,
        published=published,
        letter=Letter.objects.get(decision=published),
        bulk=many,
        name_match=_name_match(reviewed),
        register_answer=RegisterAnswer.objects.create(
            organisation=company, register="lbr", country="LU", number="B123456"
        ),
        corrected=corrected,
        correction=correction,
        revised=revised,
        reading_again=reading_again,
        agenda_item=agenda_item,
        draft_rules=draft_version(actor=officer, rule_set_id=call.rule_set_id),
        trial=try_rules(actor=officer, rule_set_id=call.rule_set_id, call_codes=[call.code]),
        plan=_plan(officer, reviewed),
    )


def _plan(officer: User, submission: Submission) -> AssignmentPlan:
    return planning.make_plan(
        actor=officer,
        call_id=submission.call_id,
        stage=submission.stage,
        way="optimised",
        wanted=3,
        most=9,
        parameters={"favour": "balanced"},
    )


def _agenda_item(people: dict[str, User], assignment: Assignment) -> AgendaItem:
    officer, submission = people["officer"], assignment.submission
    builders.build_scored(assignment)
    voting = ("declared", "approver", "recused")
    meeting = convening.convene_meeting(
        actor=officer,
        call=submission.call,
        stage=submission.stage,
        held_on=timezone.localdate(),
        voting_ids=[people[name].pk for name in voting],
        observer_ids=[people["undeclared"].pk],
    )
    item = meeting.items.get()
    for name in voting:
        convening.sign_for_meeting(
            actor=people[name],
            meeting_id=meeting.pk,
            confidential=True,
            conflicts={item.pk: "A cousin."} if name == "recused" else {},
        )
    convening.open_meeting(actor=officer, meeting_id=meeting.pk)
    return agenda.take_up(actor=officer, item_id=item.pk)


def _invitation(owner: User, company: Organisation) -> Invitation:
    sent = membership.invite_person(
        actor=owner,
        organisation_id=company.pk,
        email="invited@firm.example",
        role="editor",
        language="fr",
    )
    sent.token_sha256 = token_digest(INVITATION_TOKEN)
    sent.save()
    return sent


def _people() -> dict[str, User]:
    roles = {
        **dict.fromkeys(("owner", "reader", "stranger"), "applicant"),
        **dict.fromkeys(REVIEWERS, "reviewer"),
        **{role: role for role in ("officer", "approver", "auditor", "administrator")},
    }
    return {name: builders.build_user(role, f"The {name}") for name, role in roles.items()}


def _partners(owner: User, draft: Proposal) -> tuple[Partner, str, str]:
    """One partner who was asked, and one who has answered."""
    asked = draft.partners.get()
    other = Partner.objects.create(proposal=draft, legal_name="Atelier Dakar", country_id="SN")
    tokens = {}
    for partner in (asked, other):
        partner.contact_email = f"partner{partner.pk}@example.org"
        partner.save()
        tokens[partner] = token_of(
            partnering.ask_partner(actor=owner, proposal_id=draft.pk, partner_id=partner.pk)
        )
    partnering.decline_partner(
        token=tokens[other],
        seen=facts_shown(other, draft),
        reason="No time this year.",
        answered_by="Awa Ndiaye",
    )
    return asked, tokens[asked], tokens[other]


def _contract(owner: User, officer: User) -> tuple[Agreement, str, str]:
    """An award of the company's; one local partner was asked to countersign, another has."""
    agreement = builders.build_award(officer, owner)
    submission = agreement.decision.submission
    first = submission.proposal.partners.get()
    other = Partner.objects.create(
        proposal=submission.proposal,
        legal_name="Atelier Dakar",
        country_id="SN",
        contact_email="other@example.org",
    )
    asked = {
        each.partner_id: countersigning.token_of(each)
        for each in countersigning.ask_countersignatures(actor=officer, submission_id=submission.pk)
    }
    countersigning.sign_clause(token=asked[other.pk], signatory="Awa Ndiaye", function="Manager")
    return agreement, asked[first.pk], asked[other.pk]


def _assignments(people: dict[str, User], submission: Submission) -> dict[str, Assignment]:
    names = ("uncalled", "suspected", "undeclared", "declared", "recused")
    interests_in(people["suspected"], "Coopérative Exemple de Thiès")
    made = assigning.assign_reviewers(
        actor=people["officer"],
        submission_id=submission.pk,
        reviewer_ids=[people[name].pk for name in names],
        due_on=timezone.localdate() + timedelta(days=14),
    )
    by_reviewer = {assignment.reviewer_id: assignment for assignment in made}
    found = {name: by_reviewer[people[name].pk] for name in names}
    for name in names[1:]:
        builders.declare_for_call(people[name], submission.call)
    for name, conflict in (("declared", False), ("recused", True)):
        found[name] = assigning.declare_interest(
            actor=people[name],
            assignment_id=found[name].pk,
            conflict=conflict,
            details="A cousin works there." if conflict else "",
        )
    return found


def interests_in(reviewer: User, *employers: str) -> None:
    profiling.save_profile(
        actor=reviewer,
        employers=employers,
        languages=["fr"],
        sectors=[],
        countries=[],
        human_rights=False,
    )


def _first_file(documents: object) -> Document:
    first: Document | None = documents.order_by("pk").first()  # type: ignore[attr-defined]
    assert first is not None
    return first


def _name_match(submission: Submission) -> NameMatch:
    """The director of the company has nearly the name of somebody listed."""
    sanctions.load(sanctions.eu_file({"1": ("Klaire Exempel",)}))
    checking.request_check(submission=submission, moment=Moment.RERUN)
    builders.do_waiting_jobs()
    return NameMatch.objects.get(organisation=submission.organisation)
