"""The work plan: packages of work with who leads them, their months and what they deliver."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from applications.forms.choices import Choices
from applications.forms.fields import Choice, LineField, SelectField, TextField, offer
from applications.forms.rows import RowForm, RowFormSet, row_helper, store_rows
from applications.forms.section import SectionForms, two
from applications.models import Proposal, WorkPackage

#: The company itself leads a package; every other value is a partner's number.
COMPANY = "company"
#: As long as a project may last.
LAST_MONTH = 120


class WorkPackageRow(RowForm):
    telling = ("title", "description", "leader", "first_month", "last_month", "deliverables")
    one = _("Work package")
    helper = row_helper(
        two("title", "leader"), "description", two("first_month", "last_month"), "deliverables"
    )

    title = LineField(label=_("Title"), max_length=200)
    leader = SelectField(label=_("Who leads it"))
    description = TextField(label=_("What is done"), rows=3, max_length=5000)
    first_month = forms.IntegerField(
        label=_("First month"),
        required=False,
        min_value=1,
        max_value=LAST_MONTH,
        help_text=_("Counted from the project's start: the first month is 1."),
    )
    last_month = forms.IntegerField(
        label=_("Last month"), required=False, min_value=1, max_value=LAST_MONTH
    )
    deliverables = TextField(
        label=_("Deliverables"),
        rows=2,
        max_length=5000,
        help_text=_("What is there at the end that can be seen or read."),
    )

    def __init__(self, *args: Any, leaders: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "leader", leaders)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first_month"), cleaned.get("last_month")
        if first and last and last < first:
            self.add_error("last_month", _("The last month is before the first one."))
        leader = cleaned.pop("leader", "")
        cleaned["led_by_company"] = leader == COMPANY
        cleaned["partner_id"] = int(leader) if leader.isdigit() else None
        return cleaned


class WorkPlanSection(SectionForms):
    section = "work_plan"
    title = _("Work plan")
    template = "proposals/sections/work_plan.html"

    def __init__(
        self, proposal: Proposal, *, choices: Choices, data: QueryDict | None = None
    ) -> None:
        super().__init__()
        self.packages = RowFormSet(
            form=WorkPackageRow,
            prefix="packages",
            stored=_packages(proposal),
            data=data,
            shared={"leaders": company_and_partners(proposal)},
        )
        self.lists = {"packages": self.packages}

    def save(self, row: Proposal) -> None:
        # A partner may be taken out between the form and the lock: its packages wait for another.
        partners = set(row.partners.values_list("pk", flat=True))
        numbered = [
            {
                **package,
                "number": number,
                "partner_id": package["partner_id"] if package["partner_id"] in partners else None,
            }
            for number, package in enumerate(self.packages.rows, start=1)
        ]
        store_rows(row.work_packages.all(), numbered, proposal=row)


def company_and_partners(proposal: Proposal) -> list[Choice]:
    """Who leads a package or bears a cost: the company itself, or a partner by its number."""
    partners = [
        (str(partner.pk), partner.legal_name or _("A partner without a name"))
        for partner in proposal.partners.all()
    ]
    return [(COMPANY, proposal.organisation.legal_name), *partners]


def leader_of(package: WorkPackage) -> str:
    """The value of the field "Who leads it"."""
    return COMPANY if package.led_by_company else str(package.partner_id or "")


def _packages(proposal: Proposal) -> list[dict[str, Any]]:
    return [
        {
            "id": package.pk,
            "title": package.title,
            "leader": leader_of(package),
            "description": package.description,
            "first_month": package.first_month,
            "last_month": package.last_month,
            "deliverables": package.deliverables,
        }
        for package in proposal.work_packages.all()
    ]
