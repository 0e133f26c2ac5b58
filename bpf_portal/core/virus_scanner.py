"""ClamAV's daemon, by socket or over the network: `CLAMAV_URL` names it, and empty means none."""

from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

#: A scan of 20 MB takes a few seconds; a daemon that loads its signatures, a minute.
PATIENCE_SECONDS = 90
DEFAULT_PORT = 3310


@dataclass(frozen=True)
class Verdict:
    """`found` is what the scanner calls the virus; empty when the content is clean."""

    found: str = ""


class ScannerAway(Exception):
    """The scanner cannot be asked now: nothing is known about the content."""


class ScannerRefused(Exception):
    """The scanner answered, but not about the content (too large for it, a fault of its own)."""


def is_configured() -> bool:
    return bool(settings.CLAMAV_URL)


def scan(content: BinaryIO) -> Verdict:
    """Send the content, read from where it stands, and wait for the verdict.

    Raises ScannerAway or ScannerRefused; never takes silence for clean.
    """
    client = _client(settings.CLAMAV_URL)
    try:
        answers = client.instream(content)
    except (ConnectionError, TimeoutError) as error:
        raise ScannerAway(f"{type(error).__name__}: {error}") from error
    except ClamdError as error:
        # The client wraps whatever the socket said.
        if isinstance(error.__cause__, OSError):
            raise ScannerAway(str(error)) from error
        raise ScannerRefused(str(error) or "no answer") from error
    if not answers:
        # It hung up without a word: restarted, or killed, in the middle.
        raise ScannerAway("the scanner hung up")
    (status, detail), *_others = answers.values()
    if status == "FOUND":
        return Verdict(found=detail or "?")
    if status == "OK":
        return Verdict()
    raise ScannerRefused(detail or status)


def _client(url: str) -> ClamdNetworkSocket:
    """`unix:///run/clamav/clamd.ctl` or `tcp://scanner:3310`."""
    place = urlsplit(url)
    if place.scheme == "unix" and place.path:
        return ClamdUnixSocket(place.path, timeout=PATIENCE_SECONDS)
    if place.scheme == "tcp" and place.hostname:
        port = place.port or DEFAULT_PORT
        return ClamdNetworkSocket(place.hostname, port, timeout=PATIENCE_SECONDS)
    raise ImproperlyConfigured("CLAMAV_URL must look like unix:///path or tcp://host:3310")
