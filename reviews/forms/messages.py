"""An officer's answer to a company."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.actions.document_content import ACCEPTED_SUFFIXES
from applications.forms.fields import TextField
from applications.forms.messages import FilesField, FilesInput
from applications.models.message import MESSAGE_LENGTH
from reviews.forms.desk_form import DeskForm


class AnswerForm(DeskForm):
    text = TextField(
        required=True,
        label=_("Your message"),
        max_length=MESSAGE_LENGTH,
        help_text=_("The company reads it with your name; an e-mail tells its people."),
        widget=forms.Textarea({"rows": 5, "class": "desk-input"}),
        error_messages={"required": _("Write your message first.")},
    )
    attachments = FilesField(
        widget=FilesInput(
            {"multiple": True, "accept": ",".join(ACCEPTED_SUFFIXES), "class": "desk-input"}
        )
    )
