"""The human-rights clause: who may answer it, how they show who they are, what is kept of it."""

import hashlib
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import correcting, submitting
from applications.actions.clause import answer_clause, ask_for_signature
from applications.actions.clause_in_force import current_clause
from applications.actions.completeness import with_everything
from applications.actions.dossier_document import document_of
from applications.models import (
    Call,
    ClauseAcceptance,
    ClauseVersion,
    Membership,
    MembershipRole,
    Proposal,
    ProposalState,
    Stage,
)
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import Event, OutgoingEmail
from tests import builders
from tests.applications.pages import Data, form_data, hand_in_data

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]

REAUTHENTICATE = "/accounts/reauthenticate/"
ANSWER = {
    "accepted": "yes",
    "signatory": "Claire Exemple",
    "function": "Gérante",
    "legal_representative": "yes",
}


@pytest.fixture
def draft(applicant: User, open_call: Call) -> Proposal:
    return builders.build_draft(applicant, open_call)


def url_of(proposal: Proposal) -> str:
    return reverse("proposals:clause", args=[proposal.reference])


def in_role(proposal: Proposal, role: str) -> User:
    user = builders.build_user("applicant", f"Somebody {role}")
    Membership.objects.create(organisation=proposal.organisation, user=user, role=role)
    return user


def show_who_one_is(client: Client, response: Any, password: str = builders.PASSWORD) -> Any:
    assert response.status_code == 302
    assert response.url.startswith(REAUTHENTICATE)
    following = form_data(client.get(response.url), password=password)
    return client.post(response.url, following)


def sign(client: Client, proposal: Proposal, **changes: object) -> Any:
    url = url_of(proposal)
    return show_who_one_is(client, client.post(url, answer_of(client, url, **changes)))


def send(client: Client, url: str, data: Any) -> Any:
    return client.post(url, data)


def answer_of(client: Client, url: str, **changes: object) -> Data:
    return form_data(client.get(url), **{**ANSWER, **changes})


def newer_clause(on: date, language: str = "fr") -> ClauseVersion:
    text = "Un texte plus récent.\n"
    return ClauseVersion.objects.create(
        version="2099-1",
        language=language,
        title="Clause",
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        valid_from=on,
    )


