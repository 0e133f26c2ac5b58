"""How allauth's pages answer, where the portal's own answer otherwise."""

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


class RefusedFormMiddleware:
    """A form that allauth refuses is answered with 422, as every other form of the portal.

    Its views show the form again with status 200; scripts, tests and monitoring would take a wrong
    password for a page that was found.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        if request.method == "POST" and response.status_code == 200 and _is_allauths(request):
            shown: Any = (response.context_data or {}).values()
            if any(isinstance(each, BaseForm) and each.errors for each in shown):
                response.status_code = 422
        return response


def _is_allauths(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.func.__module__.startswith("allauth.")
