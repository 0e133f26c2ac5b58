"""The minutes of a closed meeting as PDF: the same record gives the same bytes."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from applications.models import Stage
from bpf_portal.core import money
from bpf_portal.core.pdf import render_pdf
from reviews.models import Meeting, Outcome
from reviews.models.committee import VOTES

STYLESHEETS = ("letter.css", "receipt.css")


def minutes_pdf(meeting: Meeting, language: str) -> bytes:
    """PDF/UA in "fr" or "en", from the frozen record alone. Every text is escaped.

    Raises ValueError for a meeting that is not closed.
    """
    if meeting.record is None:
        raise ValueError("a meeting has minutes once it is closed")
    with translation.override(language):
        context = _context(meeting.record, language)
        title = _("Minutes of the committee of %(day)s") % {"day": context["day"]}
        html = render_to_string(
            "minutes/minutes.html", {**context, "title": title, "sha256": meeting.sha256}
        )
        return render_pdf(html, title=title, language=language, stylesheets=STYLESHEETS)


def _context(record: dict[str, Any], language: str) -> dict[str, Any]:
    day = parse_date(record["held_on"])
    items = [_item(item) for item in record["items"]]
    awarded = sum((Decimal(item["amount"] or 0) for item in record["items"]), Decimal(0))
    return {
        "language": language,
        "call": record["call"][f"title_{language}"],
        "code": record["call"]["code"],
        "stage": Stage(record["stage"]).label,
        "day": formats.date_format(day, "j F Y") if day else record["held_on"],
        "hours": (_hour(record["opened_at"]), _hour(record["closed_at"])),
        "envelope": money.display(Decimal(record["envelope"])) if record["envelope"] else None,
        "awarded": money.display(awarded) if awarded else None,
        "voting": [each for each in record["members"] if each["votes"]],
        "observers": [each for each in record["members"] if not each["votes"]],
        "items": items,
        "remarks": record["remarks"],
    }


def _hour(moment: str) -> str:
    return formats.time_format(datetime.fromisoformat(moment), "H:i")


def _item(item: dict[str, Any]) -> dict[str, Any]:
    words = dict(VOTES)
    return {
        **item,
        "requested": money.display(Decimal(item["requested"])),
        "amount": money.display(Decimal(item["amount"])) if item["amount"] else None,
        "outcome": Outcome(item["outcome"]).label if item["outcome"] else None,
        "votes": [(words[value], count) for value, count in item["votes"].items()],
        "voted": [(name, words[value]) for name, value in item["voted"].items()],
    }
