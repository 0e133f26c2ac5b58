"""From the award to a running project: countersigned, checked, signed, and renewed every year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import correction_reminding, countersigning
from applications.models import ClauseAcceptance, Countersignature, Moment, Submission
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import Event, OutgoingEmail
from bpf_portal.core.states import WrongState
from reviews.actions import contracting, renewals
from reviews.models import Agreement
from tests import builders
from tests.applications.pages import form_data, hand_in_data
from tests.measuring import counted

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
PARTNER = "awa@example.org"


def page_of(agreement: Agreement, action: str = "change") -> str:
    return reverse(f"admin:reviews_agreement_{action}", args=(agreement.pk,))


def text_of(response: object) -> str:
    return unescape(response.content.decode())  # type: ignore[attr-defined]


def last_mail(to: str) -> OutgoingEmail:
    return OutgoingEmail.objects.filter(recipient=to).latest("pk")


def link_in(mail: OutgoingEmail) -> str:
    (link,) = (word for word in mail.body.split() if word.startswith("http"))
    return link.removeprefix(settings.PORTAL_URL.rstrip("/"))


def submission_of(agreement: Agreement) -> Submission:
    return Submission.objects.get(pk=agreement.decision.submission_id)


def contract(day: date | None = None) -> dict[str, object]:
    day = day or timezone.localdate()
    return {"signed_on": day, "starts_on": day, "ends_on": day + timedelta(days=600)}


def test_the_contract_waits_for_the_partners_signature_given_by_its_link(
    as_user: AsUser, applicant: User, officer: User
) -> None:
    agreement = builders.build_award(officer, applicant)
    client, visitor = as_user(officer), Client(headers={"accept-language": "wo"})
    assert counted(client, page_of(agreement)).queries <= 12

    refused = client.post(page_of(agreement, "sign"), contract())
    assert refused.status_code == 422
    assert str(contracting.NOT_CHECKED) in text_of(refused)
    client.post(page_of(agreement, "recheck"))
    builders.do_waiting_jobs()
    refused = client.post(page_of(agreement, "sign"), contract())
    assert refused.status_code == 422
    assert str(contracting.NOT_COUNTERSIGNED) in text_of(refused)
    found = builders.finding_of(submission_of(agreement), "hrdd.clause")
    assert (found.outcome, found.reason) == ("missing", "not_countersigned")

    client.post(page_of(agreement, "countersign"))
    mail = last_mail(PARTNER)
    assert "contresigner" in mail.body  # in the partner's language
    again = client.post(page_of(agreement, "countersign"), follow=True)
    assert "within the last day" in text_of(again)
    link = link_in(mail)
    shown = visitor.get(link)
    asked = Countersignature.objects.get()
    assert asked.clause.language == "fr"
    assert asked.clause.text.split("\n")[0] in text_of(shown)
    answer = {"signatory": "Awa Ndiaye", "function": "Directrice", "answer": "sign"}
    unticked = visitor.post(link, form_data(shown, **answer))
    assert unticked.status_code == 422
    assert "Cochez" in text_of(unticked)
    done = visitor.post(link, form_data(shown, **answer, agreed="on"), follow=True)
    assert "Awa Ndiaye" in text_of(done)
    assert visitor.get(link).status_code == 410
    assert visitor.post(link, form_data(shown, **answer, agreed="on")).status_code == 410

    asked.refresh_from_db()
    assert (asked.state, asked.signatory) == ("signed", "Awa Ndiaye")
    assert ClauseAcceptance.objects.get(
        proposal=submission_of(agreement).proposal_id
    ).partner_countersigned
    assert "countersigned" in last_mail(officer.email).body
    builders.do_waiting_jobs()
    assert builders.finding_of(submission_of(agreement), "hrdd.clause").outcome == "pass"
    timeline = reverse("proposals:timeline", args=[asked.proposal.reference])
    assert "countersigned the human-rights clause" in text_of(as_user(applicant).get(timeline))

    wrong = client.post(page_of(agreement, "sign"), contract(date(2099, 1, 1)))
    assert wrong.status_code == 422
    assert "2099-01-01" in text_of(wrong)
    assert client.post(page_of(agreement, "sign"), contract()).status_code == 302
    agreement.refresh_from_db()
    assert (agreement.state, agreement.officer) == ("running", officer)
    # A second tab.
    assert client.post(page_of(agreement, "sign"), contract()).status_code == 409


def test_a_partner_may_refuse_and_a_new_link_replaces_the_old_one(
    officer: User, auditor: User, as_user: AsUser
) -> None:
    agreement = builders.build_award(officer)
    submission_id = agreement.decision.submission_id
    with pytest.raises(NotAllowed):
        countersigning.ask_countersignatures(actor=auditor, submission_id=submission_id)
    (asked,) = countersigning.ask_countersignatures(actor=officer, submission_id=submission_id)
    link = reverse("partner:countersign", args=[countersigning.token_of(asked)])
    visitor = Client()
    words = {
        "refuse-reason": "Nobody asked us.",
        "refuse-signatory": "Awa",
        "refuse-function": "Manager",
        "answer": "refuse",
    }
    assert visitor.post(link, {"answer": "refuse"}).status_code == 422
    assert visitor.post(link, form_data(visitor.get(link), **words)).status_code == 302
    assert "Nobody asked us." in text_of(as_user(auditor).get(page_of(agreement)))
    (new,) = countersigning.ask_countersignatures(actor=officer, submission_id=submission_id)
    asked.refresh_from_db()
    assert asked.state == "void"
    assert visitor.get(link).status_code == 410
    with time_machine.travel(new.expires_at + timedelta(seconds=1)):
        expired = reverse("partner:countersign", args=[countersigning.token_of(new)])
        assert visitor.get(expired).status_code == 410
    assert visitor.get(reverse("partner:countersign", args=["unknown"])).status_code == 404

    contracting.give_up_agreement(actor=officer, agreement_id=agreement.pk, reason="No money.")
    assert not Submission.objects.living().filter(pk=submission_id).exists()
    with pytest.raises(WrongState):
        contracting.end_agreement(
            actor=officer, agreement_id=agreement.pk, ended_on=timezone.localdate(), reason="Over."
        )


def test_every_year_the_due_diligence_is_renewed_filed_and_checked(
    as_user: AsUser, applicant: User, officer: User
) -> None:
    agreement = builders.build_running(officer, applicant)
    client, company = as_user(officer), as_user(applicant)
    proposal = submission_of(agreement).proposal
    assert agreement.signed_on is not None
    assert renewals.ask_due_renewals() == 0
    assert company.get(_section(proposal, "due_diligence")).status_code == 302

    with time_machine.travel(timezone.now() + timedelta(days=345)):
        assert renewals.ask_due_renewals() == 1
        assert renewals.ask_due_renewals() == 0  # another beat
        builders.do_waiting_jobs()
        company, client = as_user(applicant), as_user(officer)
        assert "renouveler votre diligence" in last_mail(applicant.email).subject
        shown = company.get(reverse("proposals:detail", args=[proposal.reference]))
        assert "Please renew your due diligence" in text_of(shown)
        assert company.get(_section(proposal, "due_diligence")).status_code == 200
        assert company.get(_section(proposal, "budget")).status_code == 302

    with time_machine.travel(timezone.now() + timedelta(days=375)):
        company, client = as_user(applicant), as_user(officer)
        sent = correction_reminding.remind()
        assert sent == 1
        assert correction_reminding.remind() == 0
        assert "overdue" in last_mail(applicant.email).subject
        overdue = reverse("admin:reviews_agreement_changelist") + "?state=overdue"
        assert proposal.reference in text_of(client.get(overdue))

        # Nothing has changed since: that is said, and handed in all the same.
        submit = reverse("proposals:submit", args=[proposal.reference])
        answer = company.post(submit, hand_in_data(company.get(submit)))
        assert answer.status_code == 302
        again = company.post(submit, hand_in_data(company.get(submit, follow=True)))
        assert again.status_code == 302
        builders.do_waiting_jobs()
        filed = submission_of(agreement)
        assert (filed.revision, filed.state) == (2, "decided")
        revision = filed.revisions.get(number=2)
        assert revision.sha256 == filed.sha256
        run = filed.check_runs.latest("pk")
        assert (run.moment, run.reference_date) == (Moment.RENEWAL, timezone.localdate())
        assert filed.due_diligence == run.due_diligence != ""
        assert proposal.reference not in text_of(client.get(overdue))
        assert "renewed" in text_of(client.get(page_of(agreement)))
        assert "handed the renewed due diligence in" in text_of(
            company.get(reverse("proposals:timeline", args=[proposal.reference]))
        )
        assert company.get(_section(proposal, "due_diligence")).status_code == 302
        assert "due diligence" in last_mail(officer.email).subject

        client.post(page_of(agreement, "end"), {"ended_on": "", "reason": ""})
        client.post(
            page_of(agreement, "end"), {"ended_on": timezone.localdate(), "reason": "As planned."}
        )
        agreement.refresh_from_db()
        assert agreement.state == "ended"
        assert Event.objects.get(name="AgreementEnded").actor == officer
    with time_machine.travel(timezone.now() + timedelta(days=740)):
        assert renewals.ask_due_renewals() == 0


@pytest.mark.parametrize(
    ("signed", "today", "due"),
    [
        (date(2024, 2, 29), date(2025, 1, 28), None),
        (date(2024, 2, 29), date(2025, 1, 29), date(2025, 2, 28)),
        (date(2024, 2, 29), date(2026, 3, 1), date(2026, 2, 28)),  # the one before was missed
        (date(2024, 2, 29), date(2027, 12, 1), date(2027, 2, 28)),
        (date(2024, 2, 29), date(2028, 2, 28), date(2027, 2, 28)),  # over before the next
        (date(2024, 12, 15), date(2025, 11, 20), date(2025, 12, 15)),
    ],
)
def test_an_anniversary_is_asked_thirty_days_ahead(
    signed: date, today: date, due: date | None
) -> None:
    agreement = Agreement(signed_on=signed, starts_on=signed, ends_on=date(2028, 2, 27))
    assert renewals.due_anniversary(agreement, today) == due


def _section(proposal: object, name: str) -> str:
    return reverse("proposals:section", args=[proposal.reference, name])  # type: ignore[attr-defined]
