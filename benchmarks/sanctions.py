"""A sanctions list as long as the Union's: loading it, beside looking through its file alone."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from applications.actions.sanctions import load_list
from applications.actions.sanctions_files import survey
from benchmarks.measurement import Measurement, measure
from tests.sanctions import write_large

ENTRIES = 40_000
#: One run takes about half a minute.
MOST_RUNS = 3


def measure_group(n: int, repeat: int) -> Iterator[Measurement]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        write_large(path, ENTRIES)

        def look_through() -> None:
            survey(lambda: path.open("rb"), today=timezone.localdate())

        def load() -> None:
            with transaction.atomic():
                load_list(opened=lambda: path.open("rb"), filename=path.name, actor=None)
                transaction.set_rollback(True)

        repeat = min(repeat, MOST_RUNS)
        limit = measure(f"looking through {ENTRIES} entries", look_through, n=n, repeat=repeat)
        yield limit
        yield measure(f"loading {ENTRIES} entries", load, n=n, repeat=repeat, against=limit)
