"""`seed_demo` and `seed_load` where they must refuse, and what synthetic load is made of."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, connection, transaction

from accounts.models import User
from applications.models import Call, CheckRun, Finding, Submission
from reviews.actions.demonstration.people import account_addresses
from reviews.models import Assignment, Decision, Score


def load(number: int) -> str:
    said = io.StringIO()
    call_command("seed_load", str(number), stdout=said)
    return said.getvalue()


def test_only_a_demonstration_gets_accounts_with_a_known_password(
    reference: None, settings: Any
) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("seed_demo")
    assert not User.objects.filter(email__in=account_addresses()).exists()


def test_somebody_elses_account_is_never_taken_over(reference: None, settings: Any) -> None:
    settings.DEMO = True
    User.objects.create_user("officer@example.org", "somebody else's")
    with pytest.raises(CommandError, match=r"officer@example\.org"):
        call_command("seed_demo")
    assert not Call.objects.filter(code__startswith="bpf-demo-").exists()


def test_synthetic_rows_never_get_among_real_ones(reference: None, settings: Any) -> None:
    settings.DEMO = settings.DEBUG = False
    with pytest.raises(CommandError, match="DEMO=1 or DEBUG=1"):
        load(5)
    assert not Submission.objects.exists()


def test_load_has_reviews_decisions_and_findings(reference: None, settings: Any) -> None:
    settings.DEMO = True
    assert load(60) == "Synthetic data: 60 submissions.\n"
    assert Submission.objects.count() == CheckRun.objects.count() == 60
    findings = Finding.objects.values_list("check_run").distinct()
    assert findings.count() == 60
    reviewed = Submission.objects.filter(state__in=("in_review", "decided"))
    assert Assignment.objects.count() == 2 * reviewed.count() > 0
    assert not reviewed.filter(score_mean=None).exists()
    assert Score.objects.filter(value=None).count() == 0
    decided = Submission.objects.filter(state="decided").count()
    assert Decision.objects.published().count() == decided > 0
    assert not Submission.objects.filter(outcome="").exists()


def test_the_same_number_gives_the_same_load(reference: None, settings: Any) -> None:
    settings.DEMO = True
    told = []
    for _ in range(2):
        with transaction.atomic():
            load(30)
            rows = Submission.objects.order_by("reference")
            told.append(list(rows.values_list("reference", "title", "state", "score_mean")))
            transaction.set_rollback(True)
    assert told[0] == told[1]


def test_a_second_load_is_refused(reference: None, settings: Any) -> None:
    settings.DEMO = True
    load(3)
    with pytest.raises(CommandError, match="already"):
        load(3)
    assert Submission.objects.count() == 3


def test_a_load_of_nothing_is_refused(reference: None, settings: Any) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="at least one"):
        load(0)


def test_the_triggers_are_on_again_afterwards(reference: None, settings: Any) -> None:
    settings.DEMO = True
    load(3)
    with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
        Submission.objects.update(title="changed")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'")
        assert cursor.fetchone() == (0,)
