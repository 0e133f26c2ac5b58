"""What the detailed proposal adds to a line of the budget: its work package, and who bears it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import translation

from applications.forms.fields import Choice
from applications.forms.work_plan import COMPANY, company_and_partners
from applications.models import BudgetLine, Proposal, Stage, WorkPackage


@dataclass(frozen=True)
class Detail:
    """What a line may be assigned to: the numbers of packages and partners, with their names.

    `package_names` are all the names that people write for a package, each with its number.
    """

    packages: Sequence[Choice]
    bearers: Sequence[Choice]
    package_names: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(cls, proposal: Proposal) -> Self | None:
        """None while the proposal is not at its detailed stage."""
        if proposal.stage != Stage.DETAILED_PROPOSAL:
            return None
        prefetch_related_objects([proposal], "work_packages", "partners")
        rows = list(proposal.work_packages.all())
        packages = [(str(package.pk), _full_name(package)) for package in rows]
        names = [(name, str(package.pk)) for package in rows for name in _names(package)]
        return cls(packages, company_and_partners(proposal), names)


def _full_name(package: WorkPackage) -> str:
    return f"{package.label} – {package.title}" if package.title else package.label


def _names(package: WorkPackage) -> Iterator[str]:
    """Its title; in each language its label, alone and with the title, as a workbook has it."""
    yield package.title
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield package.label
            yield _full_name(package)


def bearer_of(line: BudgetLine) -> str:
    """The value of the field "Borne by"."""
    return COMPANY if line.borne_by_company else str(line.partner_id or "")


def package_of(line: BudgetLine) -> str:
    """The value of the field "Work package"."""
    return str(line.work_package_id or "")


def columns_of(package: str, bearer: str) -> dict[str, Any]:
    """The two fields as the columns of a line."""
    return {
        "work_package_id": int(package) if package else None,
        "borne_by_company": bearer == COMPANY,
        "partner_id": int(bearer) if bearer.isdigit() else None,
    }


def still_there(
    rows: Iterable[Mapping[str, Any]], row: Proposal, read_at: Proposal
) -> list[dict[str, Any]]:
    """The lines without a package or partner that was taken out between the form and the lock.

    Every save counts the version up: while it is the one the form was read at, nothing is gone.
    """
    if row.version == read_at.version or row.stage != Stage.DETAILED_PROPOSAL:
        return [dict(values) for values in rows]
    packages = {None, *row.work_packages.values_list("pk", flat=True)}
    partners = {None, *row.partners.values_list("pk", flat=True)}
    return [
        {
            **values,
            "work_package_id": values["work_package_id"]
            if values["work_package_id"] in packages
            else None,
            "partner_id": values["partner_id"] if values["partner_id"] in partners else None,
        }
        for values in rows
    ]
