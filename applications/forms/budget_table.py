"""Reading a budget out of a table of cells: pasted from a spreadsheet, or a workbook's sheet.

Nothing is guessed: what is not understood stays as it was written, and is told with its line and
column.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.forms.amounts import line_amount
from applications.forms.budget_detail import Detail
from applications.forms.choices import Choices
from applications.forms.fields import MoneyField, NumberField
from applications.forms.rows import MOST_LINES
from applications.models import Vocabulary
from bpf_portal.core.access import Text

#: The fields of a line in the order in which a table without headings is read.
COLUMNS = ("category", "description", "quantity", "unit_cost", "amount")
NUMBERS = {"quantity": NumberField(max_digits=10), "unit_cost": MoneyField()}
LONGEST_DESCRIPTION = 200
#: A heading stands in one of the first lines of a sheet, below its title and logo.
HEADING_WITHIN = 20
#: How people call the columns, in either language, without accents and in small letters.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "category": (
        "category",
        "categorie",
        "cost category",
        "categorie de cout",
        "rubrique",
        "poste",
    ),
    "description": ("description", "item", "designation", "libelle", "intitule", "detail"),
    "quantity": ("quantity", "qty", "units", "number of units", "quantite", "qte", "nombre"),
    "unit_cost": ("unit cost", "unit price", "cost per unit", "cout unitaire", "prix unitaire"),
    "amount": ("amount", "total", "total cost", "cost", "montant", "cout", "cout total"),
    "work_package": ("work package", "wp", "lot de travail", "lot de travaux", "lot", "lt"),
    "bearer": ("borne by", "paid by", "supporte par", "pris en charge par", "a charge de"),
}
#: For each field that is chosen, the values by the names that people write for them.
Words = Mapping[str, Mapping[str, str]]
TOTALS = (
    "total", "grand total", "total general", "subtotal", "sub total", "sous total", "sum", "somme",
    "total of the costs", "total des couts",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """What stands in a cell. A spreadsheet's own number cannot be read in two ways.

    `problem` says why nothing could be read out of the file.
    """

    text: str = ""
    number: Decimal | None = None
    problem: Text = ""


@dataclass(frozen=True)
class Problem:
    """Something that was not understood. `row` and `field` say where it stands in the form."""

    line: int
    column: str
    heading: str
    message: str
    row: int
    field: str

    @property
    def place(self) -> str:
        return _("Line %(line)d, column %(column)s (%(heading)s)") % {
            "line": self.line,
            "column": self.column,
            "heading": self.heading,
        }


@dataclass
class Reading:
    """Lines for the form, as texts in the language in force, and what is to be said about them."""

    rows: list[dict[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class NoBudget(Exception):
    """The table holds nothing that can be read as lines of a budget; `message` says why."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


NO_HEADINGS = gettext_lazy(
    "No line with headings was found. The first line must name the columns: category, description, "
    "quantity, unit cost, in French or English."
)
NO_LINES = gettext_lazy("There is no line of a budget in it.")
TOO_MANY_LINES = gettext_lazy("A budget has at most %(most)d lines; there are more in it.")


def cells_of_text(text: str) -> list[list[Cell]]:
    """The cells of a copied block: tabs between cells, quotes around cells of several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), dialect=csv.excel_tab, strict=True)
    try:
        return [[Cell(cell) for cell in row] for row in reader]
    except csv.Error:  # Quotes that are no quoting: then cells stand between tabs, lines end them.
        return [[Cell(cell) for cell in row.split("\t")] for row in text.splitlines()]


def read_table(
    table: Sequence[Sequence[Cell]],
    words: Words,
    *,
    headings_needed: bool,
    first_column: str = "category",
) -> Reading:
    """The lines of a budget in these cells. Raises NoBudget.

    Without headings the columns are read in their usual order from `first_column` on.
    """
    at, columns = _find_headings(table, words, headings_needed)
    if not columns:
        columns = dict(enumerate(COLUMNS[COLUMNS.index(first_column) :]))
    reader = _LineReader(columns, words, table[at] if at is not None else ())
    for index, cells in enumerate(table):
        if at is not None and index <= at:
            continue
        reader.read(index + 1, cells)
        if len(reader.reading.rows) > MOST_LINES:
            raise NoBudget(TOO_MANY_LINES % {"most": MOST_LINES})
    if not reader.reading.rows:
        raise NoBudget(NO_LINES)
    return reader.reading


def plain(text: str) -> str:
    """Small letters and figures without accents, one space between words."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    bare = (c for c in spread if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def _heading(cell: Cell, asked: Words) -> str | None:
    """The field that a heading names; the currency after it is left out."""
    words = plain(cell.text).removesuffix(" eur").removesuffix(" en").removesuffix(" in")
    name = next((name for name, known in HEADINGS.items() if words in known), None)
    return None if name in ("work_package", "bearer") and name not in asked else name


