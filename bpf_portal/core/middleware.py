"""What every request carries: a number, the person behind it, and the page's permissions."""

import uuid
from collections.abc import Callable
from typing import Any

import pghistory.middleware
import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestContextMiddleware:
    """Gives each request a number, puts it into every log line and sends it back as X-Request-ID.

    The number is always ours: a caller cannot write into our logs or history.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(
            request_id=request.request_id,  # type: ignore[attr-defined]
            method=request.method,
            path=request.path,
        )
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response


class PermissionsPolicyMiddleware:
    """Switches off the browser's abilities that a grant form never needs."""

    POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", self.POLICY)
        return response


class PageCompressionMiddleware(GZipMiddleware):
    """Sends pages and answers compressed: a section is a tenth of its size on a slow line.

    Files, sheets and streams stay as they are. Against guessing secrets by the size of a page
    (BREACH) Django masks its token anew in every page and adds up to 100 random bytes.
    """

    COMPRESSED = ("text/html", "application/json")

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        kind = response.get("Content-Type", "").split(";")[0]
        if response.streaming or kind not in self.COMPRESSED:
            return response
        return super().process_response(request, response)


class HistoryMiddleware(pghistory.middleware.HistoryMiddleware):
    """Every row changed in a request remembers the person, the role and the request."""

    def get_context(self, request: Any) -> dict[str, Any]:
        return {
            **super().get_context(request),
            "role": getattr(request.user, "role", "anonymous"),
            "request": request.request_id,
            "method": request.method,
        }
