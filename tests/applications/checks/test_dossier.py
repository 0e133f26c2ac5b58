"""What is a dossier and what is not: every refusal is one line that names the place."""

import copy
import json
from decimal import Decimal
from typing import Any

import pytest

from applications.checks import Dossier, NotADossier, read_document
from applications.checks.document_schema import SCHEMA_PATH
from tests.applications.checks.conftest import changed
from tests.shared import SHARED

DATA = SHARED / "data"


def test_a_dossier_is_read_with_exact_money(document: dict[str, Any]) -> None:
    dossier = Dossier.from_document(document)
    assert dossier.budget.requested == Decimal("100000.00")
    assert dossier.lead.annual_turnover[0].amount == Decimal("700000.00")
    assert dossier == Dossier.from_frozen(document)


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("schema", "bpf-proposal/2", "$.schema"),
        ("schema", "bpf-proposal/0", "$.schema"),
        ("stage", "final", "$.stage"),
        ("language", "de", "$.language"),
        ("lead.registered_on", "2024-02-30", "$.lead.registered_on"),
        ("lead.registered_on", "20240201", "$.lead.registered_on"),
        ("lead.registered_on", "2024-W05-1", "$.lead.registered_on"),
        ("lead.country", "lu", "$.lead.country"),
        ("lead.country", "LU\n", "$.lead.country"),
        ("lead.employees", -1, "$.lead.employees"),
        ("lead.employees", 4.5, "$.lead.employees"),
        ("lead.employees", True, "$.lead.employees"),
        ("lead.employees", "4", "$.lead.employees"),
        ("lead.legal_name", "a\x00b", "$.lead.legal_name"),
        ("lead.legal_name", "\ud800", "$.lead.legal_name"),
        ("budget.requested", 100000.00, "$.budget.requested"),
        ("budget.requested", 100000, "$.budget.requested"),
        ("budget.requested", "100000", "$.budget.requested"),
        ("budget.requested", "100000.00\n", "$.budget.requested"),
        ("budget.requested", "١٠.٠٠", "$.budget.requested"),
        ("budget.requested", "-1.00", "$.budget.requested"),
        ("budget.requested", "1e5", "$.budget.requested"),
        ("budget.requested", "NaN", "$.budget.requested"),
        ("budget.requested", "9" * 30 + ".00", "$.budget.requested"),
        ("submitted_at", "2024-04-29T10:00:00", "$.submitted_at"),
        ("submitted_at", "2024-04-29", "$.submitted_at"),
        ("submitted_at", "2024-04-29T25:00:00Z", "$.submitted_at"),
        ("submitted_at", "0001-01-01T00:00:00+14:00", "$.submitted_at"),
        ("submitted_at", "9999-12-31T23:59:59Z", "$.submitted_at"),
        ("project.sdgs", [float("nan")], "$.project.sdgs[0]"),
        ("extra", {"a": [float("inf")]}, "$.extra.a[0]"),
        ("lead.road_haulage", True, "$.lead"),
        ("unknown", 1, "$"),
        ("due_diligence.clause.accepted", "yes", "$.due_diligence.clause"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(
    document: dict[str, Any], path: str, value: object, place: str
) -> None:
    with pytest.raises(NotADossier) as refusal:
        Dossier.from_document(changed(document, {path: value}))
    assert refusal.value.path.startswith(place)
    assert "\n" not in str(refusal.value)
    assert 0 < len(refusal.value.reason) <= 200


def test_a_number_as_amount_is_explained(document: dict[str, Any]) -> None:
    with pytest.raises(NotADossier, match=r"^\$\.budget\.total: an amount is text .* not a number"):
        Dossier.from_document(changed(document, {"budget.total": 1}))


@pytest.mark.parametrize("missing", ["lead", "partners", "budget", "due_diligence", "call"])
def test_a_missing_part_is_named(document: dict[str, Any], missing: str) -> None:
    del document[missing]
    with pytest.raises(NotADossier, match=missing):
        Dossier.from_document(document)


@pytest.mark.parametrize("value", [None, [], "text", 3, {}])
def test_what_is_not_even_an_object(value: object) -> None:
    with pytest.raises(NotADossier):
        Dossier.from_document(value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"%PDF-1.7",
        b"[1]",
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1',
    ],
)
def test_files_that_are_not_json(content: bytes) -> None:
    with pytest.raises(NotADossier) as refusal:
        read_document(content)
    assert "\n" not in str(refusal.value)


def test_a_byte_order_mark_is_no_obstacle(document: dict[str, Any]) -> None:
    content = b"\xef\xbb\xbf" + json.dumps(document).encode()
    assert Dossier.from_document(read_document(content)).call == "bpf-2024-1"


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")
def test_our_schema_is_the_published_one_closed() -> None:
    """Ours differs only in that it refuses unknown properties, as the description demands."""
    published = json.loads((DATA / "proposal.schema.json").read_text(encoding="utf-8"))
    ours = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    assert without_closing(ours) == without_closing(published)


def without_closing(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            name: without_closing(value)
            for name, value in schema.items()
            if not (name == "additionalProperties" and value is False)
        }
    return [without_closing(item) for item in schema] if isinstance(schema, list) else schema


def test_reading_does_not_change_the_document(document: dict[str, Any]) -> None:
    before = copy.deepcopy(document)
    Dossier.from_document(document)
    assert document == before