def test_it_works(draft: Proposal, applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    before = timezone.now()
    response = sign(client, draft)
    assert response.url == reverse("proposals:section", args=[draft.reference, "due_diligence"])
    stored = ClauseAcceptance.objects.select_related("clause").get(proposal=draft)
    assert stored.sha256 == hashlib.sha256(stored.clause.text.encode()).hexdigest()
    assert stored.clause.language == draft.language
    assert (stored.accepted, stored.accepted_by) == (True, applicant)
    assert (stored.signatory, stored.function) == ("Claire Exemple", "Gérante")
    assert before < stored.accepted_at < timezone.now()
    frozen = document_of(with_everything(draft.pk), submitted_at=None)["due_diligence"]["clause"]
    assert re.search(r"(\+|-)\d\d:\d\d$", frozen["accepted_at"])
    page = client.get(url_of(draft)).content.decode()
    assert f"Version {stored.clause.version} was accepted by Claire Exemple, Gérante, on" in page
    assert "Luxembourg time" in page


# --- who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [MembershipRole.OWNER, MembershipRole.LEGAL_REPRESENTATIVE])
def test_those_who_bind_the_company_sign(role: str, draft: Proposal, as_user: SignIn) -> None:
    user = in_role(draft, role)
    assert sign(as_user(user), draft).status_code == 302
    assert ClauseAcceptance.objects.get(proposal=draft).accepted_by == user


@pytest.mark.parametrize("role", [MembershipRole.EDITOR, MembershipRole.VIEWER])
def test_others_of_the_company_read_and_are_told_who_signs(
    role: str, draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(in_role(draft, role))
    url = url_of(draft)
    page = client.get(url).content.decode()
    assert "Only an owner or a legal representative of your company may answer" in page
    assert "We accept the clause" not in page
    refused = client.post(url, answer_of(as_user(applicant), url))
    assert refused.status_code == 403
    assert "Only an owner or a legal representative" in refused.content.decode()
    assert not ClauseAcceptance.objects.exists()
    assert ("Ask them by mail" in page) == (role == MembershipRole.EDITOR)


def test_a_stranger_finds_no_clause(draft: Proposal, stranger: User, as_user: SignIn) -> None:
    client = as_user(stranger)
    assert client.get(url_of(draft)).status_code == 404
    assert client.post(url_of(draft), ANSWER).status_code == 404
    assert client.post(f"{url_of(draft)}ask/").status_code == 404


def test_the_action_itself_lets_no_editor_sign(draft: Proposal) -> None:
    text = current_clause(draft.language, timezone.localdate())
    assert text is not None
    with pytest.raises(NotAllowed):
        answer_clause(
            actor=in_role(draft, MembershipRole.EDITOR),
            proposal=draft,
            expected_version=draft.version,
            clause=text,
            accepted=True,
            signatory="E",
            function="F",
            legal_representative=True,
        )


def test_who_loses_the_role_on_the_way_does_not_sign(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client, url = as_user(applicant), url_of(draft)
    asked = client.post(url, answer_of(client, url))
    Membership.objects.filter(user=applicant).update(role=MembershipRole.EDITOR)
    assert show_who_one_is(client, asked).status_code == 403
    assert not ClauseAcceptance.objects.exists()


# --- showing that it is you -------------------------------------------------------------------


def test_a_wrong_password_loses_nothing_that_was_typed(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client, url = as_user(applicant), url_of(draft)
    typed = "x" * 100
    asked = send(client, url, answer_of(client, url, function=typed))
    assert show_who_one_is(client, asked, "not my password").status_code == 422
    assert not ClauseAcceptance.objects.exists()
    assert show_who_one_is(client, asked).status_code == 302
    assert ClauseAcceptance.objects.get().function == typed


def test_it_is_asked_again_after_five_minutes(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client, url = as_user(applicant), url_of(draft)
    sign(client, draft)
    again = send(client, url, answer_of(client, url, accepted="no"))
    assert again.url == reverse("proposals:section", args=[draft.reference, "due_diligence"])
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        late = send(client, url, answer_of(client, url))
        assert late.url.startswith(REAUTHENTICATE)
    assert not ClauseAcceptance.objects.get().accepted


def test_a_second_factor_is_asked_for_and_a_password_is_not_enough(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    TOTP.activate(applicant, generate_totp_secret())
    codes = RecoveryCodes.activate(applicant)
    client, url = as_user(applicant), url_of(draft)
    asked = send(client, url, answer_of(client, url))
    assert asked.url.startswith("/accounts/2fa/reauthenticate/")
    by_password = send(client, f"{REAUTHENTICATE}?next={url}", {"password": builders.PASSWORD})
    assert by_password.url.startswith("/accounts/2fa/reauthenticate/")
    assert not ClauseAcceptance.objects.exists()
    code = codes.get_unused_codes()[0]
    assert send(client, asked.url, {"code": code}).status_code == 302
    assert ClauseAcceptance.objects.get().accepted_by == applicant


def test_what_is_wrong_is_said_before_one_is_asked_who_one_is(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client, url = as_user(applicant), url_of(draft)
    empty = send(client, url, form_data(client.get(url)))
    assert empty.status_code == 422
    for wrong in ("a\x00b", "x" * 100_001):
        response = send(client, url, answer_of(client, url, signatory=wrong))
        assert response.status_code == 422
        assert "Gérante" in response.content.decode()
    assert not ClauseAcceptance.objects.exists()


# --- what is kept -----------------------------------------------------------------------------


def test_another_text_than_the_one_in_force_is_not_signed(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    response = client.post(url_of(draft), answer_of(client, url_of(draft), clause="0" * 64))
    assert response.status_code == 409
    assert "Gérante" in response.content.decode()
    assert not ClauseAcceptance.objects.exists()


def test_a_colleagues_answer_is_not_overwritten_unseen(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client, url = as_user(applicant), url_of(draft)
    stale = answer_of(client, url, accepted="no")
    sign(client, draft)
    response = client.post(url, stale)
    assert response.status_code == 409
    assert ClauseAcceptance.objects.get().accepted
    again = form_data(response)
    assert client.post(url, again).status_code == 302
    assert not ClauseAcceptance.objects.get().accepted


def test_a_new_answer_replaces_the_old_one_which_history_keeps(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    sign(client, draft)
    client.post(url_of(draft), answer_of(client, url_of(draft), accepted="no"))
    answer = ClauseAcceptance.objects.get(proposal=draft)
    history = answer.events.order_by("pgh_id").values_list("accepted", flat=True)  # type: ignore[attr-defined]
    assert list(history) == [True, False]
    told = Event.objects.filter(name="ClauseAnswered", aggregate_id=draft.pk)
    assert [event.details["accepted"] for event in told] == [True, False]


def test_what_was_handed_in_stays_as_it_was_signed(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    complete = builders.build_complete_proposal(applicant, open_call)
    client = as_user(applicant)
    data = answer_of(client, url_of(complete), accepted="no")
    submitting.submit(actor=applicant, proposal_id=complete.pk)
    assert client.post(url_of(complete), data).status_code == 409
    page = client.get(url_of(complete))
    assert page.status_code == 200
    assert "This is what was answered" in page.content.decode()
    answers = ClauseAcceptance.objects.filter(proposal=complete)
    for change in (lambda: answers.update(accepted=False), lambda: answers.delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    # The partner countersigns before the contract: that may be added.
    assert answers.update(partner_countersigned=True) == 1
    assert answers.get().accepted


def test_a_newer_version_is_to_be_read_and_answered_again(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    sign(client, draft)
    newer = newer_clause(timezone.localdate())
    page = client.get(url_of(draft)).content.decode()
    assert "To be read again:</strong> a newer version of the clause is in force" in page
    assert newer.sha256 in page
    sign_again = client.post(url_of(draft), answer_of(client, url_of(draft)))
    assert sign_again.status_code == 302
    assert ClauseAcceptance.objects.get().clause == newer


def test_another_language_of_the_application_is_to_be_read_again(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    sign(client, draft)
    Proposal.objects.filter(pk=draft.pk).update(language="en")
    page = client.get(url_of(draft)).content.decode()
    assert "To be read again:</strong> the language of your application has changed" in page


def test_a_version_after_the_reference_date_does_not_count_at_either_stage(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    sign(client, draft)
    newer_clause(timezone.localdate(draft.call.deadline_at) + timedelta(days=1))
    Proposal.objects.filter(pk=draft.pk).update(
        stage=Stage.DETAILED_PROPOSAL, state=ProposalState.DRAFT
    )
    assert "To be read again" not in client.get(url_of(draft)).content.decode()


def test_the_other_language_can_be_read(draft: Proposal, applicant: User, as_user: SignIn) -> None:
    page = as_user(applicant).get(url_of(draft)).content.decode()
    french, english = (
        ClauseVersion.objects.get(version="2024-1", language=language) for language in ("fr", "en")
    )
    assert french.sha256 in page
    assert english.sha256 not in page
    assert "Read it in English" in page
    assert english.title in page


# --- asking for it ----------------------------------------------------------------------------


def test_an_editor_asks_those_who_sign_once_a_day(draft: Proposal, as_user: SignIn) -> None:
    editor = in_role(draft, MembershipRole.EDITOR)
    representative = in_role(draft, MembershipRole.LEGAL_REPRESENTATIVE)
    representative.language = "fr"
    representative.save()
    client, url = as_user(editor), f"{url_of(draft)}ask/"
    assert client.post(url).status_code == 302
    mails = OutgoingEmail.objects.order_by("pk")
    assert len(mails) == 2
    assert all(url_of(draft) in mail.body for mail in mails)
    assert "vous demande de répondre" in mails.get(recipient=representative.email).subject
    told = client.post(url, follow=True).content.decode()
    assert "They were asked already today" in told
    assert OutgoingEmail.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        ask_for_signature(actor=editor, proposal_id=draft.pk)
    assert OutgoingEmail.objects.count() == 4


def test_a_reader_asks_nobody(draft: Proposal, as_user: SignIn) -> None:
    client = as_user(in_role(draft, MembershipRole.VIEWER))
    assert client.post(f"{url_of(draft)}ask/").status_code == 403
    assert not OutgoingEmail.objects.exists()


def test_the_only_signatory_is_told_that_there_is_nobody_to_ask(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    told = as_user(applicant).post(f"{url_of(draft)}ask/", follow=True).content.decode()
    assert "Nobody else of your company may sign" in told


# --- an answer that counts no longer is asked for before the hand-in ----------------------------


def made_stale_by_a_version(proposal: Proposal) -> str:
    newer_clause(timezone.localdate(), proposal.language)
    return "a new answer to the human-rights clause: a newer version is in force"


def made_stale_by_the_language(proposal: Proposal) -> str:
    other = "en" if proposal.language == "fr" else "fr"
    Proposal.objects.filter(pk=proposal.pk).update(language=other)
    return "a new answer to the human-rights clause, in the language of your application"


@pytest.mark.parametrize("change", [made_stale_by_a_version, made_stale_by_the_language])
def test_a_stale_answer_stands_in_the_way_of_the_hand_in(
    change: Callable[[Proposal], str], applicant: User, open_call: Call, as_user: SignIn
) -> None:
    complete = builders.build_complete_proposal(applicant, open_call)
    client = as_user(applicant)
    url = reverse("proposals:submit", args=[complete.reference])
    seen = hand_in_data(client.get(url))
    message = change(complete)
    refused = client.post(url, seen)
    assert refused.status_code == 422
    html = refused.content.decode()
    section = reverse("proposals:section", args=[complete.reference, "due_diligence"])
    assert f'<a href="{section}#id_clause">' in html
    assert message in html
    assert not complete.submissions.exists()
    sign(client, complete)
    assert client.post(url, hand_in_data(client.get(url))).status_code == 302
    assert complete.submissions.exists()


def test_the_clause_is_answered_again_under_a_correction_of_its_section(
    applicant: User, officer: User, as_user: SignIn
) -> None:
    filed = builders.build_submission(applicant)
    proposal, client = filed.proposal, as_user(applicant)
    other = builders.build_correction(officer, filed, "project")
    assert client.get(url_of(proposal)).context["closed"]
    correcting.withdraw_correction(
        actor=officer, submission_id=filed.pk, correction_id=other.pk, reason="Another section."
    )
    builders.build_correction(officer, filed, "due_diligence")
    response = sign(client, proposal, signatory="Paule Exemple")
    assert response.url == reverse("proposals:section", args=[proposal.reference, "due_diligence"])
    filed.refresh_from_db()
    assert filed.document["due_diligence"]["clause"]["signatory"] == "Claire Exemple"
    submitting.submit(actor=applicant, proposal_id=proposal.pk)
    filed.refresh_from_db()
    assert filed.document["due_diligence"]["clause"]["signatory"] == "Paule Exemple"
    with pytest.raises(IntegrityError), transaction.atomic():
        ClauseAcceptance.objects.filter(proposal=proposal).update(accepted=False)
