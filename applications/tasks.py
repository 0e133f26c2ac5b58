"""Celery says "now"; the job's row says what."""

from celery import shared_task

from applications.actions import checking
from applications.models import CheckRun
from bpf_portal.core import jobs


@shared_task
def run_check(pk: int) -> bool:
    return jobs.run(CheckRun, pk, checking.perform)


jobs.register(CheckRun, send=run_check.delay, work=checking.perform)
