"""Sanctions lists as long as the published ones: loading them, and comparing names with them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from applications.actions.sanctions import load_list
from applications.actions.sanctions_files import survey
from applications.checks import ListedName, SanctionsList
from applications.checks.names import comparable_name
from benchmarks.measurement import Measurement, measure
from tests.invented import large
from tests.sanctions import write_large

ENTRIES = 40_000
#: The EU's and the UN's lists together, and the names of some twenty dossiers.
LISTED, NAMES = 45_000, 100
THRESHOLD = 0.9
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
    yield from _comparing(n, repeat)


def _comparing(n: int, repeat: int) -> Iterator[Measurement]:
    """Names like listed ones but for a letter and their order, which is the most work there is."""
    listed = SanctionsList(
        "EU",
        timezone.localdate(),
        "",
        tuple(ListedName(number, names, True) for number, names in large(LISTED).items()),
    )
    index = listed.index
    every = [names[0] for names in large(NAMES * 7).values()][::7]
    asked = [comparable_name(f"{name[1:]} {name.split()[0]}") for name in every]

    def compare() -> None:
        for name in asked:
            index.by_sound.alike(name, THRESHOLD, index.is_person)

    yield measure(f"comparing {NAMES} names with {LISTED} entries", compare, n=n, repeat=repeat)
