"""Rows fetched together are the very rows that a prefetch brings, and cost one query."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import prefetch_related_objects
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from applications.actions.completeness import READ_BY_MISSING
from applications.models import Proposal
from bpf_portal.core.together import fetch_together
from tests import builders

pytestmark = pytest.mark.django_db

LISTS = (*READ_BY_MISSING, "organisation__people", "other_funding")


def rows_of(proposal: Proposal) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for lookup in LISTS:
        parents: list[Any] = [proposal]
        *path, name = lookup.split("__")
        for step in path:
            parents = [
                each
                for parent in parents
                for each in (
                    getattr(parent, step).all()
                    if hasattr(getattr(parent, step), "all")
                    else [getattr(parent, step)]
                )
            ]
        found[lookup] = [
            {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
            for parent in parents
            for row in getattr(parent, name).all()
        ]
    return found


def loaded(pk: int) -> Proposal:
    return Proposal.objects.select_related("call", "organisation").get(pk=pk)


def test_it_brings_what_a_prefetch_brings(applicant: User) -> None:
    draft = builders.build_complete_proposal(applicant)
    draft.organisation.de_minimis_aid.create(
        granted_on=None, amount=Decimal("9999999999.99"), granted_by="“Été” 🌍\n"
    )
    draft.projections.create(year=2030, revenue=Decimal("0.30"))
    draft.work_packages.create(number=1, title="Begin", first_month=1)
    draft.indicators.create(number=1, name="Growers", target=Decimal("3200.5"))
    draft.other_funding.create(source="Own bank", amount=Decimal("0.10"))
    one, other = loaded(draft.pk), loaded(draft.pk)
    prefetch_related_objects([one], *LISTS)
    with CaptureQueriesContext(connection) as asked:
        fetch_together(other, *LISTS)
        fetched = rows_of(other)
    assert len(asked) == 1
    assert fetched == rows_of(one)
    assert all(fetched.values()), "a table without a row proves nothing"


def test_an_empty_draft_has_empty_lists(applicant: User) -> None:
    draft = loaded(builders.build_draft(applicant).pk)
    fetch_together(draft, *LISTS)
    with CaptureQueriesContext(connection) as asked:
        assert not draft.partners.all()
        assert not draft.risks.all()
    assert len(asked) == 0
