"""Letters: what they say, to whom, in which language; issued once, whatever happens meanwhile."""

from __future__ import annotations

import hashlib
import io
import re
import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pypdf
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.models import User
from applications.models import ClauseVersion
from bpf_portal.core import jobs
from bpf_portal.core.models import Event, OutgoingEmail
from reviews.actions import deciding, issuing
from reviews.actions.letter_templates import load_letter_templates, newest_template
from reviews.letters import figures
from reviews.letters.context import build_context
from reviews.letters.render import letter_html, letter_pdf
from reviews.models import (
    CallRubric,
    Decision,
    DecisionKind,
    Letter,
    LetterBatch,
    LetterTemplate,
)
from tests import builders
from tests.reviews.letters import (
    NARROW,
    NO_BREAK,
    confirmed,
    letter_of,
    plain,
    publish_only,
    raw_text,
    stored_letters,
    text_of,
)

pytestmark = pytest.mark.django_db


# --- what a letter says -------------------------------------------------------------------------


def test_it_works(officer: User, reviewer: User, applicant: User) -> None:
    decision = builders.build_decision(officer, reviewer, kind="selected", user=applicant)
    builders.publish(officer, decision)

    letter = letter_of(decision)
    with letter.file.open("rb") as file:
        content = file.read()
    document = pypdf.PdfReader(io.BytesIO(content))
    text = plain(raw_text(content))
    clause = ClauseVersion.objects.get(version="2024-1", language="fr")

    assert letter.reference == f"BPF-L-{timezone.localdate().year}-{letter.number:04d}"
    assert letter.reference in text
    assert decision.submission.reference in text
    assert "150 000,00 EUR" in text
    assert "cent cinquante mille euros" in text
    assert "Taux de cofinancement 50 %" in text
    assert "Audit at the end" in text
    assert plain(clause.text) in text.replace(
        f"Business Partnership Facility {letter.reference} ", ""
    )
    assert clause.sha256 in text
    assert f"page 1 sur {len(document.pages)}" in text
    assert document.metadata is not None
    assert str(document.metadata.title).startswith(letter.reference)
    assert str(document.root_object["/Lang"]) == "fr"
    assert (letter.size, letter.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert Event.objects.get(name="LetterIssued", aggregate_id=decision.pk).details["sha256"] == (
        letter.sha256
    )


def test_the_company_is_written_to_at_its_address(officer: User) -> None:
    decision = confirmed(officer)
    builders.do_waiting_jobs()
    publish_only(officer, decision)
    builders.do_waiting_jobs()

    company = decision.submission.organisation
    assert f"{company.legal_name} 12, rue du Fossé L-1536 Luxembourg Luxembourg" in text_of(
        letter_of(decision)
    )


def test_a_refusal_gives_its_reasons_and_the_remedies_in_english(
    officer: User, reviewer: User
) -> None:
    submission = builders.build_submission(language="en")
    eligible = builders.build_eligible(officer, submission)
    builders.build_scored(builders.build_assignment(officer, reviewer, eligible), value=2)
    grid = CallRubric.objects.get(call=submission.call, stage=submission.stage)
    criterion = grid.rubric.criteria.get(code="innovation")
    decision = deciding.prepare_decision(
        actor=officer,
        submission_id=submission.pk,
        kind="not_shortlisted",
        grounds="The market is not described.\nThe partner has no role.",
        reasons={criterion.pk: "A close equivalent exists."},
    )
    builders.publish(officer, decision)

    text = text_of(letter_of(decision))
    in_thirty_days = figures.day(timezone.localdate() + timedelta(days=30), "en")

    assert "The market is not described. The partner has no role." in text
    assert "It reached 40 points out of 100; at least 60 are needed." in text
    assert "Overall score 40 / 100 60 / 100" in text
    assert "(lowest score) 2 / 5 3 / 5" in text
    assert "Innovation 2 / 5 A close equivalent exists." in text
    assert f"Ask for one at bpf@example.org by {plain(in_thirty_days)}" in text
    assert "send a complaint with your reasons" in text
    assert "Ombudsman" in text
    assert "page 1 of" in text
    assert "Human-rights" not in text


def test_a_shortlisted_company_reads_its_next_deadline(officer: User, reviewer: User) -> None:
    decision = builders.build_decision(officer, reviewer, kind="shortlisted")
    builders.publish(officer, decision)

    deadline = figures.moment(decision.submission.call.stage_2_deadline_at, "fr")  # type: ignore[arg-type]
    assert f"au plus tard le {plain(deadline)}. Une proposition" in text_of(letter_of(decision))
    assert "(heure de Luxembourg)" in deadline


def test_without_a_deadline_none_is_invented(officer: User) -> None:
    decision = confirmed(officer)
    decision.kind = DecisionKind.SHORTLISTED
    decision.submission.call.stage_2_deadline_at = None
    page = letter_html(context_of(decision))
    assert "avant la date limite, qui sera publiée" in page
    assert "au plus tard le" not in page


def context_of(decision: Decision) -> dict[str, Any]:
    template = newest_template(decision.kind, decision.submission.language)
    return build_context(decision, template=template, reference="BPF-L-2026-0001")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_of_letter_is_worded_and_typeset(officer: User, language: str) -> None:
    decision = confirmed(officer)
    decision.submission.language = language
    for kind in DecisionKind.values:
        decision.kind = kind
        decision.amount = Decimal("80000.01") if kind == "selected" else None
        context = context_of(decision)
        page = letter_html(context)

        assert decision.submission.title in context["subject"]
        assert "{" not in page
        assert decision.submission.reference in page
        assert language == "en" or not re.search(r"\S [;:!?»]|« ", page)
        assert ("quatre-vingt mille euros et un centime" in page) == (
            kind == "selected" and language == "fr"
        )
        assert ("eighty thousand euros and one cent" in page) == (
            kind == "selected" and language == "en"
        )


def test_french_spaces_reach_the_paper(officer: User) -> None:
    decision = confirmed(officer)
    decision.grounds = "Trop tôt ! Pourquoi ? Deux motifs : le « marché » ; 3 000 clients."
    raw = raw_text(letter_pdf(context_of(decision)))
    wanted = (
        f"Trop tôt{NARROW}! Pourquoi{NARROW}? Deux motifs{NO_BREAK}:"
        f" le «{NO_BREAK}marché{NO_BREAK}»{NARROW}; 3{NARROW}000 clients."
    )
    assert wanted in raw


def test_the_stored_context_prints_the_same_letter_again(officer: User) -> None:
    decision = confirmed(officer)
    publish_only(officer, decision)
    builders.do_waiting_jobs()
    letter = letter_of(decision)
    LetterTemplate.objects.update(subject="Something else")

    assert hashlib.sha256(letter_pdf(letter.context)).hexdigest() == letter.sha256


@pytest.mark.parametrize(
    ("demo", "key", "marked"), [(True, "k", True), (False, "", True), (False, "k", False)]
)
def test_what_is_not_a_real_letter_says_so(
    officer: User, settings: Any, demo: bool, key: str, marked: bool
) -> None:
    settings.DEMO, settings.LETTER_KEY = demo, key
    text = raw_text(letter_pdf(context_of(confirmed(officer))))
    assert ("Démonstration" in text) == marked


def test_a_preview_stores_nothing(officer: User) -> None:
    decision = confirmed(officer)
    assert "non éligible" in raw_text(issuing.letter_preview(decision)).replace(NO_BREAK, " ")
    assert not Letter.objects.exists()


# --- hostile names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("<img src='http://127.0.0.1:9/x'><b>Fils</b> & Cie", "<b>Fils</b> & Cie"),
        (
            "{amount} {{ settings.SECRET_KEY }} {% load x %}",
            "{amount} {{ settings.SECRET_KEY }} {%",
        ),
        ("Good \u202eLRAS\u202c\u2066\u0000\u0007\U000e0041 Sàrl", "Good LRAS Sàrl"),
        ("Two\u2028lines\r\nBcc: x", "Two lines Bcc: x"),
        ("Za\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a\u030bb", "\u0304\u0305b"),
        ("Ελληνική Εταιρεία Α.Ε. – Българска ООД", "Ελληνική Εταιρεία Α.Ε. – Българска ООД"),
    ],
)
def test_a_name_is_a_name_and_nothing_else(officer: User, name: str, printed: str) -> None:
    decision = confirmed(officer)
    decision.submission.lead_name = decision.submission.title = name
    context = context_of(decision)
    letter_pdf(context)

    assert context["address"][0].endswith(printed) or printed in context["address"][0]
    assert "<img src='http" not in letter_html(context)
    assert "\u202e" not in letter_html(context)


