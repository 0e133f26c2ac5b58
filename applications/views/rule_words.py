"""Every parameter of a rule set in words: what it is called, its value with its unit, its source.

`plain_rules` tells applicants what they have to be; this tells officers what the portal computes
with, the switched-off rules included.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import get_language, gettext_lazy, ngettext, ngettext_lazy
from django.utils.translation import gettext as _

from applications.checks.findings import RiskLevel
from applications.checks.rules import (
    Combine,
    DeMinimisRule,
    MonthRange,
    MultipleBase,
    RegisterFormat,
    RegistrationWindow,
    RuleParameters,
    TurnoverRule,
    TurnoverStatistic,
)
from applications.checks.texts import load_texts, rule_title, source_text
from applications.models import RuleSet, Vocabulary
from applications.views.plain_rules import RuleNames
from applications.views.rule_parameters import SUBJECTS, Parameter
from bpf_portal.core.access import Text
from bpf_portal.core.templatetags.portal import euro, percent

LEVELS: Mapping[RiskLevel, Text] = {
    RiskLevel.LOW: gettext_lazy("low risk"),
    RiskLevel.MEDIUM: gettext_lazy("medium risk"),
    RiskLevel.HIGH: gettext_lazy("high risk"),
}


@dataclass(frozen=True, slots=True)
class StatedParameter:
    """A parameter of one rule set. `lines` is empty where its rule is switched off."""

    name: str
    label: Text
    lines: Sequence[str]
    source: str
    assumed: bool

    @property
    def said(self) -> tuple[Sequence[str], str, bool]:
        """What two versions are compared by."""
        return self.lines, self.source, self.assumed


@dataclass(frozen=True, slots=True)
class StatedSubject:
    key: str
    title: Text
    parameters: Sequence[StatedParameter]


def state_all(rule_set: RuleSet, rules: RuleParameters, names: RuleNames) -> list[StatedSubject]:
    """Every parameter in the language in force, by subject. No query."""
    return [
        StatedSubject(
            subject.key,
            subject.title,
            [_state(rule_set, rules, names, each) for each in subject.parameters],
        )
        for subject in SUBJECTS
    ]


def _state(
    rule_set: RuleSet, rules: RuleParameters, names: RuleNames, parameter: Parameter
) -> StatedParameter:
    name = parameter.name
    value, source = getattr(rules, name), rule_set.sources.get(name, "")
    return StatedParameter(
        name=name,
        label=parameter.label,
        lines=[] if value is None else _WORDS[name](value, names),
        source=source_text(source, reading_language()),
        assumed=name in rule_set.assumed or source.startswith("A:"),
    )


def reading_language() -> str:
    return "fr" if get_language() == "fr" else "en"


Words = Callable[[Any, RuleNames], list[str]]


def _counted(unit: Any) -> Words:
    return lambda number, names: [unit % {"number": number}]


def _amount(value: Decimal, names: RuleNames) -> list[str]:
    return [euro(value)]


def _percent(value: Decimal, names: RuleNames) -> list[str]:
    return [percent(value)]


def _list_title(code: str, names: RuleNames) -> list[str]:
    return [names.list_title(code)]


def _countries(codes: tuple[str, ...], names: RuleNames) -> list[str]:
    return [names.country_names(codes)]


def _terms(vocabulary: Vocabulary) -> Words:
    return lambda codes, names: list(names.labels(vocabulary, codes))


def _term(code: str, names: RuleNames) -> list[str]:
    return list(names.labels(Vocabulary.COST_CATEGORY, (code,)))


def _registers(formats_by_country: Mapping[str, RegisterFormat], names: RuleNames) -> list[str]:
    lines = []
    for country, given in sorted(formats_by_country.items()):
        line = f"{names.country_names((country,))}: {given.pattern.pattern}"
        if given.sections:
            line += ", " + _("section %(sections)s") % {"sections": ", ".join(given.sections)}
        lines.append(line)
    return lines


def _turnover(rule: TurnoverRule, names: RuleNames) -> list[str]:
    lines = [TURNOVER_STATISTICS[rule.statistic]]
    if rule.floor is not None:
        lines.append(_("at least %(amount)s") % {"amount": euro(rule.floor)})
    if rule.multiple is not None:
        times = formats.number_format(rule.multiple.normalize(), use_l10n=True)
        lines.append(
            _("at least %(times)s times: %(base)s")
            % {"times": times, "base": MULTIPLE_BASES[rule.base]}
        )
    if len(lines) == 3:
        lines.append(COMBINATIONS[rule.combine])
    return [str(line) for line in lines]


TURNOVER_STATISTICS: Mapping[str, Text] = {
    TurnoverStatistic.LAST_YEAR.value: gettext_lazy("the last closed year"),
    TurnoverStatistic.AVERAGE_OF_THREE.value: gettext_lazy("the average of the last three years"),
}
MULTIPLE_BASES: Mapping[str, Text] = {
    MultipleBase.REQUESTED.value: gettext_lazy("the grant requested"),
    MultipleBase.PROJECT_TOTAL.value: gettext_lazy("the total cost of the project"),
}
COMBINATIONS: Mapping[str, Text] = {
    Combine.ANY.value: gettext_lazy("one of the two is enough"),
    Combine.ALL.value: gettext_lazy("both are needed"),
}


def _window(window: RegistrationWindow, names: RuleNames) -> list[str]:
    return [
        _("from %(first)s to %(last)s") % {"first": _day(window.first), "last": _day(window.last)}
    ]


def _day(day: date) -> str:
    return formats.date_format(day, "j F Y")


def _months(months: MonthRange, names: RuleNames) -> list[str]:
    text = _("%(shortest)d to %(longest)d months")
    return [text % {"shortest": months.shortest, "longest": months.longest}]


def _de_minimis(aid: DeMinimisRule, names: RuleNames) -> list[str]:
    years = ngettext("over %(number)d year", "over %(number)d years", aid.years)
    return [
        _("at most %(amount)s") % {"amount": euro(aid.ceiling)},
        years % {"number": aid.years},
        _("granted by: %(state)s") % {"state": names.country_names((aid.member_state,))},
    ]


def _scope(scope: Mapping[RiskLevel, frozenset[str]], names: RuleNames) -> list[str]:
    lines = []
    for level in RiskLevel:
        asked = [title for code, title in duties() if code in scope[level]]
        lines.append(f"{LEVELS[level]}: {', '.join(asked) or _('nothing')}")
    return lines


def duties() -> list[tuple[str, str]]:
    """The rules of due diligence by code, in the language in force."""
    language = reading_language()
    codes = (code for code in load_texts(language)["rules"] if code.startswith("hrdd."))
    return [(code, rule_title(code, language)) for code in codes]


def criteria() -> list[tuple[str, str]]:
    """The criteria of a grievance channel by code, in the language in force."""
    return list(load_texts(reading_language())["labels"]["criterion"].items())


def _criteria(codes: tuple[str, ...], names: RuleNames) -> list[str]:
    known = dict(criteria())
    return [known.get(code, code) for code in codes]


_YEARS = ngettext_lazy("%(number)d year", "%(number)d years", "number")
_PARTNERS = ngettext_lazy("%(number)d partner", "%(number)d partners", "number")
_PEOPLE = ngettext_lazy("%(number)d person", "%(number)d people", "number")

_WORDS: Mapping[str, Words] = {
    "lead_kinds": _terms(Vocabulary.ORGANISATION_KIND),
    "lead_country_list": _list_title,
    "lead_countries": _countries,
    "register_formats": _registers,
    "min_years": _counted(_YEARS),
    "turnover": _turnover,
    "min_employees": _counted(_PEOPLE),
    "registration_window": _window,
    "max_external_funding": _amount,
    "min_local_partners": _counted(_PARTNERS),
    "partner_country_list": _list_title,
    "associated_country_list": _list_title,
    "max_partners": _counted(_PARTNERS),
    "project_country_list": _list_title,
    "project_countries": _countries,
    "sectors": _terms(Vocabulary.SECTOR),
    "duration_months": _months,
    "excluded_activities": _terms(Vocabulary.EXCLUDED_ACTIVITY),
    "grant_ceiling": _amount,
    "grant_ceiling_haulage": _amount,
    "max_rate": _percent,
    "audit_category": _term,
    "de_minimis": _de_minimis,
    "sanctions_threshold": _percent,
    "duplicate_threshold": _percent,
    "due_diligence_scope": _scope,
    "policy_max_age_years": _counted(_YEARS),
    "remedy_criteria": _criteria,
}
