"""The rules to try, as somebody names them: a stored version, or a file of parameters."""

import json
from typing import Any

from django.utils import timezone

from applications.actions.dossier_files import Unreadable, printable, read_file
from applications.models import RuleSet

FORMAT = "is neither an object of parameters nor an entry as in rule_sets.json"


class NoSuchRules(Exception):
    """Why these rules cannot be tried, in one line."""


def named_rules(name: str) -> RuleSet:
    """`CODE`, `CODE:VERSION` or a file ending in .json; of a code the newest version in force.

    A draft is named with its version. What comes from a file is not stored. Raises NoSuchRules.
    """
    if name.endswith(".json"):
        return _from_file(name)
    code, colon, version = name.partition(":")
    rows = RuleSet.objects.filter(code=code)
    if colon:
        # Longer numbers are no versions, and no number that the column could be compared with.
        known = version.isascii() and version.isdigit() and len(version) <= 4
        rows = rows.filter(version=int(version)) if known else rows.none()
    else:
        rows = rows.in_force()
    found = rows.order_by("version").last()
    if found is None:
        known_sets = RuleSet.objects.order_by("code", "version").values_list("code", "version")
        known_names = ", ".join(f"{each}:{number}" for each, number in known_sets)
        raise NoSuchRules(f"there is no rule set {printable(name)!r}; there are {known_names}")
    return found


def _from_file(name: str) -> RuleSet:
    try:
        given = json.loads(read_file(name))
    except Unreadable as error:
        raise NoSuchRules(f"{printable(name)}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise NoSuchRules(f"{printable(name)}: is not JSON ({error})") from error
    parameters, sources = _parts(printable(name), given)
    return RuleSet(
        code=printable(name),
        title_fr=printable(name),
        title_en=printable(name),
        parameters=parameters,
        sources=sources,
        valid_from=timezone.localdate(),
    )


def _parts(name: str, given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    if not isinstance(given, dict):
        raise NoSuchRules(f"{name}: {FORMAT}")
    if "parameters" not in given:
        return given, {}
    parameters, sources = given["parameters"], given.get("sources") or {}
    if not isinstance(parameters, dict) or not isinstance(sources, dict):
        raise NoSuchRules(f"{name}: {FORMAT}")
    return parameters, sources
