"""The PDF engine: accessible documents, the same bytes each time, and nothing from outside."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pikepdf
import pypdf
import pytest

from bpf_portal.core.pdf import AttachedFile, RefusedAddress, asset_path, render_pdf

PAGE = """<html><head><meta name="dcterms.created" content="2026-01-02T10:00:00+01:00"></head>
<body><h1>Étude à Thiès</h1><p>Ελλάδα, България, œuvre</p></body></html>"""


def reader(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def test_it_works() -> None:
    document = reader(render_pdf(PAGE, title="Étude", language="fr"))

    assert "Étude à Thiès" in document.pages[0].extract_text()
    assert "Ελλάδα, България, œuvre" in document.pages[0].extract_text()
    assert document.metadata is not None
    assert document.metadata.title == "Étude"


def test_a_screen_reader_is_told_language_title_and_structure() -> None:
    document = pikepdf.open(io.BytesIO(render_pdf(PAGE, title="Étude", language="fr")))

    assert str(document.Root.Lang) == "fr"
    assert document.Root.MarkInfo.Marked
    assert document.Root.ViewerPreferences.DisplayDocTitle
    assert document.open_metadata()["pdfuaid:part"] == "1"
    assert "/StructTreeRoot" in document.Root


def test_the_house_typeface_is_embedded() -> None:
    pages = reader(
        render_pdf("<p style='font-family: Inter'>x</p>", title="t", language="en")
    ).pages
    fonts = [font.get_object()["/BaseFont"] for font in pages[0]["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert any("Inter" in name for name in fonts)


def test_the_same_input_gives_the_same_bytes() -> None:
    first = render_pdf(PAGE, title="Étude", language="fr")
    assert render_pdf(PAGE, title="Étude", language="fr") == first


def test_a_file_can_be_embedded() -> None:
    file = AttachedFile("dossier.json", b'{"a": 1}')
    pdf = render_pdf(PAGE, title="t", language="fr", attachments=[file])
    assert reader(pdf).attachments["dossier.json"] == [b'{"a": 1}']
    assert render_pdf(PAGE, title="t", language="fr", attachments=[file]) == pdf


class _Counting(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()


@pytest.fixture
def outside() -> Iterator[tuple[str, list[str]]]:
    """A real web server that notes whatever is asked of it."""
    handler = type("Handler", (_Counting,), {"asked": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler.asked  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "markup",
    [
        "<img src='{url}/a.png'>",
        "<link rel=stylesheet href='{url}/a.css'>",
        "<style>@import url({url}/a.css);</style>",
        "<style>@font-face {{ font-family: x; src: url({url}/a) }}</style>",
        "<p style='background: url({url}/a.png)'>x</p>",
        "<base href='{url}/'><img src='a.png'>",
        "<link rel=attachment href='{url}/a'>",
        "<object data='{url}/a'></object>",
    ],
)
def test_nothing_is_fetched_from_the_network(markup: str, outside: tuple[str, list[str]]) -> None:
    url, asked = outside
    with pytest.raises(RefusedAddress):
        render_pdf(markup.format(url=url), title="t", language="en")
    assert asked == []


def test_a_picture_inside_a_drawing_is_not_fetched_either(outside: tuple[str, list[str]]) -> None:
    url, asked = outside
    drawing = (
        f"<svg viewBox='0 0 9 9' width=9 height=9><image width=9 height=9 href='{url}/a'/></svg>"
    )
    render_pdf(drawing, title="t", language="en")
    assert asked == []


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "data:image/svg+xml,<svg/>",
        "asset://portal/../pdf.py",
        "asset://portal/%2e%2e/pdf.py",
        "asset://portal//etc/passwd",
        "asset://nowhere/letter.css",
        "asset://portal/letter.css?x",
        "asset://portal/",
        "letter.css",
    ],
)
def test_only_files_of_our_own_shelves_have_an_address(address: str) -> None:
    with pytest.raises(RefusedAddress):
        asset_path(address)
    with pytest.raises(RefusedAddress):
        render_pdf(f"<img src='{address}'>", title="t", language="en")


def test_a_refusal_does_not_spoil_the_next_document() -> None:
    with pytest.raises(RefusedAddress):
        render_pdf("<img src='file:///etc/passwd'>", title="t", language="en")
    assert render_pdf(PAGE, title="t", language="en").startswith(b"%PDF")


def test_several_threads_print_at_once() -> None:
    printed: list[bytes] = []
    threads = [
        threading.Thread(
            target=lambda: printed.append(render_pdf(PAGE, title="Étude", language="fr"))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(printed) == 4
    assert len(set(printed)) == 1
