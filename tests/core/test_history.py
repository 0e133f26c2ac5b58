"""The history of every row, by trigger, with person, role and request; and what never changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pghistory.models
import pgtrigger
import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import DatabaseError, IntegrityError, InternalError, connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.models import Call, ClauseVersion, Membership, Organisation, RuleSet, Submission
from bpf_portal.core.models import Event
from reviews.models import Decision, Letter
from tests import builders

pytestmark = pytest.mark.django_db

OURS = ("core", "accounts", "applications", "reviews")

#: Models of ours without a history, and why none is needed.
WITHOUT_HISTORY = {
    "core.Event": "is itself a record that is only added to",
    "core.HistoryContext": "is part of the history",
    "core.OutgoingEmail": "a job: its text is written once, the rest is how sending went",
    "applications.Message": "is never changed: the database refuses",
    "applications.ThreadReading": "how far somebody has read, of no weight for a proposal",
    "applications.Reminder": "is never changed: the database refuses",
    "reviews.LetterBatch": "a job: each decision's own history says when and by whom it went out",
    "reviews.Remark": "is never changed: the database refuses",
    "reviews.EarlierSheet": "is never changed: the database refuses",
    "reviews.ReadingNotes": "a reviewer's alone: a history would be read by others",
    "applications.Upload": "pieces on their way; the document that comes of them is tracked",
    "applications.Country": "names of ISO codes; what decides are the lists and ratings, tracked",
    "accounts.User_groups": "not used: what one may do follows from the role, which is tracked",
    "accounts.User_user_permissions": "not used: as above",
    "applications.SanctionsEntry": "as published: a trigger refuses any change",
    "applications.SanctionsImport": "a job: what came of it is a SanctionsList, which is tracked",
    "applications.Rescreening": "a job: what came of it are screenings and check runs",
    "applications.RuleTrial": "a job: it keeps what was asked and what came of it",
    "applications.RuleTrial_calls": "as above",
    "reviews.BulkAction": "a job: what came of it has its own history and events",
    "reviews.BulkItem": "as above",
    "reviews.PlanWork": "a job: what came of it are planned reviews and assignments, tracked",
    "applications.Rechecking": "a job: what came of it are check runs",
    "applications.Screening": "is itself a record that is only added to",
    "applications.Screening_lists": "as above",
    "applications.Screening_matches": "as above; what was answered is NameMatch's history",
    "applications.SubmissionRevision": "is itself a record that is only added to",
    "applications.SubmissionRevision_documents": "tracked as applications.RevisionDocument",
    "applications.TextFingerprint": "follows from the hand-in, and may be made anew",
    "applications.Submission_documents": "tracked as applications.SubmittedDocument",
}

REFUSED = (InternalError, IntegrityError)


def of_ours() -> list[type[models.Model]]:
    found = [
        model
        for label in OURS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]
    assert len(found) > 50
    return [model for model in found if not issubclass(model, pghistory.models.Event)]


def event_models() -> list[type[pghistory.models.Event]]:
    return [
        model
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        if issubclass(model, pghistory.models.Event)
    ]


def tracked_by(event_model: type[pghistory.models.Event]) -> type[models.Model]:
    tracked: Any = event_model.pgh_tracked_model  # pghistory's base class says None
    model: type[models.Model] = tracked
    return model


def installed_triggers() -> set[tuple[str, str]]:
    """(table, trigger) of all triggers that the database really has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid"
            " WHERE NOT tgisinternal AND tgenabled <> 'D'"
        )
        return set(cursor.fetchall())


def history_of(row: models.Model) -> list[Any]:
    name = f"{type(row).__name__}Event"
    model = apps.get_model(row._meta.app_label, name)
    return list(model.objects.filter(pgh_obj_id=row.pk).order_by("pgh_id"))


def test_every_model_of_the_domain_has_a_history_or_a_reason() -> None:
    tracked = {tracked_by(model)._meta.label for model in event_models()}
    untracked = {model._meta.label for model in of_ours()} - tracked
    assert untracked == set(WITHOUT_HISTORY)


