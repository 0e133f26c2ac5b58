"""Every field of every form of LuxDev's side, with everything that should not stand in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from applications.actions import checking, messaging
from applications.actions.eligibility import propose_exclusion
from applications.actions.rule_sets import draft_version
from applications.checks.decided import facts_of
from applications.models import Call, Moment, NameMatch, RegisterAnswer, RuleSet, Submission, Thread
from bpf_portal.core.models import OutgoingEmail
from reviews.actions import agenda
from reviews.actions.correcting_decisions import prepare_correction
from reviews.actions.planning import make_plan
from reviews.admin import threads
from reviews.forms import (
    agreements,
    bulk,
    comparing,
    correcting,
    deciding,
    desk_form,
    discussing,
    eligibility,
    filters,
    messages,
    phases,
    planning,
    registers,
    rule_sets,
    rule_steps,
    scoring,
    screening,
    simulating,
    working,
)
from reviews.forms import (
    assigning as assigning_forms,
)
from reviews.forms import (
    committee as committee_forms,
)
from reviews.forms import (
    interests as interests_forms,
)
from reviews.models import Agreement, Assignment, AssignmentPlan, Conflict, Decision
from tests import builders, sanctions
from tests.applications.bad_round import Page, PagesTest, forms_of
from tests.reviews.admin import rows
from tests.reviews.test_committee import Committee, build_committee

#: The rule whose finding is answered.
COUNTRY = "project.country"


@dataclass(frozen=True)
class Desk:
    officer: User
    approver: User
    reviewer: User
    received: Submission  # its eligibility is to be confirmed
    failing: Submission  # for its country
    proposed: Submission  # to be excluded, and waits for the second look
    eligible: Submission
    decidable: Submission
    thread: Thread
    awaiting: Assignment
    scoring: Assignment
    submitted: Assignment
    prepared: Decision
    published: Decision
    corrected: Decision  # being prepared in place of another published one
    conflict: Conflict
    name: NameMatch
    register: RegisterAnswer
    draft_rules: RuleSet
    coming: Call  # not opened
    failed: OutgoingEmail
    committee: Committee  # everybody but the observer has signed, one proposal is being discussed
    resting: Committee  # in session, with no proposal being discussed
    agreement: Agreement
    running: Agreement
    plan: AssignmentPlan  # open, with one review of `eligible`


def build_desk() -> Desk:
    officer, reviewer = builders.build_user("officer"), builders.build_user("reviewer")
    company = builders.build_user()
    call = builders.build_call()
    received = builders.build_submission(company, call)
    failing = builders.build_submission(company, call, countries=["FR"])
    proposed = builders.build_submission(company, call, countries=["FR"])
    builders.decide(officer, proposed, COUNTRY, "confirm")
    propose_exclusion(actor=officer, submission_id=proposed.pk)
    eligible = builders.build_eligible(officer, builders.build_submission(company, call))
    prepared = builders.build_decision(
        officer, reviewer, kind="shortlisted", submission=builders.build_submission(company, call)
    )
    excluded = [
        builders.build_decision(
            officer,
            reviewer,
            kind="ineligible",
            submission=builders.build_submission(company, call),
        )
        for _ in range(2)
    ]
    builders.publish(officer, *excluded)
    decidable = builders.build_eligible(officer, builders.build_submission(company, call))
    submitted = builders.build_assignment(officer, reviewer, decidable)
    builders.build_scored(submitted)
    other = builders.build_eligible(officer, builders.build_submission(company, call))
    being_scored = builders.build_eligible(officer, builders.build_submission(company, call))
    sanctions.load(sanctions.eu_file({"1": ("Klaire Exempel",)}))
    checking.request_check(submission=eligible, moment=Moment.RERUN)
    builders.do_waiting_jobs()
    for each in (received, eligible, decidable):
        each.refresh_from_db()
    committee = build_committee(officer, reviewer)
    committee.discuss(all_but_the_observer=True)
    committee.vote("shortlisted", "shortlisted", "shortlisted")
    resting = build_committee(officer, reviewer)
    resting.discuss()
    agenda.set_aside(actor=officer, item_id=resting.item.pk)
    return Desk(
        committee=committee,
        resting=resting,
        officer=officer,
        approver=builders.build_user("approver"),
        reviewer=reviewer,
        received=received,
        failing=failing,
        proposed=proposed,
        eligible=eligible,
        decidable=decidable,
        thread=messaging.write_to_facility(
            actor=company, proposal_id=eligible.proposal_id, text="May we?"
        ).thread,
        awaiting=builders.build_assignment(officer, reviewer, other, declared=False),
        scoring=builders.build_assignment(officer, reviewer, being_scored),
        submitted=submitted,
        prepared=prepared,
        published=excluded[0],
        corrected=prepare_correction(
            actor=officer,
            decision_id=excluded[1].pk,
            kind="ineligible",
            grounds="Too late.",
            correction_reason="Typo.",
        ),
        conflict=suspicion(officer, decidable),
        name=NameMatch.objects.get(organisation=eligible.organisation),
        register=RegisterAnswer.objects.create(
            organisation=eligible.organisation, register="lbr", country="LU", number="B123456"
        ),
        draft_rules=draft_version(actor=officer, rule_set_id=call.rule_set_id),
        coming=builders.build_call(opens_at=timezone.now() + timedelta(days=2)),
        agreement=builders.build_countersigned(officer),
        running=builders.build_running(officer),
        plan=a_plan(officer, eligible),
        failed=OutgoingEmail.objects.create(
            recipient="a@example.org",
            subject="Good day",
            body="Text",
            state="failed",
            finished_at=timezone.now(),
        ),
    )


def a_plan(officer: User, submission: Submission) -> AssignmentPlan:
    rows.reviewers(1)
    return make_plan(
        actor=officer,
        call_id=submission.call_id,
        stage=submission.stage,
        way="optimised",
        wanted=1,
        most=9,
        parameters={"favour": "balanced"},
    )


def suspicion(officer: User, submission: Submission) -> Conflict:
    """Of a reviewer who bears the name of the company's director."""
    namesake = builders.build_user("reviewer", "Claire Exemple")
    builders.build_assignment(officer, namesake, submission, declared=False)
    return Conflict.objects.get(person=namesake)


