"""The sums of a budget beside the call's limits, as remarks: a draft is never refused for them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from django.utils.translation import gettext as _

from applications.actions.checking_context import rule_parameters
from applications.checks.rules import RuleParameters
from applications.models import Proposal
from bpf_portal.core import money
from bpf_portal.core.templatetags.portal import percent

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class BudgetFigures:
    """Sums in EUR. `rate` is the share of the grant in the total, None while there is no total."""

    total: Decimal
    requested: Decimal
    financing: Decimal
    rate: Decimal | None
    ceiling: Decimal | None
    max_rate: Decimal | None
    remarks: tuple[str, ...]

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        """From the stored rows: four sums, exact to the cent."""
        lines = list(proposal.budget_lines.all())
        total = sum((line.amount for line in lines), ZERO)
        requested = proposal.requested or ZERO
        others = sum((row.amount for row in proposal.other_funding.all()), ZERO)
        financing = (
            requested
            + (proposal.own_contribution or ZERO)
            + (proposal.partners_contribution or ZERO)
            + others
        )
        rules = rule_parameters(proposal.call.rule_set)
        ceiling = _ceiling(proposal, rules)
        remarks = [
            *_unfinished_lines(proposal),
            *_grant_remarks(requested, total, ceiling, rules.max_rate),
            *_balance_remarks(financing, total),
        ]
        if lines and rules.audit_category not in (None, *(line.category for line in lines)):
            remarks.append(_("There is no line for the audit of the expenditure yet."))
        rate = (requested / total).quantize(Decimal("0.0001")) if total else None
        return cls(total, requested, financing, rate, ceiling, rules.max_rate, tuple(remarks))

    @property
    def balance(self) -> Decimal:
        return self.financing - self.total


def _ceiling(proposal: Proposal, rules: RuleParameters) -> Decimal | None:
    if proposal.organisation.road_haulage_for_hire and rules.grant_ceiling_haulage is not None:
        return rules.grant_ceiling_haulage
    return rules.grant_ceiling


def _unfinished_lines(proposal: Proposal) -> list[str]:
    """Lines that a hand-in would stumble over, by their number."""
    return [
        _("Line %(number)d has no category or no cost yet.") % {"number": number}
        for number, line in enumerate(proposal.budget_lines.all(), start=1)
        if not line.category or not line.amount
    ]


def _grant_remarks(
    requested: Decimal, total: Decimal, ceiling: Decimal | None, max_rate: Decimal | None
) -> list[str]:
    remarks = []
    if ceiling is not None and requested > ceiling:
        remarks.append(
            _("The grant requested is above the ceiling of %(ceiling)s.")
            % {"ceiling": money.display(ceiling)}
        )
    # Compared without dividing: 100,000.01 of 200,000.00 is above one half.
    if max_rate is not None and total and requested > total * max_rate:
        remarks.append(
            _("The grant requested is more than %(rate)s of the total: at most %(most)s.")
            % {
                "rate": percent(max_rate),
                "most": money.display((total * max_rate).quantize(money.CENT)),
            }
        )
    return remarks


def _balance_remarks(financing: Decimal, total: Decimal) -> list[str]:
    if financing == total:
        return []
    gap = money.display(abs(financing - total))
    if financing < total:
        return [_("%(gap)s of the costs are not financed yet.") % {"gap": gap}]
    return [_("The financing is %(gap)s more than the costs.") % {"gap": gap}]
