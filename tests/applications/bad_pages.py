"""Every page of the public side with a form: who comes to it, and which forms stand on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms

from accounts.models import User
from applications.actions import countersigning, partnering
from applications.actions.partner_link import token_of
from applications.forms import (
    beginning,
    budget,
    budget_import,
    business_plan,
    clause,
    company,
    documents,
    due_diligence_risks,
    due_diligence_steps,
    handing_in,
    messages,
    partner_answer,
    partners,
    people,
    precheck,
    project,
    results,
    rows,
    work_plan,
)
from applications.forms import (
    countersigning as countersigning_forms,
)
from applications.models import Membership, Organisation, Partner, Proposal
from tests import builders
from tests.applications.bad_round import Page

Form = type[forms.Form]


@dataclass(frozen=True)
class World:
    """A complete draft of the detailed stage, the people of its company, and a stranger's."""

    owner: User
    company: Organisation
    colleague: Membership
    draft: Proposal
    partner: Partner
    partner_token: str
    clause_token: str
    newcomer: User  # of no company yet
    stranger: User
    their_draft: Proposal


def build_world() -> World:
    owner, newcomer = builders.build_user(), builders.build_user()
    made = builders.build_organisation(owner)
    colleague = Membership.objects.create(
        organisation=made, user=builders.build_user(), role="viewer"
    )
    made.de_minimis_aid.create(granted_on="2024-03-01", amount="1000.00", member_state_id="LU")
    draft = builders.build_detailed_draft(owner)
    draft.other_funding.create(source="A foundation", amount="10.00")
    partner = draft.partners.get()
    partner.contact_email = "partner@example.org"
    partner.save()
    sent = partnering.ask_partner(actor=owner, proposal_id=draft.pk, partner_id=partner.pk)
    stranger = builders.build_user()
    their_draft = builders.build_detailed_draft(stranger)
    return World(
        owner,
        made,
        colleague,
        draft,
        partner,
        token_of(sent),
        _clause_token(),
        newcomer,
        stranger,
        their_draft,
    )


def _clause_token() -> str:
    """Of a local partner that is asked to countersign before the contract."""
    officer = builders.build_user("officer")
    agreement = builders.build_award(officer)
    (asked,) = countersigning.ask_countersignatures(
        actor=officer, submission_id=agreement.decision.submission_id
    )
    return countersigning.token_of(asked)


def _draft(world: World) -> Sequence[object]:
    return [world.draft.reference]


def _company(world: World) -> Sequence[object]:
    return [world.company.pk]


def _section(name: str, *found: Form) -> Page[World]:
    return Page("proposals:section", found, args=lambda w: [w.draft.reference, name], saves=True)


PAGES: list[Page[World]] = [
    _section(
        "company", company.CompanyForm, company.TurnoverRow, company.AidRow, company.PersonRow
    ),
    _section("partners", partners.PartnerRow),
    _section("project", project.ProjectForm),
    _section("business_plan", business_plan.BusinessPlanForm, business_plan.ProjectionRow),
    _section("work_plan", work_plan.WorkPackageRow),
    _section("results", results.ResultsForm, results.IndicatorRow),
    _section("budget", budget.FinancingForm, budget.LineRow, budget.FundingRow),
    _section(
        "due_diligence",
        due_diligence_steps.FlagsForm,
        due_diligence_steps.PolicyForm,
        due_diligence_steps.CommunicationForm,
        due_diligence_steps.RemedyForm,
        due_diligence_risks.RiskRow,
        due_diligence_risks.MeasureRow,
    ),
    Page(
        "proposals:clause",
        [clause.ClauseForm],
        _draft,
        good=lambda w: {
            "accepted": "yes",
            "signatory": "A",
            "function": "B",
            "legal_representative": "yes",
        },
    ),
    Page("proposals:withdraw", [beginning.WithdrawForm], _draft, good=lambda w: {"sure": "on"}),
    Page("proposals:messages", [messages.MessageForm], _draft, good=lambda w: {"text": "Hello"}),
    Page("reminders", [messages.RemindersForm]),
    Page(
        "proposals:begin",
        [beginning.BeginForm],
        lambda w: [w.draft.call.code],
        good=lambda w: {"organisation": w.company.pk, "language": "fr", "another": "on"},
    ),
    Page("eligibility", [precheck.PrecheckForm], who=lambda w: None),
    Page(
        "organisations:create",
        [company.CompanyIdentityForm],
        who=lambda w: w.newcomer,
        good=lambda w: {"legal_name": "Neu S.A."},
    ),
    Page(
        "organisations:people",
        [people.InvitationForm],
        _company,
        good=lambda w: {"email": "new@example.org"},
    ),
    Page("organisations:person", [people.RoleForm], lambda w: [w.company.pk, w.colleague.pk]),
    Page(
        "organisations:join",
        [people.JoinForm],
        who=lambda w: w.newcomer,
        good=lambda w: {"country": "LU", "registration_number": w.company.registration_number},
    ),
    Page(
        "partner:confirm",
        [partner_answer.ConfirmForm],
        lambda w: [w.partner_token],
        who=lambda w: None,
        good=lambda w: {
            "contribution": "The fields.",
            "contribution_amount": "0",
            "human_rights_commitment": "yes",
            "answered_by": "Awa",
            "answered_by_function": "President",
        },
    ),
    Page(
        "partner:confirm",
        [partner_answer.DeclineForm],
        lambda w: [w.partner_token],
        who=lambda w: None,
        good=lambda w: {
            "answer": "decline",
            "decline-reason": "No time.",
            "decline-answered_by": "Awa",
        },
    ),
    Page(
        "partner:countersign",
        [countersigning_forms.CountersignForm],
        lambda w: [w.clause_token],
        who=lambda w: None,
        good=lambda w: {"signatory": "Awa", "function": "President", "agreed": "on"},
    ),
    Page(
        "partner:countersign",
        [countersigning_forms.RefuseClauseForm],
        lambda w: [w.clause_token],
        who=lambda w: None,
        good=lambda w: {
            "answer": "refuse",
            "refuse-reason": "No time.",
            "refuse-signatory": "Awa",
            "refuse-function": "President",
        },
    ),
]

#: What no page of the table shows, and why.
ELSEWHERE: Mapping[Form, str] = {
    rows.RowForm: "the base of all rows",
    documents.DocumentsForm: "files only: test_documents, test_uploads",
    handing_in.HandInForm: "boxes only, each to be ticked: test_submit_pages",
    people.AnswerForm: "two buttons and a choice: test_joining",
    budget_import.CopiedCells: "answered in JSON: test_budget_sheets",
    budget_import.SpreadsheetForm: "a file or cells: test_budget_sheets",
}
