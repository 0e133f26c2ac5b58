"""What the base template needs on every page; no queries here."""

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, object]:
    return {"DEMO": settings.DEMO}
