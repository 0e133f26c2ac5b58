"""A proposal is compared with all others: of its lead in the call, and by text in any call."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from applications.actions import fingerprinting
from applications.actions.drafting import withdraw_proposal
from applications.actions.finding_questions import proposed_question
from applications.actions.similar_proposals import MOST, similar_proposals
from applications.checks.likeness import METHOD
from applications.models import Call, CheckRun, Question, Submission, TextFingerprint
from tests import builders
from tests.reviews.admin import rows

pytestmark = pytest.mark.django_db

CODE = "screening.duplicate"
TEXT = (
    "A strip reader tells dengue from other fevers in ten minutes and reports the count to the"
    " district. Twenty clinics in the delta compare it with the laboratory for one season. The"
    " institute leads the study, and our partner trains two nurses in each of the clinics."
)
OTHER = (
    "Thirty host families own a booking service with fair prices and a shared calendar. Guests"
    " stay two nights longer where hosts cook and guide themselves, as a survey of last summer"
    " showed; the valley keeps the income that agencies abroad took before."
)


def handed_in(user: User, call: Call | None = None, summary: str = TEXT) -> Submission:
    return builders.build_submission(user, call, summary=summary)


def said(submission: Submission) -> tuple[str, str]:
    finding = builders.finding_of(submission, CODE)
    return finding.outcome, finding.reason


def test_a_text_of_another_company_in_another_call_is_found_by_both(
    applicant: User, stranger: User
) -> None:
    first = handed_in(applicant)
    assert said(first) == ("pass", "unique")
    moved = ". ".join(reversed(TEXT.rstrip(".").split(". "))).upper()
    second = handed_in(stranger, summary=f"{moved}.\n\nÀ  Thiès.")
    finding = builders.finding_of(second, CODE)
    assert (finding.outcome, finding.reason) == ("review", "alike")
    (match,) = finding.values["matches"]
    assert match.startswith(f"{first.reference} (9")
    # Whichever an officer opens, it names the other; and there it ends.
    assert builders.finding_of(first, CODE).values["references"] == [second.reference]
    assert first.check_runs.get(moment="similar").outcome == "to_review"
    assert list(second.check_runs.values_list("moment", flat=True)) == ["submission"]


def test_another_text_is_not_found_and_nothing_is_compared_with_a_draft(
    applicant: User, stranger: User
) -> None:
    builders.build_complete_proposal(applicant, summary=TEXT)
    handed_in(applicant, summary=OTHER)
    assert said(handed_in(stranger)) == ("pass", "unique")


def test_two_short_texts_and_two_empty_ones_say_too_little(applicant: User, stranger: User) -> None:
    handed_in(applicant, summary="Two pilots.")
    again = handed_in(stranger, summary="Two pilots.")
    assert said(again) == ("pass", "unique")
    assert TextFingerprint.objects.get(revision__submission=again).bands == []


def test_the_questions_of_the_form_are_not_the_applicants_text(
    applicant: User, stranger: User, open_call: Call
) -> None:
    asked = Question.objects.filter(call=open_call, section="project")
    pasted = {each.code: f"{each.label_fr} {each.hint_fr}" for each in asked}
    for user, summary in ((applicant, TEXT), (stranger, OTHER)):
        submission = builders.build_submission(
            user, open_call, summary=summary, title="Un essai", answers=pasted
        )
    assert said(submission) == ("pass", "unique")


def test_a_second_proposal_of_the_lead_in_the_call_unless_it_was_withdrawn(
    applicant: User, open_call: Call
) -> None:
    first = handed_in(applicant, open_call)
    second = handed_in(applicant, open_call, OTHER)
    assert said(second) == ("review", "same_lead")
    assert builders.finding_of(second, CODE).values["own"] == [first.reference]
    elsewhere = handed_in(applicant)
    assert said(elsewhere) == ("review", "alike_own")
    withdraw_proposal(actor=applicant, proposal_id=first.proposal_id, reason="Once is enough.")
    third = handed_in(applicant, open_call)
    references = builders.finding_of(third, CODE).values["references"]
    assert references == [second.reference, elsewhere.reference]


def test_the_text_that_counts_is_the_newest_and_a_stranger_who_withdrew_still_wrote_it(
    applicant: User, stranger: User, officer: User
) -> None:
    first = handed_in(applicant)
    correction = builders.build_correction(officer, first)
    builders.correct(applicant, first, OTHER)
    builders.answer_correction_as_written(applicant, correction)
    assert TextFingerprint.objects.filter(revision__submission=first, method=METHOD).count() == 2
    assert said(handed_in(stranger)) == ("pass", "unique")
    withdraw_proposal(actor=applicant, proposal_id=first.proposal_id, reason="No money left.")
    assert said(handed_in(builders.build_user(), summary=OTHER)) == ("review", "alike")


def test_what_a_person_confirmed_as_eligible_is_not_checked_again_for_it(
    applicant: User, stranger: User, officer: User
) -> None:
    first = builders.build_eligible(officer, handed_in(applicant))
    assert said(handed_in(stranger)) == ("review", "alike")
    assert not CheckRun.objects.filter(submission=first, moment="similar").exists()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_company_learns_nothing_of_the_other_one(
    applicant: User, stranger: User, officer: User, client: Client, language: str
) -> None:
    """Neither by a question, nor by its letter, its pages or its printed dossier."""
    first = handed_in(applicant)
    second = builders.build_submission(stranger, summary=TEXT, language=language)
    finding = builders.finding_of(second, CODE)
    assert first.reference in finding.observed
    assert first.reference not in proposed_question(second, finding)
    builders.decide(officer, second, CODE, "confirm")
    decision = builders.build_decision(
        officer, builders.build_user("reviewer"), kind="ineligible", submission=second
    )
    assert first.reference not in decision.grounds
    assert {"fr": "ressemble", "en": "very similar"}[language] in decision.grounds
    builders.publish(officer, decision)
    decision.refresh_from_db()
    assert first.reference not in str(decision.letter.context)

    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    own, stage = [second.reference], [second.reference, "preselection"]
    pages = {"detail": own, "timeline": own, "messages": own, "receipt": stage, "list": []}
    for name, args in pages.items():
        page = client.get(reverse(f"proposals:{name}", args=args))
        assert page.status_code == 200, name
        html = page.content.decode()
        assert not [w for w in (first.reference, first.lead_name, CODE) if w in html], name


def test_what_it_costs_does_not_grow(applicant: User, stranger: User, open_call: Call) -> None:
    """The same queries, and of a text that many handed in the first of them. The search itself
    reads the index, whatever PostgreSQL believes of the numbers: a whole table costs forty
    milliseconds at 20,000 texts, for every check."""
    first = handed_in(applicant)
    mine = handed_in(stranger, open_call)

    def cost() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            found = similar_proposals(mine)
        assert 0 < len(found) <= MOST
        return [query["sql"] for query in captured.captured_queries]

    _own, _of_the_lead, index_alone, search, back, _found = cost()
    with connection.cursor() as cursor:
        copies = [each.pk for each in rows.copies(first, 2 * MOST)]
        cursor.execute(
            "INSERT INTO applications_submissionrevision (submission_id, number, document, sha256,"
            " submitted_at) SELECT id, 1, document, sha256, submitted_at"
            " FROM applications_submission WHERE id = ANY(%s)",
            [copies],
        )
    fingerprinting.keep_fingerprints(copies)
    assert len(cost()) == 6
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE applications_textfingerprint; {index_alone}")
        cursor.execute(f"EXPLAIN {search}")
        plan = str(cursor.fetchall())
        cursor.execute(back)
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)
    assert "Index Scan on fingerprint_bands" in plan
    assert "Seq Scan" not in plan
