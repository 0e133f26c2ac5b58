"""Asking a company for a correction, and taking the request back."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.actions.completeness import sections_of
from applications.views.section_titles import SECTION_TITLES
from reviews.forms.desk_form import DeskForm, DueField, checkbox_list, text_area


class CorrectionForm(DeskForm):
    """Which sections open again, what is to be corrected, and until when."""

    text = text_area(
        _("What is to be corrected?"),
        help_text=_("The company reads these words, in a mail and on its page."),
    )

    def __init__(self, *args: Any, stage: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sections"] = checkbox_list(
            label=_("Sections that open again"),
            choices=[(section, SECTION_TITLES[section]) for section in sections_of(stage)],
        )
        self.fields["due_on"] = DueField(label=_("Until the end of"))
        self.order_fields(["sections", "text", "due_on"])
