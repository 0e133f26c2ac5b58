"""The files a company uploads: one page with a few sentences, as a real PDF."""

import io

import pikepdf
from pikepdf import Dictionary, Name

_WIDTH, _HEIGHT, _MARGIN, _LEADING = 595, 842, 72, 22


def page_with(*lines: str) -> bytes:
    """A PDF page with these lines, which a reader can select and search."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(_WIDTH, _HEIGHT))
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1,
        BaseFont=Name.Helvetica,
        Encoding=Name.WinAnsiEncoding,
    )
    page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
    page.obj.Contents = pdf.make_stream(_shown(lines))
    pdf.docinfo["/Title"] = lines[0]
    buffer = io.BytesIO()
    pdf.save(buffer)
    return buffer.getvalue()


def _shown(lines: tuple[str, ...]) -> bytes:
    start = f"BT /F1 12 Tf {_LEADING} TL {_MARGIN} {_HEIGHT - _MARGIN} Td\n"
    return b"".join(
        (start.encode(), *(b"(" + _escaped(line) + b") Tj T*\n" for line in lines), b"ET")
    )


def _escaped(line: str) -> bytes:
    text = line.encode("cp1252", errors="replace")
    for character in (b"\\", b"(", b")"):
        text = text.replace(character, b"\\" + character)
    return text
