"""The sums of a budget beside the call's limits, as remarks: a draft is never refused for them.

`figures_of` is what the page shows of what is saved; `static/portal/budget-figures.js` computes the
same while one types, and a test holds the two together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from django.utils.translation import gettext as _

from applications.actions.checking_context import rule_parameters
from applications.checks import highest_grant
from applications.forms.budget_detail import Detail, bearer_of, package_of
from applications.forms.fields import Choice
from applications.models import Proposal
from bpf_portal.core import money
from bpf_portal.core.access import Text
from bpf_portal.core.templatetags.portal import percent

ZERO = Decimal("0.00")
RATE = Decimal("0.0001")


@dataclass(frozen=True)
class Cost:
    """A line of the budget: its category's code ("" while open) and its amount, EUR.

    In the detailed proposal also its work package and who bears it, by the values of the form.
    """

    category: str
    amount: Decimal
    work_package: str = ""
    bearer: str = ""


@dataclass(frozen=True)
class Financing:
    """Who pays, EUR. `others` is the sum of the other sources."""

    requested: Decimal = ZERO
    own: Decimal = ZERO
    partners: Decimal = ZERO
    others: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.requested + self.own + self.partners + self.others


@dataclass(frozen=True)
class Limits:
    """What the call's rules say; None or "" where they say nothing. Rate as a fraction of 1."""

    max_rate: Decimal | None = None
    ceiling: Decimal | None = None
    audit_category: str = ""

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        rules = rule_parameters(proposal.call.rule_set)
        ceiling = rules.grant_ceiling
        haulage = proposal.organisation.road_haulage_for_hire
        if haulage and rules.grant_ceiling_haulage is not None:
            ceiling = rules.grant_ceiling_haulage
        return cls(rules.max_rate, ceiling, rules.audit_category or "")

    @property
    def rate_text(self) -> str:
        """For the page's script, in no language."""
        return "" if self.max_rate is None else f"{self.max_rate:f}"

    @property
    def ceiling_cents(self) -> str:
        """For the page's script, in no language."""
        return "" if self.ceiling is None else f"{self.ceiling * 100:.0f}"


@dataclass(frozen=True)
class Remark:
    """Something to look at. Every remark has its sentence on the page; those that apply show."""

    code: str
    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)
    applies: bool = False

    @property
    def text(self) -> str:
        return self.sentence % self.values if self.applies else ""


@dataclass(frozen=True)
class Subtotal:
    """The sum of some lines, EUR; None where there is no such line."""

    code: str
    label: Text
    amount: Decimal | None


@dataclass(frozen=True)
class Subtotals:
    """The sums by one part of the lines: `category`, `work_package` or `bearer`."""

    part: str
    caption: str
    sums: Sequence[Subtotal]


