"""The questions of "Am I eligible?": those that the chosen call's rule set has a rule for."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from applications.actions.precheck import NO_PARTNER, TURNOVERS, Answers
from applications.checks.rules import RuleParameters
from applications.forms.choices import Choices
from applications.forms.fields import Choice, DayField, MoneyField, SelectField, YesNoField
from applications.models import Vocabulary
from bpf_portal.core.access import Text
from bpf_portal.core.templatetags.portal import euro_round

GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (
        _("Your company"),
        (
            "kind",
            "country",
            "registered_on",
            "employees",
            *TURNOVERS,
            "external_funding",
            "road_haulage",
        ),
    ),
    (
        _("Your project"),
        ("partner_country", "project_country", "sector", "duration_months", "excluded_activity"),
    ),
    (_("The money"), ("requested", "total", "de_minimis")),
    (
        _("Good standing"),
        ("not_insolvent", "no_conviction", "taxes_paid", "social_security_paid"),
    ),
)


class PrecheckForm(forms.Form):
    """Every question may stay open. Bound with the query string, so an answer can be bookmarked."""

    kind = SelectField(label=_("What kind of organisation are you?"))
    country = SelectField(label=_("In which country is it registered?"))
    registered_on = DayField(label=_("When was it registered?"))
    employees = forms.IntegerField(
        label=_("How many people does it employ?"),
        required=False,
        min_value=0,
        max_value=2_000_000,
        help_text=_("Headcount, today."),
    )
    turnover_1 = MoneyField(max_digits=14)
    turnover_2 = MoneyField(max_digits=14)
    turnover_3 = MoneyField(max_digits=14)
    external_funding = MoneyField(
        label=_("Grants, equity and loans received in the last three years (EUR)")
    )
    road_haulage = YesNoField(label=_("Does it carry goods by road for hire or reward?"))
    partner_country = SelectField()
    project_country = SelectField(
        label=_("In which country does the project take place?"),
        help_text=_("If there are several, ask for each of them."),
    )
    sector = SelectField(label=_("Which sector is the project in?"))
    duration_months = forms.IntegerField(
        label=_("How many months does the project last?"),
        required=False,
        min_value=1,
        max_value=600,
    )
    excluded_activity = YesNoField(
        label=_("Does the project have to do with anything on this list?")
    )
    requested = MoneyField(label=_("Which grant do you ask for (EUR)?"))
    total = MoneyField(label=_("What does the whole project cost (EUR)?"), max_digits=14)
    de_minimis = MoneyField()
    not_insolvent = YesNoField(label=_("The company is not bankrupt, insolvent or being wound up."))
    no_conviction = YesNoField(
        label=_(
            "Neither the company nor its directors have been convicted of an offence"
            " concerning their professional conduct."
        )
    )
    taxes_paid = YesNoField(label=_("The company has paid its taxes."))
    social_security_paid = YesNoField(
        label=_("The company has paid its social security contributions.")
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        questions: Sequence[str],
        parameters: RuleParameters,
        year: int,
        choices: Choices,
    ) -> None:
        super().__init__(data)
        for name in set(self.fields) - set(questions):
            del self.fields[name]
        self.activities = [
            choices.label(Vocabulary.EXCLUDED_ACTIVITY, code)
            for code in parameters.excluded_activities or ()
        ]
        self._offer(choices, parameters)
        self._word(parameters, year, choices)
        for name, field in self.fields.items():
            _dress(name, field)

    def _offer(self, choices: Choices, parameters: RuleParameters) -> None:
        countries = choices.countries()
        nobody = (NO_PARTNER, _("None: I have no local partner yet"))
        sectors = set(parameters.sectors or ())
        offered: dict[str, Sequence[Choice]] = {
            "kind": choices.words(Vocabulary.ORGANISATION_KIND),
            "country": countries,
            "partner_country": [nobody, *countries],
            "project_country": countries,
            # A sector of the call first; whoever finds none of theirs sees the others too.
            "sector": sorted(
                choices.words(Vocabulary.SECTOR), key=lambda choice: choice[0] not in sectors
            ),
        }
        for name, listed in offered.items():
            field = self.fields.get(name)
            if isinstance(field, SelectField):
                field.offer(listed)

    def _word(self, parameters: RuleParameters, year: int, choices: Choices) -> None:
        """The labels that depend on the call: years, numbers, the country that grants."""
        for ago, name in enumerate(TURNOVERS, start=1):
            if name in self.fields:
                self.fields[name].label = gettext("Turnover of the year %(year)s (EUR)") % {
                    "year": year - ago
                }
        if "partner_country" in self.fields:
            number = parameters.min_local_partners or 1
            self.fields["partner_country"].label = ngettext(
                "In which country is your local partner registered?",
                "In which country are your local partners (at least %(number)d) registered?",
                number,
            ) % {"number": number}
        if "de_minimis" in self.fields and parameters.de_minimis:
            rule = parameters.de_minimis
            self.fields["de_minimis"].label = gettext(
                "De minimis aid received over the last %(years)d years, in EUR"
                " (granted by this country: %(state)s)"
            ) % {"years": rule.years, "state": choices.country(rule.member_state)}
            self.fields["de_minimis"].help_text = gettext(
                "Small State aid that was announced to you as “de minimis”. None: write 0."
            )
        if "requested" in self.fields and parameters.grant_ceiling is not None:
            self.fields["requested"].help_text = gettext("At most %(amount)s.") % {
                "amount": euro_round(parameters.grant_ceiling)
            }

    def answers(self) -> Answers:
        """What was answered and could be read; the rest is open."""
        if not self.is_bound:
            return Answers()
        self.is_valid()
        return Answers(
            **{name: None if value == "" else value for name, value in self.cleaned_data.items()}
        )

    def groups(self) -> list[tuple[Text, list[forms.BoundField]]]:
        shown = [
            (title, [self[name] for name in names if name in self.fields])
            for title, names in GROUPS
        ]
        return [(title, questions) for title, questions in shown if questions]


def _dress(name: str, field: forms.Field) -> None:
    """The widget's class, and its help and its message read out with it (also when it changes)."""
    kind = field.widget
    if isinstance(kind, forms.RadioSelect):
        kind.attrs["class"] = "form-check-input"
        return
    kind.attrs["class"] = "form-select" if isinstance(kind, forms.Select) else "form-control"
    described = [f"id_{name}_help"] if field.help_text else []
    kind.attrs["aria-describedby"] = " ".join([*described, f"id_{name}_message"])
