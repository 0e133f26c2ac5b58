"""Rules about the lead partner: `lead.*` and the State aid it may still receive."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from .calendar_rules import full_years, in_rolling_window, shift_years
from .context import CheckContext
from .dossier import Dossier, Lead
from .findings import Verdict, euros, failed, for_review, missing, passed
from .registers import NumberCheck, check_register_number, check_vat_number
from .registry import Rulebook
from .rules import (
    Combine,
    MultipleBase,
    RegisterFormat,
    RuleParameters,
    TurnoverRule,
    TurnoverStatistic,
)

book = Rulebook()


@book.rule("lead.private_company", place="company", source="S:guichet", parameter="lead_kinds")
def private_company(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    if p.lead_kinds is None:
        return None
    required = " or ".join(p.lead_kinds)
    if d.lead.kind in p.lead_kinds:
        return passed(
            "admitted",
            observed=d.lead.kind,
            required=required,
            kind=d.lead.kind,
            kinds=p.lead_kinds,
        )
    return failed(
        "other_kind", observed=d.lead.kind, required=required, kind=d.lead.kind, kinds=p.lead_kinds
    )


@book.rule("lead.country", place="company", source="S:guichet", parameter="lead_country_list")
def lead_country(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    if p.lead_country_list is None and p.lead_countries is None:
        return None
    country = d.lead.country
    named = p.lead_countries or ()
    required = " or ".join(filter(None, (p.lead_country_list, *named)))
    if country in named or (p.lead_country_list and c.is_listed(country, p.lead_country_list)):
        return passed("admitted", observed=country, required=required, country=country)
    if p.lead_countries is not None and p.lead_country_list is None:
        return failed(
            "not_named", observed=country, required=required, country=country, countries=named
        )
    return failed("not_listed", observed=country, required=required, country=country)


@book.rule(
    "lead.registration_number", place="company", source="S:guichet", parameter="register_formats"
)
def registration_number(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    lead = d.lead
    if not lead.registration_number:
        return missing("not_given", required="a trade-register number")
    own_format = (p.register_formats or {}).get(lead.country)
    if own_format is not None:
        return _by_format(lead, own_format)
    number = lead.registration_number
    checked = check_register_number(lead.country, number)
    required = f"a number of the trade register of {lead.country}"
    if checked is NumberCheck.VALID:
        return passed("valid", observed=number, required=required, number=number)
    if checked is NumberCheck.UNKNOWN:
        return for_review(
            "unknown_register",
            observed=number,
            required=required,
            number=number,
            country=lead.country,
        )
    return failed(
        "invalid", observed=number, required=required, number=number, country=lead.country
    )


def _by_format(lead: Lead, own_format: RegisterFormat) -> Verdict:
    number = "".join(c for c in lead.registration_number.upper() if c.isalnum())
    required = own_format.pattern.pattern
    if own_format.sections:
        required += f", section {' or '.join(own_format.sections)}"
    if not own_format.pattern.fullmatch(number):
        return failed(
            "invalid",
            observed=lead.registration_number,
            required=required,
            number=lead.registration_number,
            country=lead.country,
        )
    if own_format.sections and number[0] not in own_format.sections:
        return failed(
            "other_section",
            observed=number,
            required=required,
            number=number,
            section=number[0],
            sections=own_format.sections,
        )
    return passed("valid", observed=number, required=required, number=number)


@book.rule("lead.vat_number", place="company", source="A:portal")
def vat_number(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    number, country = d.lead.vat_number, d.lead.country
    required = f"empty or a valid VAT number of {country}"
    if not number:
        return passed("not_given", required=required)
    checked = check_vat_number(country, number)
    if checked is NumberCheck.VALID:
        return passed("valid", observed=number, required=required, number=number)
    if checked is NumberCheck.UNKNOWN:
        return for_review(
            "unknown_country", observed=number, required=required, number=number, country=country
        )
    return failed("invalid", observed=number, required=required, number=number, country=country)


@book.rule("lead.registered_years", place="company", source="S:guichet", parameter="min_years")
def registered_years(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    if p.min_years is None:
        return None
    registered, required = d.lead.registered_on, f">= {p.min_years} years"
    if registered is None:
        return missing(
            "not_given", required=required, years=p.min_years, reference_date=c.reference_date
        )
    qualifies_on = shift_years(registered, p.min_years)
    observed = f"{full_years(registered, c.reference_date)} years (since {registered})"
    if qualifies_on <= c.reference_date:
        return passed(
            "old_enough",
            observed=observed,
            required=required,
            registered_on=registered,
            years=p.min_years,
            reference_date=c.reference_date,
        )
    return failed(
        "too_young",
        observed=observed,
        required=required,
        registered_on=registered,
        years=p.min_years,
        qualifies_on=qualifies_on,
        reference_date=c.reference_date,
    )


@book.rule("lead.turnover", place="company", source="S:guichet", parameter="turnover")
def turnover(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    rule = p.turnover
    if rule is None:
        return None
    base = d.budget.requested if rule.base is MultipleBase.REQUESTED else d.budget.total
    required, wanted = _turnover_required(rule, base), _turnover_wanted(rule, base)
    closed: dict[int, Decimal] = {}
    for row in d.lead.annual_turnover:
        if row.year >= c.reference_date.year:
            continue  # the year the reference date falls in is not closed yet
        if closed.setdefault(row.year, row.amount) != row.amount:
            return for_review("contradictory", required=required, year=str(row.year), **wanted)
    statistic = _statistic(rule, closed)
    if statistic is None:
        years = 3 if rule.statistic is TurnoverStatistic.AVERAGE_OF_THREE else 1
        return missing("not_given", required=required, years_wanted=years, **wanted)
    shown = Decimal(statistic.numerator) / Decimal(statistic.denominator)
    # Rounded down, so that what is just short never reads as reached.
    turnover_shown = shown.quantize(Decimal("0.01"), rounding=ROUND_FLOOR)
    return _turnover_verdict(rule, base, statistic, turnover_shown, required, wanted)


def _statistic(rule: TurnoverRule, closed: dict[int, Decimal]) -> Fraction | None:
    if not closed:
        return None
    last = max(closed)
    if rule.statistic is TurnoverStatistic.LAST_YEAR:
        return Fraction(closed[last])
    years = [last, last - 1, last - 2]
    if any(year not in closed for year in years):
        return None
    return Fraction(sum((closed[year] for year in years), Decimal(0))) / 3


def _turnover_required(rule: TurnoverRule, base: Decimal) -> str:
    parts = []
    if rule.floor is not None:
        parts.append(f">= {euros(rule.floor)}")
    if rule.multiple is not None:
        parts.append(f">= {euros(rule.multiple * base)}")
    return (" or " if rule.combine is Combine.ANY else " and ").join(parts)


def _turnover_wanted(rule: TurnoverRule, base: Decimal) -> dict[str, Any]:
    """The amounts that are required, under the name of how they count together."""
    amounts = [] if rule.floor is None else [euros(rule.floor)]
    if rule.multiple is not None:
        amounts.append(euros(rule.multiple * base))
    if len(amounts) == 1:
        return {"at_least": amounts}
    return {"any_of" if rule.combine is Combine.ANY else "all_of": amounts}


def _turnover_verdict(
    rule: TurnoverRule,
    base: Decimal,
    statistic: Fraction,
    shown: Decimal,
    required: str,
    wanted: Mapping[str, Any],
) -> Verdict:
    """A multiple of nothing asked for yet proves nothing: it stays open until there is a base."""
    met: list[bool | None] = []
    if rule.floor is not None:
        met.append(statistic >= Fraction(rule.floor))
    if rule.multiple is not None:
        met.append(statistic >= Fraction(rule.multiple * base) if base else None)
    any_is_enough = rule.combine is Combine.ANY
    reached = True in met if any_is_enough else met.count(True) == len(met)
    lost = met.count(False) == len(met) if any_is_enough else False in met
    observed = euros(shown)
    if reached:
        return passed("reached", observed=observed, required=required, turnover=shown, **wanted)
    if not lost:
        return missing("no_base", observed=observed, required=required, turnover=shown, **wanted)
    floor = rule.floor if rule.floor is not None else Decimal("0.00")
    multiplied = Decimal(euros((rule.multiple or Decimal(0)) * base))
    if rule.floor is None or rule.multiple is None:
        return failed(
            "below",
            observed=observed,
            required=required,
            turnover=shown,
            threshold=max(floor, multiplied),
            **wanted,
        )
    return failed(
        "below_both" if any_is_enough else "below_one",
        observed=observed,
        required=required,
        turnover=shown,
        floor=floor,
        multiplied=multiplied,
        **wanted,
    )


@book.rule("lead.employees", place="company", source="S:guichet", parameter="min_employees")
def employees(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    if p.min_employees is None:
        return None
    required, count = f">= {p.min_employees}", d.lead.employees
    if count is None:
        return missing("not_given", required=required, minimum=p.min_employees)
    verdict = passed if count >= p.min_employees else failed
    reason = "enough" if count >= p.min_employees else "too_few"
    return verdict(
        reason, observed=str(count), required=required, employees=count, minimum=p.min_employees
    )


@book.rule(
    "lead.registration_window", place="company", source="S:sister", parameter="registration_window"
)
def registration_window(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    window = p.registration_window
    if window is None:
        return None
    required = f"{window.first} to {window.last}"
    registered = d.lead.registered_on
    if registered is None:
        return missing("not_given", required=required, first=window.first, last=window.last)
    inside = window.first <= registered <= window.last
    verdict = passed if inside else failed
    return verdict(
        "inside" if inside else "outside",
        observed=registered.isoformat(),
        required=required,
        registered_on=registered,
        first=window.first,
        last=window.last,
    )


@book.rule(
    "lead.external_funding", place="company", source="S:sister", parameter="max_external_funding"
)
def external_funding(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    ceiling = p.max_external_funding
    if ceiling is None:
        return None
    required, amount = f"<= {euros(ceiling)}", d.lead.external_funding_3y
    if amount is None:
        return missing("not_given", required=required, ceiling=ceiling)
    within = amount <= ceiling
    verdict = passed if within else failed
    return verdict(
        "within" if within else "above",
        observed=euros(amount),
        required=required,
        amount=amount,
        ceiling=ceiling,
    )


@book.rule("lead.good_standing", place="company", source="A:portal")
def good_standing(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    declared = d.lead.good_standing
    answers = {
        "not_insolvent": declared.not_insolvent,
        "no_conviction": declared.no_conviction,
        "taxes_paid": declared.taxes_paid,
        "social_security_paid": declared.social_security_paid,
    }
    required = "all four declared"
    refused = [name for name, answer in answers.items() if answer is False]
    if refused:
        return failed(
            "not_declared", observed=", ".join(refused), required=required, declarations=refused
        )
    open_ones = [name for name, answer in answers.items() if answer is None]
    if open_ones:
        return missing(
            "unanswered", observed=", ".join(open_ones), required=required, declarations=open_ones
        )
    return passed("declared", observed=required, required=required)


@book.rule("aid.de_minimis", place="company", source="S:de_minimis_2023", parameter="de_minimis")
def de_minimis(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    rule = p.de_minimis
    if rule is None:
        return None
    received = sum(
        (
            aid.amount
            for aid in d.lead.de_minimis_aid
            if aid.member_state == rule.member_state
            and in_rolling_window(aid.granted_on, end=c.reference_date, years=rule.years)
        ),
        Decimal("0.00"),
    )
    with_grant = received + d.budget.requested
    within = with_grant <= rule.ceiling
    verdict = passed if within else failed
    return verdict(
        "within" if within else "above",
        observed=f"{euros(received)} + {euros(d.budget.requested)} = {euros(with_grant)}",
        required=f"<= {euros(rule.ceiling)}",
        received=received,
        requested=d.budget.requested,
        with_grant=with_grant,
        ceiling=rule.ceiling,
        after=shift_years(c.reference_date, -rule.years),
        reference_date=c.reference_date,
    )
