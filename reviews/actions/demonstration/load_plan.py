"""What the synthetic submissions say: their dossiers, moments and states, by chance."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from applications.actions.dossier_document import digest
from applications.models import Call, Organisation, Proposal, Stage, Submission
from reviews.actions.demonstration.files import Json, read

_TOPICS = (
    "Cold rooms",
    "Water kiosks",
    "Harvest forecasts",
    "Telehealth",
    "Tyre recycling",
    "Timber frames",
    "Crop insurance",
    "Evening courses",
    "Solar pumps",
    "Fever tests",
)
_PLACES = (
    ("SN", "Thiès"),
    ("CV", "Praia"),
    ("RW", "Huye"),
    ("TZ", "Kigoma"),
    ("BF", "Banfora"),
    ("ML", "Kayes"),
    ("LA", "Pakse"),
    ("VN", "Can Tho"),
    ("XK", "Prishtina"),
    ("CR", "Limón"),
)
_SECTORS = ("ict", "energy", "water", "agriculture", "healthtech", "fintech", "education")
#: Enough different words that no two texts are alike, though all are of the same ones.
_WORDS = tuple(
    f"{first}{last}"
    for first in ("wa", "ler", "sol", "tim", "ga", "ru", "pen", "mo", "di", "kar", "fe", "nu")
    for last in ("ba", "ten", "lo", "min", "ra", "sek", "vi", "dor", "pa", "lis", "go", "hem")
)
_SUMMARY_WORDS = 80
#: In a hundred: where the submissions stand.
_STATES = (
    *("received",) * 10,
    *("eligible",) * 10,
    *("ineligible",) * 5,
    *("in_review",) * 45,
    *("decided",) * 30,
)


def plan(
    number: int,
    calls: Sequence[Call],
    companies: Sequence[Organisation],
    officer: User,
    approver: User,
    chance: random.Random,
) -> Iterator[Submission]:
    """The submissions with their proposals, not saved: 40 % in the first call, then fewer."""
    counts: dict[int, int] = {}
    for position in range(number):
        call = calls[(0, 0, 0, 0, 1, 1, 1, 2, 2, 3)[position % 10]]
        counts[call.pk] = counts.get(call.pk, 0) + 1
        company = companies[position // 3]
        stage = Stage.DETAILED_PROPOSAL if position % 7 == 6 else Stage.PRESELECTION
        moment = call.deadline_at - timedelta(days=35, minutes=chance.randrange(60 * 24 * 40))
        proposal = Proposal(
            call=call,
            number=counts[call.pk],
            reference=f"{call.code.upper()}-{counts[call.pk]:05d}",
            organisation=company,
            stage=stage,
            state="submitted",
            language="en",
        )
        document = _document(proposal, moment, chance)
        state = _STATES[chance.randrange(100)]
        submission = _submission(proposal, document, moment, state, officer)
        if state == "ineligible":
            submission.exclusion_proposed_by = officer
            submission.exclusion_proposed_at = moment
            submission.eligibility_confirmed_by = approver
        yield submission


def _document(proposal: Proposal, moment: datetime, chance: random.Random) -> Json:
    document: Json = deepcopy(read("load_dossier"))
    country, place = chance.choice(_PLACES)
    requested = Decimal(chance.randrange(40_000, 150_000))
    document.update(
        reference=proposal.reference,
        call=proposal.call.code,
        stage=proposal.stage,
        language=proposal.language,
        submitted_at=timezone.localtime(moment).isoformat(timespec="seconds"),
    )
    document["lead"].update(
        legal_name=proposal.organisation.legal_name, registration_number="B900001"
    )
    document["project"].update(
        title=f"{chance.choice(_TOPICS)} in {place}, phase {chance.randrange(1, 500)}",
        summary=f"{' '.join(chance.choices(_WORDS, k=_SUMMARY_WORDS))}.",
        countries=[country],
        sectors=[chance.choice(_SECTORS)],
    )
    own = Decimal("300000.00") - 30_000 - requested
    document["budget"].update(requested=f"{requested}.00", own_contribution=f"{own}")
    return document


def _submission(
    proposal: Proposal, document: Json, moment: datetime, state: str, officer: User
) -> Submission:
    confirmed = state != "received"
    return Submission(
        proposal=proposal,
        call=proposal.call,
        organisation=proposal.organisation,
        stage=proposal.stage,
        document=document,
        sha256=digest(document),
        submitted_at=moment,
        reference=proposal.reference,
        language=proposal.language,
        title=document["project"]["title"],
        lead_name=document["lead"]["legal_name"],
        lead_country=document["lead"]["country"],
        countries=document["project"]["countries"],
        sectors=document["project"]["sectors"],
        requested=Decimal(document["budget"]["requested"]),
        total=Decimal(document["budget"]["total"]),
        state=state,
        eligibility_confirmed_by=officer if confirmed else None,
        eligibility_confirmed_at=moment if confirmed else None,
        eligibility_reason="Synthetic." if confirmed else "",
    )