def test_two_hundred_letters_without_a_space_stay_on_the_paper(officer: User) -> None:
    decision = confirmed(officer)
    decision.submission.lead_name = decision.submission.title = "W" * 200
    pages = pypdf.PdfReader(io.BytesIO(letter_pdf(context_of(decision)))).pages

    text = pages[0].extract_text()
    runs = re.findall("W+", text)
    assert sum(map(len, runs)) == 400
    assert max(map(len, runs)) < 50


# --- issued once --------------------------------------------------------------------------------


def test_an_attempt_that_broke_off_is_finished_by_the_next(officer: User) -> None:
    call = builders.build_call()
    first = confirmed(officer, call=call, language="fr")
    second = confirmed(officer, call=call, language="en")
    builders.do_waiting_jobs()
    LetterTemplate.objects.filter(language="en").delete()
    before = stored_letters()
    batch = publish_only(officer, first, second)
    mails = OutgoingEmail.objects.count()

    assert not jobs.run(LetterBatch, batch.pk, issuing.issue_letters)

    batch.refresh_from_db()
    assert (batch.state, batch.progress_done, batch.progress_total) == ("queued", 1, 2)
    assert "LetterTemplate matching query does not exist" in batch.last_error
    done = letter_of(first)
    assert stored_letters() - before == {done.file.name}
    assert not Letter.objects.filter(decision=second).exists()

    load_letter_templates()
    LetterBatch.objects.update(not_before=timezone.now())
    assert jobs.run(LetterBatch, batch.pk, issuing.issue_letters)
    issuing.issue_letters(batch)

    batch.refresh_from_db()
    assert (batch.state, batch.progress_done) == ("done", 2)
    assert Letter.objects.get(decision=first).sha256 == done.sha256
    assert letter_of(second).number == done.number + 1
    assert stored_letters() - before == {done.file.name, letter_of(second).file.name}
    assert OutgoingEmail.objects.count() == mails + 2
    assert Event.objects.filter(name="LetterIssued").count() == 2


