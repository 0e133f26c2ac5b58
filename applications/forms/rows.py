"""Lists within a section: lines, partners, risks. An empty row is no row."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.formsets import BaseFormSet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

#: How many entries a list may have. A person writes each; the page with all of them stays quick.
MOST_ROWS = 40
#: How many lines a budget may have; further rows of any list are not even read.
MOST_LINES = 200
_TRUTHY = frozenset({"on", "true", "1"})


class RowForm(forms.Form):
    """One row. It counts once one of its `telling` fields is filled in; `remove` takes it out."""

    #: Fields that make a row; the others have defaults.
    telling: ClassVar[tuple[str, ...]] = ()
    #: What one of them is called, before its number.
    one: ClassVar[Any] = _("Entry")
    helper: FormHelper

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    remove = forms.BooleanField(label=_("Remove this entry"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "empty_permitted": True})

    @property
    def is_stored(self) -> bool:
        return bool(self.initial.get("id"))

    @property
    def is_removable(self) -> bool:
        """A fresh empty row need not be taken out: left empty it is no row."""
        return self.is_stored or self.is_bound

    def _raw(self, name: str) -> str:
        widget = self.fields[name].widget
        value = widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        return "" if value is False else str(value or "").strip()

    @property
    def sent_number(self) -> str:
        """The number of the stored row that this one was made from, as it was sent."""
        return self._raw("id")

    @property
    def is_blank(self) -> bool:
        """Nothing was written, or the row is to be removed."""
        if self._raw("remove").lower() in _TRUTHY:
            return True
        return not any(self._raw(name) for name in self.telling)

    @property
    def holds_something(self) -> bool:
        """Whether this row, sent or stored, is one of the list, and no empty one to write in."""
        return not self.is_blank if self.is_bound else self.is_stored

    def has_changed(self) -> bool:
        return not self.is_blank


def row_helper(*layout: Any) -> FormHelper:
    """Crispy's settings for one row; the template adds the box that removes it."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout("id", *layout)
    return helper


class RowFormSet(BaseFormSet):  # type: ignore[type-arg]
    """The rows of one list, with an empty one at the end to write in.

    `most` entries may be saved, or as many as are stored already. Rows beyond are shown again with
    the message why they are not saved.
    """

    def __init__(
        self,
        *,
        form: type[RowForm],
        prefix: str,
        stored: Sequence[Mapping[str, Any]],
        data: QueryDict | None = None,
        blank_rows: int = 1,
        shared: Mapping[str, Any] | None = None,
        most: int = MOST_ROWS,
    ) -> None:
        self.form = form
        self.most = max(most, len(stored))
        self.extra = 0 if len(stored) >= self.most else blank_rows
        self.can_order = self.can_delete = self.validate_max = False
        self.can_delete_extra = self.validate_min = False
        self.min_num = 0
        self.max_num = self.absolute_max = max(MOST_LINES, self.most)
        self.edit_only = False
        self.renderer = forms.renderers.get_default_renderer()
        self.stored = list(stored)
        super().__init__(
            data,
            prefix=prefix,
            initial=[dict(row) for row in stored],
            form_kwargs=dict(shared or {}),
        )

    def clean(self) -> None:
        written = sum(not form.is_blank for form in self.forms)
        if written > self.most:
            message = _("This list takes at most %(most)d entries; these are %(written)d.")
            raise ValidationError(message, params={"most": self.most, "written": written})

    @property
    def is_full(self) -> bool:
        """Whether the page has no room for another row."""
        return self.total_form_count() >= self.most

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What is to be stored: the cleaned values of all rows that are not blank."""
        return [
            {key: value for key, value in form.cleaned_data.items() if key != "remove"}
            for form in self.forms
            if not form.is_blank
        ]


def one_more(data: QueryDict, prefix: str) -> QueryDict:
    """The same data with another empty row: what the button "Add another" asks for."""
    longer = data.copy()
    total = f"{prefix}-TOTAL_FORMS"
    given = counted(data.get(total))
    if given is not None and given < MOST_LINES:
        longer[total] = str(given + 1)
    return longer


def counted(sent: object) -> int | None:
    """A number of rows as it was sent; None for what is none, "²" and endless digits included."""
    text = str(sent)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def store_rows(
    existing: Iterable[models.Model],
    rows: Iterable[Mapping[str, Any]],
    *,
    key: str = "id",
    **parent: Any,
) -> list[models.Model]:
    """Make the stored rows these ones: change what differs, add, delete. Four queries at most.

    Rows are recognised by `key`; one that was deleted elsewhere meanwhile is added again. Returns
    the stored rows in the order given. Call it inside a transaction.
    """
    stored = list(existing)
    by_key = {getattr(row, key): row for row in stored}
    model = existing.model  # type: ignore[attr-defined]
    kept: list[models.Model] = []
    changed: list[models.Model] = []
    names: set[str] = set()
    for values in rows:
        fields = {name: value for name, value in values.items() if name != "id"}
        row = by_key.pop(values.get(key), None)
        if row is None:
            kept.append(model(**fields, **parent))
            continue
        kept.append(row)
        differing = [name for name, value in fields.items() if getattr(row, name) != value]
        if differing:
            for name in differing:
                setattr(row, name, fields[name])
            changed.append(row)
            names.update(differing)
    if by_key:
        model._default_manager.filter(pk__in=[row.pk for row in by_key.values()]).delete()
    if changed:
        model._default_manager.bulk_update(changed, sorted(names))
    if added := [row for row in kept if row.pk is None]:
        model._default_manager.bulk_create(added)
    return kept
