"""The budget as a workbook that counts by itself, and that the portal reads again."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.forms.budget_detail import Detail, bearer_of, package_of
from applications.forms.fields import Choice
from applications.forms.rows import MOST_LINES
from applications.models import BudgetLine
from applications.views.budget_figures import BudgetFigures
from bpf_portal.core.exports import AMOUNT_FORMAT

#: Nothing shows where a formula waits for its line.
COMPUTED_FORMAT = f"{AMOUNT_FORMAT};;"
WIDTHS = (26, 48, 12, 16, 16)
#: Texts are written as texts, whatever they begin with; formulas are only the portal's own.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_budget(
    file: IO[bytes],
    lines: Sequence[BudgetLine],
    figures: BudgetFigures,
    categories: Sequence[tuple[str, str]],
    *,
    detail: Detail | None = None,
    title: str,
    made_at: datetime,
) -> None:
    """A sheet of lines, with room for 200 and amounts that count by themselves, and one of sums.

    All texts in the language in force; every formula carries its result of today. `categories`
    are codes with their names.
    """
    with xlsxwriter.Workbook(file, {"in_memory": True, **OPTIONS}) as book:
        book.set_properties(
            {
                "title": title,
                "created": timezone.localtime(made_at).replace(tzinfo=None),
            }
        )
        formats = {
            "heading": book.add_format({"bold": True, "bottom": 1}),
            "amount": book.add_format({"num_format": AMOUNT_FORMAT}),
            "computed": book.add_format({"num_format": COMPUTED_FORMAT, "font_color": "#3b4d56"}),
            "sum": book.add_format({"num_format": AMOUNT_FORMAT, "bold": True, "top": 1}),
            "bold": book.add_format({"bold": True, "top": 1}),
        }
        table = book.add_worksheet(_("Budget"))
        sums = book.add_worksheet(_("Sums"))
        _write_lines(table, lines, dict(categories), formats)
        if detail is not None:
            _write_detail(table, lines, detail, formats)
        _write_sums(sums, table.get_name(), figures, categories, formats)


def _write_lines(
    page: Any, lines: Sequence[BudgetLine], names: dict[str, str], formats: dict[str, Any]
) -> None:
    headings = (
        _("Category"),
        _("Description"),
        _("Quantity"),
        _("Unit cost (EUR)"),
        _("Amount (EUR)"),
    )
    for position, (heading, width) in enumerate(zip(headings, WIDTHS, strict=True)):
        page.set_column(position, position, width)
        page.write_string(0, position, heading, formats["heading"])
    page.freeze_panes(1, 0)
    for row, line in enumerate(lines, start=1):
        if line.category:
            page.write_string(row, 0, names.get(line.category, line.category))
        if line.description:
            page.write_string(row, 1, line.description)
        page.write_number(row, 2, line.quantity)
        if line.unit_cost:
            page.write_number(row, 3, line.unit_cost, formats["amount"])
    for row in range(1, MOST_LINES + 1):
        amount = lines[row - 1].amount if row <= len(lines) else Decimal(0)
        here = row + 1
        formula = f'=ROUND(IF(C{here}="",1,C{here})*D{here},2)'
        page.write_formula(row, 4, formula, formats["computed"], amount)
    options = {"validate": "list", "source": list(names.values()), "error_type": "warning"}
    page.data_validation(1, 0, MOST_LINES, 0, options)


def _write_detail(
    page: Any, lines: Sequence[BudgetLine], detail: Detail, formats: dict[str, Any]
) -> None:
    """Two columns more: the work package of each line, and who bears it."""
    parts: tuple[tuple[int, str, Sequence[Choice], Callable[[BudgetLine], str]], ...] = (
        (5, _("Work package"), detail.packages, package_of),
        (6, _("Borne by"), detail.bearers, bearer_of),
    )
    for column, heading, words, value_of in parts:
        page.set_column(column, column, 34)
        page.write_string(0, column, heading, formats["heading"])
        names = {value: str(label) for value, label in words}
        for row, line in enumerate(lines, start=1):
            if name := names.get(value_of(line)):
                page.write_string(row, column, name)


def _write_sums(
    page: Any,
    lines: str,
    figures: BudgetFigures,
    categories: Sequence[tuple[str, str]],
    formats: dict[str, Any],
) -> None:
    page.set_column(0, 0, 44)
    page.set_column(1, 1, 18)
    page.write_string(0, 0, _("Costs"), formats["heading"])
    page.write_string(0, 1, _("EUR"), formats["heading"])
    last = MOST_LINES + 1
    here = f"'{lines}'"
    row = 1
    for code, name in categories:
        page.write_string(row, 0, name)
        formula = f"=SUMIF({here}!$A$2:$A${last},A{row + 1},{here}!$E$2:$E${last})"
        result = figures.by_category.get(code, Decimal(0))
        page.write_formula(row, 1, formula, formats["amount"], result)
        row += 1
    page.write_string(row, 0, _("Total of the costs"), formats["bold"])
    page.write_formula(row, 1, f"=SUM({here}!$E$2:$E${last})", formats["sum"], figures.total)
    _write_financing(page, row, figures, formats)


def _write_financing(
    page: Any, total: int, figures: BudgetFigures, formats: dict[str, Any]
) -> None:
    """Below the costs, whose total stands in the row `total`, counted from 0."""
    money = figures.financing
    parts = (
        (_("Grant requested"), money.requested),
        (_("Own contribution"), money.own),
        (_("Partners' contribution"), money.partners),
        (_("Other funding"), money.others),
    )
    first = total + 3
    page.write_string(total + 2, 0, _("Financing"), formats["heading"])
    page.write_string(total + 2, 1, _("EUR"), formats["heading"])
    for offset, (name, amount) in enumerate(parts):
        page.write_string(first + offset, 0, name)
        page.write_number(first + offset, 1, amount, formats["amount"])
    end = first + len(parts)
    page.write_string(end, 0, _("Total of the financing"), formats["bold"])
    page.write_formula(end, 1, f"=SUM(B{first + 1}:B{end})", formats["sum"], money.total)
    page.write_string(end + 1, 0, _("Still open"))
    formula = f"=B{total + 1}-B{end + 1}"
    page.write_formula(end + 1, 1, formula, formats["amount"], figures.total - money.total)
    page.write_string(end + 2, 0, _("Share of the grant"))
    share = f'=IF(B{total + 1}=0,"",B{first + 1}/B{total + 1})'
    page.write_formula(end + 2, 1, share, None, figures.rate if figures.rate is not None else "")
