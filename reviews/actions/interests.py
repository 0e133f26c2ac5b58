"""Conflicts of interest: declared for a call, suspected by the portal, settled by an officer.

While one stands, its person sees nothing of the proposal, at either stage, in whatever role.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Call, Membership, Partner, Submission
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState
from reviews.access import may_declare_for_call, may_recuse_themselves, may_settle_conflict
from reviews.actions import reviewer_mails
from reviews.actions.averages import update_averages
from reviews.conflicts import Ground, ProposalFacts, ReviewerFacts, grounds
from reviews.events import ConflictDeclared, ConflictSettled, ConflictSuspected, InterestsDeclared
from reviews.models import (
    ASSIGNMENT_TRANSITIONS,
    CONFLICT_TRANSITIONS,
    GONE_STATES,
    Assignment,
    AssignmentState,
    CallDeclaration,
    Conflict,
    ConflictState,
    ReviewerProfile,
)
from reviews.reference.files import interest_rules


@transaction.atomic
def declare_for_call(
    *, actor: User, call_id: int, interests: Sequence[str], confidential: bool
) -> CallDeclaration:
    """A reviewer's declaration for a call, which opens it to them; made again, the newer counts.

    `interests` are names of organisations and people. What is assigned to them in this call is
    compared with these names. Raises ValidationError (no promise of confidentiality), NotAllowed.
    """
    require(may_declare_for_call(actor, call_id))
    if not confidential:
        raise ValidationError(
            {"confidential": [_("Without this promise the proposals cannot be opened.")]}
        )
    call = Call.objects.get(pk=call_id)
    declaration, _made = CallDeclaration.objects.update_or_create(
        call=call,
        person=actor,
        defaults={
            "interests": names_once(interests),
            "confidential": True,
            "declared_at": timezone.now(),
        },
    )
    record(
        InterestsDeclared(call=call.code, interests=declaration.interests),
        about=declaration,
        actor=actor,
    )
    look_for_conflicts(actor, open_submissions(actor).filter(call=call))
    return declaration


def names_once(given: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for each in given if (name := " ".join(each.split()))))


def open_submissions(person: User):  # type: ignore[no-untyped-def]
    """What is assigned to somebody and not given up."""
    states = (AssignmentState.ASSIGNED, AssignmentState.ACCEPTED, AssignmentState.SUBMITTED)
    mine = Assignment.objects.filter(reviewer=person, state__in=states)
    return Submission.objects.filter(pk__in=mine.values("submission_id")).defer("search")


def facts_of_person(person: User) -> ReviewerFacts:
    """From the profile and all declarations. Two queries."""
    profile = ReviewerProfile.objects.filter(person=person).first()
    declared = CallDeclaration.objects.filter(person=person).values_list("interests", flat=True)
    return ReviewerFacts(
        name=person.full_name,
        mail=person.email,
        employers=tuple(profile.employers) if profile else (),
        interests=tuple(name for names in declared for name in names),
    )


def facts_of_proposal(submission: Submission, mails: Iterable[str]) -> ProposalFacts:
    """From what was handed in; `mails` are the addresses of the company's and partners' people."""
    lead = submission.document["lead"]
    people = [*(lead.get("directors") or []), *(lead.get("beneficial_owners") or [])]
    return ProposalFacts(
        company=submission.lead_name,
        partners=tuple(each["legal_name"] for each in submission.document.get("partners") or []),
        people=tuple(dict.fromkeys(each["name"] for each in people)),
        mails=tuple(mails),
    )


def mails_behind(submission: Submission) -> list[str]:
    """Addresses of the company's people and of the partners' contacts. Two queries."""
    members = Membership.objects.filter(organisation=submission.organisation_id)
    partners = Partner.objects.filter(proposal=submission.proposal_id).exclude(contact_email="")
    return [
        *members.values_list("user__email", flat=True),
        *partners.values_list("contact_email", flat=True),
    ]


def look_for_conflicts(person: User, submissions: Iterable[Submission]) -> list[Conflict]:
    """Compare somebody with these submissions; what is found waits for an officer."""
    facts = facts_of_person(person)
    found = []
    for submission in submissions:
        theirs = facts_of_proposal(submission, mails_behind(submission))
        if like := grounds(facts, theirs, interest_rules()):
            found.append(_suspect(person, submission, like))
    return [each for each in found if each is not None]


def _suspect(person: User, submission: Submission, found: list[Ground]) -> Conflict | None:
    """None where an officer has said of the very same grounds that they are none, or where the
    person is out of it already."""
    now, told = timezone.now(), [asdict(each) for each in found]
    conflict, made = Conflict.objects.select_for_update().get_or_create(
        person=person,
        proposal_id=submission.proposal_id,
        defaults={"state": ConflictState.SUSPECTED, "grounds": told, "found_at": now},
    )
    before = "" if made else conflict.state
    if not made:
        known = [each for each in told if each in conflict.grounds]
        if conflict.state == ConflictState.RECUSED or known == told:
            return conflict if conflict.state == ConflictState.SUSPECTED else None
        if conflict.state == ConflictState.CLEARED:
            conflict.state = CONFLICT_TRANSITIONS.target(conflict.state, "suspect")
            conflict.settled_by = conflict.settled_at = None
            conflict.reason = ""
        conflict.grounds = told
        conflict.save()
    record(
        ConflictSuspected(kinds=sorted({each.kind for each in found}), person=str(person)),
        about=conflict,
        actor=None,
        from_state=before,
        to_state=conflict.state,
    )
    return conflict


@transaction.atomic
def recuse_oneself(*, actor: User, submission_id: int, details: str) -> Conflict:
    """Somebody of LuxDev's side says that they have an interest: from now on they see nothing of
    the proposal. Raises ValidationError (no words), NotAllowed or Submission.DoesNotExist."""
    submission = Submission.objects.visible_to(actor).only("proposal_id").get(pk=submission_id)
    require(may_recuse_themselves(actor))
    return recuse(actor, submission.proposal_id, details)


def recuse(person: User, proposal_id: int, details: str) -> Conflict:
    """Within the caller's transaction: the conflict in the person's own words, and what they were
    to review of the proposal taken from them."""
    if not details.strip():
        raise ValidationError({"details": [_("Say in a few words what your interest is.")]})
    conflict, made = Conflict.objects.select_for_update().get_or_create(
        person=person,
        proposal_id=proposal_id,
        defaults={
            "state": ConflictState.RECUSED,
            "details": details.strip(),
            "found_at": timezone.now(),
        },
    )
    before = "" if made else conflict.state
    if not made:
        conflict.state = CONFLICT_TRANSITIONS.target(conflict.state, "declare")
        conflict.details = details.strip()
        conflict.save(update_fields=["state", "details"])
    _take_away(conflict, details.strip())
    record(
        ConflictDeclared(person=str(person), details=details.strip()),
        about=conflict,
        actor=person,
        from_state=before,
        to_state=conflict.state,
    )
    return conflict


def _take_away(conflict: Conflict, words: str) -> None:
    """A submitted sheet stays, and no longer counts."""
    rows = Assignment.objects.select_for_update(of=("self",)).filter(
        reviewer=conflict.person, submission__proposal=conflict.proposal_id
    )
    for assignment in rows.exclude(state__in=GONE_STATES).order_by("pk"):
        counted = assignment.state == AssignmentState.SUBMITTED
        assignment.state = ASSIGNMENT_TRANSITIONS.target(assignment.state, "declare_conflict")
        assignment.declared_at = timezone.now()
        assignment.conflict_details = words
        assignment.save(update_fields=["state", "declared_at", "conflict_details"])
        if counted:
            update_averages(assignment.submission_id)


@transaction.atomic
def settle_conflict(*, actor: User, conflict_id: int, action: str, reason: str) -> Conflict:
    """An officer's word: `confirm` or `clear` what the portal suspects, or `lift` a recusal; never
    one's own. Raises ValidationError (no reason), WrongState, NotAllowed or Conflict.DoesNotExist.
    """
    require(may_settle_conflict(actor))
    conflict = (
        Conflict.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("person", "proposal")
        .get(pk=conflict_id)
    )
    require(may_settle_conflict(actor, conflict))
    if action not in ("confirm", "clear", "lift"):
        raise WrongState("conflict", conflict.state, action)
    before, target = conflict.state, CONFLICT_TRANSITIONS.target(conflict.state, action)
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    conflict.state = target
    conflict.settled_by, conflict.settled_at = actor, timezone.now()
    conflict.reason = reason.strip()
    conflict.save(update_fields=["state", "settled_by", "settled_at", "reason"])
    if target == ConflictState.RECUSED:
        _take_away(conflict, conflict.reason)
    else:
        _give_back(conflict)
    record(
        ConflictSettled(action=action, person=str(conflict.person), reason=conflict.reason),
        about=conflict,
        actor=actor,
        from_state=before,
        to_state=target,
    )
    return conflict


def _give_back(conflict: Conflict) -> None:
    """The reviewer is asked, now that nothing stands in the way; a lifted recusal begins anew."""
    rows = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("submission", "reviewer")
        .defer("submission__document", "submission__search")
        .filter(reviewer=conflict.person, submission__proposal=conflict.proposal_id)
    )
    for assignment in rows.order_by("pk"):
        if assignment.state == AssignmentState.RECUSED:
            assignment.state = ASSIGNMENT_TRANSITIONS.target(assignment.state, "reinstate")
            assignment.declared_at, assignment.conflict_details = None, ""
            assignment.save(update_fields=["state", "declared_at", "conflict_details"])
        if assignment.state == AssignmentState.ASSIGNED:
            reviewer_mails.ask_to_review(assignment)
