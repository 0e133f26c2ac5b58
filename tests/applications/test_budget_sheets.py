"""The budget's table and its spreadsheets through the pages: moved, taken in, handed out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from applications.actions.completeness import with_everything
from applications.actions.dossier_document import canonical, document_of
from applications.actions.drafting import editing
from applications.checks import read_document
from applications.forms.budget import BudgetSection
from applications.forms.choices import Choices
from applications.models import BudgetLine, Call, Proposal
from tests import builders
from tests.applications.pages import form_data

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
COPIED = "Category\tDescription\tQuantity\tUnit cost\nTravel\tFlights\t6\t1,180.00\n"


@pytest.fixture
def complete(applicant: User, open_call: Call) -> Proposal:
    return builders.build_complete_proposal(applicant, open_call)


def url(proposal: Proposal, page: str = "") -> str:
    if page:
        return reverse(f"proposals:{page}", args=[proposal.reference])
    return reverse("proposals:section", args=[proposal.reference, "budget"])


def described(proposal: Proposal) -> list[str]:
    return list(proposal.budget_lines.values_list("description", flat=True))


def test_lines_move_without_javascript_and_are_stored_where_they_stand(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    before = described(complete)
    page = client.post(url(complete), form_data(client.get(url(complete)), move="lines-2-up"))
    assert page.status_code == 200
    assert described(complete) == before
    page = client.post(url(complete), form_data(page, move="lines-2-up"))
    assert client.post(url(complete), form_data(page)).status_code == 302
    assert described(complete) == [before[2], before[0], before[1], before[3]]
    assert list(complete.budget_lines.values_list("position", flat=True)) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "move", ["lines-0-up", "lines-99-down", "lines-x-up", "partners-0-up", "up"]
)
def test_a_move_that_leads_nowhere_changes_nothing(
    move: str, complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    before = described(complete)
    page = client.post(url(complete), form_data(client.get(url(complete)), move=move))
    assert page.status_code == 200
    assert client.post(url(complete), form_data(page)).status_code == 302
    assert described(complete) == before


def test_copied_cells_are_looked_at_then_added_below(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    before = described(complete)
    preview = client.post(url(complete, "budget_import"), {"text": COPIED})
    assert preview.status_code == 200
    assert described(complete) == before
    data = form_data(preview, how="append")
    taken = client.post(url(complete, "budget_import"), data)
    assert taken["Location"] == url(complete)
    assert described(complete) == [*before, "Flights"]
    added = complete.budget_lines.last()
    assert added is not None
    assert (added.category, added.amount) == ("travel", Decimal("7080.00"))


def test_what_is_wrong_in_a_file_is_told_and_corrected_in_the_preview(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    wrong = COPIED.replace("1,180.00", "1.180").replace("Travel", "Voyage")
    preview = client.post(url(complete, "budget_import"), {"text": wrong})
    page = preview.content.decode()
    assert "Line 2, column D (Unit cost)" in page
    assert "“Voyage” is none of the categories." in page
    refused = client.post(url(complete, "budget_import"), form_data(preview, how="replace"))
    assert refused.status_code == 422
    assert 'href="#id_lines-0-unit_cost"' in refused.content.decode()
    assert len(described(complete)) == 4
    corrected = form_data(refused, how="replace", **{"lines-0-unit_cost": "1180"})
    assert client.post(url(complete, "budget_import"), corrected).status_code == 302
    assert described(complete) == ["Flights"]


def test_a_budget_that_changed_meanwhile_is_not_replaced(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    preview = client.post(url(complete, "budget_import"), {"text": COPIED})
    changes = {"lines-0-description": "Newer text"}
    client.post(url(complete), form_data(client.get(url(complete)), **changes))
    late = client.post(url(complete, "budget_import"), form_data(preview, how="replace"))
    assert late.status_code == 409
    assert "Flights" in late.content.decode()
    assert described(complete)[0] == "Newer text"
    assert (
        client.post(url(complete, "budget_import"), form_data(late, how="append")).status_code
        == 302
    )
    assert described(complete)[::4] == ["Newer text", "Flights"]


def test_more_lines_than_a_budget_has_are_refused_together(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    preview = client.post(url(complete, "budget_import"), {"text": "Staff\tTeam\t1\t5\n" * 199})
    full = client.post(url(complete, "budget_import"), form_data(preview, how="append"))
    assert full.status_code == 422
    assert "these would make 203" in full.content.decode()
    instead = form_data(preview, how="replace")
    assert client.post(url(complete, "budget_import"), instead).status_code == 302
    assert complete.budget_lines.count() == 199


def test_the_workbook_goes_out_and_comes_back_in(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    before = list(complete.budget_lines.values_list("category", "description", "amount"))
    answer = client.get(url(complete, "budget_export"))
    assert "attachment" in answer["Content-Disposition"]
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    sums = load_workbook(io.BytesIO(content), data_only=True).worksheets[1]
    assert 300_000 in [row[1].value for row in sums.iter_rows()]
    file = SimpleUploadedFile("budget.xlsx", content)
    preview = client.post(url(complete, "budget_import"), {"file": file})
    assert preview.status_code == 200
    assert "Please look at this" not in preview.content.decode()
    data = form_data(preview, how="replace")
    assert client.post(url(complete, "budget_import"), data).status_code == 302
    assert list(complete.budget_lines.values_list("category", "description", "amount")) == before


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"text": "\0"},
        {"text": "  \t "},
        {"file": SimpleUploadedFile("budget.xlsx", b"no workbook")},
        {"file": SimpleUploadedFile("budget.xlsx", b"")},
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(
    sent: dict[str, Any], complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    answer = as_user(applicant).post(url(complete, "budget_import"), sent)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


def test_pasting_into_the_table_reads_the_same_and_stores_nothing(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    answer = client.post(url(complete, "budget_paste"), {"text": COPIED, "start": "category"})
    assert json.loads(answer.content) == {
        "rows": [
            {
                "category": "travel",
                "description": "Flights",
                "quantity": "6",
                "unit_cost": "1,180.00",
            }
        ],
        "problems": [],
        "notes": [],
    }
    assert len(described(complete)) == 4
    for sent in ({}, {"text": "\0\t"}, {"text": "a\tb", "start": "nowhere"}):
        refused = client.post(url(complete, "budget_paste"), sent)
        assert refused.status_code == 422
        assert json.loads(refused.content)["message"]


def test_fifty_lines_cost_what_one_costs(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    counts = []
    for many in (1, 50, 200):
        BudgetLine.objects.filter(proposal=complete).delete()
        BudgetLine.objects.bulk_create(
            BudgetLine(proposal=complete, description=f"L{n}", unit_cost=1, amount=1)
            for n in range(many)
        )
        page = client.get(url(complete))
        data = form_data(page, **{f"lines-{n}-unit_cost": "2" for n in range(many)})
        sent = {"text": "Staff\tTeam\t1\t5\n" * many}
        cost = [
            queries(client.get, url(complete)),
            queries(client.post, url(complete), data),
            queries(client.get, url(complete, "budget_export")),
            queries(client.post, url(complete, "budget_import"), sent),
        ]
        preview = client.post(url(complete, "budget_import"), sent)
        taken = form_data(preview, how="append" if many < 200 else "replace")
        cost.append(queries(client.post, url(complete, "budget_import"), taken))
        counts.append(cost)
        assert complete.budget_lines.filter(unit_cost=5).count() == many
    assert counts[0] == counts[1]
    assert counts[1][:4] == counts[2][:4]
    assert max(map(max, counts)) <= 12, counts


def queries(ask: Callable[..., Any], *sent: Any) -> int:
    """How many the page sends; the savepoints stand for the one transaction of a real request."""
    with CaptureQueriesContext(connection) as captured:
        assert ask(*sent).status_code in (200, 302)
    return sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries)


# --- the detailed proposal ----------------------------------------------------------------------


@pytest.fixture
def detailed(applicant: User, open_call: Call) -> Proposal:
    return builders.build_detailed_draft(applicant, open_call)


def assign(client: Client, proposal: Proposal) -> Any:
    """The first line to the second package and its partner, the second to the company."""
    proposal.budget_lines.update(work_package=None, partner=None, borne_by_company=False)
    package, partner = proposal.work_packages.get(number=2), proposal.partners.get()
    changes = {
        "lines-0-work_package": package.pk,
        "lines-0-bearer": partner.pk,
        "lines-1-bearer": "company",
    }
    return client.post(url(proposal), form_data(client.get(url(proposal)), **changes))


def test_lines_of_the_detailed_budget_have_a_package_and_a_bearer(
    detailed: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    assert assign(client, detailed).status_code == 302
    first, second, third, _last = detailed.budget_lines.all()
    partner = detailed.partners.get()
    assert (first.work_package, first.partner) == (detailed.work_packages.get(number=2), partner)
    assert (second.borne_by_company, second.partner) == (True, None)
    assert (third.work_package, third.borne_by_company, third.partner) == (None, False, None)
    page = client.get(url(detailed)).content.decode()
    sums = page[page.index('data-subtotals="bearer"') :]
    assert partner.legal_name in sums
    assert "EUR\u00a0144,000.00" in sums[: sums.index("</table>")]

    frozen = document_of(with_everything(detailed.pk), submitted_at="2026-11-24T08:00:00+01:00")
    read_document(canonical(frozen))
    assert frozen["extra"]["budget"]["lines"][:2] == [
        {
            "work_package": "WP2",
            "borne_by": {"role": "local", "legal_name": partner.legal_name},
        },
        {
            "work_package": None,
            "borne_by": {"role": "lead", "legal_name": detailed.organisation.legal_name},
        },
    ]
    partner.delete()
    assert detailed.budget_lines.filter(partner=None).count() == 4


def test_the_detailed_budget_comes_back_from_its_workbook(
    detailed: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    assign(client, detailed)
    columns = ("description", "amount", "work_package", "partner", "borne_by_company")
    before = list(detailed.budget_lines.values_list(*columns))
    answer = client.get(url(detailed, "budget_export"))
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    preview = client.post(
        url(detailed, "budget_import"), {"file": SimpleUploadedFile("budget.xlsx", content)}
    )
    assert "Please look at this" not in preview.content.decode()
    client.post(url(detailed, "budget_import"), form_data(preview, how="replace"))
    assert list(detailed.budget_lines.values_list(*columns)) == before
    first = str(detailed.work_packages.get(number=1).pk)
    named = "Category\tUnit cost\tWork package\tBorne by\nStaff\t5\tWP1\tNobody we know\n"
    page = client.post(url(detailed, "budget_import"), {"text": named})
    assert "“Nobody we know” is neither your company" in page.content.decode()
    assert form_data(page)["lines-0-work_package"] == [first]

    # A French page says LT1, a French colleague writes it, and an English sheet is read there too.
    french = as_user(applicant, "fr")
    assert "LT1 – Installer les stations" in french.get(url(detailed)).content.decode()
    for text in (named, named.replace("WP1", "LT1")):
        page = french.post(url(detailed, "budget_import"), {"text": text})
        assert form_data(page)["lines-0-work_package"] == [first]
    page = french.post(
        url(detailed, "budget_import"), {"file": SimpleUploadedFile("budget.xlsx", content)}
    )
    assert form_data(page)["lines-0-work_package"] == [str(before[0][2])]


def test_a_package_of_another_proposal_cannot_be_named(
    detailed: Proposal, applicant: User, stranger: User, open_call: Call, as_user: SignIn
) -> None:
    theirs = builders.build_detailed_draft(stranger, open_call)
    client = as_user(applicant)
    for name, number in (
        ("work_package", theirs.work_packages.first()),
        ("bearer", theirs.partners.first()),
    ):
        assert number is not None
        changes = {f"lines-0-{name}": number.pk}
        answer = client.post(url(detailed), form_data(client.get(url(detailed)), **changes))
        assert answer.status_code == 422
    assert detailed.budget_lines.get(position=0).partner == detailed.partners.get()


def test_a_partner_taken_out_while_one_writes_bears_nothing(
    detailed: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    read = Proposal.objects.get(pk=detailed.pk)
    partner = detailed.partners.get()
    data = QueryDict(mutable=True)
    for name, values in form_data(
        client.get(url(detailed)), **{"lines-0-bearer": partner.pk}
    ).items():
        data.setlist(name, values)
    forms = BudgetSection(read, choices=Choices(), data=data)
    assert forms.is_valid()
    with editing(actor=applicant, proposal=detailed, expected_version=detailed.version):
        partner.delete()
    detailed.refresh_from_db()
    with editing(actor=applicant, proposal=detailed, expected_version=detailed.version) as row:
        forms.save(row)
    assert detailed.budget_lines.filter(partner=None).count() == 4


def test_the_detailed_budget_costs_the_same_with_many_lines(
    detailed: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    counts = []
    for many in (1, 50):
        detailed.budget_lines.all().delete()
        BudgetLine.objects.bulk_create(
            BudgetLine(proposal=detailed, description=f"L{n}", unit_cost=1, amount=1)
            for n in range(many)
        )
        page = client.get(url(detailed))
        data = form_data(page, **{f"lines-{n}-bearer": "company" for n in range(many)})
        counts.append(
            (
                queries(client.get, url(detailed)),
                queries(client.get, url(detailed, "budget_export")),
                queries(client.post, url(detailed), data),
            )
        )
        assert detailed.budget_lines.filter(borne_by_company=True).count() == many
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12, counts
