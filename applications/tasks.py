"""Celery says "now"; the job's row says what."""

from celery import shared_task

from applications.actions import (
    checking,
    correcting,
    correction_reminding,
    document_verdicts,
    receipting,
    rechecking,
    register_asking,
    registers,
    reminding,
    sanctions,
    scanning,
    screening,
    trying_rules,
    uploading,
)
from applications.models import (
    CheckRun,
    Document,
    DocumentScan,
    Receipt,
    Rechecking,
    RegisterAnswer,
    Rescreening,
    RuleTrial,
    SanctionsImport,
)
from bpf_portal.core import jobs


@shared_task
def run_check(pk: int) -> bool:
    return jobs.run(CheckRun, pk, checking.perform)


@shared_task
def scan_file(pk: int) -> bool:
    return jobs.run(DocumentScan, pk, scanning.perform)


@shared_task
def import_sanctions(pk: int) -> bool:
    return jobs.run(SanctionsImport, pk, sanctions.perform_import)


@shared_task
def rescreen(pk: int) -> bool:
    return jobs.run(Rescreening, pk, screening.rescreen)


@shared_task
def try_rules(pk: int) -> bool:
    return jobs.run(RuleTrial, pk, trying_rules.perform)


@shared_task
def recheck(pk: int) -> bool:
    return jobs.run(Rechecking, pk, rechecking.recheck)


@shared_task
def look_for_changed_lists() -> bool:
    """Every hour by beat: lists and ratings that `load_reference` or anybody changed."""
    return rechecking.recheck_if_changed() is not None


@shared_task
def ask_register(pk: int) -> bool:
    return jobs.run(RegisterAnswer, pk, registers.perform)


@shared_task
def ask_registers() -> int:
    """Every five minutes by beat: living proposals whose numbers nobody asked about yet."""
    return register_asking.ask_what_was_not()


@shared_task
def remind() -> int:
    """Every five minutes by beat: what is due follows from the rows, not from this clock."""
    return reminding.remind() + correction_reminding.remind()


@shared_task
def sweep_uploads() -> int:
    """Every ten minutes by beat: files that nobody went on sending."""
    return uploading.sweep_uploads()


jobs.register(CheckRun, send=run_check.delay, work=checking.perform)
jobs.register(
    SanctionsImport, send=import_sanctions.delay, work=sanctions.perform_import, in_steps=True
)
jobs.register(Rescreening, send=rescreen.delay, work=screening.rescreen, in_steps=True)
jobs.register(RuleTrial, send=try_rules.delay, work=trying_rules.perform, in_steps=True)
jobs.register(Rechecking, send=recheck.delay, work=rechecking.recheck, in_steps=True)
jobs.register(RegisterAnswer, send=ask_register.delay, work=registers.perform, in_steps=True)
jobs.register(DocumentScan, send=scan_file.delay, work=scanning.perform, in_steps=True)
scanning.follow(Document, document_verdicts.after_scan)


@shared_task
def make_receipt(pk: int) -> bool:
    return jobs.run(Receipt, pk, receipting.perform)


jobs.register(Receipt, send=make_receipt.delay, work=receipting.perform)


@shared_task
def lapse_corrections() -> int:
    """Close the corrections whose day is over. A company is held to the day by itself, so a beat
    that comes late changes nothing for anybody."""
    return correcting.lapse_corrections()
