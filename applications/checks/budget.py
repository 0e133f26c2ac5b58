"""Rules about the money: `budget.*` and the other grants in the financing."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

from .context import CheckContext
from .dossier import Budget, Dossier
from .findings import Verdict, euros, failed, for_review, missing, passed
from .registry import Rulebook
from .rules import RuleParameters

book = Rulebook()


@book.rule("budget.ceiling", place="budget", source="S:call_2024", parameter="grant_ceiling")
def budget_ceiling(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    haulage = d.lead.road_haulage_for_hire and p.grant_ceiling_haulage is not None
    ceiling = p.grant_ceiling_haulage if haulage else p.grant_ceiling
    if ceiling is None:
        return None
    requested = d.budget.requested
    within = requested <= ceiling
    verdict = passed if within else failed
    above = "above_haulage" if haulage else "above"
    return verdict(
        "within" if within else above,
        observed=euros(requested),
        required=f"<= {euros(ceiling)}",
        requested=requested,
        ceiling=ceiling,
    )


@book.rule("budget.rate", place="budget", source="S:guichet", parameter="max_rate")
def budget_rate(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    rate = p.max_rate
    if rate is None:
        return None
    requested, total = d.budget.requested, d.budget.total
    if not total:
        return missing("no_total", required=f"<= {rate}", rate=rate)
    within = requested <= rate * total  # exact: both sides have fewer than 28 digits
    ratio = _readable_ratio(requested, total, rate)
    verdict = passed if within else failed
    return verdict(
        "within" if within else "above",
        observed=f"{ratio} ({euros(requested)} of {euros(total)})",
        required=f"<= {rate}",
        ratio=ratio,
        rate=rate,
        requested=requested,
        total=total,
        highest=highest_grant(rate, total),
    )


def _readable_ratio(part: Decimal, whole: Decimal, limit: Decimal) -> Decimal:
    """Rounded to four decimals, or to as many as it takes to show on which side of the limit."""
    with localcontext() as exact:
        exact.prec = 60
        for decimals in range(4, 40):
            ratio = (part / whole).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
            if (ratio > limit) == (part > limit * whole):
                break
    return ratio


def highest_grant(rate: Decimal, total: Decimal) -> Decimal:
    """The largest grant in whole cents within the rate."""
    return (rate * total // Decimal("0.01")) * Decimal("0.01")


@book.rule("budget.balance", place="budget", source="A:portal")
def budget_balance(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    budget = d.budget
    if not budget.lines and not budget.total:
        return missing("empty", required="costs = financing = total")
    costs = sum((line.amount for line in budget.lines), Decimal("0.00"))
    financing = _financing(budget)
    observed = f"costs {euros(costs)}, financing {euros(financing)}"
    required = f"both {euros(budget.total)}"
    if costs == budget.total == financing:
        return passed("balanced", observed=observed, required=required, total=budget.total)
    if costs != budget.total and financing != budget.total:
        reason = "neither"
    else:
        reason = "costs_differ" if costs != budget.total else "financing_differs"
    return failed(
        reason,
        observed=observed,
        required=required,
        total=budget.total,
        costs=costs,
        financing=financing,
        costs_gap=abs(costs - budget.total),
        financing_gap=abs(financing - budget.total),
    )


def _financing(budget: Budget) -> Decimal:
    others = sum((funding.amount for funding in budget.other_funding), Decimal("0.00"))
    return budget.requested + budget.own_contribution + budget.partners_contribution + others


@book.rule("budget.audit", place="budget", source="S:sister", parameter="audit_category")
def budget_audit(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    category = p.audit_category
    if category is None:
        return None
    required = f"a line of category {category}"
    amounts = [line.amount for line in d.budget.lines if line.category == category]
    if not amounts:
        return for_review("no_line", observed="none", required=required)
    planned = sum(amounts, Decimal("0.00"))
    return passed("planned", observed=euros(planned), required=required, amount=planned)


@book.rule("aid.double_funding", place="budget", source="S:sister")
def double_funding(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    required = "no other Luxembourg cooperation grant"
    declared = [funding for funding in d.budget.other_funding if funding.luxembourg_cooperation]
    if not declared:
        return passed("none", observed="none", required=required)
    amount = sum((funding.amount for funding in declared), Decimal("0.00"))
    names = [funding.source for funding in declared if funding.source]
    return for_review(
        "declared", observed=euros(amount), required=required, amount=amount, names=names
    )
