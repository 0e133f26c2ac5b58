"""Work in hand: what waits, runs and failed, and trying it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.models import CheckRun
from bpf_portal.core import jobs
from bpf_portal.core.jobs import JobState
from bpf_portal.core.models import Event, OutgoingEmail
from bpf_portal.core.queue import without_addresses
from tests import builders
from tests.reviews.admin import rows

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
SERVER_SAID = "SMTPRecipientsRefused: {'jean.weber@firm.example': (550, b'no mailbox')}"


def failed_mail(**fields: object) -> OutgoingEmail:
    return OutgoingEmail.objects.create(
        recipient="jean.weber@firm.example",
        subject="Your decision",
        body="We are sorry to say",
        state=JobState.FAILED,
        attempts=5,
        finished_at=timezone.now(),
        last_error=SERVER_SAID,
        **fields,
    )


@pytest.fixture
def failed(applicant: User) -> OutgoingEmail:
    """A mail about a proposal whose check still waits."""
    submission = builders.build_submission(applicant, checked=False)
    OutgoingEmail.objects.update(state=JobState.DONE, finished_at=timezone.now())
    return failed_mail(aggregate="proposal", aggregate_id=submission.proposal_id)


def test_an_officer_sees_what_waits_and_failed_and_nothing_of_what_a_mail_says(
    as_user: AsUser, officer: User, failed: OutgoingEmail
) -> None:
    run = CheckRun.objects.get()
    CheckRun.objects.update(created_at=timezone.now() - timedelta(hours=3))
    client = as_user(officer)
    page = client.get(reverse("admin:work"))
    html = page.content.decode()

    shown = {each.key: each for each, _age, _address in page.context["kinds"]}
    assert shown["outgoingemail"].failed == 1
    assert shown["checkrun"].waiting == 1
    assert page.context["oldest"].replace("\xa0", " ") == "3 hours"
    assert run.submission.reference in html
    assert "…@firm.example" in html
    one = client.get(reverse("admin:work_job", args=("outgoingemail", failed.pk)))
    assert reverse("admin:applications_submission_change", args=(run.submission_id,)) in (
        one.content.decode()
    )
    for text in (html, one.content.decode()):
        for private in ("jean.weber", "Your decision", "We are sorry"):
            assert private not in text
    only_checks = client.get(reverse("admin:work"), {"kind": "checkrun"})
    assert [row["kind"] for row in only_checks.context["table"].page.rows] == ["checkrun"]


def test_a_failed_job_is_tried_again_with_its_reason_kept(
    as_user: AsUser, officer: User, failed: OutgoingEmail, mailoutbox: list[EmailMessage]
) -> None:
    address = reverse("admin:work_job", args=("outgoingemail", failed.pk))
    client = as_user(officer)

    refused = client.post(address, {"reason": "  "})
    assert refused.status_code == 422
    assert "Say why." in refused.content.decode()

    assert client.post(address, {"reason": "The mailbox exists now."}).status_code == 302
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, failed.finished_at) == (JobState.QUEUED, 0, None)
    event = Event.objects.get(name="JobRetried")
    assert (event.actor, event.from_state, event.to_state) == (officer, "failed", "queued")
    assert event.details == {
        "job_kind": "outgoingemail",
        "reason": "The mailbox exists now.",
        "attempts": 5,
        "error": SERVER_SAID,
    }
    assert "The mailbox exists now." in client.get(address).content.decode()

    jobs.work_off()
    assert [message.to for message in mailoutbox] == [[failed.recipient]]
    late = client.post(address, {"reason": "Once more."})
    assert late.status_code == 409
    assert len(mailoutbox) == 1


def test_all_that_failed_of_a_kind_is_tried_again_at_once(
    as_user: AsUser, administrator: User, auditor: User, failed: OutgoingEmail
) -> None:
    for _ in range(2):
        failed_mail()
    data = {"kind": "outgoingemail", "reason": "The mail server is back."}

    reading = as_user(auditor)
    assert "<textarea" not in reading.get(reverse("admin:work")).content.decode()
    assert reading.post(reverse("admin:work"), data).status_code == 403
    assert OutgoingEmail.objects.filter(state=JobState.FAILED).count() == 3

    client = as_user(administrator)
    assert client.post(reverse("admin:work"), data).status_code == 302
    assert OutgoingEmail.objects.filter(state=JobState.QUEUED).count() == 3
    assert Event.objects.filter(name="JobRetried", actor=administrator).count() == 3
    # A second tab that still shows them.
    assert client.post(reverse("admin:work"), data).status_code == 422


@pytest.mark.parametrize("role", ["officer", "administrator"])
def test_what_failed_stands_on_the_overview(as_user: AsUser, applicant: User, role: str) -> None:
    rows.jobs(builders.build_submission(applicant), 2)
    client = as_user(builders.build_user(role))
    tasks = client.get(reverse("admin:index")).context["tasks"]
    (failed,) = [task for task in tasks if task.label == "tasks that failed"]
    assert failed.count == 2
    assert len(client.get(failed.address).context["table"].page.rows) == 2


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (SERVER_SAID, "SMTPRecipientsRefused: {'…@firm.example': (550, b'no mailbox')}"),
        ("to <a.b+c@x.lu>, d@y.lu", "to <…@x.lu>, …@y.lu"),
        ("no address here", "no address here"),
    ],
)
def test_an_error_names_nobody_s_mailbox(error: str, shown: str) -> None:
    assert without_addresses(error) == shown
