"""The letter itself, for its company and for the staff who may read it."""

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from reviews.models import Letter


@require_safe
def download(request: HttpRequest, reference: str) -> FileResponse:
    """The stored PDF as an attachment; a letter that is not yours does not exist (404)."""
    letters = Letter.objects.visible_to(request.user).defer("context")
    letter = get_object_or_404(letters, reference=reference)
    response = FileResponse(
        letter.file.open("rb"),
        as_attachment=True,
        filename=f"{letter.reference}.pdf",
        content_type="application/pdf",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
