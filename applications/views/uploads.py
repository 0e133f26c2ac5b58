"""Files in pieces: the core of the open protocol tus 1.0.0 (tus.io) with creation and termination.

Any client of it can send: begin (POST, `Upload-Length`, `Upload-Metadata` with `filename`, `kind`,
`modified`), ask how far (HEAD), send on (PATCH from `Upload-Offset`), throw away (DELETE). A POST
to the upload's address, which is ours, then makes the document and says what became of it. No
Python package for it is kept up for our Django, so these few lines are our own.
"""

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.access import may_write
from applications.actions import uploading
from applications.actions.documents import RefusedFile
from applications.models import Upload
from applications.views.access import own_proposal, person
from bpf_portal.core.access import NotAllowed, Text, require
from bpf_portal.core.states import WrongState

VERSION = "1.0.0"
_PIECE_TYPE = "application/offset+octet-stream"
_LARGEST_NUMBER = 15  # digits: more is no size and no offset


def _answer(status: int, **headers: object) -> HttpResponse:
    return _with_headers(HttpResponse(status=status), headers)


def _refusal(status: int, message: Text, **headers: object) -> HttpResponse:
    return _with_headers(JsonResponse({"message": str(message)}, status=status), headers)


def _with_headers(response: HttpResponse, headers: dict[str, object]) -> HttpResponse:
    response["Tus-Resumable"] = VERSION
    response["Cache-Control"] = "no-store"
    for name, value in headers.items():
        response[name.replace("_", "-")] = str(value)
    return response


def _standing(upload: Upload) -> dict[str, object]:
    return {"Upload_Offset": upload.received, "Upload_Length": upload.size}


def _number(text: str | None) -> int | None:
    digits = text or ""
    plain = digits.isascii() and digits.isdigit() and len(digits) <= _LARGEST_NUMBER
    return int(digits) if plain else None


def _metadata(header: str) -> dict[str, str]:
    """`key base64,key base64`; what cannot be read is left out, and missed where it is needed."""
    found = {}
    for pair in header[:4000].split(","):
        key, _space, encoded = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            continue
    return found


def _says_why(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What an action said no with becomes an answer with its reason."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: object) -> HttpResponse:
        try:
            return view(request, **kwargs)
        except RefusedFile as error:
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, error.message)
        except uploading.TooManyUploads as error:
            return _refusal(HTTPStatus.TOO_MANY_REQUESTS, error.message)
        except uploading.OutOfStep as error:
            return _answer(HTTPStatus.CONFLICT, Upload_Offset=error.offset)
        except NotAllowed as error:
            return _refusal(HTTPStatus.FORBIDDEN, error.reason)
        except WrongState:
            return _refusal(
                HTTPStatus.CONFLICT,
                _("This proposal is no draft any more: files cannot be added now."),
            )
        except Upload.DoesNotExist as error:
            raise Http404 from error

    return answer


@require_http_methods(["OPTIONS", "POST"])
@_says_why
def begin(request: HttpRequest, reference: str) -> HttpResponse:
    """201 with the address of a new upload; 200 with that of the same file's unfinished one."""
    user = person(request)
    proposal = own_proposal(user, reference)
    if request.method == "OPTIONS":
        return _answer(
            HTTPStatus.NO_CONTENT,
            Tus_Version=VERSION,
            Tus_Extension="creation,termination",
            Tus_Max_Size=settings.MAX_DOCUMENT_BYTES,
        )
    require(may_write(user, proposal))
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    size = _number(request.headers.get("Upload-Length"))
    if size is None or "filename" not in told:
        return _refusal(HTTPStatus.BAD_REQUEST, _("The upload lacks its size or its name."))
    kind = told.get("kind", "").replace("\0", "")
    if not proposal.call.document_requirements.filter(stage=proposal.stage, kind=kind).exists():
        message = _("This document is not asked for here.")
        return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, message)
    upload = uploading.begin_upload(
        actor=user,
        proposal=proposal,
        kind=kind,
        filename=told["filename"],
        size=size,
        modified=_number(told.get("modified")) or 0,
    )
    address = reverse("proposals:upload", args=[reference, upload.pk])
    status = HTTPStatus.OK if upload.received else HTTPStatus.CREATED
    return _answer(status, Location=address, **_standing(upload))


@require_http_methods(["HEAD", "PATCH", "POST", "DELETE"])
@_says_why
def upload(request: HttpRequest, reference: str, upload_id: UUID) -> HttpResponse:
    """One's own upload: how far it is, a piece more, its end, or away with it."""
    user = person(request)
    proposal = own_proposal(user, reference)
    known = Upload.objects.visible_to(user).filter(proposal=proposal)
    found = get_object_or_404(known, pk=upload_id)
    if request.method == "HEAD":
        return _answer(HTTPStatus.OK, **_standing(found))
    if request.method == "PATCH":
        return _piece(request, found)
    if request.method == "DELETE":
        uploading.discard_upload(upload=found)
        return _answer(HTTPStatus.NO_CONTENT)
    ended = uploading.finish_upload(actor=user, upload=found)
    if ended.refusal:
        return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, ended.refusal)
    done = JsonResponse({"document": ended.document_id, "filename": ended.filename})
    return _with_headers(done, _standing(ended))


def _piece(request: HttpRequest, found: Upload) -> HttpResponse:
    if request.headers.get("Content-Type") != _PIECE_TYPE:
        return _answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    offset = _number(request.headers.get("Upload-Offset"))
    length = _number(request.headers.get("Content-Length")) or 0
    if offset is None:
        return _refusal(HTTPStatus.BAD_REQUEST, _("The piece does not say where it begins."))
    if length > settings.MAX_PIECE_BYTES:
        return _refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("This piece is too large."))
    if offset != found.received:
        raise uploading.OutOfStep(found.received)
    received = uploading.append_piece(upload=found, offset=offset, piece=_body(request, length))
    return _answer(HTTPStatus.NO_CONTENT, Upload_Offset=received)


def _body(request: HttpRequest, length: int) -> bytes:
    """What arrived before the line broke, which may be all: the next piece goes on from there."""
    arrived = bytearray()
    try:
        while len(arrived) < length and (some := request.read(min(65_536, length - len(arrived)))):
            arrived += some
    except UnreadablePostError:
        return bytes(arrived)
    return bytes(arrived)
