"""A rule set in words for the people who want to know whether they may apply.

Every figure is the rule set's own; a parameter that is empty gives no sentence, as it gives no
finding. What the portal assumed is marked, with the source beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils import formats
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from applications.checks.rules import (
    Combine,
    MultipleBase,
    RuleParameters,
    TurnoverRule,
    TurnoverStatistic,
)
from applications.checks.texts import source_text
from applications.models import Country, CountryList, RuleSet, Term, Vocabulary
from bpf_portal.core.templatetags.portal import euro_round, percent


@dataclass(frozen=True, slots=True)
class PlainRule:
    """One sentence with its list, where it comes from, and whether the portal assumed it."""

    text: str
    entries: tuple[str, ...] = ()
    source: str = ""
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class RuleGroup:
    title: str
    rules: list[PlainRule]

    @property
    def source(self) -> str:
        """The source of all of them, where they have the same; else each names its own."""
        sources = {rule.source for rule in self.rules}
        return sources.pop() if len(sources) == 1 else ""


@dataclass(frozen=True, slots=True)
class RuleNames:
    """What the codes in a rule set are called, in the language in force."""

    country_lists: Mapping[str, str]
    countries: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def of_lists(cls) -> "RuleNames":
        """Only the lists of countries: one query, for the short form."""
        language = "fr" if get_language() == "fr" else "en"
        rows = CountryList.objects.order_by("version").values_list("code", f"title_{language}")
        return cls(country_lists=dict(rows))

    @classmethod
    def for_rules(cls, *several: RuleParameters) -> "RuleNames":
        """All names the rules use, in three queries whatever their number."""
        language = "fr" if get_language() == "fr" else "en"
        codes = {code for rules in several for code in _countries_in(rules)}
        terms = Term.objects.filter(
            vocabulary__in=(
                Vocabulary.SECTOR,
                Vocabulary.EXCLUDED_ACTIVITY,
                Vocabulary.ORGANISATION_KIND,
                Vocabulary.COST_CATEGORY,
            )
        )
        return cls(
            country_lists=cls.of_lists().country_lists,
            countries=dict(
                Country.objects.filter(iso2__in=codes).values_list("iso2", f"name_{language}")
            ),
            terms={
                (vocabulary, code): label
                for vocabulary, code, label in terms.values_list(
                    "vocabulary", "code", f"label_{language}"
                )
            },
        )

    def list_title(self, code: str) -> str:
        return self.country_lists.get(code, code)

    def country_names(self, codes: tuple[str, ...]) -> str:
        return ", ".join(self.countries.get(code, code) for code in codes)

    def labels(self, vocabulary: str, codes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.terms.get((vocabulary, code), code) for code in codes)


def _countries_in(rules: RuleParameters) -> Iterator[str]:
    for named in (rules.lead_countries, rules.project_countries, rules.register_formats):
        yield from named or ()
    if rules.de_minimis:
        yield rules.de_minimis.member_state


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A rule in words under the name of its parameter, before its source is known."""

    parameter: str
    text: str
    entries: tuple[str, ...] = ()


Sentences = Iterator[_Sentence]


def all_rules(rule_set: RuleSet) -> list[RuleGroup]:
    """Every rule an applicant can act on, by subject. A fixed number of queries."""
    rules = RuleParameters.from_mapping(rule_set.parameters, rule_set.sources)
    names = RuleNames.for_rules(rules)
    groups = (
        (_("The lead partner"), _lead(rules, names)),
        (_("The partners"), _partners(rules, names)),
        (_("The project"), _project(rules, names)),
        (_("The money"), _money(rules, names)),
        (_("Human rights and good standing"), _duties(rules)),
    )
    shown = (RuleGroup(title, _with_sources(rule_set, found)) for title, found in groups)
    return [group for group in shown if group.rules]


