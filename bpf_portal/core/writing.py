"""What a text may consist of, so that it can be shown, printed, mailed and exported as it is."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils.translation import gettext_lazy as _

#: Control characters other than tab and line break: no page, PDF, workbook or XML can hold them.
#: Null, which no database column holds, Django refuses in words of its own.
_UNPRINTABLE = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_BREAK = re.compile("[\r\n]")
#: So many characters before the wrong one show where it is.
_BEFORE = 30
#: RFC 5321, with the brackets around it.
LONGEST_MAIL_ADDRESS = 254


def printable(text: str) -> None:
    """A validator: nothing in the text is invisible and unprintable. Says where it is."""
    found = _UNPRINTABLE.search(text)
    if found is None:
        return
    before = " ".join(text[max(0, found.start() - _BEFORE) : found.start()].split())
    if not before:
        raise ValidationError(
            _("It begins with an invisible control character. Delete it, or write the text anew."),
            code="unprintable",
        )
    raise ValidationError(
        _("After “%(before)s” stands an invisible control character. Delete it."),
        code="unprintable",
        params={"before": before},
    )


def one_line(text: str) -> None:
    """A validator for fields of one line, which end up in subjects of mails and in titles."""
    if _BREAK.search(text):
        raise ValidationError(_("Write this on one line."), code="line_break")


def deliverable(address: str) -> None:
    """A validator after Django's own, which takes names of hosts that no mail can be sent to, and
    addresses longer than any mail server or column of ours takes."""
    if len(address) > LONGEST_MAIL_ADDRESS:
        raise ValidationError(str(EmailValidator.message), code="invalid")
    _require_host(address.rpartition("@")[2], str(EmailValidator.message))


def reachable(address: str) -> None:
    """The same for addresses of the web."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return  # Django's own validator says so
    _require_host(host, str(URLValidator.message))


def _require_host(host: str, message: str) -> None:
    try:
        host.encode("idna")
    except UnicodeError:
        raise ValidationError(message, code="invalid") from None
