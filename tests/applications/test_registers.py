"""Company registers: asked until they answer, believed only when they do, and never by anybody's
wish; without an answer nothing is awarded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from applications.actions import register_asking, registers
from applications.models import CheckRun, Finding, RegisterAnswer, Submission
from bpf_portal.core import company_registers, jobs
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import Event
from reviews.actions import deciding
from tests import builders
from tests.registers import RegisterServer, running_register

pytestmark = pytest.mark.django_db

DoJobs = Callable[[], int]
SignIn = Callable[..., Client]
VAT = "LU 150 274 42"


@pytest.fixture
def lbr(settings: Settings) -> Iterator[RegisterServer]:
    with running_register() as server:
        settings.LBR_URL = server.url
        yield server


@pytest.fixture
def vies(settings: Settings) -> Iterator[RegisterServer]:
    with running_register() as server:
        settings.VIES_URL = server.url
        server.body = {"valid": True, "name": "---"}
        yield server


def finding_of(submission: Submission, code: str = "lead.trade_register") -> Finding | None:
    run = CheckRun.objects.filter(submission=submission, state="done").order_by("-pk").first()
    assert run is not None
    return run.findings.filter(code=code).first()


def said(submission: Submission, code: str = "lead.trade_register") -> tuple[str, str]:
    finding = finding_of(submission, code)
    assert finding is not None
    return finding.outcome, finding.reason


def test_nobody_is_asked_unless_configured(applicant: User) -> None:
    submission = builders.build_submission(applicant)
    assert not RegisterAnswer.objects.exists()
    assert finding_of(submission) is None
    assert register_asking.ask_what_was_not() == 0
    assert register_asking.open_questions(submission) == ()


def test_the_luxembourg_register_knows_the_company(applicant: User, lbr: RegisterServer) -> None:
    company = builders.build_organisation(applicant)
    lbr.body = {"found": True, "name": company.legal_name.upper().replace("S.À R.L.", "SARL")}
    submission = builders.build_submission(applicant)

    answer = RegisterAnswer.objects.get()
    assert (answer.verdict, answer.state) == ("valid", "done")
    assert said(submission) == ("pass", "valid")
    assert [r[:2] for r in lbr.requests] == [
        ("GET", f"/rest/companies/{company.registration_number}")
    ]
    assert Event.objects.filter(name="RegisterAnswered", aggregate_id=answer.pk).count() == 1


def test_vies_is_asked_for_the_number_alone(applicant: User, vies: RegisterServer) -> None:
    company = builders.build_organisation(applicant, vat_number=VAT)
    submission = builders.build_submission(applicant)
    ((method, path, body),) = vies.requests
    assert (method, path) == ("POST", "/rest/check-vat-number")
    assert json.loads(body) == {"countryCode": "LU", "vatNumber": "15027442"}
    assert RegisterAnswer.objects.get().name == "", "dashes are no name"
    assert said(submission, "lead.vat_register") == ("pass", "valid")

    builders.build_submission(applicant, builders.build_call())
    assert len(vies.requests) == 1, f"one answer holds for all of {company}"


def test_an_unknown_number_is_looked_at_never_refused(applicant: User, lbr: RegisterServer) -> None:
    lbr.body = {"found": False}
    submission = builders.build_submission(applicant)
    assert said(submission) == ("review", "invalid")
    submission.refresh_from_db()
    assert (submission.state, submission.outcome) == ("received", "to_review")


def test_another_name_stands_beside_the_companys_own(applicant: User, lbr: RegisterServer) -> None:
    lbr.body = {"found": True, "name": "Brasserie du Moulin S.A.\x00\u202e"}
    submission = builders.build_submission(applicant)
    assert said(submission) == ("review", "other_name")
    finding = finding_of(submission)
    assert finding is not None
    assert finding.observed == "Brasserie du Moulin S.A."
    assert finding.required == submission.lead_name


NONSENSE: dict[str, tuple[int, bytes | dict[str, object], dict[str, str]]] = {
    "an error": (500, b"oops", {}),
    "garbage": (200, b"\xff\x00<html>", {}),
    "a list": (200, b"[]", {}),
    "deep": (200, b"[" * 50_000, {}),
    "another word": (200, {"found": "yes"}, {}),
    "too long": (200, b" " * 10_000_000 + b'{"found": true}', {}),
    "redirect": (302, b"", {"Location": "http://127.0.0.1:1/elsewhere"}),
    "shorter than said": (200, b'{"found": true}', {"Content-Length": "400"}),
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_no_answer_is_accepted_marked_and_asked_later(
    kind: str, applicant: User, lbr: RegisterServer
) -> None:
    lbr.status, lbr.body, lbr.headers = NONSENSE[kind]
    submission = builders.build_submission(applicant)
    answer = RegisterAnswer.objects.get()
    assert (answer.verdict, answer.state) == ("", "queued")
    assert answer.last_error
    assert answer.not_before > timezone.now()
    assert len(lbr.requests) == 1, "no redirect is followed"
    assert said(submission) == ("review", "unanswered")


def test_a_slow_register_is_left(
    applicant: User, lbr: RegisterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company_registers, "READ_SECONDS", 0.2)
    lbr.may_answer.clear()
    builders.build_submission(applicant)
    answer = RegisterAnswer.objects.get()
    assert (answer.verdict, answer.state) == ("", "queued")
    assert "Timeout" in answer.last_error


def test_a_member_state_that_is_away_is_no_answer(applicant: User, vies: RegisterServer) -> None:
    vies.body = {"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}
    builders.build_organisation(applicant, vat_number=VAT)
    submission = builders.build_submission(applicant)
    assert said(submission, "lead.vat_register") == ("review", "unanswered")
    assert "MS_UNAVAILABLE" in RegisterAnswer.objects.get().last_error


def test_pauses_grow_to_an_hour_and_never_end(
    applicant: User, lbr: RegisterServer, do_jobs: DoJobs
) -> None:
    lbr.status = 503
    submission = builders.build_submission(applicant)
    pauses = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(20):
            before = RegisterAnswer.objects.get().not_before
            clock.move_to(before)
            do_jobs()
            pauses.append(RegisterAnswer.objects.get().not_before - before)
        assert pauses == sorted(pauses)
        assert pauses[-1] == timedelta(hours=1)

        lbr.status = 200
        clock.move_to(RegisterAnswer.objects.get().not_before)
        do_jobs()
    assert said(submission) == ("pass", "valid")
    assert CheckRun.objects.filter(submission=submission, moment="register").count() == 1


def test_handed_in_before_the_register_was_configured(
    applicant: User, settings: Settings, do_jobs: DoJobs
) -> None:
    submission = builders.build_submission(applicant)
    with running_register() as server:
        settings.LBR_URL = server.url
        assert register_asking.open_questions(submission)
        assert register_asking.ask_what_was_not() == 1
        assert register_asking.ask_what_was_not() == 0
        do_jobs()
    assert said(submission) == ("pass", "valid")


# --- no award while unanswered ------------------------------------------------------------------


def award(officer: User, submission: Submission) -> None:
    deciding.prepare_decision(
        actor=officer, submission_id=submission.pk, kind="selected", amount=submission.requested
    )


def test_nothing_is_awarded_before_the_answer(
    officer: User, approver: User, reviewer: User, lbr: RegisterServer, do_jobs: DoJobs
) -> None:
    decision = builders.build_decision(officer, reviewer, kind="selected")
    lbr.status = 503
    answer = RegisterAnswer.objects.get()
    registers.ask_again(actor=officer, answer_id=answer.pk)
    do_jobs()
    with pytest.raises(ValidationError) as silent:
        deciding.confirm_decision(actor=approver, decision_id=decision.pk)
    assert silent.value.messages == [str(deciding.REGISTER_SILENT)]
    deciding.send_back_decision(actor=approver, decision_id=decision.pk, reason="Wait.")
    with pytest.raises(ValidationError) as refused:
        award(officer, decision.submission)
    assert list(refused.value.message_dict) == ["kind"]

    registers.record_answer(
        actor=officer, answer_id=answer.pk, verdict="valid", name="", reason="Extract of today."
    )
    do_jobs()  # an award stands on checks that know what the register said
    award(officer, decision.submission)
    deciding.confirm_decision(actor=approver, decision_id=decision.pk)


# --- people -------------------------------------------------------------------------------------


def test_what_a_person_records_is_kept_with_the_reason(
    applicant: User, officer: User, lbr: RegisterServer, do_jobs: DoJobs
) -> None:
    lbr.status = 500
    submission = builders.build_submission(applicant)
    answer = registers.record_answer(
        actor=officer,
        answer_id=RegisterAnswer.objects.get().pk,
        verdict="invalid",
        name="",
        reason="Struck off in May.",
    )
    do_jobs()
    assert (answer.recorded_by, answer.reason) == (officer, "Struck off in May.")
    assert said(submission) == ("review", "invalid")
    event = Event.objects.get(name="RegisterAnswerRecorded")
    assert (event.actor, event.details["reason"]) == (officer, "Struck off in May.")

    lbr.status = 200
    registers.ask_again(actor=officer, answer_id=answer.pk)
    do_jobs()
    answer.refresh_from_db()
    assert (answer.verdict, answer.recorded_by, answer.reason) == ("valid", None, "")
    assert said(submission) == ("pass", "valid")


def test_what_a_worker_hears_too_late_changes_nothing(
    applicant: User, officer: User, lbr: RegisterServer
) -> None:
    lbr.status = 500
    builders.build_submission(applicant)
    RegisterAnswer.objects.update(not_before=timezone.now())
    lbr.status = 200
    taken = RegisterAnswer.objects.claim(RegisterAnswer.objects.get().pk)
    assert taken is not None
    registers.record_answer(
        actor=officer, answer_id=taken.pk, verdict="invalid", name="", reason="Struck off."
    )
    with pytest.raises(jobs.LeaseLost):
        registers.perform(taken)
    assert RegisterAnswer.objects.get().verdict == "invalid"


@pytest.mark.parametrize("role", ["approver", "auditor", "administrator"])
def test_only_an_officer_acts(role: str, applicant: User, lbr: RegisterServer) -> None:
    builders.build_submission(applicant)
    actor, pk = builders.build_user(role), RegisterAnswer.objects.get().pk
    with pytest.raises(NotAllowed):
        registers.ask_again(actor=actor, answer_id=pk)
    with pytest.raises(NotAllowed):
        registers.record_answer(actor=actor, answer_id=pk, verdict="valid", name="", reason="x")


def test_the_officers_pages(
    applicant: User, officer: User, as_user: SignIn, lbr: RegisterServer, do_jobs: DoJobs
) -> None:
    lbr.status = 500
    submission = builders.build_submission(applicant)
    pk, client = RegisterAnswer.objects.get().pk, as_user(officer)
    dossier = client.get(reverse("admin:applications_submission_change", args=[submission.pk]))
    listed = reverse("admin:applications_registeranswer_changelist")
    assert f"{listed}?proposal={submission.pk}&amp;state=all" in dossier.content.decode()

    record = reverse("admin:applications_registeranswer_record", args=[pk])
    refused = client.post(record, {"verdict": "valid", "name": "Moulin 🌾", "reason": " "})
    assert refused.status_code == 422
    assert "Moulin 🌾" in refused.content.decode(), "nothing typed is lost"
    assert client.post(record, {"verdict": "sold", "reason": "x"}).status_code == 422
    assert client.post(record, {"verdict": "valid", "reason": "\x00"}).status_code == 422
    assert client.post(record, {"verdict": "valid", "reason": "x" * 100_000}).status_code == 422

    assert client.post(record, {"verdict": "valid", "reason": "Extract."}).status_code == 302
    assert RegisterAnswer.objects.get().verdict == "valid"
    ask = reverse("admin:applications_registeranswer_ask", args=[pk])
    assert client.post(ask).status_code == 302
    assert RegisterAnswer.objects.get().verdict == ""


def test_the_list_needs_few_queries_however_long(
    officer: User, as_user: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        RegisterAnswer.objects.create(
            organisation=builders.build_organisation(),
            register="lbr",
            country="LU",
            number=f"B{number}",
        )
    client = as_user(officer)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("admin:applications_registeranswer_changelist"))
    assert page.status_code == 200