def read(desk: Desk) -> dict[str, object]:
    """Which finding an officer answers, and what it said when they read it."""
    return {"code": COUNTRY, "facts": facts_of(builders.finding_of(desk.failing, COUNTRY))}


def officers(
    model: str,
    to: str,
    form: type[forms.Form],
    args: Any,
    carried: Callable[[Desk], Mapping[str, object]] = lambda desk: {},
    **good: object,
) -> Page[Desk]:
    return Page(
        f"admin:{model}_change",
        [form],
        args,
        who=lambda w: w.officer,
        good=lambda w: {**carried(w), **good},
        to=f"admin:{model}_{to}",
    )


SUBMISSION, ASSIGNMENT = "applications_submission", "reviews_assignment"
AGREEMENT = "reviews_agreement"
TODAY = timezone.localdate()
DAY = TODAY + timedelta(days=9)

PAGES: list[Page[Desk]] = [
    officers(
        SUBMISSION,
        "confirm",
        eligibility.EligibilityForm,
        lambda w: [w.received.pk],
        answer="eligible",
        reason="Checked by hand.",
    ),
    officers(
        SUBMISSION,
        "finding",
        eligibility.FindingForm,
        lambda w: [w.failing.pk],
        read,
        action="overrule",
        reason="It is paid for in Senegal.",
    ),
    Page(
        f"admin:{SUBMISSION}_ask",
        [eligibility.FindingQuestionForm],
        lambda w: [w.failing.pk],
        who=lambda w: w.officer,
        good=lambda w: {**read(w), "text": "Which country is it?"},
        query=f"?code={COUNTRY}",
    ),
    Page(
        f"admin:{SUBMISSION}_change",
        [eligibility.SecondLookForm],
        lambda w: [w.proposed.pk],
        who=lambda w: w.approver,
        good=lambda w: {"answer": "dismiss", "reason": "It is paid for in Senegal."},
        to=f"admin:{SUBMISSION}_second_look",
    ),
    officers(
        SUBMISSION, "reconsider", eligibility.ReasonForm, lambda w: [w.eligible.pk], reason="Anew."
    ),
    Page(
        f"admin:{SUBMISSION}_change",
        [assigning_forms.AssignForm],
        lambda w: [w.eligible.pk],
        who=lambda w: w.officer,
        good=lambda w: {"reviewers": w.reviewer.pk, "due_on": DAY},
        to=f"admin:{SUBMISSION}_assign",
    ),
    officers(SUBMISSION, "write", messages.AnswerForm, lambda w: [w.eligible.pk], text="Hello"),
    officers(
        SUBMISSION,
        "correct",
        correcting.CorrectionForm,
        lambda w: [w.eligible.pk],
        text="Please.",
        sections="project",
        due_on=DAY,
    ),
    Page(
        f"admin:{SUBMISSION}_decision",
        [deciding.DecisionForm],
        lambda w: [w.decidable.pk],
        who=lambda w: w.officer,
        good=lambda w: {"kind": "shortlisted"},
    ),
    officers(
        "applications_thread", "answer", messages.AnswerForm, lambda w: [w.thread.pk], text="Yes"
    ),
    officers(
        "applications_namematch",
        "answer",
        screening.NameAnswerForm,
        lambda w: [w.name.pk],
        action="clear",
        reason="Born later.",
    ),
    officers(
        "applications_registeranswer",
        "record",
        registers.RegisterRecordForm,
        lambda w: [w.register.pk],
        verdict="valid",
        reason="Looked.",
    ),
    *(
        Page(
            f"admin:{name}",
            [form],
            args,
            who=lambda w: w.officer,
            good=lambda w: {"kind": "outgoingemail", "reason": "The mail server is back."},
        )
        for name, form, args in (
            ("work", working.RetryAllForm, lambda w: []),
            ("work_job", working.RetryForm, lambda w: ["outgoingemail", w.failed.pk]),
        )
    ),
    officers(
        AGREEMENT,
        "sign",
        agreements.SignForm,
        lambda w: [w.agreement.pk],
        signed_on=TODAY,
        starts_on=TODAY,
        ends_on=DAY,
    ),
    officers(
        AGREEMENT, "give_up", eligibility.ReasonForm, lambda w: [w.agreement.pk], reason="No money."
    ),
    officers(
        AGREEMENT,
        "move",
        agreements.MoveForm,
        lambda w: [w.running.pk],
        ends_on=DAY,
        reason="It takes longer.",
    ),
    officers(
        AGREEMENT,
        "end",
        agreements.EndForm,
        lambda w: [w.running.pk],
        ended_on=TODAY,
        reason="As planned.",
    ),
    officers(
        ASSIGNMENT, "reopen", eligibility.ReasonForm, lambda w: [w.submitted.pk], reason="Anew."
    ),
    Page(
        f"admin:{ASSIGNMENT}_change",
        [assigning_forms.InterestForm],
        lambda w: [w.awaiting.pk],
        who=lambda w: w.reviewer,
        good=lambda w: {"conflict": "yes", "details": "A cousin."},
        to=f"admin:{ASSIGNMENT}_declare",
    ),
    Page(
        f"admin:{ASSIGNMENT}_change",
        [scoring.ScoreForm],
        lambda w: [w.scoring.pk],
        who=lambda w: w.reviewer,
    ),
    Page(
        "admin:call_declaration",
        [interests_forms.CallDeclarationForm],
        lambda w: [w.scoring.submission.call.code],
        who=lambda w: w.reviewer,
        good=lambda w: {"confidential": "on"},
    ),
    Page("admin:my_profile", [interests_forms.ProfileForm], who=lambda w: w.reviewer),
    Page(
        "admin:applications_call_phases",
        [phases.PhasesForm],
        lambda w: [w.scoring.submission.call_id],
        who=lambda w: w.officer,
    ),
    officers(
        "reviews_conflict",
        "settle",
        interests_forms.SettleForm,
        lambda w: [w.conflict.pk],
        action="clear",
        reason="A namesake.",
    ),
    *(
        Page(
            "admin:assignments",
            [form],
            lambda w: [w.eligible.call.code, "preselection"],
            who=lambda w: w.officer,
            good=lambda w, good=good: {**good, "reviewers": w.reviewer.pk},  # type: ignore[misc]
        )
        for form, good in (
            (planning.ProposeForm, {"do": "propose", "wanted": 2, "most": 9, "favour": "load"}),
            (planning.RuleForm, {"do": "rule", "way": "sector", "sector": "ict"}),
        )
    ),
    Page(
        "admin:assignment_dossier",
        [planning.AskForm],
        lambda w: [w.eligible.call.code, "preselection", w.eligible.pk],
        who=lambda w: w.officer,
        good=lambda w: {"reviewers": w.reviewer.pk, "due_on": DAY},
    ),
    Page(
        "admin:assignment_plan",
        [planning.SendForm],
        lambda w: [w.plan.pk],
        who=lambda w: w.officer,
        good=lambda w: {"due_on": DAY},
    ),
    Page(
        "admin:assignment_plan_dossier",
        [planning.PlannedForm],
        lambda w: [w.plan.pk, w.eligible.pk],
        who=lambda w: w.officer,
    ),
    officers(
        SUBMISSION,
        "recuse",
        interests_forms.RecusalForm,
        lambda w: [w.eligible.pk],
        details="A cousin.",
    ),
    Page(
        "admin:reviews_meeting_change",
        [committee_forms.SigningForm],
        lambda w: [w.committee.meeting.pk],
        who=lambda w: w.committee.observer,
        good=lambda w: {"confidential": "on"},
        to="admin:reviews_meeting_sign",
    ),
    officers(
        "reviews_meeting",
        "close",
        committee_forms.RemarksForm,
        lambda w: [w.resting.meeting.pk],
    ),
    officers(
        "reviews_agendaitem",
        "conclude",
        committee_forms.ConclusionForm,
        lambda w: [w.committee.item.pk],
        outcome="shortlisted",
    ),
    *(
        Page(
            "admin:reviews_agendaitem_change",
            [form],
            lambda w: [w.committee.item.pk],
            who=lambda w: w.committee.members[0],
            good=lambda w: {"value": "shortlisted", "details": "A cousin."},
            to=f"admin:reviews_agendaitem_{to}",
        )
        for to, form in (
            ("vote", committee_forms.VoteForm),
            ("recuse", assigning_forms.InterestForm),
        )
    ),
    Page(
        "admin:applications_ruleset_edit",
        [rule_sets.RuleSetForm],
        lambda w: [w.draft_rules.pk],
        who=lambda w: w.officer,
    ),
    officers(
        "applications_ruleset",
        "put_in_force",
        rule_steps.StepForm,
        lambda w: [w.draft_rules.pk],
        reason="Asked for by the committee.",
    ),
    officers("applications_call", "rules", rule_steps.CallRulesForm, lambda w: [w.coming.pk]),
    Page(
        "admin:simulation",
        [simulating.SimulationForm],
        who=lambda w: w.officer,
        good=lambda w: {"rules": w.draft_rules.pk, "calls": w.eligible.call.code},
    ),
    Page(
        "admin:reviews_decision_change",
        [eligibility.ReasonForm],
        lambda w: [w.prepared.pk],
        who=lambda w: w.approver,
        good=lambda w: {"reason": "Too little."},
        to="admin:reviews_decision_send_back",
    ),
    Page(
        "admin:reviews_decision_correct",
        [deciding.CorrectedDecisionForm],
        lambda w: [w.published.pk],
        who=lambda w: w.officer,
        good=lambda w: {"kind": "ineligible", "grounds": "Too late.", "correction_reason": "Typo."},
    ),
    Page(
        "admin:reviews_decision_change",
        [eligibility.ReasonForm],
        lambda w: [w.corrected.pk],
        who=lambda w: w.officer,
        good=lambda w: {"reason": "It was right."},
        to="admin:reviews_decision_drop",
    ),
]
#: What no page of the table shows, and why.
ELSEWHERE: Mapping[type[forms.Form], str] = {
    desk_form.DeskForm: "the base of all",
    eligibility.ChosenForm: "the base of those with two buttons",
    **dict.fromkeys(
        (bulk.BulkForm, bulk.BulkReasonForm, bulk.BulkPrepareForm, bulk.BulkPublishForm),
        "stand behind ticked rows: test_bulk",
    ),
    committee_forms.ConveneForm: "people to tick and a day: test_meetings, test_committee",
    comparing.WeightsForm: "numbers in the address: test_comparison",
    discussing.RemarkForm: "open in another phase than the sheet: test_score_sheet",
    phases.ShiftForm: "nothing to type: test_phases",
    screening.SanctionsUploadForm: "a file: test_screening_pages, test_sanctions_lists",
    **dict.fromkeys(
        (
            agreements.AgreementFilter,
            filters.ListFilter,
            interests_forms.ConflictFilter,
            filters.SubmissionFilter,
            filters.AssignmentFilter,
            filters.DecisionFilter,
            registers.RegisterFilter,
            screening.NameFilter,
            threads.ThreadFilter,
            working.WorkFilter,
        ),
        "read from the address; what is no choice filters nothing",
    ),
}


class DeskBadInputTest(PagesTest):
    world: ClassVar[Desk]

    @classmethod
    def setUpTestData(cls) -> None:
        if not RuleSet.objects.exists():
            call_command("load_reference", verbosity=0)
        cls.world = build_desk()


def _test_of(page: Page[Desk]) -> Callable[[DeskBadInputTest], None]:
    return lambda self: self.check(page)


for _page in PAGES:
    setattr(DeskBadInputTest, "test_" + re.sub(r"\W+", "_", _page.title), _test_of(_page))


def test_every_form_is_on_a_page_of_the_table() -> None:

    tried = {each for page in PAGES for each in page.forms}
    assert forms_of("reviews.") == tried | set(ELSEWHERE)
