"""Published decisions as bare rows: what the figures count, without walking the whole way."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from applications.models import Call, Organisation, Proposal, Stage, Submission
from reviews.models import Decision, LetterBatch
from reviews.reports.aggregates import LUXEMBOURG
from tests import builders

FINAL = ("selected", "reserve", "not_selected")
REFUSALS = ("ineligible", "not_shortlisted", "not_selected")
_numbers = itertools.count(1)


def moment(year: int, month: int = 6, day: int = 1, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=LUXEMBOURG)


def a_call(year: int) -> Call:
    """A call that ended on 30 April, its second stage on 31 October of the same year."""
    return builders.build_call(
        f"bpf-{year}-{next(_numbers)}",
        opens_at=moment(year, 1),
        deadline_at=moment(year, 4, 30),
        stage_2_deadline_at=moment(year, 10, 31),
    )


class Desk:
    """The two people and the call that decisions need."""

    def __init__(self, year: int = 2026) -> None:
        self.officer: User = builders.build_user("officer")
        self.approver: User = builders.build_user("approver")
        self.call = a_call(year)
        self.batch = LetterBatch.objects.create(call=self.call, published_by=self.officer)

    def submission(
        self, stage: str = Stage.PRESELECTION, *, at: datetime | None = None, **fields: Any
    ) -> Submission:
        number = next(_numbers)
        document = _document(fields)
        company = Organisation.objects.create(
            legal_name=fields.pop("company", f"Société {number}"),
            kind="company",
            country_id=fields.get("lead_country", "LU"),
        )
        reference = f"{self.call.code}-{number:04}"
        proposal = Proposal.objects.create(
            call=self.call, number=number, reference=reference, organisation=company
        )
        values = {
            "lead_name": company.legal_name,
            "lead_country": "LU",
            "title": f"Projet {number}",
            "countries": ["SN"],
            "sectors": ["ict"],
            "requested": Decimal("150000.00"),
            "total": Decimal("300000.00"),
            **fields,
        }
        return Submission.objects.create(
            proposal=proposal,
            call=self.call,
            organisation=company,
            stage=stage,
            document=document,
            sha256="0" * 64,
            submitted_at=at or moment(2026, 4),
            submitted_by=None,
            reference=reference,
            language="fr",
            **values,
        )

    def decision(
        self,
        kind: str = "selected",
        *,
        at: datetime | None = None,
        amount: str = "150000.00",
        published: bool = True,
        **fields: Any,
    ) -> Decision:
        """A decision, published at that moment or only confirmed."""
        stage = Stage.DETAILED_PROPOSAL if kind in FINAL else Stage.PRESELECTION
        at = at or moment(2026)
        submission = self.submission(stage, at=at - timedelta(days=60), **fields)
        return Decision.objects.create(
            submission=submission,
            standing_for=submission,
            kind=kind,
            state="published" if published else "confirmed",
            amount=Decimal(amount) if kind == "selected" else None,
            grounds="Under the threshold." if kind in REFUSALS else "",
            prepared_by=self.officer,
            prepared_at=at,
            confirmed_by=self.approver,
            confirmed_at=at,
            published_by=self.officer if published else None,
            published_at=at if published else None,
            first_published_at=at if published else None,
            letter_batch=self.batch if published else None,
        )


def _document(fields: dict[str, Any]) -> dict[str, Any]:
    """Takes `own`, `partners`, `sdgs` and `project_kind` out of the fields."""
    budget = {
        "own_contribution": fields.pop("own", "120000.00"),
        "partners_contribution": fields.pop("partners", "30000.00"),
    }
    project = {
        "sdgs": fields.pop("sdgs", [2, 8]),
        "kind": fields.pop("project_kind", "pilot"),
    }
    return {
        "budget": {name: amount for name, amount in budget.items() if amount is not None},
        "project": project,
    }