@dataclass(frozen=True)
class BudgetFigures:
    """Sums in EUR. `rate` is the share of the grant in the total, None while there is no total."""

    costs: Sequence[Cost]
    financing: Financing
    limits: Limits

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        """From the stored rows, exact to the cent."""
        return cls(
            [
                Cost(line.category, line.amount, package_of(line), bearer_of(line))
                for line in proposal.budget_lines.all()
            ],
            Financing(
                proposal.requested or ZERO,
                proposal.own_contribution or ZERO,
                proposal.partners_contribution or ZERO,
                sum((row.amount for row in proposal.other_funding.all()), ZERO),
            ),
            Limits.of(proposal),
        )

    @property
    def total(self) -> Decimal:
        return sum((cost.amount for cost in self.costs), ZERO)

    @property
    def by_category(self) -> dict[str, Decimal]:
        return self.sums_by("category")

    def sums_by(self, part: str) -> dict[str, Decimal]:
        """The sums of the lines by `category`, `work_package` or `bearer`."""
        sums: dict[str, Decimal] = {}
        for cost in self.costs:
            name = getattr(cost, part)
            sums[name] = sums.get(name, ZERO) + cost.amount
        return sums

    def subtotals(
        self, part: str, caption: str, words: Iterable[Choice], not_yet: str
    ) -> Subtotals:
        """One for each of `words` (value and name), lines of none of them at the end."""
        sums = self.sums_by(part)
        names: dict[str, Text] = dict(words)
        names |= {code: code for code in sums if code and code not in names}
        names[""] = not_yet
        found = [Subtotal(code, label, sums.get(code)) for code, label in names.items()]
        return Subtotals(part, caption, found)

    def all_subtotals(
        self, categories: Iterable[Choice], detail: Detail | None
    ) -> Iterator[Subtotals]:
        yield self.subtotals("category", _("By category"), categories, _("No category yet"))
        if detail is not None:
            packages, bearers = detail.packages, detail.bearers
            none = _("No work package yet")
            yield self.subtotals("work_package", _("By work package"), packages, none)
            yield self.subtotals("bearer", _("By who bears the cost"), bearers, _("Not said yet"))

    @property
    def rate(self) -> Decimal | None:
        if not self.total:
            return None
        return (self.financing.requested / self.total).quantize(RATE, rounding=ROUND_HALF_UP)

    @property
    def balance(self) -> Decimal:
        """Above zero: more money than costs; below: costs that nobody pays yet."""
        return self.financing.total - self.total

    @property
    def gap(self) -> Decimal:
        return abs(self.balance)

    @property
    def above_ceiling(self) -> bool:
        ceiling = self.limits.ceiling
        return ceiling is not None and self.financing.requested > ceiling

    @property
    def above_rate(self) -> bool:
        """Compared without dividing: 100,000.01 of 200,000.00 is above one half."""
        most = self.highest_by_rate
        return most is not None and self.financing.requested > most

    @property
    def highest_by_rate(self) -> Decimal | None:
        """The largest grant in whole cents within the rate; None while there is no total."""
        if self.limits.max_rate is None or not self.total:
            return None
        return highest_grant(self.limits.max_rate, self.total)

    @property
    def unfinished(self) -> list[int]:
        """The numbers of the lines that a hand-in would stumble over."""
        return [n for n, cost in enumerate(self.costs, 1) if not cost.category or not cost.amount]

    @property
    def requested(self) -> Decimal:
        return self.financing.requested

    @property
    def remarks(self) -> list[str]:
        """What to look at, as sentences."""
        return [remark.text for remark in self._to_look_at() if remark.applies]

    @property
    def every_remark(self) -> list[Remark]:
        """All there are, for a page whose script says while one types which of them apply."""
        found = self._to_look_at()
        fine = bool(self.costs) and not any(remark.applies for remark in found)
        unreadable = _("An amount cannot be read. There is no sum until it is corrected.")
        sentence = _("Costs and financing are equal, and the grant is within the limits.")
        return [Remark("unreadable", unreadable), *found, Remark("fine", sentence, {}, fine)]

    def _to_look_at(self) -> list[Remark]:
        return [*self._on_lines(), *self._on_the_grant(), *self._on_the_balance()]

    def _on_lines(self) -> Iterable[Remark]:
        numbers = {"numbers": ", ".join(map(str, self.unfinished))}
        one, many = len(self.unfinished) == 1, len(self.unfinished) > 1
        sentence = _("Line %(numbers)s has no category or no cost yet.")
        yield Remark("unfinished_one", sentence, numbers, one)
        sentence = _("Lines %(numbers)s have no category or no cost yet.")
        yield Remark("unfinished_many", sentence, numbers, many)
        audit = self.limits.audit_category
        lacking = bool(audit and self.costs) and audit not in self.by_category
        sentence = _("There is no line for the audit of the expenditure yet.")
        yield Remark("no_audit", sentence, {}, lacking)

    def _on_the_grant(self) -> Iterable[Remark]:
        sentence = _("The grant requested is above the ceiling of %(ceiling)s.")
        values = {"ceiling": money.display(self.limits.ceiling or ZERO)}
        yield Remark("above_ceiling", sentence, values, self.above_ceiling)
        sentence = _("The grant requested is more than %(rate)s of the total: at most %(most)s.")
        values = {
            "rate": percent(self.limits.max_rate),
            "most": money.display(self.highest_by_rate or ZERO),
        }
        yield Remark("above_rate", sentence, values, self.above_rate)

    def _on_the_balance(self) -> Iterable[Remark]:
        gap = {"gap": money.display(self.gap)}
        sentence = _("%(gap)s of the costs are not financed yet.")
        yield Remark("open", sentence, gap, self.balance < 0)
        sentence = _("The financing is %(gap)s more than the costs.")
        yield Remark("surplus", sentence, gap, self.balance > 0)
