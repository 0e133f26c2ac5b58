"""The pages of docs/ that say what the code does."""

from __future__ import annotations

from django.conf import settings

from reviews.management.commands.document_states import page


def test_the_diagrams_of_states_are_those_of_the_code() -> None:
    written = (settings.BASE_DIR / "docs" / "states.md").read_text(encoding="utf-8")
    assert written.strip() == page().strip(), "run manage.py document_states > docs/states.md"