def test_insert_update_and_delete_are_told_by_triggers_in_the_database() -> None:
    installed = installed_triggers()
    by_model: dict[Any, set[str]] = defaultdict(set)
    for model, trigger in pgtrigger.registered():
        by_model[model].add(str(trigger.name))
    for event_model in event_models():
        tracked = tracked_by(event_model)
        wanted = {"insert_insert", "update_update", "delete_delete"}
        if tracked._meta.label in (
            "applications.SubmittedDocument",
            "applications.RevisionDocument",
        ):
            wanted = {"insert_insert"}  # update and delete are refused altogether
        assert wanted <= by_model[tracked], tracked
    missing = [
        f"{model._meta.label}:{trigger.name}"
        for model, trigger in pgtrigger.registered()
        if (model._meta.db_table, trigger.get_pgid(model)) not in installed
    ]
    assert missing == []


def test_no_history_can_be_changed() -> None:
    protected = {
        model for model, trigger in pgtrigger.registered() if trigger.name == "append_only"
    }
    assert set(event_models()) <= protected


def test_a_change_in_a_request_remembers_person_role_and_request(
    applicant: User, as_user: Callable[..., Client]
) -> None:
    company = builders.build_organisation(applicant)
    draft = builders.build_draft(applicant)

    response = as_user(applicant).post(
        reverse("proposals:withdraw", args=[draft.reference]),
        {"reason": "Another year.", "sure": "on"},
    )

    assert response.status_code == 302, response.content[:500]
    told = history_of(draft)[-1]
    assert told.state == "withdrawn"
    assert told.pgh_context.metadata == {
        "user": applicant.pk,
        "role": "applicant",
        "request": response["X-Request-ID"],
        "method": "POST",
        "url": reverse("proposals:withdraw", args=[draft.reference]),
    }
    assert company.pk == draft.organisation_id


def test_an_update_past_all_code_is_in_the_history(applicant: User) -> None:
    company = builders.build_organisation(applicant)

    Organisation.objects.filter(pk=company.pk).update(city="Esch-sur-Alzette")

    before, after = history_of(company)
    assert (before.city, after.city) == ("Luxembourg", "Esch-sur-Alzette")
    assert (before.pgh_label, after.pgh_label) == ("insert", "update")


def test_statements_past_the_orm_are_in_the_history(applicant: User) -> None:
    company = builders.build_organisation(applicant)

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE applications_membership SET role = 'viewer' WHERE organisation_id = %s",
            [company.pk],
        )

    membership = Membership.objects.get(organisation=company)
    assert [row.role for row in history_of(membership)] == ["owner", "viewer"]


def test_a_deleted_row_stays_in_the_history(applicant: User) -> None:
    company = builders.build_organisation(applicant)
    membership = company.memberships.get()
    gone = membership.pk

    membership.delete()

    membership.pk = gone
    assert [row.pgh_label for row in history_of(membership)] == ["insert", "delete"]
    assert history_of(membership)[-1].user_id == applicant.pk


def test_history_rows_are_neither_changed_nor_deleted(applicant: User) -> None:
    history = apps.get_model("accounts", "UserEvent")
    row = history_of(applicant)[0]

    with pytest.raises(REFUSED), transaction.atomic():
        history.objects.filter(pgh_id=row.pgh_id).update(email="other@example.org")
    with pytest.raises(REFUSED), transaction.atomic():
        history.objects.filter(pgh_id=row.pgh_id).delete()

    assert history_of(applicant)[0].email == applicant.email


def test_who_did_it_can_not_be_rewritten_afterwards(applicant: User) -> None:
    company = builders.build_organisation(applicant)
    with pghistory.context(user=applicant.pk) as mine:
        Organisation.objects.filter(pk=company.pk).update(city="Wiltz")
        pghistory.context(step="second")
        Organisation.objects.filter(pk=company.pk).update(city="Vianden")
    contexts = pghistory.models.Context.objects.filter(pk=mine.id)
    assert contexts.get().metadata == {"user": applicant.pk, "step": "second"}

    with connection.cursor() as cursor:  # as in another transaction, without a context
        cursor.execute("SELECT set_config('pghistory.context_id', '', true)")
    with pytest.raises(REFUSED, match="cannot be changed"), transaction.atomic():
        contexts.update(metadata={"user": 0})
    with pghistory.context(user=0), pytest.raises(REFUSED), transaction.atomic():
        contexts.update(metadata={"user": 0})
    with connection.cursor() as cursor, pytest.raises(REFUSED), transaction.atomic():
        cursor.execute("DELETE FROM pghistory_context WHERE id = %s", [str(mine.id)])

    assert contexts.get().metadata == {"user": applicant.pk, "step": "second"}


