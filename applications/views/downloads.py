"""Files leave the portal here: as attachments that no browser runs, whole or the part asked for.

Every byte comes through the portal, also from S3. A signed address of the store would be a key that
works for whoever holds it, as long as it is valid, and would send none of the headers below.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import StreamingHttpResponse
from django.utils.http import content_disposition_header, quote_etag

from applications.models import ScannedFile

_PIECE = 64 * 1024
_ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


def attachment(request: HttpRequest, row: ScannedFile) -> HttpResponseBase:
    """The file of a row that the person may see and that may be opened; the caller asked both.

    A broken download goes on where it stopped: one range of bytes is answered with 206, for the
    same content only (`If-Range`). What cannot be a range of this file is 416; several at once, or
    another unit, get the whole file, as RFC 9110 allows.
    """
    etag = quote_etag(row.sha256)
    wanted = request.headers.get("Range", "") if request.method == "GET" else ""
    if request.headers.get("If-Range", etag) != etag:
        wanted = ""
    response: HttpResponseBase
    span = _span(wanted, row.size)
    if span is None:
        response = FileResponse(row.file.open("rb"), content_type=row.content_type)
        response["Content-Length"] = str(row.size)
    elif not span:
        response = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        response["Content-Range"] = f"bytes */{row.size}"
    else:
        response = _part(row, span)
    disposition = content_disposition_header(as_attachment=True, filename=row.filename)
    response["Content-Disposition"] = disposition or "attachment"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def _span(wanted: str, size: int) -> range | None:
    """The bytes asked for: None for the whole file, an empty range where there are none such."""
    match = _ONE_RANGE.fullmatch(wanted.strip())
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)


def _part(row: ScannedFile, span: range) -> StreamingHttpResponse:
    file = row.file.open("rb")
    file.seek(span.start)
    response = StreamingHttpResponse(
        _pieces(file, len(span)),
        status=HTTPStatus.PARTIAL_CONTENT,
        content_type=row.content_type,
    )
    response["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{row.size}"
    response["Content-Length"] = str(len(span))
    return response


def _pieces(file: IO[bytes], length: int) -> Iterator[bytes]:
    with file:
        while length > 0 and (piece := file.read(min(_PIECE, length))):
            length -= len(piece)
            yield piece