def rules_by_parameter(
    rule_set: RuleSet, rules: RuleParameters, names: RuleNames
) -> dict[str, PlainRule]:
    """Each rule in words under the name of its parameter. No query."""
    found = [
        *_lead(rules, names),
        *_partners(rules, names),
        *_project(rules, names),
        *_money(rules, names),
        *_duties(rules),
    ]
    stated = _with_sources(rule_set, iter(found))
    return {sentence.parameter: rule for sentence, rule in zip(found, stated, strict=True)}


def who_may_apply(rules: RuleParameters, names: RuleNames) -> list[str]:
    """The conditions that decide at first sight, for the public page."""
    first_sight = (
        "lead_country_list",
        "lead_countries",
        "min_years",
        "turnover",
        "min_employees",
        "registration_window",
        "min_local_partners",
    )
    found = (*_lead(rules, names), *_partners(rules, names))
    return [s.text for s in found if s.parameter in first_sight]


def _with_sources(rule_set: RuleSet, sentences: Sentences) -> list[PlainRule]:
    language = "fr" if get_language() == "fr" else "en"
    shown = []
    for sentence in sentences:
        name = sentence.parameter
        source = rule_set.sources.get(name, "A:portal" if name == "good_standing" else "")
        assumed = name in rule_set.assumed or source.startswith("A:")
        shown.append(
            PlainRule(sentence.text, sentence.entries, source_text(source, language), assumed)
        )
    return shown


def _lead(rules: RuleParameters, names: RuleNames) -> Sentences:
    if rules.lead_kinds:
        kinds = ", ".join(names.labels(Vocabulary.ORGANISATION_KIND, rules.lead_kinds))
        yield _Sentence(
            "lead_kinds", _("The lead partner is of this kind: %(kinds)s.") % {"kinds": kinds}
        )
    if rules.lead_country_list:
        yield _Sentence(
            "lead_country_list",
            _("The lead partner is established in one of these countries: %(list)s.")
            % {"list": names.list_title(rules.lead_country_list)},
        )
    if rules.lead_countries:
        yield _Sentence(
            "lead_countries",
            _("The lead partner is established in one of these countries: %(list)s.")
            % {"list": names.country_names(rules.lead_countries)},
        )
    if rules.min_years is not None:
        text = ngettext(
            "It has been registered for at least %(years)d year on the day of the deadline.",
            "It has been registered for at least %(years)d years on the day of the deadline.",
            rules.min_years,
        )
        yield _Sentence("min_years", text % {"years": rules.min_years})
    if rules.turnover:
        yield _Sentence("turnover", _turnover(rules.turnover))
    if rules.min_employees is not None:
        text = ngettext(
            "It employs at least %(number)d person.",
            "It employs at least %(number)d people.",
            rules.min_employees,
        )
        yield _Sentence("min_employees", text % {"number": rules.min_employees})
    if window := rules.registration_window:
        yield _Sentence(
            "registration_window",
            _("It was registered between %(first)s and %(last)s, both days included.")
            % {"first": _day(window.first), "last": _day(window.last)},
        )
    if rules.max_external_funding is not None:
        yield _Sentence(
            "max_external_funding",
            _("In the last three years it received at most %(amount)s in grants, equity and loans.")
            % {"amount": euro_round(rules.max_external_funding)},
        )


def _turnover(rule: TurnoverRule) -> str:
    conditions = []
    if rule.floor is not None:
        conditions.append(_("at least %(amount)s") % {"amount": euro_round(rule.floor)})
    if rule.multiple is not None:
        text = (
            _("at least %(times)s times the grant requested")
            if rule.base == MultipleBase.REQUESTED
            else _("at least %(times)s times the total cost of the project")
        )
        conditions.append(text % {"times": formats.number_format(rule.multiple)})
    joined = (_(" or ") if rule.combine == Combine.ANY else _(" and ")).join(conditions)
    text = (
        _("Its turnover in the last closed financial year was %(conditions)s.")
        if rule.statistic == TurnoverStatistic.LAST_YEAR
        else _("Its average turnover of the last three financial years was %(conditions)s.")
    )
    return text % {"conditions": joined}


