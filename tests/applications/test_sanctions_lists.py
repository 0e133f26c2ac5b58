"""Sanctions lists come in whole or not at all, from the files of their publishers."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from applications.actions.sanctions import BATCH
from applications.actions.sanctions_files import Refused, survey
from applications.models import Rescreening, SanctionsEntry, SanctionsList
from tests import invented, sanctions

pytestmark = pytest.mark.django_db

PEOPLE = {"101": ("Zoltan Karovic", "Золтан Каровић"), "102": ("Merula Vanstadt; the elder",)}


def run(path: Path, *options: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("import_sanctions", str(path), *options, stdout=out, stderr=err)
    except SystemExit as left:
        return int(str(left.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "list"
    path.write_bytes(content)
    return path


def test_the_list_of_the_eu_is_one_entry_per_number_with_all_its_names(tmp_path: Path) -> None:
    content = sanctions.eu_file(PEOPLE)
    code, said, _ = run(write(tmp_path, content))
    assert code == 0
    loaded = SanctionsList.objects.get()
    assert (loaded.source, loaded.dated) == ("EU", date(2024, 4, 1))
    assert loaded.sha256 == hashlib.sha256(content).hexdigest()
    assert (loaded.entry_count, loaded.name_count) == (2, 3)
    assert loaded.sha256 in said
    first, second = loaded.entries.order_by("reference")
    assert first.names == ["Zoltan Karovic", "Золтан Каровић"]
    assert first.folded == ["karovic zoltan", "karovic zoltan"]
    assert (first.label, first.is_person) == ("EU.101.1", True)
    assert second.names == ["Merula Vanstadt; the elder"]


def test_lines_of_an_entry_may_lie_apart(tmp_path: Path) -> None:
    lines = list(sanctions.eu_lines(PEOPLE))
    apart = "".join([lines[0], lines[1], lines[3], lines[2]]).encode()
    assert run(write(tmp_path, apart))[0] == 0
    assert len(SanctionsEntry.objects.get(reference="101").names) == 2


def test_the_list_of_the_un_has_people_and_entities_with_their_aliases(tmp_path: Path) -> None:
    content = sanctions.un_file(
        {"6908": ("Abu Zoltan Al Karovi", "The Mole")}, {"7001": ("Vanstadt Foundation",)}
    )
    assert run(write(tmp_path, content))[0] == 0
    loaded = SanctionsList.objects.get()
    assert (loaded.source, loaded.dated) == ("UN", date(2024, 4, 2))
    person, entity = loaded.entries.order_by("reference")
    assert person.names == ["Abu Zoltan Al Karovi", "The Mole"]
    assert (person.is_person, entity.is_person) == (True, False)


def test_the_same_file_twice_is_told_and_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, sanctions.eu_file(PEOPLE))
    run(path)
    code, said, _ = run(path)
    assert (code, SanctionsList.objects.count(), Rescreening.objects.count()) == (0, 1, 1)
    assert "already loaded" in said


def test_a_new_version_replaces_the_living_one_and_the_old_stays(tmp_path: Path) -> None:
    run(write(tmp_path, sanctions.eu_file(PEOPLE)))
    run(write(tmp_path, sanctions.un_file({"1": ("Zoltan Karovic",)})))
    newer = sanctions.eu_file({"103": ("Orsolya Belgur",)}, dated=date(2024, 5, 1))
    assert run(write(tmp_path, newer))[0] == 0
    living = SanctionsList.objects.living()
    assert {(row.source, row.dated.isoformat()) for row in living} == {
        ("EU", "2024-05-01"),
        ("UN", "2024-04-02"),
    }
    assert SanctionsEntry.objects.filter(reference="101").exists()


def test_an_older_list_does_not_come_back(tmp_path: Path) -> None:
    run(write(tmp_path, sanctions.eu_file(PEOPLE, dated=date(2024, 5, 1))))
    older = sanctions.eu_file({"101": ("Zoltan Karovic",)})
    code, _, problem = run(write(tmp_path, older))
    assert (code, SanctionsList.objects.get().dated) == (2, date(2024, 5, 1))
    assert "1 May 2024" in problem


EU = sanctions.eu_file(PEOPLE)
BROKEN = {
    "nothing": (b"", "empty"),
    "only a heading": (EU.split(b"\r\n")[0] + b"\r\n", "no entries"),
    "cut in a line": (EU[: len(EU) - 60], "Line 4, column"),
    "cut in a quoted name": (EU[: EU.index(b"elder")], "Line 4, column"),
    "one column missing": (EU.replace(b"NameAlias_WholeName", b"Name"), "NameAlias_WholeName"),
    "another table": (b"a;b;c\r\n1;2;3\r\n", "neither"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "neither the list|column"),
    "latin-1": (EU.replace(b"Zoltan", b"Zolt\xe1n"), "Line 2, column"),
    "utf-16": (sanctions.eu_file(PEOPLE).decode().encode("utf-16"), "Line 1, column 1"),
    "a null byte": (EU.replace(b"Merula", b"Mer\x00la"), "Line 4, column"),
    "no number": (EU.replace(b";102;", b";;"), "Line 4, column 1"),
    "no name": (EU.replace(b'"Merula Vanstadt; the elder"', b""), "102"),
    "a date to come": (sanctions.eu_file(PEOPLE, dated=date(2099, 1, 1)), "01/01/2099"),
    "xml cut": (sanctions.un_file({"1": ("A B",)})[:-30], "Line 1, column"),
    "xml of something else": (b"<rss><channel/></rss>", "neither"),
    "xml without a date": (sanctions.un_file({"1": ("A B",)}, dated=""), "not a day"),
    "xml with an entry twice": (
        sanctions.un_file({"1": ("A B",)}, {"1": ("C D",)}),
        "1 is there twice",
    ),
    "entity bomb": (
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
        + sanctions.un_file({"1": ("&b;",)}).split(b"?>")[1],
        "entities",
    ),
    "a file of the machine": (
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        + sanctions.un_file({"1": ("&a;",)}).split(b"?>")[1],
        "entities",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_its_place_and_the_old_list_stays(
    tmp_path: Path, name: str
) -> None:
    content, expected = BROKEN[name]
    before = sanctions.load(sanctions.eu_file({"9": ("Orsolya Belgur",)})).sanctions_list
    code, said, problem = run(write(tmp_path, content))
    assert (code, said) == (2, "")
    assert len(problem.splitlines()) == 1
    assert any(part in problem for part in expected.split("|")), problem
    assert list(SanctionsList.objects.living()) == [before]
    assert SanctionsEntry.objects.count() == 1


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    code, _, problem = run(tmp_path / "nowhere.csv")
    assert code == 2
    assert "nowhere.csv" in problem


def test_a_list_cut_between_two_lines_is_taken_only_when_that_is_meant(tmp_path: Path) -> None:
    sanctions.load(sanctions.eu_file(invented.large(1_000)))
    cut = write(tmp_path, sanctions.eu_file(invented.large(499), dated=date(2024, 4, 2)))
    code, _, problem = run(cut)
    assert code == 2
    assert "499" in problem
    assert "1000" in problem
    assert run(cut, "--accept-shorter")[0] == 0
    assert SanctionsList.objects.living().get().entry_count == 499


def test_nobody_changes_a_list_that_was_loaded() -> None:
    loaded = sanctions.load(EU).sanctions_list
    for change in (
        lambda: SanctionsEntry.objects.update(names=["x"], folded=["x"]),
        lambda: SanctionsEntry.objects.all().delete(),
        lambda: SanctionsList.objects.filter(pk=loaded.pk).update(sha256="0"),
        lambda: SanctionsList.objects.filter(pk=loaded.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def memory_of(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_a_list_twenty_times_as_long_takes_hardly_more_memory(tmp_path: Path) -> None:
    """Of a longer list only a number per entry is kept: never its lines or names."""
    small, long = tmp_path / "small", tmp_path / "long"
    sanctions.write_large(small, 500)
    sanctions.write_large(long, 10_000)

    def look(path: Path) -> None:
        survey(lambda: path.open("rb"), today=date(2026, 1, 1))

    more = memory_of(lambda: look(long)) - memory_of(lambda: look(small))
    assert more < (long.stat().st_size - small.stat().st_size) / 2


def test_a_list_of_several_batches_is_loaded_whole(tmp_path: Path) -> None:
    """As long as it takes to fill some batches and begin another; `script/bench sanctions` loads
    one as long as the Union's."""
    path, entries = tmp_path / "long", 2 * BATCH + 1
    sanctions.write_large(path, entries)
    assert run(path)[0] == 0
    loaded = SanctionsList.objects.get()
    assert (loaded.entry_count, loaded.entries.count()) == (entries, entries)


def test_a_refusal_can_be_read_in_both_languages() -> None:
    from django.utils import translation

    with pytest.raises(Refused) as refused:
        sanctions.load(EU[:-60])
    with translation.override("fr"):
        french = refused.value.text
    with translation.override("en"):
        assert refused.value.text != french
