"""Celery says "now"; the job's row says what."""

from celery import shared_task

from bpf_portal.core import jobs
from reviews.actions import issuing
from reviews.models import LetterBatch


@shared_task
def issue_letters(pk: int) -> bool:
    return jobs.run(LetterBatch, pk, issuing.issue_letters)


jobs.register(LetterBatch, send=issue_letters.delay, work=issuing.issue_letters, in_steps=True)
