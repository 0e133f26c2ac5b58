"""Company registers over HTTP: VIES and the Luxembourg register, where the environment names them.

Only the configured address is asked, with a number as the only thing that varies: no redirect is
followed, no proxy taken from the environment, and an answer has a size and a time it must keep to.
"""

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

CONNECT_SECONDS = 5.0
#: For one piece of an answer, and for the whole of it.
READ_SECONDS = 10.0
WHOLE_SECONDS = 30.0
MOST_BYTES = 64 * 1024
NAME_LENGTH = 300


@dataclass(frozen=True)
class Said:
    """Whether the register knows the number as one in use, and the name it keeps, if it tells."""

    valid: bool
    name: str = ""


class RegisterAway(Exception):
    """The register cannot be asked now, or what it said is no answer: nothing is known."""


def configured() -> frozenset[str]:
    """The codes of the registers that this installation asks."""
    urls = {"vies": settings.VIES_URL, "lbr": settings.LBR_URL}
    return frozenset(register for register, url in urls.items() if url)


def ask(register: str, country: str, number: str) -> Said:
    """Ask the register once. Raises RegisterAway; never takes silence or noise for an answer."""
    if register not in configured():
        raise RegisterAway("this installation does not ask this register")
    return _vies(country, number) if register == "vies" else _luxembourg(number)


def _vies(country: str, number: str) -> Said:
    """The Commission's REST interface: `POST check-vat-number`."""
    given = _fetch(
        "POST",
        settings.VIES_URL,
        "check-vat-number",
        {"countryCode": country, "vatNumber": number},
    )
    if not isinstance(given.get("valid"), bool):
        # A Member State's own register is away: {"actionSucceed": false, "errorWrappers": […]}.
        raise RegisterAway(f"no answer about the number: {_error_codes(given)}")
    # Member States that tell no name write dashes.
    name = _text(given.get("name"))
    return Said(valid=given["valid"], name="" if not name.strip("- ") else name)


def _luxembourg(number: str) -> Said:
    """The adapter's protocol (docs/operations.md): `GET companies/B123456`."""
    given = _fetch("GET", settings.LBR_URL, f"companies/{number}")
    if not isinstance(given.get("found"), bool):
        raise RegisterAway("no answer about the number")
    return Said(valid=given["found"], name=_text(given.get("name")))


def _error_codes(given: dict[str, Any]) -> str:
    wrappers = given.get("errorWrappers")
    found = (
        [each.get("error") for each in wrappers or [] if isinstance(each, dict)]
        if isinstance(wrappers, list)
        else []
    )
    return _text(", ".join(str(code) for code in found)) or "no reason given"


def _text(given: object) -> str:
    """One line without what a database or a page cannot hold."""
    if not isinstance(given, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in given).strip()[:NAME_LENGTH]


def _fetch(method: str, base: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
    place = urlsplit(base)
    if place.scheme not in ("http", "https") or not place.hostname:
        raise ImproperlyConfigured("a register's address must look like https://host/path")
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    with urllib3.PoolManager(timeout=timeout) as pool:
        try:
            response = pool.request(
                method,
                f"{base.rstrip('/')}/{path}",
                json=body,
                headers={"Accept": "application/json"} if body is None else None,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                content = _bounded(response)
            finally:
                response.close()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise RegisterAway(f"{type(error).__name__}: {error}"[:NAME_LENGTH]) from error
    if response.status != 200:
        raise RegisterAway(f"HTTP {response.status}")
    return _json_object(content)


def _bounded(response: urllib3.BaseHTTPResponse) -> bytes:
    """The whole body, or RegisterAway when it is too long or comes too slowly."""
    until, content = time.monotonic() + WHOLE_SECONDS, b""
    while piece := response.read1(8 * 1024):
        content += piece
        if len(content) > MOST_BYTES:
            raise RegisterAway("the answer is too long")
        if time.monotonic() > until:
            raise RegisterAway("the answer comes too slowly")
    return content


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        given = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RegisterAway("the answer is not JSON") from error
    if not isinstance(given, dict):
        raise RegisterAway("the answer is not a JSON object")
    return given
