"""The company's profile: who applies, its size, the aid it received and what it declares."""

from datetime import date
from decimal import Decimal
from typing import Any

from crispy_forms.layout import HTML, Div, Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.organising import normalised_register_number
from applications.forms.choices import Choices
from applications.forms.fields import (
    DayField,
    LineField,
    MoneyField,
    SelectField,
    WebField,
    YesNoField,
    offer,
)
from applications.forms.rows import RowForm, RowFormSet, row_helper, store_rows
from applications.forms.section import SectionForms, assign, form_helper, two
from applications.models import Organisation, OrganisationPerson, Vocabulary

PROFILE_FIELDS = (
    "legal_name",
    "kind",
    "legal_form",
    "registration_number",
    "vat_number",
    "lei",
    "registered_on",
    "address",
    "postal_code",
    "city",
    "website",
    "employees",
    "road_haulage_for_hire",
    "external_funding_3y",
    "not_insolvent",
    "no_conviction",
    "taxes_paid",
    "social_security_paid",
)
CLOSED_YEARS = 3


class CompanyIdentityForm(forms.Form):
    """What it takes to enter a company: its name; the rest may follow."""

    legal_name = LineField(label=_("Legal name"), required=True, max_length=200)
    kind = SelectField(label=_("Kind of organisation"))
    country = SelectField(label=_("Country of registration"))
    registration_number = LineField(
        label=_("Trade register number"),
        max_length=40,
        help_text=_("In Luxembourg a letter and up to six digits, such as B123456."),
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", choices.words(Vocabulary.ORGANISATION_KIND))
        offer(self, "country", choices.countries())
        self.helper = form_helper(
            "legal_name", two("kind", "country"), two("registration_number", Div())
        )

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or "company"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "registration_number" in cleaned:
            cleaned["registration_number"] = normalised_register_number(
                cleaned.get("country") or None, cleaned["registration_number"]
            )
        return cleaned


class CompanyForm(CompanyIdentityForm):
    legal_form = LineField(label=_("Legal form"), max_length=60)
    vat_number = LineField(label=_("VAT number"), max_length=20)
    lei = LineField(
        label=_("LEI"), max_length=20, help_text=_("Legal entity identifier, if you have one.")
    )
    registered_on = DayField(label=_("Date of registration"))
    address = LineField(label=_("Street and number"), max_length=200)
    postal_code = LineField(label=_("Postal code"), max_length=20)
    city = LineField(label=_("Town"), max_length=100)
    website = WebField(label=_("Website"))
    employees = forms.IntegerField(
        label=_("Number of employees"),
        required=False,
        min_value=0,
        max_value=2_000_000,
        help_text=_("Headcount, today."),
    )
    external_funding_3y = MoneyField(
        label=_("Grants, equity and loans received in the last three years (EUR)"),
        help_text=_("Only where the call asks for it."),
    )
    road_haulage_for_hire = YesNoField(
        label=_("Does the company carry goods by road for hire or reward?"),
        help_text=_("A lower ceiling of the grant applies then."),
    )
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(
            Fieldset(
                _("Identity"),
                "legal_name",
                two("kind", "legal_form"),
                two("country", "registration_number"),
                HTML("{% include 'organisations/_number_remark.html' %}"),
                two("registered_on", "vat_number"),
                two("lei", "website"),
            ),
            Fieldset(_("Address"), "address", two("postal_code", "city")),
            Fieldset(
                _("Size and activity"),
                two("employees", "external_funding_3y"),
                "road_haulage_for_hire",
            ),
            Fieldset(
                _("Good standing"),
                HTML("{% include 'organisations/_standing_intro.html' %}"),
                "not_insolvent",
                "no_conviction",
                "taxes_paid",
                "social_security_paid",
            ),
        )


class TurnoverRow(RowForm):
    telling = ("amount",)
    one = _("Year")
    helper = row_helper(two("year", "amount"))

    year = forms.IntegerField(
        label=_("Financial year"), required=False, min_value=1900, max_value=2100
    )
    amount = MoneyField(label=_("Turnover (EUR)"), max_digits=14)

    def clean_year(self) -> int:
        year: int | None = self.cleaned_data["year"]
        if year is None:
            raise ValidationError(_("Write the year of this turnover."))
        return year


class AidRow(RowForm):
    telling = ("granted_on", "amount", "granted_by")
    one = _("Aid")
    helper = row_helper(two("granted_on", "amount"), two("granted_by", "member_state"))

    granted_on = DayField(label=_("Granted on"))
    amount = MoneyField(label=_("Amount (EUR)"))
    granted_by = LineField(label=_("Granted by"), max_length=150)
    member_state = SelectField(label=_("Member State"))

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "member_state", choices.countries())

    def clean_amount(self) -> Decimal | None:
        amount: Decimal | None = self.cleaned_data["amount"]
        if amount is not None and amount <= 0:
            raise ValidationError(_("Write the amount, more than 0."))
        return amount


