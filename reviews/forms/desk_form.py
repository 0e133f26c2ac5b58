"""The base of the admin's forms: crispy in Unfold's look, errors beside their fields."""

from datetime import date
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.correcting import LONGEST
from applications.forms.fields import TextField


class DeskForm(forms.Form):
    """Rendered by `{% crispy form %}` inside the page's own form element."""

    required_css_class = "required"
    #: Names of an action's problems that differ from the form's field names.
    renamed: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.template_pack = "unfold_crispy"
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        layout = self.layout()
        if layout is not None:
            self.helper.layout = layout

    def layout(self) -> Layout | None:
        return None

    def refuse(self, error: ValidationError) -> None:
        """Put what an action refused beside its fields; what belongs to none stands on top."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, problems in error.error_dict.items():
            target = self.renamed.get(name, name)
            self.add_error(target if target in self.fields else None, problems)


def checkbox_list(*, label: Any, choices: list[tuple[Any, Any]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


class DueField(forms.DateField):
    """The day until which somebody has time: a day a year ahead or later is a typing error."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput({"type": "date", "class": "desk-input"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **kwargs)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and value > timezone.localdate() + LONGEST:
            raise ValidationError(_("At most a year can be given."), code="too_late")


def text_area(label: Any, *, rows: int = 3, **kwargs: Any) -> TextField:
    """A text of several lines; never required by the browser, the action says what is missing."""
    return TextField(
        label=label,
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": rows, "class": "desk-input"}),
        **kwargs,
    )
