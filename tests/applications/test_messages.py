"""The conversation between a company and LuxDev: who reads, who writes, who is told, what stays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import messaging, partnering
from applications.actions.partner_link import token_of
from applications.models import (
    Call,
    Message,
    MessageFile,
    Proposal,
    ScanState,
    Side,
    Thread,
    ThreadReading,
)
from bpf_portal.core import mail
from bpf_portal.core.models import Event, OutgoingEmail
from bpf_portal.core.states import WrongState
from tests import builders
from tests.applications.pages import form_data
from tests.applications.test_documents import stored_files
from tests.measuring import counted

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def proposal(applicant: User, open_call: Call) -> Proposal:
    return builders.build_draft(applicant, open_call)


def page_of(proposal: Proposal) -> str:
    return reverse("proposals:messages", args=[proposal.reference])


def desk_page(proposal: Proposal, part: str = "change") -> str:
    return reverse(f"admin:applications_thread_{part}", args=[proposal.thread.pk])


def ask(actor: User, proposal: Proposal, text: str = "May the partner be a university?") -> Message:
    return messaging.write_to_facility(actor=actor, proposal_id=proposal.pk, text=text)


def answer(actor: User, proposal: Proposal, text: str = "Yes, it may.") -> Message:
    return messaging.write_to_company(actor=actor, proposal_id=proposal.pk, text=text)


def shown(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def colleague(proposal: Proposal, role: str = "editor", **fields: Any) -> User:
    user = builders.build_user(**fields)
    proposal.organisation.memberships.create(user=user, role=role)
    return user


def test_it_works(proposal: Proposal, applicant: User, officer: User, as_user: SignIn) -> None:
    company, desk = as_user(applicant), as_user(officer)
    page = company.get(page_of(proposal))
    sent = company.post(page_of(proposal), form_data(page, text="May it be a <b>university</b>?"))
    assert sent.headers["Location"] == page_of(proposal)

    assert "<span>Messages to answer</span> <strong>1</strong>" in shown(
        desk, reverse("admin:index")
    )
    listed = shown(desk, reverse("admin:applications_thread_changelist") + "?state=waiting")
    assert desk_page(proposal) in listed
    assert "May it be a &lt;b&gt;university" in shown(desk, desk_page(proposal))
    answered = desk.post(desk_page(proposal, "answer"), {"text": "Yes, it may."})
    assert answered.headers["Location"] == desk_page(proposal)

    html = shown(company, page_of(proposal))
    assert html.index("Yes, it may.") < html.index("May it be a")
    assert str(officer) in html
    assert "<span>Messages to answer</span> <strong>0</strong>" in shown(
        desk, reverse("admin:index")
    )


# --- who reads and writes -----------------------------------------------------------------------
def test_reviewers_and_strangers_find_nothing_and_who_reads_everything_only_reads(
    proposal: Proposal, applicant: User, stranger: User, as_user: SignIn
) -> None:
    ask(applicant, proposal)
    readers = ("approver", "auditor", "administrator")
    for role in readers:
        client = as_user(builders.build_user(role))
        html = shown(client, desk_page(proposal))
        assert "May the partner be a university?" in html
        assert "Write to the company" not in html
        for part in ("answer", "settle"):
            assert client.post(desk_page(proposal, part), {"text": "No."}).status_code == 403
    reviewer = as_user(builders.build_user("reviewer"))
    assert reviewer.get(desk_page(proposal)).status_code == 404
    for client in (reviewer, as_user(stranger)):
        assert client.get(page_of(proposal)).status_code == 404
        assert client.post(page_of(proposal), {"text": "Hello"}).status_code == 404
    assert not Message.objects.visible_to(stranger).exists()
    assert Message.objects.count() == 1


def test_a_reviewer_of_the_dossier_sees_nothing_of_the_conversation(
    officer: User, reviewer: User, as_user: SignIn
) -> None:
    assignment = builders.build_assignment(officer, reviewer)
    answer(officer, assignment.submission.proposal, "Please explain the budget of Kayes.")
    assert not Message.objects.visible_to(reviewer).exists()
    page = reverse("admin:reviews_assignment_change", args=[assignment.pk])
    assert "Kayes" not in shown(as_user(reviewer), page)


def test_a_reader_of_the_company_reads_and_does_not_write(
    proposal: Proposal, applicant: User, as_user: SignIn
) -> None:
    ask(applicant, proposal)
    client = as_user(colleague(proposal, "viewer"))
    html = shown(client, page_of(proposal))
    assert "May the partner be a university?" in html
    assert "Send the message" not in html
    assert client.post(page_of(proposal), {"text": "Hello"}).status_code == 403


def test_who_leaves_the_company_sees_nothing_more(
    proposal: Proposal, applicant: User, as_user: SignIn
) -> None:
    leaver = colleague(proposal)
    client = as_user(leaver)
    ask(leaver, proposal)
    assert client.get(page_of(proposal)).status_code == 200
    leaver.memberships.all().delete()
    assert client.get(page_of(proposal)).status_code == 404
    assert str(leaver) in shown(as_user(applicant), page_of(proposal))


def test_luxdev_writes_of_its_own_accord_only_about_what_was_handed_in(
    proposal: Proposal, applicant: User, officer: User, as_user: SignIn
) -> None:
    with pytest.raises(Proposal.DoesNotExist):
        answer(officer, proposal)
    submission = builders.build_submission(applicant)
    address = reverse("admin:applications_submission_write", args=[submission.pk])
    refused = as_user(officer).post(address, {"text": "x" * 5001})
    assert refused.status_code == 422
    assert "x" * 5001 in refused.content.decode()
    assert as_user(officer).post(address, {"text": "Please call."}).status_code == 302
    dossier = reverse("admin:applications_submission_change", args=[submission.pk])
    assert "Please call." in shown(as_user(officer), dossier)
    assert "Please call." in shown(as_user(applicant), page_of(submission.proposal))


def test_of_a_draft_the_desk_sees_the_messages_only(
    proposal: Proposal, applicant: User, officer: User, as_user: SignIn
) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(title="A secret title", summary="Unfinished")
    ask(applicant, proposal)
    mail.send(to=applicant.email, subject="2 days", body="Missing: the turnover", about=proposal)
    for address in (desk_page(proposal), reverse("admin:applications_thread_changelist")):
        html = shown(as_user(officer), address)
        assert "A secret title" not in html
        assert "Missing: the turnover" not in html
    assert "Missing: the turnover" in shown(as_user(applicant), page_of(proposal))


# --- what is written ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Write your message first."),
        ("  \n\t ", "Write your message first."),
        ("a\0b", "Null characters are not allowed."),
        ("é" * 5001, "at most 5000"),
        ("x" * 100_000, "at most 5000"),
    ],
)
def test_a_wrong_text_is_refused_and_kept(
    text: str, why: str, proposal: Proposal, applicant: User, as_user: SignIn
) -> None:
    response = as_user(applicant).post(page_of(proposal), {"text": text})
    assert response.status_code == 422
    html = response.content.decode()
    assert why in html
    assert text.strip().replace("\0", "") in html.replace("\0", "")
    assert not Message.objects.exists()
    with pytest.raises(ValidationError):
        ask(applicant, proposal, text)


@pytest.mark.parametrize(
    "text", ["👩🏾‍🌾 merci", "\u202emirror\u202c", "a" * 5000, "<script>x</script>"]
)
def test_any_other_text_arrives_as_it_was_written(
    text: str, proposal: Proposal, applicant: User, as_user: SignIn
) -> None:
    assert as_user(applicant).post(page_of(proposal), {"text": text}).status_code == 302
    assert Message.objects.get().text == text
    assert "<script>x" not in shown(as_user(applicant), page_of(proposal))


def test_too_many_messages_in_an_hour_are_refused_with_the_text_kept(
    proposal: Proposal, applicant: User, as_user: SignIn
) -> None:
    other = colleague(proposal)
    for number in range(messaging.MOST_AN_HOUR[Side.COMPANY]):
        ask(applicant, proposal, f"Question {number}")
    response = as_user(applicant).post(page_of(proposal), {"text": "One more thing"})
    assert response.status_code == 429
    html = response.content.decode()
    assert "Please send this one later." in html
    assert "One more thing</textarea>" in html
    ask(other, proposal)
    later = timezone.now() + timedelta(hours=1, minutes=1)
    with time_machine.travel(later, tick=True):
        ask(applicant, proposal, "An hour later")


def test_a_message_can_never_be_changed_or_deleted(proposal: Proposal, applicant: User) -> None:
    message = ask(applicant, proposal)
    kept = mail.send(to=applicant.email, subject="A receipt", body="…", about=proposal)
    loose = mail.send(to="partner@example.org", subject="A link", body="…")
    for change in (
        lambda: Message.objects.filter(pk=message.pk).update(text="Never said"),
        lambda: Message.objects.filter(pk=message.pk).delete(),
        lambda: OutgoingEmail.objects.filter(pk=kept.pk).update(body="Never sent"),
        lambda: OutgoingEmail.objects.filter(pk=kept.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    message.refresh_from_db()
    assert message.text == "May the partner be a university?"
    assert OutgoingEmail.objects.filter(pk=loose.pk).delete()[0] == 1


# --- who is told --------------------------------------------------------------------------------
def test_the_other_side_is_told_in_its_language_and_the_mail_tells_nothing(
    proposal: Proposal, applicant: User, officer: User
) -> None:
    colleague(proposal, email="marie@firm.example", language="fr")
    colleague(proposal, email="gone@firm.example", is_active=False)
    Proposal.objects.filter(pk=proposal.pk).update(title="Secret harvest")
    ask(applicant, proposal, "Something private")
    (to_officer,) = OutgoingEmail.objects.all()
    assert to_officer.recipient == officer.email
    assert desk_page(proposal) in to_officer.body

    answer(officer, proposal, "Something delicate")
    mails = {each.recipient: each for each in OutgoingEmail.objects.about(proposal)}
    assert set(mails) == {applicant.email, "marie@firm.example"}
    assert "a message for you" in mails[applicant.email].subject
    assert "un message pour vous" in mails["marie@firm.example"].subject
    for each in OutgoingEmail.objects.all():
        for secret in ("private", "delicate", "Secret harvest", "Société d'essai"):
            assert secret not in each.body + each.subject
    assert all(page_of(proposal) in each.body for each in mails.values())


def test_mails_leave_only_with_the_message(proposal: Proposal, applicant: User) -> None:
    builders.build_user("officer")
    with transaction.atomic():
        ask(applicant, proposal)
        transaction.set_rollback(True)
    assert not OutgoingEmail.objects.exists()
    assert not Message.objects.exists()


def test_every_mail_about_the_proposal_is_kept_with_its_readers(
    proposal: Proposal, applicant: User, as_user: SignIn
) -> None:
    for recipient in ("a@firm.example", "b@firm.example"):
        mail.send(to=recipient, subject="Your receipt", body="It is here:\nx", about=proposal)
    mail.send(to="c@firm.example", subject="Not about this one", body="…")
    html = shown(as_user(applicant), page_of(proposal))
    assert html.count("Your receipt") == 1
    assert "a@firm.example, b@firm.example" in html
    assert "Not about this one" not in html


def test_no_secret_link_stands_in_the_correspondence(
    applicant: User, open_call: Call, officer: User, as_user: SignIn
) -> None:
    proposal = builders.build_complete_proposal(applicant, open_call)
    partner = proposal.partners.get()
    partner.contact_email = "partner@example.org"
    partner.save()
    invitation = partnering.ask_partner(
        actor=applicant, proposal_id=proposal.pk, partner_id=partner.pk
    )
    token = token_of(invitation)
    ask(applicant, proposal)
    assert OutgoingEmail.objects.filter(body__contains=token).exists()
    for client, address in (
        (as_user(applicant), page_of(proposal)),
        (as_user(officer), desk_page(proposal)),
    ):
        html = shown(client, address)
        assert token not in html
        assert "/partner/" not in html


# --- files --------------------------------------------------------------------------------------
def test_files_travel_with_a_message_for_those_who_read_it(
    proposal: Proposal, applicant: User, officer: User, stranger: User, as_user: SignIn
) -> None:
    content = builders.pdf_bytes("extract")
    sent = {
        "text": "Here it is.",
        "attachments": [builders.upload("Extrait é.pdf", content), builders.upload("second.pdf")],
    }
    assert as_user(applicant).post(page_of(proposal), sent).status_code == 302
    first, second = MessageFile.objects.order_by("pk")
    assert (first.filename, first.sha256) == ("Extrait é.pdf", hashlib.sha256(content).hexdigest())
    url = reverse("proposals:message_file", args=[first.pk])
    for client, page in (
        (as_user(applicant), page_of(proposal)),
        (as_user(officer), desk_page(proposal)),
        (as_user(builders.build_user("auditor")), desk_page(proposal)),
    ):
        assert url in shown(client, page)
        response: Any = client.get(url)
        assert b"".join(response.streaming_content) == content
        assert response["Content-Disposition"].startswith("attachment")
        assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    for client in (as_user(stranger), as_user(builders.build_user("reviewer"))):
        assert client.get(url).status_code == 404
    assert Client().get(url).status_code == 302
    for change in (first.delete, lambda: MessageFile.objects.update(filename="other.pdf")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert second.message_id == first.message_id


def test_an_officers_file_reaches_the_company(
    proposal: Proposal, applicant: User, officer: User, as_user: SignIn
) -> None:
    ask(applicant, proposal)
    sent = {"text": "The form is attached.", "attachments": [builders.upload("form.pdf")]}
    assert as_user(officer).post(desk_page(proposal, "answer"), sent).status_code == 302
    url = reverse("proposals:message_file", args=[MessageFile.objects.get().pk])
    assert url in shown(as_user(applicant), page_of(proposal))
    assert as_user(applicant).get(url).status_code == 200


def test_a_file_that_waits_for_its_scan_or_is_infected_is_opened_by_nobody(
    proposal: Proposal, applicant: User, officer: User, as_user: SignIn
) -> None:
    message = messaging.write_to_facility(
        actor=applicant, proposal_id=proposal.pk, text="See here.", uploads=[builders.upload()]
    )
    for state in (ScanState.PENDING, ScanState.INFECTED):
        message.files.update(scan=state)
        url = reverse("proposals:message_file", args=[message.files.get().pk])
        for client, page in (
            (as_user(applicant), page_of(proposal)),
            (as_user(officer), desk_page(proposal)),
        ):
            assert client.get(url).status_code == 409
            html = shown(client, page)
            assert url not in html
            assert str(state.label) in html


def test_one_bad_file_refuses_the_message_names_it_and_keeps_the_text(
    proposal: Proposal, applicant: User, as_user: SignIn
) -> None:
    before = stored_files()
    sent = {
        "text": "Three files",
        "attachments": [
            builders.upload("good.pdf"),
            SimpleUploadedFile("evil.exe", b"MZ"),
            SimpleUploadedFile("empty.pdf", b""),
        ],
    }
    response = as_user(applicant).post(page_of(proposal), sent)
    assert response.status_code == 422
    html = response.content.decode()
    for words in ("evil.exe: ", "empty.pdf: ", "Three files</textarea>"):
        assert words in html
    assert not Message.objects.exists()
    assert stored_files() == before

    six = {"text": "Too many", "attachments": [builders.upload(f"{n}.pdf") for n in range(6)]}
    response = as_user(applicant).post(page_of(proposal), six)
    assert response.status_code == 422
    assert "At most 5 files with a message." in response.content.decode()
    assert stored_files() == before


# --- unread, waiting ----------------------------------------------------------------------------
def test_each_person_has_their_own_unread_marks(
    proposal: Proposal, applicant: User, officer: User, as_user: SignIn
) -> None:
    other = colleague(proposal)
    ask(applicant, proposal)
    first, last = answer(officer, proposal), answer(officer, proposal, "And one thing more.")
    one, two = as_user(applicant), as_user(other)
    assert shown(one, page_of(proposal)).count("letter-new") == 2

    seen = reverse("proposals:messages_seen", args=[proposal.reference])
    assert one.post(seen, {"up_to": last.pk}).headers["Location"] == page_of(proposal)
    assert shown(one, page_of(proposal)).count("letter-new") == 0
    assert shown(two, page_of(proposal)).count("letter-new") == 2
    one.post(seen, {"up_to": first.pk})  # an old tab takes nothing back
    assert shown(one, page_of(proposal)).count("letter-new") == 0
    assert two.post(seen, {"up_to": last.pk}, headers={"HX-Request": "true"}).status_code == 200
    assert "Mark as read" not in shown(two, page_of(proposal))

    desk = as_user(officer)
    assert shown(desk, desk_page(proposal)).count("letter-new") == 1
    assert "1 new" in shown(desk, reverse("admin:applications_thread_changelist"))
    desk.post(desk_page(proposal, "seen"), {"up_to": last.pk})
    assert "1 new" not in shown(desk, reverse("admin:applications_thread_changelist"))


@pytest.mark.parametrize("up_to", ["", "x", "-1", "0", "9" * 40, "\0"])
def test_a_mark_that_is_no_message_changes_nothing(
    up_to: str, proposal: Proposal, applicant: User, officer: User, as_user: SignIn
) -> None:
    ask(applicant, proposal)
    answer(officer, proposal)
    seen = reverse("proposals:messages_seen", args=[proposal.reference])
    assert as_user(applicant).post(seen, {"up_to": up_to}).status_code == 302
    assert not ThreadReading.objects.exists()


def test_a_conversation_waits_since_the_first_unanswered_message(
    proposal: Proposal, applicant: User, officer: User
) -> None:
    first = ask(applicant, proposal)
    ask(applicant, proposal, "And by when?")
    thread = Thread.objects.get()
    assert (thread.state, thread.waiting_since) == ("waiting", first.sent_at)
    answer(officer, proposal)
    thread.refresh_from_db()
    assert (thread.state, thread.waiting_since) == ("quiet", None)


def test_an_officer_says_that_no_answer_is_needed(
    proposal: Proposal, applicant: User, officer: User, as_user: SignIn
) -> None:
    ask(applicant, proposal, "Thank you!")
    desk = as_user(officer)
    mails = OutgoingEmail.objects.count()
    assert desk.post(desk_page(proposal, "settle")).status_code == 302
    assert Thread.objects.get().state == "quiet"
    assert OutgoingEmail.objects.count() == mails
    assert desk.post(desk_page(proposal, "settle")).status_code == 409
    with pytest.raises(WrongState):
        messaging.settle_thread(actor=officer, thread_id=proposal.thread.pk)
    names = Event.objects.filter(aggregate="thread").values_list("name", flat=True)
    assert list(names) == ["MessageWritten", "ThreadSettled"]


# --- what it costs ------------------------------------------------------------------------------
def many(proposal: Proposal, author: User, officer: User, count: int) -> None:
    """So many messages and mails, in turn."""
    thread, _made = Thread.objects.get_or_create(proposal=proposal)
    for number in range(count):
        Message.objects.create(
            thread=thread,
            author=(author, officer)[number % 2],
            side=("company", "facility")[number % 2],
            text=f"Message {number}",
            sent_at=timezone.now(),
        )
        mail.send(to=author.email, subject=f"Mail {number}", body="…", about=proposal)


def test_long_conversations_cost_what_short_ones_do(
    proposal: Proposal, applicant: User, officer: User, as_user: SignIn
) -> None:
    company, desk = as_user(applicant), as_user(officer)
    costs = []
    for count in (15, 60):
        many(proposal, applicant, officer, count)
        costs.append((counted(company, page_of(proposal)), counted(desk, desk_page(proposal))))
    assert costs[0] == costs[1]
    assert max(cost.queries for cost in costs[1]) <= 12
    html = shown(company, page_of(proposal) + "?page=2")
    assert "Page 2 of" in html
    assert company.get(page_of(proposal) + "?page=nonsense").status_code == 200


def test_the_desks_list_costs_the_same_for_many(
    applicant: User, officer: User, open_call: Call, as_user: SignIn
) -> None:
    desk, costs = as_user(officer), []
    address = reverse("admin:applications_thread_changelist")
    for count in (52, 10):
        for _number in range(count):
            Thread.objects.create(proposal=builders.build_draft(applicant, open_call))
        costs.append(counted(desk, address))
    assert costs[0] == costs[1]
    assert costs[1].queries <= 12
