"""PDF out of HTML: accessible, the same bytes for the same input, closed to the outside.

What the layout may read is named `asset://<shelf>/<name>`: a file in one of our own folders. Any
other address, of the network or of the disk, stops the rendering: an applicant's text must not be
able to make the server fetch anything.
"""

import mimetypes
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import unfold
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

ASSETS = Path(__file__).parent / "assets"
#: Folders that a document may read from, by the name that stands in the address.
SHELVES = {
    "portal": ASSETS,
    "inter": Path(unfold.__file__).parent / "static" / "unfold" / "fonts" / "inter",
}
SCHEME = "asset"
FONTS = "fonts.css"
#: Tagged for screen readers (ISO 14289-1).
VARIANT = "pdf/ua-1"


class RefusedAddress(Exception):
    """The document asked for something that is not one of our own files."""


@dataclass(frozen=True)
class AttachedFile:
    """A file to embed in the PDF. `moment` is its date, given so that the bytes repeat."""

    name: str
    content: bytes
    moment: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    description: str = ""


class ShelfFetcher(URLFetcher):
    """Reads files of our shelves and refuses every other address; there is nothing to redirect."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols={SCHEME}, allow_redirects=False, fail_on_errors=True)

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        path = asset_path(url)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})


def asset_path(url: str) -> Path:
    """The file that `asset://<shelf>/<name>` names; raises RefusedAddress for anything else."""
    parts = urlsplit(url)
    shelf = SHELVES.get(parts.netloc) if parts.scheme == SCHEME else None
    if shelf is None or parts.query or parts.fragment:
        raise RefusedAddress(f"{url[:200]!r} is not one of the portal's own files")
    path = (shelf / parts.path.lstrip("/")).resolve()
    if not (path.is_relative_to(shelf.resolve()) and path.is_file()):
        raise RefusedAddress(f"{url[:200]!r} is not one of the portal's own files")
    return path


class _Press:
    """Fonts and stylesheets, read once per process.

    One document at a time: Pango's font map is not made for several threads.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.fonts = FontConfiguration()
        self.fetcher = ShelfFetcher()
        self._sheets: dict[str, weasyprint.CSS] = {}
        self.stylesheet(FONTS)

    def stylesheet(self, name: str) -> weasyprint.CSS:
        if name not in self._sheets:
            self._sheets[name] = weasyprint.CSS(
                url=f"{SCHEME}://portal/{name}", url_fetcher=self.fetcher, font_config=self.fonts
            )
        return self._sheets[name]


@lru_cache(maxsize=1)
def _press() -> _Press:
    return _Press()


def render_pdf(
    html: str,
    *,
    title: str,
    language: str,
    stylesheets: Sequence[str] = (),
    attachments: Sequence[AttachedFile] = (),
) -> bytes:
    """The document as PDF/UA, with its title and language ("fr", "en").

    `stylesheets` are names of files under `core/assets`, applied in their order; Inter is always
    there. The same arguments give the same bytes with the same versions of the libraries. Raises
    RefusedAddress when the document asks for anything but the portal's own files.
    """
    press = _press()
    with press.lock:
        try:
            return _render(press, html, title, language, stylesheets, attachments)
        except FatalURLFetchingError as error:
            # A BaseException of the library: it would end a worker that only lost one document.
            raise RefusedAddress(str(error)) from error


def _render(
    press: _Press,
    html: str,
    title: str,
    language: str,
    stylesheets: Sequence[str],
    attachments: Sequence[AttachedFile],
) -> bytes:
    # With a base every relative address is asked for, and so refused, rather than passed over.
    page = weasyprint.HTML(string=html, base_url=f"{SCHEME}://portal/", url_fetcher=press.fetcher)
    # The language decides hyphenation and quotation marks, and what a screen reader speaks.
    page.etree_element.set("lang", language)
    document = page.render(
        font_config=press.fonts,
        stylesheets=[press.stylesheet(name) for name in (FONTS, *stylesheets)],
        pdf_variant=VARIANT,
    )
    document.metadata.title = title
    document.metadata.lang = language
    pdf: bytes = document.write_pdf(
        pdf_variant=VARIANT, attachments=[_attachment(press, file) for file in attachments]
    )
    return pdf


def _attachment(press: _Press, file: AttachedFile) -> weasyprint.Attachment:
    return weasyprint.Attachment(
        string=file.content,
        url_fetcher=press.fetcher,
        name=file.name,
        description=file.description,
        created=file.moment,
        modified=file.moment,
    )
