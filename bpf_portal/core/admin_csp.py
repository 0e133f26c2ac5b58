"""The admin's own Content-Security-Policy: the public one, opened only where Unfold needs it.

Unfold's Alpine evaluates the expressions in its templates, which needs 'unsafe-eval'. Scripts and
styles still come from our own files only: no inline script, style element or style attribute.
"""

from typing import Any

from django.conf import settings
from django.http import HttpResponseBase

UNSAFE_EVAL = "'unsafe-eval'"


def admin_policy() -> dict[str, list[str]]:
    """What `/admin/` says instead of the public policy, by directive."""
    return {
        "script-src": ["'self'", UNSAFE_EVAL],
        "style-src": ["'self'"],
    }


def with_admin_policy(response: HttpResponseBase) -> HttpResponseBase:
    """Mark the response, so that the CSP middleware writes the admin's policy."""
    known: dict[str, Any] = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    response._csp_replace = {**known, **admin_policy()}  # type: ignore[attr-defined]
    return response
