"""Celery says "now"; the job's row says what."""

from celery import shared_task

from applications.actions import checking, document_verdicts, scanning
from applications.models import CheckRun, Document, DocumentScan
from bpf_portal.core import jobs


@shared_task
def run_check(pk: int) -> bool:
    return jobs.run(CheckRun, pk, checking.perform)


@shared_task
def scan_file(pk: int) -> bool:
    return jobs.run(DocumentScan, pk, scanning.perform)


jobs.register(CheckRun, send=run_check.delay, work=checking.perform)
jobs.register(DocumentScan, send=scan_file.delay, work=scanning.perform, in_steps=True)
scanning.follow(Document, document_verdicts.after_scan)
