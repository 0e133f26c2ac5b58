"""Once a year, while a project runs, its company is asked to renew the due diligence.

What is due follows from the rows and the day alone: whoever asks, however often, after however long
a silence, an anniversary is asked once, and of several that were missed only the newest.
"""

from datetime import date, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from applications.actions.renewing import ask_renewal
from applications.checks.calendar_rules import shift_years
from reviews.actions.contracting import submission_of
from reviews.models import Agreement, AgreementState, Renewal

log = structlog.get_logger(__name__)

#: A company is asked so long before the anniversary of its contract, which is the last day.
AHEAD = timedelta(days=30)


def due_anniversary(agreement: Agreement, today: date) -> date | None:
    """The newest anniversary of the contract that is to be asked by today; None before the first,
    and where the project is over by then."""
    if agreement.signed_on is None or agreement.ends_on is None:
        return None
    years = (today + AHEAD).year - agreement.signed_on.year
    anniversaries = (shift_years(agreement.signed_on, each) for each in (years, years - 1))
    return next(
        (
            day
            for day in anniversaries
            if agreement.signed_on < day <= min(today + AHEAD, agreement.ends_on)
        ),
        None,
    )


def ask_due_renewals(*, today: date | None = None) -> int:
    """Ask for every renewal that is due and was not asked. Returns how many.

    Each agreement is done in a transaction of its own: one that fails is logged, and tried again
    the next time, without holding up the others.
    """
    today = today or timezone.localdate()
    asked = 0
    for agreement in Agreement.objects.running().order_by("pk"):
        due_on = due_anniversary(agreement, today)
        if due_on is None or agreement.renewals.filter(due_on=due_on).exists():
            continue
        try:
            asked += _ask(agreement.pk, due_on, today)
        except Exception:
            log.exception("renewal not asked", agreement=agreement.pk)
    return asked


@transaction.atomic
def _ask(agreement_id: int, due_on: date, today: date) -> bool:
    """Locked: of two beats at once the second finds that it was asked."""
    agreement = (
        Agreement.objects.select_for_update(of=("self",))
        .select_related("decision", "officer")
        .get(pk=agreement_id)
    )
    known = agreement.renewals.filter(due_on=due_on).exists()
    if agreement.state != AgreementState.RUNNING or known or agreement.officer is None:
        return False
    # After a standstill nobody is asked for a day in the past.
    until = max(due_on, today + timedelta(days=14))
    request = ask_renewal(
        submission=submission_of(agreement), due_on=until, officer=agreement.officer
    )
    if request is None:
        return False
    Renewal.objects.create(agreement=agreement, due_on=due_on, request=request)
    return True
