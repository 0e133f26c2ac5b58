"""A stored context to a page, and the page to a PDF. It reads nothing else: it can be repeated."""

from itertools import accumulate
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import override

from bpf_portal.core.pdf import render_pdf

STYLESHEET = "letter.css"


def letter_html(context: dict[str, Any]) -> str:
    """The letter as a page. Every text of the context is escaped."""
    with override(context["language"]):
        return render_to_string(
            "letters/letter.html",
            {"letter": context, "second_column": _second_column(context["clause"])},
        )


def _second_column(clause: dict[str, Any] | None) -> int:
    """Which article of the annex begins the second column, so that both are about as long."""
    lengths = [sum(map(len, article["lines"])) for article in clause["articles"]] if clause else []
    sums = list(accumulate(lengths))
    return min(range(len(sums)), key=lambda at: abs(2 * sums[at] - sums[-1]), default=0) + 1


def letter_pdf(context: dict[str, Any]) -> bytes:
    """The letter as PDF/UA; the same context gives the same bytes."""
    return render_pdf(
        letter_html(context),
        title=context["title"],
        language=context["language"],
        stylesheets=[STYLESHEET],
    )
