"""Celery says "now"; the job's row says what."""

from celery import shared_task

from bpf_portal.core import jobs
from reviews.actions import bulk, issuing, planning, renewals
from reviews.models import BulkAction, LetterBatch, PlanWork


@shared_task
def issue_letters(pk: int) -> bool:
    return jobs.run(LetterBatch, pk, issuing.issue_letters)


@shared_task
def ask_renewals() -> int:
    """Every hour by beat: what is due follows from the contracts' days, not from this clock."""
    return renewals.ask_due_renewals()


@shared_task
def work_on_plan(pk: int) -> bool:
    return jobs.run(PlanWork, pk, planning.perform)


@shared_task
def act_on_many(pk: int) -> bool:
    return jobs.run(BulkAction, pk, bulk.perform)


jobs.register(BulkAction, send=act_on_many.delay, work=bulk.perform, in_steps=True)
jobs.register(LetterBatch, send=issue_letters.delay, work=issuing.issue_letters, in_steps=True)
jobs.register(PlanWork, send=work_on_plan.delay, work=planning.perform, in_steps=True)
