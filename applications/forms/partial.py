"""What of a section can be saved when something in it is not of its type: all the rest.

A field that is wrong goes back to what is stored. Where that is not enough, because two answers
contradict each other or a new row cannot stand without the field, its form keeps its free texts
only; and at last the form or row goes back as a whole. What goes back is still on the page.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from applications.forms.fields import LineField, TextField
from applications.forms.rows import RowFormSet
from applications.forms.section import SectionForms

Build = Callable[[QueryDict], SectionForms]


def what_can_be_saved(build: Build, data: QueryDict, sent: SectionForms) -> SectionForms | None:
    """The section as far as it is right; None where it is not even a section's data.

    `sent` is what `build` made of `data`, already asked whether it is valid.
    """
    if not sent.has_errors:
        return sent
    accepted, now = data.copy(), sent
    for to_put_back in (_wrong, _all_but_texts, _everything):
        for form, stored in _wrong_forms(now, accepted):
            _put_back(accepted, form, stored, to_put_back(form))
        now = build(accepted)
        if now.is_valid():
            return now
    return None


def _wrong(form: forms.Form) -> Iterable[str]:
    return [name for name in form.errors if name in form.fields]


def _all_but_texts(form: forms.Form) -> Iterable[str]:
    texts = (TextField, LineField)
    wrong = set(_wrong(form))
    names = form.fields.items()
    return [name for name, field in names if name in wrong or not isinstance(field, texts)]


def _everything(form: forms.Form) -> Iterable[str]:
    return list(form.fields)


def _wrong_forms(
    section: SectionForms, data: QueryDict
) -> Iterator[tuple[forms.Form, Mapping[str, Any]]]:
    """Every form or row with an error, and what is stored of it."""
    for form in section.forms:
        if form.errors:
            yield form, form.initial
    for rows in section.all_lists():
        for row in rows.forms:
            if row.errors:
                yield row, _stored_row(rows, row, data)


def _stored_row(rows: RowFormSet, row: forms.Form, data: QueryDict) -> Mapping[str, Any]:
    """By its number, for rows may have moved; a row without one has the suggested values."""
    number = data.get(row.add_prefix("id"), "")
    stored = {str(each["id"]): each for each in rows.stored if each.get("id")}
    return stored.get(number) or ({} if row.initial.get("id") else row.initial)


def _put_back(
    data: QueryDict, form: forms.Form, stored: Mapping[str, Any], names: Iterable[str]
) -> None:
    """Write into the data what the page would send, were these fields as they are stored."""
    for name in names:
        if name != "remove":
            sent = _as_sent(form.fields[name], stored.get(name))
            data.setlist(form.add_prefix(name), sent)


def _as_sent(field: forms.Field, stored: Any) -> list[str]:
    value = field.prepare_value(stored)
    if isinstance(field, forms.BooleanField):
        return ["on"] if value else []
    written: Any = field.widget.format_value(value)
    if written is None:
        return []
    return [str(each) for each in written] if isinstance(written, list) else [str(written)]
