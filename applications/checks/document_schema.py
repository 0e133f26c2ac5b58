"""What counts as a dossier: strict JSON, our schema, nothing that could change meaning on its way.

The schema beside this file is the portal's own exchange format ("bpf-proposal/1"). It is closed:
an unknown property is refused, because a misspelt optional one (say, the mark for road haulage)
would otherwise silently change the rule that applies.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

SCHEMA_ID = "bpf-proposal/1"
SCHEMA_PATH = Path(__file__).with_name("proposal.schema.json")
#: What lies in `extra` of a detailed proposal: names of our own, with their shapes.
EXTRA_SCHEMA_PATH = Path(__file__).with_name("extra.schema.json")
_REASON_LENGTH = 200
# Fifteen digits before the point keep every sum of a dossier exact in Decimal's 28 digits.
_AMOUNT_LENGTH = 18
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_AMOUNT_PATTERN = r"^(0|[1-9]\d*)\.\d{2}$"


class NotADossier(ValueError):
    """The document is not a dossier. `reason` is one line; `path` is where, as a JSON path."""

    def __init__(self, reason: str, path: str = "$") -> None:
        self.reason = _one_line(reason)
        self.path = _one_line(path)
        super().__init__(f"{self.path}: {self.reason}")


def _one_line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _REASON_LENGTH else line[: _REASON_LENGTH - 1] + "…"


def read_document(content: bytes | str) -> dict[str, Any]:
    """Parse strict JSON (UTF-8, no NaN, no repeated property). Raises NotADossier."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotADossier(f"not UTF-8 text (byte {error.start})") from error
    try:
        document = json.loads(text, object_pairs_hook=_distinct, parse_constant=_refuse_constant)
    except NotADossier:
        raise
    except json.JSONDecodeError as error:
        raise NotADossier(
            f"not JSON: {error.msg}, line {error.lineno} column {error.colno}"
        ) from error
    except RecursionError as error:
        raise NotADossier("not a dossier: nested too deeply") from error
    except ValueError as error:
        raise NotADossier(f"not JSON: {error}") from error
    if not isinstance(document, dict):
        raise NotADossier("a dossier is a JSON object")
    return document


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotADossier(f"the property {twice!r} is given twice")
    return result


def _refuse_constant(name: str) -> Any:
    raise NotADossier(f"{name} is not a value a dossier may hold")


def validate(document: object) -> Mapping[str, Any]:
    """The document, if it fits the schema; else NotADossier, naming the place."""
    if not isinstance(document, Mapping):
        raise NotADossier("a dossier is a JSON object")
    if document.get("schema") != SCHEMA_ID:
        raise NotADossier(f"the schema must be {SCHEMA_ID!r}", "$.schema")
    _refuse_unsafe_values(document)
    # `best_match` walks all errors; the common case has none, and asks only once.
    if (error := best_match(_validator().iter_errors(document))) is not None:
        raise NotADossier(_reason(error), error.json_path)
    return document


def _refuse_unsafe_values(document: Mapping[str, Any]) -> None:
    """Null bytes and lone surrogates cannot be stored; NaN and infinity compare as nothing."""
    waiting: list[tuple[str, Any]] = [("$", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            _refuse_unsafe_text(value, path)
        elif isinstance(value, float) and not math.isfinite(value):
            raise NotADossier("not a finite number", path)
        elif isinstance(value, Mapping):
            for key, item in value.items():
                _refuse_unsafe_text(str(key), path)
                waiting.append((f"{path}.{key}", item))
        elif isinstance(value, list):
            waiting.extend((f"{path}[{index}]", item) for index, item in enumerate(value))


def _refuse_unsafe_text(text: str, path: str) -> None:
    if "\x00" in text:
        raise NotADossier("a null byte is not allowed in text", path.replace("\x00", "?"))
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        raise NotADossier(
            "text that is not valid Unicode", path.encode("ascii", "replace").decode()
        )


def _reason(error: ValidationError) -> str:
    if error.validator == "pattern" and error.validator_value == _AMOUNT_PATTERN:
        return 'an amount is text with two decimals, such as "1250.00"'
    if error.validator == "type" and _expects_amount(error):
        return 'an amount is text with two decimals, such as "1250.00", not a number'
    if error.validator == "format":
        return f"{_brief(error.instance)} is not a {error.validator_value}"
    if error.validator == "type":
        wanted = error.validator_value
        names = wanted if isinstance(wanted, str) else " or ".join(wanted)
        return f"{_brief(error.instance)} is not of type {names}"
    return error.message


def _expects_amount(error: ValidationError) -> bool:
    schema = error.schema
    return isinstance(schema, Mapping) and schema.get("pattern") == _AMOUNT_PATTERN


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _whole_pattern(
    validator: Any, pattern: str, instance: object, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """The schema's patterns are ECMA ones: `$` is the very end and `\\d` is 0 to 9."""
    if not isinstance(instance, str):
        return
    if not _compiled(pattern).search(instance):
        yield ValidationError(f"{_brief(instance)} does not match {pattern!r}")
    elif pattern == _AMOUNT_PATTERN and len(instance) > _AMOUNT_LENGTH:
        yield ValidationError("an amount beyond any budget")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\$$", r"\\Z", pattern), re.ASCII)


_formats = FormatChecker(formats=())


@_formats.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(_DATE.fullmatch(value)) and bool(date.fromisoformat(value))


@_formats.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    """A moment without a zone is refused: a deadline cannot be compared with it."""
    if not isinstance(value, str):
        return True
    if not _MOMENT.fullmatch(value):
        return False
    # At either end of the calendar a moment has no local time in Luxembourg to show.
    return MINYEAR < datetime.fromisoformat(value.upper()).year < MAXYEAR


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    schema["properties"]["extra"] = json.loads(EXTRA_SCHEMA_PATH.read_text(encoding="utf-8"))
    strict = extend(Draft202012Validator, {"pattern": _whole_pattern})
    return strict(schema, format_checker=_formats)
