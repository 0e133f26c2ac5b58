"""Reading the scoring grids that the portal ships: files in, plain values out, no database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def read_rubrics() -> list[dict[str, Any]]:
    rubrics: list[dict[str, Any]] = json.loads(
        (FOLDER / "rubrics.json").read_text(encoding="utf-8")
    )
    return rubrics
