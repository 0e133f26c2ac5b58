"""What all sections have in common: a form, its lists, their errors and their comparison."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.http import QueryDict
from django.utils.translation import gettext as _

from applications.forms.rows import RowFormSet, one_more
from bpf_portal.core.access import Text


def form_helper(*layout: Any) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(*layout)
    return helper


def group(name: str, css_class: str = "choice-grid") -> Div:
    """A group of check boxes that links can go to: its id is that of the field."""
    return Div(name, css_id=f"id_{name}", css_class=css_class)


def two(first: Any, second: Any) -> Div:
    """Two fields side by side where there is room."""
    return Div(Div(first, css_class="col-md-6"), Div(second, css_class="col-md-6"), css_class="row")


@dataclass(frozen=True)
class Difference:
    """A field whose text here is not the one stored meanwhile."""

    label: str
    typed: str
    stored: str
    anchor: str


class SectionForms:
    """The form and the lists of one section, around one row. Subclasses build and save them.

    `fingerprint` tells whether what is stored is still what a page was made from: a colleague who
    saves another section does not stand in the way.
    """

    section: ClassVar[str]
    title: ClassVar[Text]
    template: ClassVar[str]

    def __init__(self) -> None:
        self.forms: list[forms.Form] = []
        self.lists: dict[str, RowFormSet] = {}

    @property
    def form(self) -> forms.Form:
        return self.forms[0]

    @property
    def is_bound(self) -> bool:
        """Whether these forms hold what was sent, not what is stored."""
        return any(form.is_bound for form in self.forms) or any(
            rows.is_bound for rows in self.lists.values()
        )

    def is_valid(self) -> bool:
        """Ask every part, so that all errors show at once."""
        answers = [form.is_valid() for form in self.forms]
        answers += [rows.is_valid() for rows in self.all_lists()]
        return all(answers)

    def save(self, row: Any) -> None:
        """Write what was cleaned to the locked row (which the caller saves) and its lists."""
        raise NotImplementedError

    def all_lists(self) -> list[RowFormSet]:
        """Every list, those within rows included."""
        return list(self.lists.values())

    @property
    def has_errors(self) -> bool:
        return any(form.errors for form in self.forms) or any(
            rows.total_error_count() for rows in self.all_lists()
        )

    def says_what_is_stored_in(self, stored: "SectionForms") -> bool:
        """Whether saving this would change no word: the same save came before, its answer was lost.

        Rows are compared in their order. In doubt the answer is no.
        """
        return not stored.is_bound and self.is_valid() and self._said() == stored._said()

    def _said(self) -> list[list[dict[str, str]]]:
        said = [[_words(form) for form in self.forms]]
        for rows in self.all_lists():
            said.append([_words(form) for form in rows if form.holds_something])
        return said

    @property
    def fingerprint(self) -> str:
        """The hash of everything that is stored in this section."""
        stored = [
            [dict(form.initial) for form in self.forms],
            {rows.prefix: rows.stored for rows in self.all_lists() if rows.stored},
        ]
        text = json.dumps(stored, cls=DjangoJSONEncoder, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def messages(self) -> dict[str, str]:
        """What is wrong, by the id of the field or the row it stands beside."""
        found = {}
        rows_of_lists = [row for rows in self.all_lists() for row in rows.forms]
        for form in [*self.forms, *rows_of_lists]:
            for name, errors in form.errors.items():
                anchor = form[name].auto_id if name in form.fields else form.prefix or ""
                found[anchor] = " ".join(str(error) for error in errors)
        for rows in self.all_lists():
            if errors := rows.non_form_errors():
                found[rows.prefix] = " ".join(str(error) for error in errors)
        return found

    def row_numbers(self, stored: "SectionForms") -> dict[str, str]:
        """Under which number each row sent here is stored; empty for one that is no row.

        Rows that are new have the lowest numbers among those not sent, in the order given.
        """
        lists = {rows.prefix: rows for rows in stored.all_lists()}
        names: dict[str, str] = {}  # the rows sent -> the rows stored
        numbers: dict[str, str] = {}
        for rows in self.all_lists():
            found = _numbers(rows, lists.get(_stored_prefix(str(rows.prefix), names)))
            for row in rows.forms:
                there = found.get(str(row.prefix))
                numbers[str(row.prefix)] = str(there.initial["id"]) if there else ""
                if there:
                    names[str(row.prefix)] = str(there.prefix)
        return numbers

    def differences(self, newer: "SectionForms") -> list[Difference]:
        """Where the text typed here and the one stored meanwhile are not the same."""
        mine, theirs = dict(self._shown()), dict(newer._shown())
        found = []
        for anchor in dict.fromkeys([*mine, *theirs]):
            label, typed = mine.get(anchor, (theirs.get(anchor, ("", ""))[0], ""))
            stored = theirs.get(anchor, ("", ""))[1]
            if typed != stored:
                found.append(Difference(label, typed, stored, anchor))
        return found

    def _shown(self) -> Iterator[tuple[str, tuple[str, str]]]:
        for form in self.forms:
            for field in form:
                yield field.auto_id, (str(field.label), shown(field))
        for rows in self.all_lists():
            yield from _shown_rows(rows)


def _numbers(sent: RowFormSet, stored: RowFormSet | None) -> dict[str, forms.Form]:
    """The stored row of each row sent, by the sent one's prefix."""
    there = {str(row.initial["id"]): row for row in stored.forms if row.is_stored} if stored else {}
    rows = [row for row in sent if row.holds_something]
    known = {str(row.prefix): row.sent_number for row in rows}
    found = {prefix: there.pop(number) for prefix, number in known.items() if number in there}
    left = iter(sorted(there.values(), key=lambda row: int(row.initial["id"])))
    for row in rows:
        if str(row.prefix) not in found and (new := next(left, None)):
            found[str(row.prefix)] = new
    return found


