"""Both languages are complete: no text of the code lacks its French."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

FOLDERS = ("accounts", "applications", "bpf_portal", "reviews", "templates", "static", "locale")


@pytest.fixture(scope="module")
def fresh_catalogue(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The French catalogue as `makemessages` writes it today, from a copy of the sources."""
    copy = tmp_path_factory.mktemp("sources")
    for name in FOLDERS:
        shutil.copytree(settings.BASE_DIR / name, copy / name)
    shutil.copy(settings.BASE_DIR / "manage.py", copy)
    command = [sys.executable, "manage.py", "makemessages", "--locale", "fr", "--no-location"]
    subprocess.run([*command, "--no-wrap"], cwd=copy, check=True, capture_output=True)
    return (copy / "locale/fr/LC_MESSAGES/django.po").read_text(encoding="utf-8")


def untranslated(catalogue: str) -> list[str]:
    """The entries without a text, or with one that was only guessed from a similar one."""
    entries = [entry for entry in catalogue.split("\n\n")[1:] if not entry.startswith("#~")]
    return [
        entry
        for entry in entries
        if ", fuzzy" in entry or re.search(r'^msgstr(\[\d\])? ""$(?!\n")', entry, re.MULTILINE)
    ]


def test_every_text_has_its_french(fresh_catalogue: str) -> None:
    assert untranslated(fresh_catalogue) == []


def test_french_keeps_a_colon_beside_its_word() -> None:
    """French sets a no-break space before ; : ! ? and a plain one would break the line there."""
    catalogue = Path(settings.BASE_DIR / "locale/fr/LC_MESSAGES/django.po").read_text("utf-8")
    texts = re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', catalogue, re.MULTILINE)
    broken = [text for text in texts if re.search(r"\w [;:!?](\s|$|\")", text)]
    assert broken == []


def test_texts_are_marked_by_names_that_the_extraction_knows() -> None:
    """`gettext as _g` would work on the page and never reach the catalogue."""
    known = re.compile(r"gettext(_lazy|_noop)? as (?!_\b)\w+|ngettext\w* as \w+")
    sources = (path for folder in FOLDERS for path in (settings.BASE_DIR / folder).rglob("*.py"))
    assert [path.name for path in sources if known.search(path.read_text("utf-8"))] == []
