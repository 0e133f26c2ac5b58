"""The fields in which the parameters of a rule set are written, with what stands in them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.checks.findings import RiskLevel
from applications.checks.rules import Combine, MultipleBase, RuleParameters, TurnoverStatistic
from applications.forms.choices import Choices
from applications.forms.fields import ChoicesField, DayField, LineField, MoneyField, SelectField
from applications.models import CountryList, Vocabulary
from applications.views.rule_words import (
    COMBINATIONS,
    LEVELS,
    MULTIPLE_BASES,
    TURNOVER_STATISTICS,
    criteria,
    duties,
    reading_language,
)
from reviews.forms.rule_fields import (
    CountriesField,
    ExactField,
    PatternField,
    ShareField,
    WholeField,
)

YEARS, PEOPLE, PARTNERS = gettext_lazy("Years"), gettext_lazy("People"), gettext_lazy("Partners")

_WHOLE: Mapping[str, Any] = {
    "min_years": YEARS,
    "min_employees": PEOPLE,
    "min_local_partners": PARTNERS,
    "max_partners": PARTNERS,
    "policy_max_age_years": YEARS,
}
_MONEY = ("max_external_funding", "grant_ceiling", "grant_ceiling_haulage")
_SHARES = ("max_rate", "sanctions_threshold", "duplicate_threshold")
_LISTS = (
    "lead_country_list",
    "partner_country_list",
    "associated_country_list",
    "project_country_list",
)
_COUNTRIES = ("lead_countries", "project_countries")
#: Rows for countries beyond those that are stored.
_SPARE_REGISTERS = 1


class Input(NamedTuple):
    """A field of a parameter, or of one part of it (`turnover`, `floor`)."""

    parameter: str
    part: str
    field: forms.Field
    initial: Any

    @property
    def name(self) -> str:
        return f"{self.parameter}_{self.part}" if self.part else self.parameter


def inputs(rules: RuleParameters) -> Iterator[Input]:
    """Every field, parameter by parameter. Three queries."""
    choices = Choices()
    yield from _numbers(rules)
    yield from _countries(rules, choices)
    yield from _words(rules, choices)
    yield from _registers(rules, choices)
    yield from _turnover(rules)
    yield from _limits(rules, choices)
    yield from _duties(rules)


def _numbers(rules: RuleParameters) -> Iterator[Input]:
    for name, label in _WHOLE.items():
        yield Input(name, "", WholeField(label=label), getattr(rules, name))
    for name in _MONEY:
        yield Input(name, "", MoneyField(label=_("Amount (EUR)")), getattr(rules, name))
    for name in _SHARES:
        yield Input(name, "", ShareField(label=_("Share (0 to 1)")), getattr(rules, name))


def _countries(rules: RuleParameters, choices: Choices) -> Iterator[Input]:
    titles = CountryList.objects.values_list("code", f"title_{reading_language()}")
    lists = list(dict(titles).items())
    for name in _LISTS:
        yield Input(name, "", _select(_("List"), lists), getattr(rules, name))
    for name in _COUNTRIES:
        field = CountriesField(label=_("Countries"), countries=choices.all_countries())
        yield Input(name, "", field, list(getattr(rules, name) or ()))


def _words(rules: RuleParameters, choices: Choices) -> Iterator[Input]:
    for name, label, vocabulary in (
        ("lead_kinds", _("Admitted"), Vocabulary.ORGANISATION_KIND),
        ("sectors", _("Admitted"), Vocabulary.SECTOR),
        ("excluded_activities", _("Excluded"), Vocabulary.EXCLUDED_ACTIVITY),
    ):
        yield Input(name, "", _many(label, choices.words(vocabulary)), getattr(rules, name))
    costs = choices.words(Vocabulary.COST_CATEGORY)
    yield Input("audit_category", "", _select(_("Category"), costs), rules.audit_category)


def _registers(rules: RuleParameters, choices: Choices) -> Iterator[Input]:
    """A row for each country that is stored, and one to add another."""
    stored = sorted((rules.register_formats or {}).items())
    for number in range(len(stored) + _SPARE_REGISTERS):
        country, given = stored[number] if number < len(stored) else ("", None)
        pattern = PatternField(label=_("Form of the number"), max_length=80)
        sections = LineField(label=_("Sections of companies"), max_length=60)
        for part, field, initial in (
            ("country", _select(_("Country"), choices.countries()), country),
            ("pattern", pattern, given.pattern.pattern if given else ""),
            ("sections", sections, ", ".join(given.sections) if given else ""),
        ):
            yield Input("register_formats", f"{number}_{part}", field, initial)


def _turnover(rules: RuleParameters) -> Iterator[Input]:
    rule = rules.turnover
    for part, field, otherwise in (
        ("floor", MoneyField(label=_("At least (EUR)")), None),
        ("multiple", ExactField(label=_("At least so many times")), None),
        ("base", _choice(_("Times what"), MULTIPLE_BASES), MultipleBase.REQUESTED.value),
        ("combine", _choice(_("With both given"), COMBINATIONS), Combine.ANY.value),
        (
            "statistic",
            _choice(_("Which turnover"), TURNOVER_STATISTICS),
            TurnoverStatistic.LAST_YEAR.value,
        ),
    ):
        yield Input("turnover", part, field, getattr(rule, part) if rule else otherwise)


def _limits(rules: RuleParameters, choices: Choices) -> Iterator[Input]:
    states = _select(_("Granted by"), choices.countries())
    parts: Mapping[str, Mapping[str, forms.Field]] = {
        "registration_window": {
            "first": DayField(label=_("First day")),
            "last": DayField(label=_("Last day")),
        },
        "duration_months": {
            "shortest": WholeField(label=_("Months at least")),
            "longest": WholeField(label=_("Months at most")),
        },
        "de_minimis": {
            "ceiling": MoneyField(label=_("At most (EUR)")),
            "years": WholeField(label=YEARS),
            "member_state": states,
        },
    }
    for name, fields in parts.items():
        whole = getattr(rules, name)
        for part, field in fields.items():
            yield Input(name, part, field, getattr(whole, part) if whole else None)


def _duties(rules: RuleParameters) -> Iterator[Input]:
    scope = rules.due_diligence_scope
    for level in RiskLevel:
        asked = sorted(scope[level]) if scope else []
        yield Input("due_diligence_scope", level.value, _many(LEVELS[level], duties()), asked)
    yield Input("remedy_criteria", "", _many(_("Asked"), criteria()), rules.remedy_criteria)


def _many(label: Any, choices: Iterable[tuple[str, Any]]) -> ChoicesField:
    return ChoicesField(label=label, choices=list(choices))


def _select(label: Any, choices: Iterable[tuple[str, Any]]) -> SelectField:
    """One of the list, or none."""
    field = SelectField(label=label)
    field.choices = [("", "–"), *choices]
    return field


def _choice(label: Any, words: Mapping[str, Any]) -> SelectField:
    """One of the list, always."""
    field = SelectField(label=label, required=True)
    field.choices = list(words.items())
    return field
