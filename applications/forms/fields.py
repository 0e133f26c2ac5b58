"""Form fields of the dossier: money, quantities, days, and questions that may stay open."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from applications.forms.amounts import read_number
from bpf_portal.core.access import Text
from bpf_portal.core.writing import (
    LONGEST_MAIL_ADDRESS,
    deliverable,
    one_line,
    printable,
    reachable,
)

Choice = tuple[str, Text]

#: Years outside of these are typing errors: nothing in a dossier is older or later.
FIRST_YEAR, LAST_YEAR = 1800, 2100
YES, NO = _("Yes"), _("No")


class NumberField(forms.CharField):
    """A number of 0 or more with at most two decimals, written as people write them."""

    def __init__(self, *, max_digits: int = 12, **kwargs: Any) -> None:
        self.limit = Decimal(10) ** (max_digits - 2)
        kwargs.setdefault("required", False)
        kwargs.setdefault(
            "widget",
            forms.TextInput(
                attrs={"inputmode": "decimal", "autocomplete": "off", "class": "figure"}
            ),
        )
        kwargs.setdefault("max_length", 30)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        number = read_number(text)
        if number >= self.limit:
            raise ValidationError(_("This number is too large."), code="too_large")
        return number

    def prepare_value(self, value: Any) -> Any:
        """Stored numbers are shown in the language in force; what was typed stays as it is."""
        if not isinstance(value, Decimal):
            return value
        decimals = 0 if self.shows_whole(value) else 2
        return formats.number_format(value, decimals, use_l10n=True, force_grouping=True)

    def shows_whole(self, value: Decimal) -> bool:
        return value == value.to_integral_value()


class MoneyField(NumberField):
    """An amount in EUR, to the cent; shown as `150 000,00` or `150,000.00`."""

    def shows_whole(self, value: Decimal) -> bool:
        return False


class DayField(forms.DateField):
    """A day; the browser's own calendar where it has one, else typed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault(
            "widget",
            forms.DateInput(
                format="%Y-%m-%d",
                attrs={
                    "type": "date",
                    "min": f"{FIRST_YEAR}-01-01",
                    "max": f"{LAST_YEAR}-12-31",
                },
            ),
        )
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"])
        super().__init__(**kwargs)

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(_("Check the year."), code="year")
        return day


class MonthField(DayField):
    """A month of a year; its first day stands for it. Typed as 2028-06 or 06/2028."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.DateInput(format="%Y-%m", attrs={"type": "month", "placeholder": _("YYYY-MM")}),
        )
        kwargs.setdefault("input_formats", ["%Y-%m", "%m/%Y", "%m.%Y"])
        kwargs.setdefault("error_messages", {"invalid": _("Give a month as 2028-06.")})
        super().__init__(**kwargs)


def _answer(value: Any) -> bool | None:
    return {"yes": True, "no": False}.get(str(value))


class YesNoField(forms.TypedChoiceField):
    """Yes, no, or not answered yet: None, which is neither of them."""

    def __init__(self, *, yes: Text = YES, no: Text = NO, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        choices: list[Choice] = [("yes", yes), ("no", no)]
        if not kwargs["required"]:
            choices.append(("", _("Not answered yet")))
        super().__init__(
            choices=choices,
            coerce=_answer,
            empty_value=None,
            widget=forms.RadioSelect,
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        if value is None:
            return ""
        return value if isinstance(value, str) else ("yes" if value else "no")


class ChoicesField(forms.TypedMultipleChoiceField):
    """Any number of choices as check boxes; a stored code that left the list stays choosable."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        kwargs.setdefault("coerce", str)
        super().__init__(**kwargs)

    def offer(self, choices: Iterable[Choice], stored: object) -> None:
        codes = stored if isinstance(stored, list | tuple) else ()
        self.choices = with_stored(choices, codes)


def with_stored(choices: Iterable[Choice], stored: Iterable[object]) -> list[Choice]:
    """The choices, and those stored codes that are not among them any more."""
    offered = list(choices)
    known = {code for code, _label in offered}
    kept = [str(code) for code in stored if code not in (None, "") and str(code) not in known]
    return offered + [(code, code) for code in kept]


class SelectField(forms.ChoiceField):
    """One choice of a list that may stay open."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def offer(self, choices: Iterable[Choice], stored: object = "") -> None:
        self.choices = [("", _("Choose …")), *with_stored(choices, [stored])]


def offer(form: forms.Form, name: str, choices: Iterable[Choice]) -> None:
    """Fill a field's list; what is stored in it stays choosable."""
    field = form.fields[name]
    if not isinstance(field, ChoicesField | SelectField):
        raise TypeError(f"{name} is not a list to choose from")
    field.offer(choices, form.initial.get(name, ""))


class TextField(forms.CharField):
    """Text of several lines."""

    default_validators = [printable]

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", 10_000)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Without `maxlength`: a browser cuts off what is pasted beyond it without a word."""
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class LineField(forms.CharField):
    """Text of one line that may stay open."""

    default_validators = [printable, one_line]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)


class MailField(forms.EmailField):
    """An address that a mail can be sent to, as long as its columns hold."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_MAIL_ADDRESS)
        super().__init__(**kwargs)
        self.validators.append(deliverable)


class WebField(forms.URLField):
    """An address of the web that may stay open, as long as its columns hold."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", 200)
        super().__init__(assume_scheme="https", **kwargs)
        self.validators += [printable, reachable]
