"""Files are looked into: what acts by itself, hides something or grows huge is not taken."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

import pikepdf
import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from PIL import Image

from applications.actions.document_content import ACCEPTED_SUFFIXES, RefusedFile, look_at
from applications.actions.document_picture import MOST_PIXELS
from tests import builders
from tests.clamd import EICAR

WORD = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}


def office(parts: Mapping[str, str | bytes], *, packed: bool = True) -> bytes:
    buffer = io.BytesIO()
    packing = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer, "w", packing) as container:
        for name, content in parts.items():
            container.writestr(name, content)
    return buffer.getvalue()


def picture(format: str, width: int = 3, height: int = 2) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, format)
    return buffer.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that unpack into as many pixels as they say."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed)


def pdf(change: Callable[[pikepdf.Pdf], object], pages: int = 1) -> bytes:
    buffer = io.BytesIO()
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page()
        change(made)
        made.save(buffer)
    return buffer.getvalue()


def action(action: Dictionary) -> Callable[[pikepdf.Pdf], object]:
    """A note on the first page that does this when it is pressed."""

    def change(made: pikepdf.Pdf) -> None:
        note = Dictionary(Type=Name.Annot, Subtype=Name.Link, A=action)
        made.pages[0].Annots = Array([note])

    return change


def opens_with_script(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def script_in_a_tree(made: pikepdf.Pdf) -> None:
    script = made.make_indirect(Dictionary(S=Name.JavaScript, JS=made.make_stream(b"1")))
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["a", script])))


def file_inside(made: pikepdf.Pdf) -> None:
    made.attachments["inside.txt"] = b"anything"


def form_with_script(made: pikepdf.Pdf) -> None:
    made.Root.AcroForm = Dictionary(XFA=made.make_stream(b"<xdp/>"), Fields=Array([]))


def why_refused(content: bytes, name: str) -> str:
    with pytest.raises(RefusedFile) as refused, translation.override("en"):
        look_at(io.BytesIO(content), name)
    with translation.override("en"):
        return str(refused.value.message)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (pdf(opens_with_script), "scripts or actions"),
        (pdf(script_in_a_tree), "scripts or actions"),
        (pdf(action(Dictionary(S=Name.Launch, F="cmd.exe"))), "scripts or actions"),
        (pdf(action(Dictionary(S=Name.SubmitForm, F="https://x.example"))), "scripts or actions"),
        (pdf(form_with_script), "scripts or actions"),
        (pdf(file_inside), "other files inside"),
        (pdf(opens_with_script).replace(b"/JavaScript", b"/Java#53cript"), "scripts or actions"),
        (builders.pdf_bytes()[:200], "cannot be opened"),
        (EICAR, "not what its name says"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "not what its name says"),
        (b"<!doctype html><script>x()</script>", "not what its name says"),
        (picture("PNG"), "not what its name says"),
        (b"\0", "not what its name says"),
    ],
)
def test_a_pdf_that_is_none_or_acts_by_itself(content: bytes, why: str) -> None:
    assert why in why_refused(content, "a.pdf")


def test_links_and_words_in_a_pdf_are_no_actions() -> None:
    def change(made: pikepdf.Pdf) -> None:
        made.docinfo["/Title"] = "How /JS and /Launch work"
        action(Dictionary(S=Name.URI, URI="https://example.org"))(made)

    found = look_at(io.BytesIO(pdf(change, pages=7)), "a.PDF")
    assert (found.content_type, found.pages) == ("application/pdf", 7)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"word/vbaProject.bin": b"x"}, "macros"),
        ({"word/activeX/activeX1.bin": b"x"}, "macros"),
        (
            {
                "[Content_Types].xml": '<Override ContentType="application/vnd.ms-word.document'
                '.macroEnabled.main+xml"/>'
            },
            "macros",
        ),
        (
            {
                "word/_rels/settings.xml.rels": '<Relationship Type="http://x/attachedTemplate"'
                ' Target="http://evil.example/t.dotm" TargetMode="External"/>'
            },
            "template from elsewhere",
        ),
        ({"word/media/a.bin": bytes(60_000_000)}, "when it is unpacked"),
    ],
)
def test_an_office_file_with_something_in_it(parts: dict[str, str | bytes], why: str) -> None:
    assert why in why_refused(office({**WORD, **parts}), "a.docx")
    assert look_at(io.BytesIO(office(WORD)), "a.docx").pages is None


def test_a_container_that_lies_about_its_size_is_read_no_further_than_it_says() -> None:
    bomb = office({**WORD, "[Content_Types].xml": b" " * 60_000_000})
    # Both places that tell how large the part becomes now say: four bytes.
    lying = bomb.replace(struct.pack("<I", 60_000_000), struct.pack("<I", 4))
    assert lying != bomb
    assert "cannot be opened" in why_refused(lying, "a.docx")
    assert "when it is unpacked" in why_refused(bomb, "a.docx")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password"),
        ("a.docm", office(WORD), "macros"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old kind of Office file"),
        ("a.svg", b"<svg/>", "not accepted"),
        ("a.html", b"<html>", "not accepted"),
        ("a.pdf.exe", builders.pdf_bytes(), "not accepted"),
        ("a.docx", builders.pdf_bytes(), "not what its name says"),
        ("a.jpg", picture("PNG"), "not what its name says"),
        ("a.png", picture("PNG")[:40], "cannot be opened"),
        ("a.png", png_that_claims(30_000, 30_000), "more pixels"),
        ("a.png", png_that_claims(2_000_000, 2_000_000), "more pixels"),
    ],
)
def test_other_files_that_are_not_taken(name: str, content: bytes, why: str) -> None:
    assert why in why_refused(content, name)


def test_an_encrypted_part_and_an_encrypted_opendocument() -> None:
    manifest = "<manifest:encryption-data/>"
    odt = office(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": "?",
            "META-INF/manifest.xml": manifest,
        },
        packed=False,
    )
    assert "password" in why_refused(odt, "a.odt")


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("a.jpeg", picture("JPEG"), "image/jpeg"),
        ("a.JPG", picture("JPEG"), "image/jpeg"),
        ("a.png", picture("PNG", 5000, 7000), "image/png"),
        ("Bilan 2025.docx", office(WORD), "application/vnd.openxmlformats"),
    ],
)
def test_files_that_are_taken(name: str, content: bytes, content_type: str) -> None:
    assert MOST_PIXELS > 5000 * 7000
    assert look_at(io.BytesIO(content), name).content_type.startswith(content_type)


@given(st.binary(max_size=400), st.sampled_from(ACCEPTED_SUFFIXES))
@example(b"%PDF-1.7\n%%EOF", ".pdf")
@example(b"PK\x05\x06" + bytes(18), ".docx")
def test_whatever_the_bytes_the_answer_is_a_type_or_a_reason(content: bytes, suffix: str) -> None:
    try:
        answer = look_at(io.BytesIO(content), f"a{suffix}").content_type
    except RefusedFile as refused:
        answer = str(refused.message)
    assert answer
