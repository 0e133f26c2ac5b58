"""Who may do what on LuxDev's side. Every rule answers (allowed, reason)."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, approves, has_role, is_staff, runs_calls
from accounts.models import Role, User
from applications.models import withhold
from applications.models.submission import Submission, count_as_living, grant_visibility
from bpf_portal.core.access import YES, Answer, no
from reviews.models import (
    AgendaItem,
    AgreementState,
    Assignment,
    AssignmentState,
    Conflict,
    Decision,
    DecisionKind,
    DecisionState,
    Meeting,
    MeetingState,
    Member,
    Rights,
    people_kept_out_of,
    proposals_kept_from,
)


def _assigned_to(user: User) -> Q:
    """A reviewer reads a dossier once it is assigned and the absence of conflict declared, while a
    phase lets them."""
    if not has_role(user, Role.REVIEWER):
        return Q(pk__in=())
    return Q(pk__in=Assignment.objects.readable_by(user).values("submission_id"))


def _on_agenda_of(user: User) -> Q:
    """A member of a committee reads its dossiers until it is closed, but for those recused from."""
    if not is_staff(user):
        return Q(pk__in=())
    items = AgendaItem.objects.visible_to(user).filter(
        meeting__state__in=(MeetingState.PLANNED, MeetingState.OPEN)
    )
    return Q(pk__in=items.values("submission_id"))


def enter_into_visibility() -> None:
    grant_visibility(_assigned_to)
    withhold(proposals_kept_from, people_kept_out_of)
    grant_visibility(_on_agenda_of)
    # A project that was awarded runs for years, and money is still to be paid.
    over = (AgreementState.ENDED, AgreementState.GIVEN_UP)
    still = Q(decision__agreement=None) | ~Q(decision__agreement__state__in=over)
    count_as_living(Q(decision__kind=DecisionKind.SELECTED) & still)


def may_run_call(user: Visitor) -> Answer:
    return YES if runs_calls(user) else no(_("Only a programme officer may do this."))


def may_declare_interest(user: Visitor, assignment: Assignment) -> Answer:
    if not is_staff(user) or assignment.reviewer_id != user.pk:
        return no(_("This review is not yours."))
    return YES


def may_declare_for_call(user: Visitor, call_id: int) -> Answer:
    """A reviewer who is asked to review something in this call, or has declared before."""
    if not has_role(user, Role.REVIEWER):
        return no(_("Only reviewers declare their interests for a call."))
    asked = Assignment.objects.filter(reviewer=user, submission__call=call_id)
    if not asked.exists():
        return no(_("Nothing of this call is assigned to you."))
    return YES


def may_keep_profile(user: Visitor) -> Answer:
    if not has_role(user, Role.REVIEWER):
        return no(_("Only reviewers have a profile."))
    return YES


def may_recuse_themselves(user: Visitor) -> Answer:
    """Whoever handles proposals. An auditor decides nothing, and must be able to see all."""
    if not has_role(user, Role.OFFICER, Role.APPROVER):
        return no(_("Only programme officers and approvers declare a conflict here."))
    return YES


def may_settle_conflict(user: Visitor, conflict: Conflict | None = None) -> Answer:
    """An officer, and never one's own."""
    answer = may_run_call(user)
    if answer and conflict is not None and conflict.person_id == user.pk:
        return no(_("Somebody else must settle a conflict of your own."))
    return answer


def may_score(user: Visitor, assignment: Assignment, rights: Rights) -> Answer:
    """Only the assigned reviewer, after declaring, until the sheet is submitted, and while a phase
    lets reviewers score (`rights`)."""
    if not is_staff(user) or assignment.reviewer_id != user.pk:
        return no(_("This review is not yours."))
    if assignment.state == AssignmentState.ASSIGNED:
        return no(_("Declare first whether you have a conflict of interest."))
    if assignment.state == AssignmentState.SUBMITTED:
        return no(_("You have submitted this score sheet. A programme officer can reopen it."))
    return may_score_now(rights)


def may_score_now(rights: Rights) -> Answer:
    if not rights.score:
        return no(_("Scoring is closed at the moment: no phase of this call lets reviewers score."))
    return YES


def may_discuss(user: Visitor, assignment: Assignment, rights: Rights) -> Answer:
    """Who reviews a proposal, once their own sheet is submitted, while a phase lets reviewers."""
    if not is_staff(user) or assignment.reviewer_id != user.pk:
        return no(_("This review is not yours."))
    if not rights.discuss:
        return no(_("The discussion is closed at the moment."))
    if assignment.state != AssignmentState.SUBMITTED:
        return no(_("Submit your own scores first: nobody is to be swayed by the others."))
    return YES


def may_confirm_decision(user: Visitor, decision: Decision) -> Answer:
    """Four eyes: an approver, and never the person who prepared the decision [A]."""
    if not approves(user):
        return no(_("Only an approver may confirm a decision."))
    if decision.prepared_by_id == user.pk:
        return no(_("Somebody else must confirm what you prepared."))
    return YES


def may_send_back_decision(user: Visitor, decision: Decision) -> Answer:
    return YES if approves(user) else no(_("Only an approver may send a decision back."))


def may_publish(user: Visitor, decision: Decision) -> Answer:
    """Officers and approvers publish what was confirmed."""
    if not (approves(user) or runs_calls(user)):
        return no(_("Only a programme officer or an approver may publish a decision."))
    if decision.state != DecisionState.CONFIRMED:
        return no(_("A decision is published after its confirmation."))
    return YES


def may_retry_job(user: Visitor) -> Answer:
    if has_role(user, Role.OFFICER, Role.ADMINISTRATOR):
        return YES
    return no(_("Only a programme officer or an administrator may do this."))


def reads_submission(user: Visitor, submission: Submission) -> bool:
    return Submission.objects.visible_to(user).filter(pk=submission.pk).exists()


def may_sign_for_meeting(user: Visitor, meeting: Meeting) -> Answer:
    if not is_staff(user) or not Member.objects.filter(meeting=meeting, user=user).exists():
        return no(_("You are not a member of this committee."))
    return YES


def may_vote(user: Visitor, member: Member | None) -> Answer:
    """Members with a vote who have signed. What they have an interest in they do not see at all."""
    if not is_staff(user) or member is None or not member.votes:
        return no(_("You have no vote in this committee."))
    if member.signed_at is None:
        return no(_("Sign first that you keep what you read here to yourself."))
    return YES
