"""Human-rights due diligence: `hrdd.*`. Completeness and consistency, never a company's respect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .calendar_rules import shift_months, shift_years
from .context import CheckContext, Moment
from .dossier import ClauseAcceptance, Dossier, Remedy, Risk
from .findings import RiskLevel, Verdict, failed, for_review, missing, passed
from .registry import Rulebook
from .rules import RuleParameters

book = Rulebook()


@dataclass(frozen=True, slots=True)
class LevelReason:
    """One thing that the dossier's level comes from: a "country", an "activity" or a "flag".

    An empty `code` is what is not given yet: unknown, and unknown never counts as low.
    """

    kind: str
    code: str
    level: RiskLevel


def risk_level(dossier: Dossier, context: CheckContext) -> RiskLevel:
    """The highest of country, sector and declared flags, never an average."""
    return highest(reason.level for reason in level_reasons(dossier, context))


def level_reasons(dossier: Dossier, context: CheckContext) -> tuple[LevelReason, ...]:
    """Everything that counts towards the level, countries first."""
    countries = set(dossier.project.countries)
    countries.update(partner.country for partner in dossier.partners_in_role("local"))
    nace, flags = dossier.project.nace, dossier.due_diligence.flags
    return (
        *(
            LevelReason("country", country, country_level(country, context))
            for country in sorted(countries or {""})
        ),
        LevelReason("activity", nace, sector_level(nace, context)),
        *(
            LevelReason("flag", flag, context.flag_levels.get(flag, RiskLevel.MEDIUM))
            for flag in flags
        ),
    )


def highest(levels: Iterable[RiskLevel]) -> RiskLevel:
    return max(levels, key=lambda level: level.rank)


def country_level(country: str, context: CheckContext) -> RiskLevel:
    if country in context.labour_worst:
        return RiskLevel.HIGH
    return context.officer_ratings.get(country, RiskLevel.MEDIUM)


def sector_level(nace: str, context: CheckContext) -> RiskLevel:
    """By division of the NACE code, "62.10" or "J62.10"; one that cannot be read is unknown."""
    digits = nace.strip().lstrip("ABCDEFGHIJKLMNOPQRSTUVabcdefghijklmnopqrstuv ")
    if len(digits) < 2 or not (digits[:2].isascii() and digits[:2].isdigit()):
        return RiskLevel.MEDIUM
    return RiskLevel.HIGH if digits.startswith(context.nace_high_prefixes) else RiskLevel.LOW


def level_of(risk: Risk) -> RiskLevel:
    return highest((RiskLevel(risk.severity), RiskLevel(risk.likelihood)))


def risks_to_treat(dossier: Dossier) -> list[Risk]:
    return [r for r in dossier.due_diligence.risks if level_of(r) is not RiskLevel.LOW]


@book.rule("hrdd.clause", place="due_diligence", source="A:clause")
def clause(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    current = c.current_clause(d.language)
    if current is None:
        return None  # no clause was in force at the reference date
    signed = d.due_diligence.clause
    required = f"version {current} accepted by a legal representative"
    if signed is None:
        return missing("not_accepted", required=required, current=current)
    if not signed.accepted:
        return failed("refused", observed="refused", required=required, current=current)
    observed = f"version {signed.version}, {signed.signatory}"
    if signed.version != current:
        known = c.clauses.get((signed.version, d.language))
        if known is not None and known.valid_from <= c.reference_date:
            return missing(
                "older_version",
                observed=observed,
                required=required,
                version=signed.version,
                current=current,
            )
        return for_review(
            "other_version",
            observed=observed,
            required=required,
            version=signed.version,
            current=current,
        )
    return _signed_clause(d, c, signed, observed, required)


def _signed_clause(
    d: Dossier, c: CheckContext, signed: ClauseAcceptance, observed: str, required: str
) -> Verdict:
    if not (signed.signatory and signed.function):
        return missing("signatory_incomplete", observed=observed, required=required)
    if c.moment is Moment.CONTRACT and not signed.partner_countersigned:
        return missing("not_countersigned", observed=observed, required=required)
    if not signed.legal_representative:
        return for_review(
            "not_a_representative", observed=observed, required=required, name=signed.signatory
        )
    if signed.sha256 and signed.sha256 != c.clauses[(signed.version, d.language)].sha256:
        return for_review(
            "other_text", observed=observed, required=required, version=signed.version
        )
    return passed(
        "accepted",
        observed=observed,
        required=required,
        version=signed.version,
        name=signed.signatory,
        function=signed.function,
    )


@book.rule("hrdd.policy", place="due_diligence", source="S:ungp_policy")
def policy(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    given, required = d.due_diligence.policy, "a signed policy naming a responsible person"
    if given is None:
        return missing("none", required=required)
    observed = f"dated {given.dated}"
    if not given.signed_by_management:
        return missing("unsigned", observed=observed, required=required)
    if not given.responsible_person:
        return missing("nobody_named", observed=observed, required=required)
    if not (given.url or given.document):
        return missing("no_text", observed=observed, required=required)
    max_age = p.policy_max_age_years
    if max_age is not None and shift_years(given.dated, max_age) < c.reference_date:
        return for_review(
            "old",
            observed=observed,
            required=f"{required}, not older than {max_age} years",
            dated=given.dated,
            years=max_age,
            reference_date=c.reference_date,
        )
    return passed(
        "present",
        observed=observed,
        required=required,
        dated=given.dated,
        name=given.responsible_person,
    )


@book.rule("hrdd.risks", place="due_diligence", source="S:ungp_risks")
def risks(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    known, required = d.due_diligence.risks, "one risk at least, and one for every declared flag"
    observed = ", ".join(risk.id for risk in known)
    if not known:
        return missing("none", required=required)
    covered = {risk.flag for risk in known}
    uncovered = [flag for flag in d.due_diligence.flags if flag not in covered]
    if uncovered:
        return missing("flag_without_risk", observed=observed, required=required, flags=uncovered)
    alone = [risk.id for risk in risks_to_treat(d) if not risk.consulted]
    if alone:
        return for_review("nobody_consulted", observed=observed, required=required, risks=alone)
    return passed("described", observed=observed, required=required, count=len(known))


@book.rule("hrdd.measures", place="due_diligence", source="S:ungp_measures")
def measures(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    required = "a measure with owner and date for every risk of medium level or higher"
    known = d.due_diligence.measures
    observed = str(len(known))
    complete = {m.risk for m in known if m.description and m.owner and m.due_on}
    begun = {m.risk for m in known}
    to_treat = [risk.id for risk in risks_to_treat(d)]
    if untreated := [risk for risk in to_treat if risk not in begun]:
        return missing("none", observed=observed, required=required, risks=untreated)
    if incomplete := [risk for risk in to_treat if risk not in complete]:
        return missing("incomplete", observed=observed, required=required, risks=incomplete)
    start, months = d.project.starts_on, d.project.duration_months
    if start is not None and months is not None:
        first_day_after = shift_months(start, months)
        late = [m.risk for m in known if m.due_on is not None and m.due_on >= first_day_after]
        if late:
            return for_review(
                "after_the_end",
                observed=observed,
                required=required,
                risks=sorted(set(late)),
                after=first_day_after,
            )
    return passed("planned", observed=observed, required=required, count=len(known))


@book.rule("hrdd.tracking", place="due_diligence", source="S:ungp_tracking")
def tracking(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    required, known = "an indicator and a rhythm per measure", d.due_diligence.measures
    if not known and risks_to_treat(d):
        return missing("no_measures", observed="0", required=required)
    untracked = [m.risk for m in known if not (m.indicator and m.rhythm)]
    if untracked:
        return missing(
            "incomplete", observed=", ".join(untracked), required=required, risks=untracked
        )
    return passed("tracked", observed=str(len(known)), required=required)


@book.rule("hrdd.communication", place="due_diligence", source="S:ungp_communication")
def communication(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    required = "how and when it is reported"
    if not d.due_diligence.communication:
        return missing("none", required=required)
    return passed("described", observed="described", required=required)


@book.rule("hrdd.remedy", place="due_diligence", source="S:ungp_remedy")
def remedy(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    given, required = d.due_diligence.remedy, "a grievance channel with contact and its criteria"
    if given is None or not given.channel:
        return missing("none", required=required)
    if not given.contact:
        return missing("no_contact", observed=given.channel, required=required)
    unanswered = _unanswered(given, p.remedy_criteria or ())
    if unanswered:
        return missing(
            "criteria_open", observed=given.channel, required=required, criteria=unanswered
        )
    if not given.protects_from_reprisal:
        return for_review("no_protection", observed=given.channel, required=required)
    if not given.open_to_partner_workers:
        return for_review("closed_to_partner", observed=given.channel, required=required)
    return passed("open", observed=given.channel, required=required)


def _unanswered(given: Remedy, criteria: Iterable[str]) -> list[str]:
    """Criteria neither true nor explained: false, absent, or an empty explanation."""
    answers = {code: given.criteria.get(code, False) for code in criteria}
    return [
        code
        for code, answer in answers.items()
        if not (answer.strip() if isinstance(answer, str) else answer)
    ]


@book.rule("hrdd.sign_off", place="due_diligence", source="A:portal")
def sign_off(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    required = "an officer's sign-off"
    if c.signed_off:
        return passed("signed", observed="signed", required=required)
    return for_review("open", observed="open", required=required)
