"""The years before the portal, from our shipped files."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviews.actions import commitments, editions
from reviews.models import ProgrammeCommitment, PublishedEdition
from tests.reviews.reports.rows import Desk


@pytest.fixture(autouse=True)
def _no_history(db: None) -> None:
    """Each test says itself what was published: whatever the reference data brought is gone."""
    PublishedEdition.objects.all().delete()
    ProgrammeCommitment.objects.all().delete()


@pytest.fixture
def history(reference: None) -> None:
    """What the portal ships about 2018 to 2025, and the chapter's other commitments."""
    editions.import_editions(editions.SHIPPED)
    commitments.import_commitments(commitments.SHIPPED)


@pytest.fixture
def desk(reference: None) -> Desk:
    return Desk()


@pytest.fixture
def table(tmp_path: Path):  # type: ignore[no-untyped-def]
    """`table(text)` is a file with that text (or these bytes)."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
