"""What a page weighs on the line: compressed, and its files fetched once."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from fontTools.ttLib import TTFont

from accounts.models import User
from applications.actions.completeness import SECTIONS
from applications.models import Call
from bpf_portal.core.static import FONTS, keep_latin
from tests import builders

FIRST_VISIT, NEXT_VISIT, ONE_WEIGHT = 200_000, 30_000, 25_000
FILES = re.compile(r'(?:src|href)="/static/([^"]+\.(?:js|css|svg))"')
WEIGHTS = re.compile(r"Inter-\w+\.woff2")


def found(name: str) -> Path:
    return Path(str(finders.find(name)))


def weight_of(name: str) -> int:
    """A file as it is served: compressed (WhiteNoise also has Brotli, which is smaller)."""
    return len(gzip.compress(found(name).read_bytes(), 9))


@pytest.mark.django_db
@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_is_light(
    section: str, applicant: User, open_call: Call, as_user: Callable[..., Client]
) -> None:
    draft = builders.build_detailed_draft(applicant, open_call)
    url = reverse("proposals:section", args=[draft.reference, section])
    client = as_user(applicant)
    page = client.get(url, headers={"accept-encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert len(page.content) < NEXT_VISIT
    files = set(FILES.findall(gzip.decompress(page.content).decode()))
    fonts = set(WEIGHTS.findall(found("portal/portal.css").read_text()))
    whole = len(page.content) + sum(map(weight_of, files)) + len(fonts) * ONE_WEIGHT
    assert whole < FIRST_VISIT, f"{section}: {whole} bytes"


def test_a_weight_of_the_typeface_keeps_the_letters_of_french_and_english(tmp_path: Path) -> None:
    font = tmp_path / "Inter-Regular.woff2"
    shutil.copy(found(f"{FONTS}Inter-Regular.woff2"), font)
    keep_latin(str(font))
    assert font.stat().st_size < ONE_WEIGHT
    letters = TTFont(font).getBestCmap()
    assert all(ord(letter) in letters for letter in "AzÉœŒçÿß€«»’…–\u00a0\u202f0123456789")


@pytest.mark.django_db
def test_only_pages_are_compressed(client: Client) -> None:
    answer = client.get(reverse("healthz"), headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    pages = [client.get(reverse("home"), headers={"accept-encoding": "gzip"}) for _ in range(8)]
    assert len({len(page.content) for page in pages}) > 1, "the size of a page tells its content"
