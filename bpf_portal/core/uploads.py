"""What is too large is not kept, and where it can be known in advance not even read."""

from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestSizeMiddleware:
    """A request that says it is larger than a form with its files can be gets 413 and a page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.MAX_REQUEST_BYTES:
            return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.get_response(request)


class OversizedFile(UploadedFile[bytes]):
    """What is left of a file that was too large: its name and its size, not its content."""


class BoundedUploadHandler(FileUploadHandler):
    """Stands before the handlers that store: what one file has beyond the limit goes nowhere.

    The other files of the same form arrive as always, and whoever looks at this one finds a file
    whose size is beyond what is accepted.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.seen = start + len(raw_data)
        return raw_data if self.seen <= settings.MAX_DOCUMENT_BYTES else None

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        if self.seen <= settings.MAX_DOCUMENT_BYTES:
            return None
        return OversizedFile(
            file=BytesIO(), name=self.file_name, content_type=self.content_type, size=file_size
        )
