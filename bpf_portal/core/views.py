"""Pages without a subject: is the portal alive, is it ready, and why a form was refused."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST
from redis import RedisError

from bpf_portal.core import jobs, kept
from bpf_portal.core.metrics import exposition


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


def _database() -> dict[str, object]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return {
            "ok": True,
            "oldest_job_seconds": round(jobs.oldest_waiting_seconds(), 1),
        }
    except DatabaseError as error:
        return {"ok": False, "error": type(error).__name__}


def _redis() -> dict[str, object]:
    try:
        cache.get("readyz")
    except RedisError as error:
        return {"ok": False, "error": type(error).__name__}
    return {"ok": True}


def _storage() -> dict[str, object]:
    try:
        default_storage.exists("readyz")
    except OSError as error:
        return {"ok": False, "error": type(error).__name__}
    return {"ok": True}


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether database and storage can be used (503 if not), Redis, and the oldest waiting job.

    Redis away does not make the portal unready: work waits as rows until it is back.
    """
    parts = {"database": _database(), "redis": _redis(), "storage": _storage()}
    ready = bool(parts["database"]["ok"] and parts["storage"]["ok"])
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


@require_safe
@never_cache
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' numbers, for whoever brings `METRICS_TOKEN`; 404 for everybody else."""
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not constant_time_compare(
        request.headers.get("Authorization", ""), expected
    ):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose session ended or was renewed: what was typed is kept where its page does so,
    else it stays in the form that one goes back to.
    """
    if kept.is_kept_here(request):
        return kept.keep_and_ask_to_sign_in(request)
    return render(
        request,
        "403_csrf.html",
        {"debug_reason": reason if settings.DEBUG else ""},
        status=403,
    )
