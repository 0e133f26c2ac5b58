"""The form beside the last look: what one declares, and what one has read."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from applications.forms.section import form_helper

SALT = "applications.last_look"


def seal(document: Mapping[str, Any]) -> str:
    """The document that a page shows, for the page to carry. Nothing is stored by looking."""
    return signing.dumps(document, salt=SALT, compress=True)


def unseal(text: str) -> dict[str, Any] | None:
    """The document that the page carried; None where it is not one of ours."""
    try:
        document: dict[str, Any] = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    return document


class HandInForm(forms.Form):
    """A box for each statement that is to be declared; every one must be ticked."""

    def __init__(
        self,
        statements: Sequence[Mapping[str, str]],
        data: QueryDict | None = None,
        *,
        language: str,
    ) -> None:
        super().__init__(data)
        for statement in statements:
            self.fields[f"declare_{statement['code']}"] = forms.BooleanField(
                # In the language of the application, which may not be that of the page.
                label=format_html('<span lang="{}">{}</span>', language, statement["text"]),
                error_messages={"required": _("Tick this box: without it you cannot hand in.")},
            )
        self.helper = form_helper(*self.fields)
