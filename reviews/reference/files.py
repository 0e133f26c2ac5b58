"""Reading what the portal ships for reviewing: files in, plain values out, no database."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from reviews.conflicts import InterestRules

FOLDER = Path(__file__).parent


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def read_rubrics() -> list[dict[str, Any]]:
    rubrics: list[dict[str, Any]] = _read("rubrics.json")
    return rubrics


def read_phases() -> list[dict[str, Any]]:
    """The phases that a new call gets at each stage, in days after the stage's deadline."""
    phases: list[dict[str, Any]] = _read("phases.json")
    return phases


@cache
def interest_rules() -> InterestRules:
    """How alike two names must be, and which mail domains belong to no organisation in particular:
    those of providers, and those reserved for examples (RFC 2606)."""
    given = _read("interests.json")
    shared = {*given["public_mail_domains"], *given["reserved_mail_domains"]}
    return InterestRules(alike=given["alike"], shared_domains=frozenset(shared))
