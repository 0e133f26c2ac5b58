"""The texts and figures of the demonstration, as JSON files beside this module."""

import json
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]
FOLDER = Path(__file__).resolve().parent / "data"


@cache
def read(name: str) -> Any:
    """The content of `data/<name>.json`. Callers do not change it."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
