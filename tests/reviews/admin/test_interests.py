"""Conflicts of interest: declared, suspected, settled; and a proposal that is gone from sight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.actions import messaging
from applications.models import Partner, Submission
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import OutgoingEmail
from reviews.actions import interests, profiling
from reviews.models import Assignment, CallDeclaration, Conflict, Decision
from tests import builders

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
PARTNER = "Coopérative Exemple de Thiès"


def change(row: Assignment | Conflict) -> str:
    name = f"admin:reviews_{row._meta.model_name}_change"
    return reverse(name, args=(row.pk,))


def profile(reviewer: User, *employers: str) -> None:
    profiling.save_profile(
        actor=reviewer,
        employers=employers,
        languages=["fr"],
        sectors=[],
        countries=[],
        human_rights=True,
    )


def asked(officer: User, reviewer: User) -> Assignment:
    """Assigned, and nothing declared for the call yet."""
    assignment = builders.build_assignment(officer, reviewer, declared=False)
    CallDeclaration.objects.filter(person=reviewer).delete()
    return assignment


def test_before_the_declaration_for_the_call_nothing_of_it_is_seen(
    as_user: AsUser, officer: User, reviewer: User
) -> None:
    assignment = asked(officer, reviewer)
    submission, client = assignment.submission, as_user(reviewer)
    declare = reverse("admin:call_declaration", args=(submission.call.code,))
    for address in (reverse("admin:index"), reverse("admin:reviews_assignment_changelist")):
        html = client.get(address).content.decode()
        assert declare in html
        assert "1 proposal waits for you" in html
        for told in (submission.reference, submission.title, submission.lead_name):
            assert told not in html
    assert client.get(change(assignment)).headers["Location"] == declare

    refused = client.post(declare, {"interests": "My Own S.A."})
    assert refused.status_code == 422
    assert "Without this promise" in refused.content.decode()
    assert "My Own S.A." in refused.content.decode()
    done = client.post(
        declare, {"interests": "My Own S.A.\r\n\r\n  A  Cousin", "confidential": "on"}, follow=True
    )
    assert submission.reference in done.content.decode()
    kept = CallDeclaration.objects.get(person=reviewer)
    assert kept.interests == ["My Own S.A.", "A Cousin"]
    assert "My Own S.A." in client.get(declare).content.decode()


def test_a_named_interest_takes_the_proposal_away_until_an_officer_has_looked(
    as_user: AsUser, officer: User, auditor: User, reviewer: User
) -> None:
    assignment = asked(officer, reviewer)
    submission, client = assignment.submission, as_user(reviewer)
    address = reverse("admin:call_declaration", args=(submission.call.code,))
    listed = client.post(
        address, {"interests": "Cooperative exemple Thiès", "confidential": "on"}, follow=True
    )
    assert submission.reference not in listed.content.decode()
    assert client.get(change(assignment)).status_code == 404

    conflict = Conflict.objects.get(person=reviewer)
    assert [each["kind"] for each in conflict.grounds] == ["partner"]
    desk = as_user(officer)
    assert (
        "possible conflict of interest"
        in desk.get(
            reverse("admin:applications_submission_change", args=(submission.pk,))
        ).content.decode()
    )
    settle = reverse("admin:reviews_conflict_settle", args=(conflict.pk,))
    page = desk.get(change(conflict)).content.decode()
    assert PARTNER in page
    assert settle in page
    assert settle not in as_user(auditor).get(change(conflict)).content.decode()
    given = {"action": "clear", "reason": "Another one of the same name."}
    assert as_user(auditor).post(settle, given).status_code == 403
    assert desk.post(settle, {**given, "reason": " "}).status_code == 422
    assert desk.post(settle, {"reason": "No button."}).status_code == 422
    mails = OutgoingEmail.objects.filter(recipient=reviewer.email)
    before = mails.count()
    assert desk.post(settle, given).status_code == 302
    assert desk.post(settle, given).status_code == 409
    assert mails.count() == before + 1
    assert client.get(change(assignment)).status_code == 200
    # The same likeness does not come back; another one does.
    profile(reviewer, "Cooperative exemple Thiès")
    profile(reviewer, "Somebody Else", submission.lead_name)
    conflict.refresh_from_db()
    assert conflict.state == "suspected"
    assert client.get(change(assignment)).status_code == 404


def test_who_is_suspected_is_not_asked_by_mail(officer: User, reviewer: User) -> None:
    profile(reviewer, PARTNER)
    builders.build_assignment(officer, reviewer, declared=False)
    assert not OutgoingEmail.objects.filter(recipient=reviewer.email).exists()


def test_a_recusal_after_scoring_takes_the_scores_out_and_lifting_it_begins_anew(
    officer: User, reviewer: User, second_reviewer: User
) -> None:
    assignment = builders.build_assignment(officer, reviewer)
    other = builders.build_assignment(officer, second_reviewer, assignment.submission)
    builders.build_scored(assignment, 5)
    builders.build_scored(other, 2)
    conflict = interests.recuse(reviewer, assignment.submission.proposal_id, "My sister's firm.")
    submission = Submission.objects.get(pk=assignment.submission_id)
    assert (submission.review_count, str(submission.score_mean)) == (1, "40.00")
    interests.settle_conflict(
        actor=officer, conflict_id=conflict.pk, action="lift", reason="It was another firm."
    )
    assignment.refresh_from_db()
    assert (assignment.state, assignment.declared_at) == ("assigned", None)


def test_an_officer_who_recuses_meets_nothing_of_the_proposal_any_more(
    as_user: AsUser, officer: User, applicant: User, reviewer: User
) -> None:
    decision = builders.build_decision(
        officer, reviewer, submission=builders.build_submission(applicant)
    )
    submission = Submission.objects.get(pk=decision.submission_id)
    thread = messaging.write_to_facility(
        actor=applicant, proposal_id=submission.proposal_id, text="May we?"
    ).thread
    recused = builders.build_user("officer", "Olga Recused")
    client = as_user(recused)
    recuse = reverse("admin:applications_submission_recuse", args=(submission.pk,))
    refused = client.post(recuse, {"details": ""})
    assert refused.status_code == 422
    assert "Say in a few words" in refused.content.decode()
    assert client.post(recuse, {"details": "My brother's firm."}).status_code == 302

    conflict = Conflict.objects.get(person=recused)
    one = {
        "admin:applications_submission_change": submission.pk,
        "admin:applications_submission_checks": submission.pk,
        "admin:applications_submission_decision": submission.pk,
        "admin:applications_thread_change": thread.pk,
        "admin:reviews_assignment_change": Assignment.objects.get(submission=submission).pk,
        "admin:reviews_decision_change": decision.pk,
        "admin:reviews_conflict_change": conflict.pk,
        "proposals:document": submission.documents.all()[0].pk,
    }
    for name, pk in one.items():
        assert client.get(reverse(name, args=(pk,))).status_code == 404, name
        if name != "admin:applications_submission_decision":
            assert as_user(officer).get(reverse(name, args=(pk,))).status_code == 200, name
    for name in (
        "admin:index",
        "admin:applications_submission_changelist",
        "admin:applications_thread_changelist",
        "admin:reviews_assignment_changelist",
        "admin:reviews_decision_changelist",
        "admin:reviews_conflict_changelist",
    ):
        address = reverse(name)
        for query in ("", f"?q={submission.reference}"):
            html = client.get(address + query).content.decode()
            assert submission.title not in html, address
            assert f"{submission.reference}<" not in html, address
        assert not Decision.objects.visible_to(recused).exists()
    ranking = reverse("admin:ranking", args=(submission.call.code, submission.stage))
    assert submission.title not in client.get(ranking).content.decode()
    messaging.write_to_facility(
        actor=applicant, proposal_id=submission.proposal_id, text="And may we?"
    )
    assert OutgoingEmail.objects.filter(recipient=officer.email).exists()
    assert not OutgoingEmail.objects.filter(recipient=recused.email).exists()
    # Somebody else reads it in the register; one's own recusal is nobody's to lift.
    assert "My brother’s firm." in as_user(officer).get(change(conflict)).content.decode().replace(
        "&#x27;", "’"
    )
    with pytest.raises(Conflict.DoesNotExist):
        interests.settle_conflict(
            actor=recused, conflict_id=conflict.pk, action="lift", reason="Never mind."
        )


def test_an_auditor_cannot_shut_their_own_eyes(
    officer: User, auditor: User, reviewer: User
) -> None:
    submission = builders.build_submission()
    with pytest.raises(NotAllowed):
        interests.recuse_oneself(actor=auditor, submission_id=submission.pk, details="A cousin.")


def test_a_profile_is_its_reviewers_and_read_by_those_who_run_the_calls(
    as_user: AsUser, officer: User, reviewer: User
) -> None:
    client, address = as_user(reviewer), reverse("admin:my_profile")
    given = {
        "employers": "LuxDev\r\nUni",
        "languages": ["fr"],
        "countries": ["SN"],
        "sectors": "ict",
    }
    assert client.post(address, {**given, "countries": ["ZZ"]}).status_code == 422
    too_many = "\n".join(f"Firm {number}" for number in range(51))
    refused = client.post(address, {**given, "employers": too_many})
    assert refused.status_code == 422
    assert "Firm 50" in refused.content.decode()
    assert client.post(address, {**given, "human_rights": "on"}).status_code == 302
    read = as_user(officer).get(reverse("admin:accounts_user_change", args=(reviewer.pk,)))
    for word in ("LuxDev, Uni", "Senegal", "French", "Information and communication technology"):
        assert word in read.content.decode()


def test_a_correction_is_compared_too_and_no_mail_goes_to_who_is_out(
    as_user: AsUser, officer: User, applicant: User, reviewer: User, second_reviewer: User
) -> None:
    profile(reviewer, "Université Cheikh Exemple")
    submission = builders.build_eligible(officer, builders.build_submission(applicant))
    assignment = builders.build_assignment(officer, reviewer, submission)
    builders.build_assignment(officer, second_reviewer, submission)
    correction = builders.build_correction(officer, submission, "partners")
    Partner.objects.filter(proposal=submission.proposal_id).update(
        legal_name="Universite Cheikh Exemple"
    )
    builders.answer_correction_as_written(applicant, correction)
    assert as_user(reviewer).get(change(assignment)).status_code == 404
    subject = f"{submission.reference} was corrected"
    told = OutgoingEmail.objects.filter(subject=subject).values_list("recipient", flat=True)
    assert list(told) == [second_reviewer.email]