def _stored_prefix(prefix: str, names: Mapping[str, str]) -> str:
    """A list inside a row is found by where that row is stored."""
    for sent, stored in names.items():
        if prefix.startswith(f"{sent}-"):
            return stored + prefix.removeprefix(sent)
    return prefix


def _shown_rows(rows: RowFormSet) -> Iterator[tuple[str, tuple[str, str]]]:
    for number, form in enumerate(rows.forms, start=1):
        if not form.is_bound and not form.is_stored:
            continue
        for field in form:
            if field.is_hidden or field.name == "remove":
                continue
            words = {"one": form.one, "number": number, "label": field.label}
            label = _("%(one)s %(number)d: %(label)s") % words
            yield field.auto_id, (label, shown(field))


def _words(form: forms.Form) -> dict[str, str]:
    fields = [field for field in form if not field.is_hidden and field.name != "remove"]
    return {field.name: shown(field) for field in fields}


def shown(field: forms.BoundField) -> str:
    """What stands in a field, as a person reads it; an amount as it would be shown when stored."""
    value = _value(field)
    choices = getattr(field.field, "choices", None)
    if choices is None:
        return "" if value in (None, False) else str(value).strip().replace("\r\n", "\n")
    words = {str(code): str(label) for code, label in choices}
    values = value if isinstance(value, list | tuple) else [value]
    given = [str(each) for each in values if each not in (None, "")]
    # In the order of the form: boxes ticked in another order are the same answer.
    return ", ".join(
        [words[code] for code in words if code in given]
        + [each for each in given if each not in words]
    )


def _value(field: forms.BoundField) -> Any:
    """What was typed, read and written as it will be once it is stored; else as it stands."""
    typed = field.value()
    if not field.form.is_bound or field.errors:
        return typed
    cleaned = field.form.cleaned_data.get(field.name, typed)  # nothing, of a row that is no row
    if not typed and not cleaned:
        return typed
    if isinstance(cleaned, list) and not hasattr(field.field, "choices"):
        return ", ".join(str(each) for each in cleaned)
    return field.field.prepare_value(cleaned)


def with_another_row(data: QueryDict) -> QueryDict | None:
    """The data after the button "Add another" (its value is the list's prefix), else None."""
    prefix = data.get("add")
    return one_more(data, str(prefix)) if prefix else None


def assign(row: Any, values: Mapping[str, Any], *names: str) -> None:
    for name in names:
        setattr(row, name, values[name])
