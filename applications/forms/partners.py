"""The partners of a proposal."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from applications.forms.choices import Choices
from applications.forms.fields import DayField, LineField, MailField, SelectField, offer
from applications.forms.rows import RowForm, RowFormSet, row_helper, store_rows
from applications.forms.section import SectionForms, two
from applications.models import PartnerRole, Proposal, Vocabulary


class PartnerRow(RowForm):
    telling = ("legal_name", "country", "registration_number", "contact_name", "contact_email")
    one = _("Partner")
    helper = row_helper(
        "role",
        two("legal_name", "kind"),
        two("country", "registration_number"),
        "registered_on",
        two("contact_name", "contact_email"),
        "language",
    )

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[
            (PartnerRole.LOCAL, _("Local partner, in a developing country")),
            (PartnerRole.ASSOCIATED, _("Associated partner, in the European Union")),
        ],
        required=False,
    )
    legal_name = LineField(label=_("Legal name"), max_length=200)
    kind = SelectField(label=_("Kind of organisation"))
    country = SelectField(label=_("Country of registration"))
    registration_number = LineField(label=_("Registration number"), max_length=60)
    registered_on = DayField(label=_("Date of registration"))
    contact_name = LineField(label=_("Contact person"), max_length=150)
    contact_email = MailField(label=_("E-mail address of the contact"), required=False)

    language = forms.ChoiceField(
        label=_("Language in which we write to the partner"),
        choices=[("fr", _("French")), ("en", _("English"))],
        required=False,
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", choices.words(Vocabulary.ORGANISATION_KIND))
        offer(self, "country", choices.countries())

    def clean_role(self) -> str:
        return self.cleaned_data["role"] or PartnerRole.LOCAL

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or "fr"

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or "company"


class PartnersSection(SectionForms):
    section = "partners"
    title = _("Partners")
    template = "proposals/sections/partners.html"

    def __init__(
        self, proposal: Proposal, *, choices: Choices, data: QueryDict | None = None
    ) -> None:
        super().__init__()
        self.lists = {
            "partners": RowFormSet(
                form=PartnerRow,
                prefix="partners",
                stored=_partners(proposal),
                data=data,
                shared={"choices": choices},
            )
        }

    def save(self, row: Proposal) -> None:
        partners = [
            {
                **{name: value for name, value in each.items() if name != "country"},
                "country_id": each["country"] or None,
            }
            for each in self.lists["partners"].rows
        ]
        store_rows(row.partners.all(), partners, proposal=row)


def _partners(proposal: Proposal) -> list[dict[str, Any]]:
    return [
        {
            "id": partner.pk,
            "role": partner.role,
            "legal_name": partner.legal_name,
            "kind": partner.kind,
            "country": partner.country_id or "",
            "registration_number": partner.registration_number,
            "registered_on": partner.registered_on,
            "contact_name": partner.contact_name,
            "contact_email": partner.contact_email,
            "language": partner.language,
        }
        for partner in proposal.partners.all()
    ]
