"""Check runs through Celery: a Redis and two workers of our own, as in production."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kombu import Connection

from applications.models import CheckRun
from applications.tasks import run_check
from benchmarks.measurement import Measurement
from tests.processes import OwnRedis, Worker

WORKERS = 2
#: Runs before the clock starts: each process has read lists and modules by then.
WARM_UP = 20
_PATIENCE_SECONDS = 600
_TICKS = os.sysconf("SC_CLK_TCK")

MakeRuns = Callable[[int], Sequence[CheckRun]]


def measure_checks(make_runs: MakeRuns, count: int, *, n: int, against: Measurement) -> Measurement:
    """The time of so many runs, sent all at once, for one run; and what a worker's memory grew by.

    `cpu_ms` is the workers' own time; the rest of two cores is the database's and Redis's.
    """
    with _servers() as (broker, workers):
        _work_off(broker, make_runs(WARM_UP))
        memory = [_resident_kb(worker) for worker in workers]
        cpu, started = _cpu_seconds(workers), time.perf_counter()
        _work_off(broker, make_runs(count))
        passed, used = time.perf_counter() - started, _cpu_seconds(workers) - cpu
        grown = max(
            _resident_kb(worker) - before for worker, before in zip(workers, memory, strict=True)
        )
    return Measurement(
        name=f"one of {count} check runs through Celery, {WORKERS} workers",
        n=n,
        queries=0,
        ms_median=round(1000 * passed / count, 3),
        cpu_ms=round(1000 * used / count, 3),
        ratio=round(1000 * passed / count / against.ms_median, 2),
        against=against.name,
        memory_grown_kb=grown,
    )


@contextmanager
def _servers() -> Iterator[tuple[str, list[Worker]]]:
    with tempfile.TemporaryDirectory(prefix="bpf-bench-") as folder:
        redis, workers = OwnRedis(Path(folder)), list[Worker]()
        try:
            redis.start()
            workers += [Worker(redis.url) for _ in range(WORKERS)]
            yield redis.broker_url, workers
        finally:
            for worker in workers:
                worker.stop()
            redis.stop()


def _work_off(broker: str, runs: Sequence[CheckRun]) -> None:
    """Send them and wait for the last one."""
    sent = [run.pk for run in runs]
    with Connection(broker) as connection:
        for pk in sent:
            run_check.apply_async((pk,), connection=connection)  # type: ignore[call-arg]
    deadline = time.monotonic() + _PATIENCE_SECONDS
    waiting = CheckRun.objects.filter(pk__in=sent, finished_at=None)
    while waiting.exists():
        if time.monotonic() > deadline:
            raise SystemExit(f"{waiting.count()} check runs were not done in time")
        time.sleep(0.1)  # the pace of asking
    if CheckRun.objects.filter(pk__in=sent).exclude(state="done").exists():
        raise SystemExit("some check runs failed")


def _cpu_seconds(workers: Sequence[Worker]) -> float:
    """User and system time so far (fields 14 and 15 of Linux's /proc/PID/stat)."""
    return sum(
        sum(map(int, _proc(worker, "stat").rpartition(")")[2].split()[11:13])) / _TICKS
        for worker in workers
    )


def _resident_kb(worker: Worker) -> int:
    (line,) = (row for row in _proc(worker, "status").splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1])


def _proc(worker: Worker, name: str) -> str:
    return Path(f"/proc/{worker.process.pid}/{name}").read_text(encoding="utf-8")
