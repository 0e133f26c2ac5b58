"""Taking lines of a budget from a workbook or from copied cells: read first, then checked, then
added or put in place of the lines that are there."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from applications.forms.budget import LINES, LineRows
from applications.forms.budget_detail import Detail, still_there
from applications.forms.budget_file import read_workbook
from applications.forms.budget_table import (
    COLUMNS,
    NO_HEADINGS,
    Cell,
    NoBudget,
    Reading,
    Words,
    cells_of_text,
    read_table,
    words_of,
)
from applications.forms.choices import Choices
from applications.forms.fields import TextField
from applications.forms.rows import MOST_LINES, store_rows
from applications.forms.section import SectionForms, form_helper
from applications.models import Proposal

LONGEST_TEXT = 100_000


class CopiedCells(forms.Form):
    """Cells copied from a spreadsheet, from the column on in which they were pasted."""

    # Not stripped: an empty first cell is a tab.
    text = TextField(
        label=_("Copied cells"), rows=6, max_length=LONGEST_TEXT, strip=False, required=True
    )
    start = forms.ChoiceField(choices=[(name, name) for name in COLUMNS[:4]], required=False)

    def __init__(
        self, choices: Choices, *args: Any, detail: Detail | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.words = words_of(choices, detail)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            start = cleaned["start"] or COLUMNS[0]
            cleaned["reading"] = read_copied(cleaned["text"], self.words, start)
        return cleaned


class SpreadsheetForm(forms.Form):
    """A workbook, or cells copied from one."""

    file = forms.FileField(
        label=_("Excel workbook (.xlsx)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text=_(
            "At most 2 MB and 200 lines. The first line names the columns, in French or English: "
            "category, description, quantity, unit cost."
        ),
    )
    text = TextField(
        label=_("Or copied cells"),
        rows=8,
        max_length=LONGEST_TEXT,
        strip=False,
        help_text=_(
            "Copy the cells in Excel, LibreOffice or Google Sheets and paste them here. Without "
            "headings they are read as category, description, quantity, unit cost."
        ),
    )

    def __init__(
        self, choices: Choices, *args: Any, detail: Detail | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.words = words_of(choices, detail)
        self.helper = form_helper("file", "text")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        upload, text = cleaned["file"], cleaned["text"]
        if bool(upload) == bool(text.strip()):
            message = _("Choose a file, or paste cells: one of the two.")
            raise ValidationError({"file": message})
        try:
            if upload:
                cleaned["reading"] = _read_sheets(read_workbook(upload), self.words)
            else:
                cleaned["reading"] = read_copied(text, self.words)
        except ValidationError as error:
            raise ValidationError({"file" if upload else "text": error.messages}) from error
        return cleaned


def read_copied(text: str, words: Words, start: str = COLUMNS[0]) -> Reading:
    """The lines in a copied block. Raises ValidationError."""
    try:
        table = cells_of_text(text)
        return read_table(table, words, headings_needed=False, first_column=start)
    except NoBudget as error:
        raise ValidationError(str(error.message)) from error


def _read_sheets(sheets: Sequence[Sequence[Sequence[Cell]]], words: Words) -> Reading:
    """The lines of the first sheet that has headings. Raises ValidationError."""
    refusal = str(NO_HEADINGS)
    for sheet in sheets:
        try:
            return read_table(sheet, words, headings_needed=True)
        except NoBudget as error:
            if error.message is not NO_HEADINGS:
                refusal = str(error.message)
                break
    raise ValidationError(refusal)


class ImportedRows(LineRows):
    """Lines that join others: together they must not be too many."""

    replaces = False

    def clean(self) -> None:
        together = len(self.rows) if self.is_valid_so_far() else 0
        if not self.replaces:
            together += len(self.stored)
        if together > MOST_LINES:
            message = _("A budget has at most %(most)d lines; these would make %(together)d.")
            raise ValidationError(message, params={"most": MOST_LINES, "together": together})

    def is_valid_so_far(self) -> bool:
        return not any(form.errors for form in self.forms)


class ImportedLines(SectionForms):
    """What was read, in a form of its own, before it is taken into the budget."""

    section = "budget"
    title = _("Lines from a spreadsheet")
    template = "proposals/budget_import.html"

    def __init__(self, proposal: Proposal, *, choices: Choices, data: QueryDict) -> None:
        super().__init__()
        lines = ImportedRows(proposal, choices, data)
        lines.replaces = data.get("how") == "replace"
        self.lists = {LINES: lines}
        self.lines = lines
        self.proposal = proposal

    def save(self, row: Proposal) -> None:
        there: list[dict[str, Any]] = []
        if not self.lines.replaces:
            there = [{"id": line.pk} for line in row.budget_lines.all()]
        taken = still_there(self.lines.rows, row, self.proposal)
        fresh = [{**values, "id": None} for values in taken]
        lines = [
            {**values, "position": place} for place, values in enumerate([*there, *fresh], start=1)
        ]
        store_rows(row.budget_lines.all(), lines, proposal=row)


def form_of(reading: Reading, *, version: int, seen: str) -> QueryDict:
    """What was read as the page's form would send it."""
    data = QueryDict(mutable=True)
    data["version"], data["seen"] = str(version), seen
    data[f"{LINES}-TOTAL_FORMS"] = str(len(reading.rows))
    data[f"{LINES}-INITIAL_FORMS"] = "0"
    for index, row in enumerate(reading.rows):
        data[f"{LINES}-{index}-position"] = str(index + 1)
        for name, value in row.items():
            data[f"{LINES}-{index}-{name}"] = value
    return data
