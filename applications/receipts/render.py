"""A receipt as a PDF: the same receipt gives the same bytes."""

from django.template.loader import render_to_string

from applications.receipts.content import Receipt
from bpf_portal.core.pdf import render_pdf

STYLESHEETS = ("letter.css", "receipt.css")


def receipt_pdf(receipt: Receipt) -> bytes:
    """The receipt as PDF/UA, in the language it was made in. Every text is escaped."""
    return render_pdf(
        render_to_string("receipts/receipt.html", {"receipt": receipt}),
        title=receipt.title,
        language=receipt.language,
        stylesheets=STYLESHEETS,
    )
