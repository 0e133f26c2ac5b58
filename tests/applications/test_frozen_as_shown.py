"""Whatever characters people write: what the page shows, what is frozen, what is read of it and
what an import makes of it agree.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from applications.actions.completeness import missing, with_everything
from applications.actions.dossier_document import document_of
from applications.actions.importing import import_proposal
from applications.checks import Dossier
from applications.forms.choices import Choices
from applications.models import Call, Proposal
from applications.views.reading import read
from tests import builders
from tests.applications.pages import form_data

pytestmark = pytest.mark.django_db
NOW = "2026-11-23T16:20:00+01:00"
#: Everything that a text may consist of (`core/writing.py` refuses what no page can hold): markup,
#: right to left, emoji, marks that join, C1 controls, tabs and line breaks.
REFUSED = "".join(map(chr, (*range(9), 11, 12, 13, *range(14, 32), 127, 0xFFFE, 0xFFFF)))
ANYTHING = st.characters(exclude_categories=["Cs"], exclude_characters=REFUSED)
ODD = [
    "<b>&amp;</b>",
    "\u202eright to left",
    "\U0001f469\U0001f3fd\u200d\U0001f33e",
    "%(x)s {y}",
    "e\u0301",
    "'\"`",
    "a\n\nb",
]
#: Every page of the tests is looked through for template code that was left in it.
TEMPLATE_CODE = ("{{", "{%", "{#")
texts = st.one_of(st.sampled_from(ODD), st.text(ANYTHING, min_size=1, max_size=60)).filter(
    lambda text: bool(text.strip()) and not any(code in text for code in TEMPLATE_CODE)
)
lines = texts.map(lambda text: " ".join(text.split())).filter(bool)
cents = st.integers(min_value=0, max_value=999_999_999_999).map(lambda n: Decimal(n) / 100)
costs = st.integers(min_value=1, max_value=9_999_999_999).map(lambda n: Decimal(n) / 100)


@st.composite
def written(draw: st.DrawFn) -> dict[str, dict[str, str]]:
    """What somebody types into the sections."""
    first = draw(st.integers(min_value=1, max_value=24))
    last = draw(st.integers(min_value=first, max_value=24))
    return {
        "project": {"title": draw(lines), "summary": draw(texts)},
        "partners": {"partners-0-legal_name": draw(lines)},
        "budget": {
            "lines-0-description": draw(lines),
            "lines-0-quantity": str(draw(st.integers(min_value=1, max_value=99))),
            "lines-0-unit_cost": f"{draw(costs):.2f}",
        },
        "due_diligence": {"communication": draw(texts), "risks-0-description": draw(texts)},
        "business_plan": {
            "answer_market": draw(texts),
            "projections-0-revenue": f"{draw(cents):.2f}",
            "projections-0-costs": f"{draw(cents):.2f}",
        },
        "work_plan": {
            "packages-0-title": draw(lines),
            "packages-0-description": draw(texts),
            "packages-0-deliverables": draw(texts),
            "packages-0-first_month": str(first),
            "packages-0-last_month": str(last),
        },
        "results": {
            "indicators-0-name": draw(lines),
            "indicators-0-unit": draw(lines),
            "indicators-0-target": f"{draw(cents):.2f}",
        },
    }


def save(client: Client, proposal: Proposal, section: str, changes: dict[str, str]) -> Any:
    url = reverse("proposals:section", args=[proposal.reference, section])
    response = client.post(url, form_data(client.get(url), **changes))
    assert response.status_code == 302, response.content.decode()[:2000]
    return form_data(client.get(url))


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(typed=written())
def test_the_document_says_what_the_page_shows(
    typed: dict[str, dict[str, str]], detailed: tuple[Client, Proposal]
) -> None:
    client, proposal = detailed
    shown = {section: save(client, proposal, section, typed[section]) for section in typed}
    whole = with_everything(proposal.pk)
    assert missing(whole) == []
    document = document_of(whole, submitted_at=NOW)
    Dossier.from_document(document)
    extra, project = document["extra"], document["project"]
    package, indicator = extra["work_plan"][0], project["indicators"][0]

    line, risk = document["budget"]["lines"][0], document["due_diligence"]["risks"][0]

    texts_frozen = {
        "title": project["title"],
        "summary": project["summary"],
        "partners-0-legal_name": document["partners"][0]["legal_name"],
        "lines-0-description": line["description"],
        "communication": document["due_diligence"]["communication"],
        "risks-0-description": risk["description"],
        "answer_market": extra["business_plan"]["answers"]["market"],
        "packages-0-title": package["title"],
        "packages-0-description": package["description"],
        "packages-0-deliverables": package["deliverables"],
        "indicators-0-name": indicator["name"],
        "indicators-0-unit": indicator["unit"],
    }
    page = {name: values[0] for section in shown.values() for name, values in section.items()}
    assert {name: page[name] for name in texts_frozen} == texts_frozen
    for name, text in texts_frozen.items():
        given_text = next(part[name] for part in typed.values() if name in part)
        assert text == given_text.strip()

    (projection, *_others) = extra["business_plan"]["projections"]
    assert projection["revenue"] == typed["business_plan"]["projections-0-revenue"]
    assert projection["costs"] == typed["business_plan"]["projections-0-costs"]
    assert Decimal(indicator["target"]) == Decimal(typed["results"]["indicators-0-target"])
    cost = typed["budget"]
    assert line["unit_cost"] == cost["lines-0-unit_cost"]
    amount = Decimal(cost["lines-0-quantity"]) * Decimal(cost["lines-0-unit_cost"])
    assert Decimal(line["amount"]) == amount
    assert Decimal(document["budget"]["total"]) == sum(
        Decimal(each["amount"]) for each in document["budget"]["lines"]
    )
    assert str(package["first_month"]) == page["packages-0-first_month"]

    said = [text for part in read(document, Choices(), []).parts for _label, text in part.answers]
    cells = cells_of(document)
    assert texts_frozen["answer_market"] in said
    assert texts_frozen["packages-0-description"] in cells
    assert f"WP1 {texts_frozen['packages-0-title']}" in cells
    assert f"I1 {texts_frozen['indicators-0-name']}" in cells
    with translation.override("fr"):
        assert document_of(whole, submitted_at=NOW) == document
        assert f"LT1 {texts_frozen['packages-0-title']}" in cells_of(document)
    assert again(document) == without_files(document)


def cells_of(document: dict[str, Any]) -> list[str]:
    """What stands in the tables of the dossier as people read it."""
    return [
        cell
        for part in read(document, Choices(), []).parts
        for table in part.tables
        for row in table.rows
        for cell in row
    ]


def again(document: dict[str, Any]) -> dict[str, Any]:
    """The document of the rows that an import of this one makes."""
    submission, _is_new = import_proposal(
        document={**document, "reference": None}, filename="dossier.json"
    )
    imported = with_everything(submission.proposal_id)
    return without_files(document_of(imported, submitted_at=NOW))


def without_files(document: dict[str, Any]) -> dict[str, Any]:
    """A dossier travels without its files, and gets a reference where it arrives."""
    hrdd = document["due_diligence"]
    policy = {**hrdd["policy"], "document": None}
    hrdd = {**hrdd, "policy": policy}
    return {**document, "reference": None, "documents": [], "due_diligence": hrdd}


@pytest.fixture
def detailed(
    applicant: User, open_call: Call, as_user: Callable[..., Client]
) -> tuple[Client, Proposal]:
    return as_user(applicant), builders.build_detailed_draft(applicant, open_call)
