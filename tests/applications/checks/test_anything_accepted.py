"""Whatever is accepted as a dossier can be checked under every rule set, and said in words."""

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from applications.checks import Dossier, NotADossier, check, render
from applications.checks.findings import sum_up, sum_up_due_diligence
from tests.applications.checks.conftest import DOCUMENT, parameters_of, shipped_context

RULE_SETS = {
    code: parameters_of(code)
    for code in ("bpf-2018", "bpf-2020", "bpf-2021", "bpf-2022", "bpf-2024", "lcf-2026-cr")
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


PLACES = [path for path in places(DOCUMENT) if path]
ODD_VALUES: list[Any] = [
    None,
    "",
    " ",
    "{x}",
    "0.00",
    "0.01",
    "999999999999999.99",
    "2024-02-29",
    "0001-01-01",
    "9999-12-31",
    "9998-12-31T23:59:59-14:00",
    "0002-01-01T00:00:00+14:00",
    "XK",
    "ZZ",
    "LU",
    "high",
    "low",
    "cooperative",
    "associated",
    "٣",
    "%",
    0,
    1,
    18,
    10**30,
    2.0,
    True,
    False,
    [],
    {},
    ["ZZ"],
    ["tobacco"],
    [{"year": 2023, "amount": "0.01"}] * 3,
]


@st.composite
def odd_documents(draw: st.DrawFn) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(DOCUMENT)
    for path in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        part: Any = document
        try:
            for key in path[:-1]:
                part = part[key]
            part[path[-1]] = draw(st.sampled_from(ODD_VALUES))
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    return document


@settings(max_examples=400, deadline=None)
@given(
    document=odd_documents(),
    code=st.sampled_from(sorted(RULE_SETS)),
    day=st.sampled_from([date.min, date(2024, 2, 29), date(2024, 4, 30), date.max]),
)
def test_it_is_refused_or_checked_and_said(document: dict[str, Any], code: str, day: date) -> None:
    try:
        dossier = Dossier.from_document(document)
    except NotADossier:
        return  # refusing it is the other good answer
    report = check(dossier, RULE_SETS[code], shipped_context(reference_date=day))
    assert report.outcome == sum_up(report.findings)
    assert report.due_diligence == sum_up_due_diligence(report.findings)
    assert len({finding.code for finding in report.findings}) == len(report.findings)
    for finding in report.findings:
        for language in ("fr", "en"):
            text = render(finding, language)
            assert text.message
            assert text.remedy or finding.outcome == "pass"
