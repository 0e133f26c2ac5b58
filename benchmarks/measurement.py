"""Timing a piece of work, counting its queries, and saying both beside a limit."""

import gc
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import connection
from django.test.utils import CaptureQueriesContext

Work = Callable[[], object]
WARM_UP = 3


@dataclass(frozen=True)
class Measurement:
    """`ratio` is the time over that of `against`; a limit itself has neither.

    `cpu_ms` is the processor's time of the process that works, which other people's work on the
    machine lengthens less; `memory_grown_kb` what it holds more at the end than at the beginning.
    """

    name: str
    n: int
    queries: int
    ms_median: float
    ratio: float | None = None
    against: str | None = None
    cpu_ms: float | None = None
    memory_grown_kb: int | None = None

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def measure(
    name: str, work: Work, *, n: int, repeat: int, against: Measurement | None = None
) -> Measurement:
    """The median time of `repeat` runs after some to warm up, and the queries of one more run."""
    for _ in range(WARM_UP):
        work()
    with CaptureQueriesContext(connection) as captured:
        work()
    queries = len(captured)  # the next request empties the log
    median, cpu = median_ms(work, repeat)
    return Measurement(
        name=name,
        n=n,
        queries=queries,
        ms_median=round(median, 3),
        ratio=round(median / against.ms_median, 2) if against else None,
        against=against.name if against else None,
        cpu_ms=round(cpu, 3),
    )


def median_ms(work: Work, repeat: int) -> tuple[float, float]:
    """Of the clock and of the processor. Collected garbage of earlier work does not count."""
    times, used = [], []
    for _ in range(repeat):
        gc.collect()
        started, before = time.perf_counter(), time.process_time()
        work()
        used.append(1000 * (time.process_time() - before))
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times), statistics.median(used)
