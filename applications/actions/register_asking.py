"""Which numbers of a proposal are put to company registers, and which answers are still awaited.

Only registers that the environment names are asked; for the others there is nothing to wait for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.db import transaction

from applications.checks import Dossier
from applications.checks.register_questions import (
    Register,
    RegisterQuestion,
    RegisterSaid,
    questions_of,
)
from applications.models import RegisterAnswer, Submission
from bpf_portal.core import company_registers, jobs

_KEY = ("register", "country", "number")


def configured_questions(submission: Submission) -> tuple[RegisterQuestion, ...]:
    """What this installation asks about the submission's lead partner. No query."""
    registers = company_registers.configured()
    if not registers:
        return ()
    asked = questions_of(Dossier.from_frozen(submission.document))
    return tuple(question for question in asked if question.register in registers)


def ask_about(submission: Submission) -> int:
    """Leave a job for each number that was never asked about; says how many. In the caller's
    transaction. No query where no register is configured."""
    new = 0
    for question in configured_questions(submission):
        answer, created = RegisterAnswer.objects.get_or_create(
            organisation_id=submission.organisation_id,
            register=question.register.value,
            country=question.country,
            number=question.number,
        )
        if created:
            jobs.send_after_commit(answer)
            new += 1
    return new


def ask_what_was_not() -> int:
    """Leave the jobs for living proposals handed in before the register was configured."""
    if not company_registers.configured():
        return 0
    known: dict[int, set[RegisterQuestion]] = defaultdict(set)
    rows = RegisterAnswer.objects.order_by().values_list("organisation_id", *_KEY)
    for organisation_id, *key in rows:
        known[organisation_id].add(_question(*key))
    new = 0
    for submission in Submission.objects.living().only("organisation_id", "document").iterator(100):
        if set(configured_questions(submission)) - known[submission.organisation_id]:
            with transaction.atomic():
                new += ask_about(submission)
    return new


def answers_about(submission: Submission) -> Mapping[RegisterQuestion, RegisterSaid]:
    """What was asked about numbers of this submission's company, and said. One query.

    An answer once given counts also where the register is no longer asked."""
    return {
        _question(*key): RegisterSaid(verdict, name)
        for *key, verdict, name in RegisterAnswer.objects.filter(
            organisation=submission.organisation_id
        )
        .order_by("register", "number")
        .values_list(*_KEY, "verdict", "name")
        if verdict or key[0] in company_registers.configured()
    }


def open_questions(submission: Submission) -> tuple[RegisterQuestion, ...]:
    """What must be answered before an award: asked by this installation, and not answered."""
    asked = configured_questions(submission)
    if not asked:
        return ()
    said = answers_about(submission)
    return tuple(each for each in asked if not said.get(each, RegisterSaid()).answer)


def _question(register: str, country: str, number: str) -> RegisterQuestion:
    return RegisterQuestion(Register(register), country, number)