class PersonRow(RowForm):
    telling = ("name", "detail")
    one = _("Person")
    helper = row_helper("capacity", two("name", "detail"))

    capacity = forms.ChoiceField(
        label=_("Capacity"), choices=OrganisationPerson.Capacity.choices, required=False
    )
    name = LineField(label=_("Name"), max_length=150)
    detail = LineField(label=_("Function or share"), max_length=100)

    def clean_capacity(self) -> str:
        return self.cleaned_data["capacity"] or OrganisationPerson.Capacity.DIRECTOR


class CompanySection(SectionForms):
    section = "company"
    title = _("Your company")
    template = "proposals/sections/company.html"

    def __init__(
        self, organisation: Organisation, *, choices: Choices, data: QueryDict | None = None
    ) -> None:
        super().__init__()
        self.organisation = organisation
        initial = {name: getattr(organisation, name) for name in PROFILE_FIELDS}
        initial["country"] = organisation.country_id or ""
        self.forms = [CompanyForm(data, initial=initial, choices=choices)]
        self.lists = {
            "turnover": RowFormSet(
                form=TurnoverRow,
                prefix="turnover",
                stored=_turnover(organisation),
                data=data,
                blank_rows=0,
            ),
            "aid": RowFormSet(
                form=AidRow,
                prefix="aid",
                stored=_aid(organisation),
                data=data,
                shared={"choices": choices},
            ),
            "people": RowFormSet(
                form=PersonRow, prefix="people", stored=_people(organisation), data=data
            ),
        }

    def is_valid(self) -> bool:
        return super().is_valid() and self._years_are_distinct()

    def _years_are_distinct(self) -> bool:
        seen: set[int] = set()
        for form in self.lists["turnover"].forms:
            if form.is_blank:
                continue
            if form.cleaned_data["year"] in seen:
                form.add_error("year", _("This year stands here twice."))
                return False
            seen.add(form.cleaned_data["year"])
        return True

    def save(self, row: Organisation) -> None:
        values = self.form.cleaned_data
        assign(row, values, *PROFILE_FIELDS)
        row.country_id = values["country"] or None
        turnover = [
            {"year": year["year"], "amount": year["amount"]} for year in self.lists["turnover"].rows
        ]
        store_rows(row.annual_turnover.all(), turnover, key="year", organisation=row)
        aid = [
            {
                **{k: v for k, v in each.items() if k != "member_state"},
                "member_state_id": each["member_state"] or None,
            }
            for each in self.lists["aid"].rows
        ]
        store_rows(row.de_minimis_aid.all(), aid, organisation=row)
        store_rows(row.people.all(), self.lists["people"].rows, organisation=row)


def _turnover(organisation: Organisation) -> list[dict[str, Any]]:
    """The stored years, newest first, and a row for each of the last three closed years."""
    stored = {
        row.year: {"id": row.pk, "year": row.year, "amount": row.amount}
        for row in organisation.annual_turnover.all()
    }
    this_year: date = timezone.localdate()
    for year in range(this_year.year - CLOSED_YEARS, this_year.year):
        stored.setdefault(year, {"year": year})
    return [stored[year] for year in sorted(stored, reverse=True)]


def _aid(organisation: Organisation) -> list[dict[str, Any]]:
    return [
        {
            "id": aid.pk,
            "granted_on": aid.granted_on,
            "amount": aid.amount,
            "granted_by": aid.granted_by,
            "member_state": aid.member_state_id,
        }
        for aid in organisation.de_minimis_aid.all()
    ]


def _people(organisation: Organisation) -> list[dict[str, Any]]:
    return [
        {"id": p.pk, "capacity": p.capacity, "name": p.name, "detail": p.detail}
        for p in organisation.people.all()
    ]
