"""A letter: what we add to WeasyPrint's layout of the same page."""

from collections.abc import Iterator

import weasyprint

from benchmarks.measurement import Measurement, measure
from bpf_portal.core import pdf
from reviews.actions.issuing import letter_preview
from reviews.actions.letter_templates import newest_template
from reviews.letters.context import build_context
from reviews.letters.render import STYLESHEET, letter_html
from reviews.models import Decision


def measure_group(n: int, repeat: int) -> Iterator[Measurement]:
    """From the decision's row to the PDF, beside the layout and writing of the finished HTML."""
    decision = Decision.objects.published().filter(kind="selected").order_by("pk").first()
    if decision is None:
        decision = Decision.objects.published().earliest("pk")
    template = newest_template(decision.kind, decision.submission.language)
    html = letter_html(build_context(decision, template=template, reference="–"))
    press = pdf._press()

    def lay_out() -> None:
        page = weasyprint.HTML(
            string=html, base_url=f"{pdf.SCHEME}://portal/", url_fetcher=press.fetcher
        )
        page.etree_element.set("lang", decision.submission.language)
        page.render(
            font_config=press.fonts,
            stylesheets=[press.stylesheet(name) for name in (pdf.FONTS, STYLESHEET)],
            pdf_variant=pdf.VARIANT,
        ).write_pdf(pdf_variant=pdf.VARIANT)

    limit = measure("WeasyPrint's layout of one letter alone", lay_out, n=n, repeat=repeat)
    yield limit

    def whole_letter() -> None:
        letter_preview(Decision.objects.get(pk=decision.pk))

    yield measure("one letter", whole_letter, n=n, repeat=repeat, against=limit)