def _partners(rules: RuleParameters, names: RuleNames) -> Sentences:
    if rules.min_local_partners:
        text = ngettext(
            "At least %(number)d local partner takes part.",
            "At least %(number)d local partners take part.",
            rules.min_local_partners,
        ) % {"number": rules.min_local_partners}
        if rules.partner_country_list:
            text += " " + _(
                "Local partners are registered in one of these countries: %(list)s."
            ) % {"list": names.list_title(rules.partner_country_list)}
        yield _Sentence("min_local_partners", text)
    if rules.associated_country_list:
        yield _Sentence(
            "associated_country_list",
            _("Associated partners, if any, are established in one of these countries: %(list)s.")
            % {"list": names.list_title(rules.associated_country_list)},
        )
    if rules.max_partners is not None:
        yield _Sentence(
            "max_partners",
            _("More than %(number)d partners in all, the lead included, is advised against.")
            % {"number": rules.max_partners},
        )


def _project(rules: RuleParameters, names: RuleNames) -> Sentences:
    if rules.project_countries:
        yield _Sentence(
            "project_countries",
            _("The project takes place in: %(countries)s.")
            % {"countries": names.country_names(rules.project_countries)},
        )
    elif rules.project_country_list:
        yield _Sentence(
            "project_country_list",
            _("The project takes place in one or more of these countries: %(list)s.")
            % {"list": names.list_title(rules.project_country_list)},
        )
    if rules.sectors:
        yield _Sentence(
            "sectors",
            _("The project belongs to one of these sectors:"),
            names.labels(Vocabulary.SECTOR, rules.sectors),
        )
    if months := rules.duration_months:
        yield _Sentence(
            "duration_months",
            _("The project lasts %(shortest)d to %(longest)d months.")
            % {"shortest": months.shortest, "longest": months.longest},
        )
    if rules.excluded_activities:
        yield _Sentence(
            "excluded_activities",
            _("The project has nothing to do with:"),
            names.labels(Vocabulary.EXCLUDED_ACTIVITY, rules.excluded_activities),
        )


def _money(rules: RuleParameters, names: RuleNames) -> Sentences:
    if rules.max_rate is not None:
        yield _Sentence(
            "max_rate",
            _("The grant covers at most %(rate)s of the cost of the project.")
            % {"rate": percent(rules.max_rate)},
        )
    if rules.grant_ceiling is not None:
        yield _Sentence(
            "grant_ceiling",
            _("The grant is at most %(amount)s.") % {"amount": euro_round(rules.grant_ceiling)},
        )
    if rules.grant_ceiling_haulage is not None:
        yield _Sentence(
            "grant_ceiling_haulage",
            _("For road haulage for hire or reward, the grant is at most %(amount)s.")
            % {"amount": euro_round(rules.grant_ceiling_haulage)},
        )
    if aid := rules.de_minimis:
        state = names.country_names((aid.member_state,))
        yield _Sentence(
            "de_minimis",
            _(
                "De minimis aid granted by this country (%(state)s) over %(years)d years, this"
                " grant included, is at most %(amount)s."
            )
            % {"state": state, "years": aid.years, "amount": euro_round(aid.ceiling)},
        )
    if rules.audit_category:
        yield _Sentence(
            "audit_category", _("The budget has a line for the audit of the expenditure.")
        )


def _duties(rules: RuleParameters) -> Sentences:
    if rules.due_diligence_scope:
        yield _Sentence(
            "due_diligence_scope",
            _(
                "A legal representative accepts the human-rights due-diligence clause, and the"
                " company describes its policy, the risks of the project and what it does about"
                " them: the greater the risks, the more is asked."
            ),
        )
    yield _Sentence(
        "good_standing",
        _(
            "The company declares that it is not bankrupt or winding up, was not convicted, and"
            " has paid its taxes and social security contributions."
        ),
    )


def _day(value: date) -> str:
    return formats.date_format(value, "j F Y")