def test_a_letter_that_rolls_back_takes_its_file_along(officer: User, settings: Any) -> None:
    decision = confirmed(officer)
    publish_only(officer, decision)
    before = stored_letters()
    settings.PORTAL_URL = None

    with pytest.raises(AttributeError):
        issuing.issue_letter(decision.pk, actor=officer)

    assert stored_letters() == before
    assert not Letter.objects.exists()
    assert not Event.objects.filter(name="LetterIssued").exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_two_batches_number_without_gaps_or_doubles(officer: User) -> None:
    call = builders.build_call()
    decisions = [confirmed(officer, call=call) for _ in range(4)]
    batches = [publish_only(officer, *decisions[:2]), publish_only(officer, *decisions[2:])]
    errors: list[BaseException] = []
    start = threading.Barrier(3)

    def work(batch: LetterBatch) -> None:
        try:
            start.wait()
            issuing.issue_letters(batch)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    # The third takes the first one's batch again, as after a lease that ran out too early.
    threads = [threading.Thread(target=work, args=(batch,)) for batch in (*batches, batches[0])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    letters = list(Letter.objects.order_by("number"))
    assert [letter.number for letter in letters] == [1, 2, 3, 4]
    assert {letter.decision_id for letter in letters} == {each.pk for each in decisions}
    assert all(default_storage.exists(letter.file.name or "") for letter in letters)
    assert OutgoingEmail.objects.filter(body__contains="/proposals/letters/").count() == 4


def test_each_year_begins_with_one(officer: User) -> None:
    decision, other = confirmed(officer), confirmed(officer)
    publish_only(officer, decision)
    two_years_ago = timezone.now() - timedelta(days=731)
    deciding.publish_decisions(actor=officer, decision_ids=[other.pk], moment=two_years_ago)
    this = issuing.issue_letter(decision.pk, actor=officer)
    past = issuing.issue_letter(other.pk, actor=officer)

    assert (this.number, past.number) == (1, 1)
    assert past.year == timezone.localdate(two_years_ago).year < this.year
    assert past.context["date"] == timezone.localdate(two_years_ago).isoformat()