def _find_headings(
    table: Sequence[Sequence[Cell]], words: Words, needed: bool
) -> tuple[int | None, dict[int, str]]:
    """The line of the headings, and the field of each column that has one."""
    for index, cells in enumerate(table[:HEADING_WITHIN]):
        columns: dict[int, str] = {}
        for position, cell in enumerate(cells):
            name = _heading(cell, words)
            if name and name not in columns.values():
                columns[position] = name
        if len(columns) >= 2:
            return index, columns
    if needed:
        raise NoBudget(NO_HEADINGS)
    return None, {}


def words_of(choices: Choices, detail: Detail | None = None) -> Words:
    """Categories, and codes of packages, in both languages; packages by title too; who bears it."""
    terms = choices.terms(Vocabulary.COST_CATEGORY)
    words = {
        "category": _unmistakable(
            (name, term.code)
            for term in terms
            for name in (term.label_fr, term.label_en, term.code)
        )
    }
    if detail is not None:
        words["work_package"] = _unmistakable(detail.package_names)
        words["bearer"] = _unmistakable((str(label), value) for value, label in detail.bearers)
    return words


def _unmistakable(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The values by their names; a name of two of them is none."""
    found: dict[str, str] = {}
    twice = set()
    for written, value in named:
        name = plain(written)
        if found.setdefault(name, value) != value:
            twice.add(name)
    return {name: value for name, value in found.items() if name and name not in twice}


class _LineReader:
    """Reads one line after the other into a `Reading`."""

    def __init__(self, columns: Mapping[int, str], words: Words, headings: Sequence[Cell]) -> None:
        self.columns = columns
        self.words = words
        self.headings = {
            name: headings[at].text.strip() for at, name in columns.items() if headings
        }
        self.positions = {name: at for at, name in columns.items()}
        self.reading = Reading()
        self.line = 0

    def read(self, line: int, cells: Sequence[Cell]) -> None:
        self.line = line
        given = {
            name: cells[at] if at < len(cells) else Cell() for at, name in self.columns.items()
        }
        if self._is_empty(given):
            return
        if self._is_total(given):
            self.reading.notes.append(
                _("Line %(line)d of the spreadsheet is a total and was left out.") % {"line": line}
            )
            return
        self._beyond(cells)
        row = {
            "category": self._chosen("category", given.get("category", Cell())),
            "description": self._description(given.get("description", Cell())),
            "quantity": self._number("quantity", given.get("quantity", Cell())),
            "unit_cost": self._number("unit_cost", given.get("unit_cost", Cell())),
        }
        self._amount(row, given)
        for name in self.words.keys() - row.keys():
            row[name] = self._chosen(name, given.get(name, Cell()))
        self.reading.rows.append(row)

    def _is_empty(self, given: Mapping[str, Cell]) -> bool:
        """Nothing, or nothing but the 0 of a formula that waits for a line."""
        others = (cell for name, cell in given.items() if name != "amount")
        if any(cell.text.strip() or cell.problem for cell in others):
            return False
        amount = given.get("amount", Cell())
        return not amount.text.strip() or self._read(amount) == 0

    def _is_total(self, given: Mapping[str, Cell]) -> bool:
        names = {plain(given[name].text) for name in ("category", "description") if name in given}
        cost = given.get("unit_cost", Cell())
        return bool(names & set(TOTALS)) and not cost.text.strip()

    def _beyond(self, cells: Sequence[Cell]) -> None:
        """Columns that nothing is made of, where there are no headings to tell them."""
        if self.headings:
            return
        for at, cell in enumerate(cells):
            if at not in self.columns and cell.text.strip():
                self._say(at, "", _("“%(text)s” stands beyond the columns and was left out."), cell)

    def _chosen(self, name: str, cell: Cell) -> str:
        text = cell.text.strip()
        if not text and not cell.problem:
            return ""
        code = self.words[name].get(plain(text), "")
        if not code:
            self._tell(name, cell, _unknown_word(name))
        return code

    def _description(self, cell: Cell) -> str:
        text = " ".join(cell.text.split())
        if cell.problem:
            self._tell("description", cell, "")
        elif len(text) > LONGEST_DESCRIPTION:
            self._tell("description", cell, _("This text is longer than 200 characters."))
        return text

    def _number(self, name: str, cell: Cell, *, column: str = "") -> str:
        """The cell as the form shows numbers; as it was written where it is none."""
        number = NUMBERS[name]
        text = cell.text.strip()
        try:
            value = number.clean(text if cell.number is None else f"{cell.number:f}")
        except ValidationError as error:
            self._tell(column or name, cell, " ".join(error.messages))
            return text
        if cell.problem:
            self._tell(column or name, cell, "")
        return "" if value is None else str(number.prepare_value(value))

    def _amount(self, row: dict[str, str], given: Mapping[str, Cell]) -> None:
        """An amount alone is the unit cost of one piece; beside a unit cost it must agree."""
        cell = given.get("amount", Cell())
        amount, quantity = self._read(cell), self._read(Cell(row["quantity"]))
        if not (cell.text.strip() or cell.problem):
            return
        if not row["unit_cost"]:
            if not row["quantity"] or quantity == 1:
                row["unit_cost"] = self._number("unit_cost", cell, column="amount")
            elif amount != 0:
                message = _("Write the unit cost: the amount alone does not give it.")
                self._tell("amount", cell, message)
            return
        cost = self._read(Cell(row["unit_cost"]))
        if not row["quantity"]:
            quantity = Decimal(1)
        if quantity is None or cost is None or amount is None:
            return
        if line_amount(quantity, cost) != amount:
            message = _("“%(text)s” is not quantity times unit cost. Their product counts.")
            self._tell("amount", cell, message)

    def _read(self, cell: Cell) -> Decimal | None:
        try:
            return NUMBERS["unit_cost"].clean(
                cell.text.strip() if cell.number is None else f"{cell.number:f}"
            )
        except ValidationError:
            return None

    def _tell(self, name: str, cell: Cell, message: str) -> None:
        at = self.positions.get(name, 0)
        self._say(at, name, str(cell.problem) or message, cell)

    def _say(self, at: int, name: str, message: str, cell: Cell) -> None:
        shown = cell.text.strip()[:60]
        self.reading.problems.append(
            Problem(
                line=self.line,
                column=column_letters(at),
                heading=self.headings.get(name) or _column_name(name),
                message=message.replace("%(text)s", shown),
                row=len(self.reading.rows),
                field="unit_cost" if name == "amount" else name,
            )
        )


def _unknown_word(name: str) -> str:
    return {
        "category": _("“%(text)s” is none of the categories. Choose one."),
        "work_package": _("“%(text)s” is none of your work packages. Choose one."),
        "bearer": _("“%(text)s” is neither your company nor one of your partners. Choose one."),
    }[name]


def _column_name(name: str) -> str:
    return {
        "category": _("Category"),
        "description": _("Description"),
        "quantity": _("Quantity"),
        "unit_cost": _("Unit cost (EUR)"),
        "amount": _("Amount"),
        "work_package": _("Work package"),
        "bearer": _("Borne by"),
    }.get(name, _("no heading"))


def column_letters(at: int) -> str:
    """The name of a column in a spreadsheet: 0 is A, 26 is AA."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