def test_events_are_neither_changed_nor_deleted(applicant: User) -> None:
    draft = builders.build_draft(applicant)
    event = Event.objects.filter(aggregate="proposal", aggregate_id=draft.pk).latest("pk")

    with pytest.raises(REFUSED), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(name="Nothing")
    with pytest.raises(REFUSED), transaction.atomic():
        Event.objects.filter(pk=event.pk).delete()

    event.refresh_from_db()
    assert event.name != "Nothing"


# --- what the database itself refuses ---------------------------------------------------------


@pytest.fixture
def submission(applicant: User) -> Submission:
    return builders.build_submission(applicant)


def test_a_rule_set_that_a_check_used_is_immutable(submission: Submission) -> None:
    rules = RuleSet.objects.filter(pk=submission.call.rule_set_id)
    parameters = rules.get().parameters

    used = "was used and cannot be changed"
    with pytest.raises(DatabaseError, match=used), transaction.atomic():
        rules.update(parameters={})
    with pytest.raises(DatabaseError, match=used), transaction.atomic():
        rules._raw_delete(using="default")

    assert rules.get().parameters == parameters


def test_a_rule_set_that_no_check_used_may_still_be_corrected(reference: None) -> None:
    rules = RuleSet.objects.create(
        code="draft-rules", title_fr="a", title_en="b", parameters={}, valid_from=date(2030, 1, 1)
    )
    RuleSet.objects.filter(pk=rules.pk).update(title_en="corrected")
    rules.delete()
    assert not RuleSet.objects.filter(code="draft-rules").exists()


def test_the_text_of_a_clause_is_immutable(reference: None) -> None:
    clause = ClauseVersion.objects.first()
    assert clause is not None

    with pytest.raises(REFUSED), transaction.atomic():
        ClauseVersion.objects.filter(pk=clause.pk).update(text="Nothing is due.")
    with pytest.raises(REFUSED), transaction.atomic():
        clause.delete()

    assert ClauseVersion.objects.get(pk=clause.pk or 0).text == clause.text


@pytest.mark.parametrize(
    ("column", "value"),
    [("document", {}), ("sha256", "0" * 64), ("late", True), ("requested", Decimal("1.00"))],
)
def test_what_was_handed_in_is_immutable(
    submission: Submission, column: str, value: object
) -> None:
    with pytest.raises(REFUSED), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(**{column: value})


def test_a_submission_and_its_files_cannot_be_taken_away(submission: Submission) -> None:
    names = set(submission.documents.values_list("filename", flat=True))
    assert names

    with pytest.raises(REFUSED), transaction.atomic():
        Submission.documents.through.objects.filter(submission=submission).delete()
    with pytest.raises(REFUSED), transaction.atomic():
        Submission.documents.through.objects.filter(submission=submission).update(document_id=1)
    with connection.cursor() as cursor, pytest.raises(REFUSED), transaction.atomic():
        cursor.execute("DELETE FROM applications_submission WHERE id = %s", [submission.pk])

    assert set(submission.documents.values_list("filename", flat=True)) == names


def test_which_files_were_handed_in_is_in_the_history(submission: Submission) -> None:
    history = apps.get_model("applications", "SubmittedDocumentEvent")
    told = history.objects.filter(submission_id=submission.pk).values_list("document_id", flat=True)
    assert set(told) == set(submission.documents.values_list("pk", flat=True))


def test_a_letter_is_immutable(officer: User, reviewer: User) -> None:
    decision = builders.build_decision(officer, reviewer, kind="ineligible")
    builders.publish(officer, decision)
    letter = Letter.objects.get(decision=decision)

    with pytest.raises(REFUSED), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(sha256="0" * 64)
    letter.file = ContentFile(b"another", name="another.pdf")
    with pytest.raises(REFUSED), transaction.atomic():
        letter.save()
    with pytest.raises(REFUSED), transaction.atomic():
        Letter.objects.filter(decision=decision).delete()

    kept = Letter.objects.get(decision=decision)
    with kept.file.open("rb") as file:
        assert file.read(5) == b"%PDF-"


def test_one_person_cannot_prepare_and_confirm_even_past_all_code(
    officer: User, reviewer: User
) -> None:
    decision = builders.build_decision(officer, reviewer, kind="ineligible")

    with pytest.raises(IntegrityError, match="decision_four_eyes"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(
            state="confirmed", confirmed_by=officer, confirmed_at=timezone.now()
        )


def test_a_call_cannot_open_after_its_deadline_even_past_all_code(reference: None) -> None:
    call = builders.build_call()
    with pytest.raises(IntegrityError, match="call_opens"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(opens_at=call.deadline_at)
