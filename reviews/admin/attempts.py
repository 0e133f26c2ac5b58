"""An action behind a form: done and told, or refused and shown with what was typed."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from reviews.admin.pages import REFUSED
from reviews.forms.desk_form import DeskForm


def attempt(
    request: HttpRequest,
    form: DeskForm,
    act: Callable[[], str],
    *,
    done: Callable[[], HttpResponse],
    refused: Callable[[Exception], HttpResponse],
) -> HttpResponse:
    """One action behind one form: its sentence as a message, or its refusal in the form."""
    if not form.is_valid():
        return refused(ValidationError(""))
    try:
        said = act()
    except REFUSED as error:
        if isinstance(error, ValidationError):
            form.refuse(error)
        return refused(error)
    messages.success(request, said)
    return done()
