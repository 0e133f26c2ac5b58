"""Names as they are compared: without accents, case, punctuation or order of words."""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(r"[\W_]+")


def comparable_name(name: str) -> str:
    """ "Élan, S.A." and "s a ELAN" become the same; empty if there is nothing to compare."""
    spread = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in spread if not unicodedata.combining(c))
    return " ".join(sorted(_SEPARATORS.sub(" ", letters).split()))
