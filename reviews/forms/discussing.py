"""A remark to the others who review the same proposal."""

from django.utils.translation import gettext_lazy as _

from reviews.forms.desk_form import DeskForm, text_area


class RemarkForm(DeskForm):
    text = text_area(
        _("Your remark"),
        rows=3,
        help_text=_("The others who review this proposal read it, and so does LuxDev."),
    )
