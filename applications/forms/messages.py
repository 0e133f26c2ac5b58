"""Writing to LuxDev, and the reminders a person wants."""

from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.actions.document_content import ACCEPTED_SUFFIXES
from applications.forms.fields import TextField
from applications.forms.section import form_helper
from applications.models.message import MESSAGE_FILES, MESSAGE_LENGTH


def files_help() -> str:
    return gettext(
        "At most %(files)d: PDF, DOCX, XLSX, ODT, ODS, JPG or PNG, %(limit)s each, without a"
        " password."
    ) % {"files": MESSAGE_FILES, "limit": filesizeformat(settings.MAX_DOCUMENT_BYTES)}


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files with a message: several at once, possibly none; the action looks into them."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault(
            "widget", FilesInput(attrs={"multiple": True, "accept": ",".join(ACCEPTED_SUFFIXES)})
        )
        kwargs.setdefault("label", _("Files, if you like"))
        kwargs.setdefault("help_text", lazy(files_help, str)())
        super().__init__(max_length=255, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(FilesField, self).clean(each, initial) for each in data or () if each]


class MessageForm(forms.Form):
    text = TextField(
        label=_("Your message"),
        required=True,
        rows=6,
        max_length=MESSAGE_LENGTH,
        error_messages={"required": _("Write your message first.")},
    )
    attachments = FilesField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper("text", "attachments")


class RemindersForm(forms.Form):
    reminders = forms.BooleanField(
        label=_("Remind me by e-mail before a deadline"),
        required=False,
        help_text=_(
            "Seven days, two days and six hours before, as long as a proposal of your company is"
            " not handed in; two days before the last day of a correction."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper("reminders")
