"""One action on many dossiers: each asked for again, in a transaction of its own, with its result.

The job goes on from where a killed worker left it: what came of a dossier is written in the
transaction that did it, so nothing is done twice.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import approves, runs_calls
from accounts.models import User
from applications.actions.eligibility import confirm_eligible, run_checks_again
from applications.models import Submission
from bpf_portal.core import jobs
from bpf_portal.core.access import YES, Answer, NotAllowed, no, require
from bpf_portal.core.events import record
from bpf_portal.core.jobs import JOB_TRANSITIONS
from bpf_portal.core.states import WrongState
from bpf_portal.core.texts import in_language
from reviews.access import may_publish
from reviews.actions.deciding import (
    confirm_decision,
    prepare_decision,
    publish_decisions,
    send_back_decision,
)
from reviews.events import BulkBegun, BulkCalledOff
from reviews.models import (
    MOST_ITEMS,
    ON_DECISIONS,
    TOLD,
    BulkAction,
    BulkItem,
    BulkKind,
    Decision,
    ItemResult,
)

REFUSED = (ValidationError, NotAllowed, WrongState, ObjectDoesNotExist)
#: A chosen time further ahead is a typing error.
LONGEST_AHEAD = timedelta(days=366)


def may_begin(user: User, kind: str) -> Answer:
    """Whoever may do it to one may begin it for many; each is asked for again."""
    approving = kind in (BulkKind.CONFIRM, BulkKind.SEND_BACK)
    publishing = kind == BulkKind.PUBLISH
    allowed = (approving or publishing) and approves(user)
    if allowed or (not approving and runs_calls(user)):
        return YES
    return no(_("Your role does not do this."))


@transaction.atomic
def begin_bulk(
    *,
    actor: User,
    kind: str,
    chosen: Collection[int],
    options: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> BulkAction:
    """Leave it as a durable job; `chosen` are the ids of submissions or (`ON_DECISIONS`) decisions.

    What the person may not see is not among them. `at`: not before this moment (publishing only).
    Raises NotAllowed, and ValidationError where nothing is left or the moment is wrong.
    """
    require(may_begin(actor, kind))
    items = _items(actor, kind, chosen)
    if not items:
        raise ValidationError(_("Choose at least one."))
    if len(items) > MOST_ITEMS:
        text = _("At most %(most)d can be chosen at once.")
        raise ValidationError(text % {"most": MOST_ITEMS})
    if at is not None:
        _refuse_wrong_time(kind, at)
    bulk = BulkAction.objects.create(
        action=kind,
        actor=actor,
        options=dict(options or {}),
        progress_total=len(items),
        not_before=at or timezone.now(),
        scheduled=at is not None,
    )
    for item in items:
        item.bulk = bulk
    BulkItem.objects.bulk_create(items)
    record(
        BulkBegun(kind=kind, count=len(items), at=at.isoformat() if at else ""),
        about=bulk,
        actor=actor,
        to_state=bulk.state,
    )
    if at is None:
        jobs.send_after_commit(bulk)
    return bulk


def _items(actor: User, kind: str, chosen: Collection[int]) -> list[BulkItem]:
    if kind in ON_DECISIONS:
        decisions = Decision.objects.visible_to(actor).filter(pk__in=chosen).order_by("pk")
        pairs = decisions.values_list("submission_id", "pk")
        return [BulkItem(submission_id=filed, decision_id=pk) for filed, pk in pairs]
    rows = Submission.objects.visible_to(actor).filter(pk__in=chosen).order_by("pk")
    return [BulkItem(submission_id=pk) for pk in rows.values_list("pk", flat=True)]


def _refuse_wrong_time(kind: str, at: datetime) -> None:
    if kind != BulkKind.PUBLISH:
        raise ValidationError({"at": [_("Only publishing waits for a chosen time.")]})
    if not timezone.now() < at < timezone.now() + LONGEST_AHEAD:
        raise ValidationError({"at": [_("Choose a moment that is still to come, within a year.")]})


@transaction.atomic
def call_off_bulk(*, actor: User, bulk_id: int) -> BulkAction:
    """Before its chosen time. Raises NotAllowed, WrongState once it has begun, DoesNotExist."""
    rows = BulkAction.objects.visible_to(actor).select_for_update(of=("self",))
    bulk = rows.get(pk=bulk_id)
    require(may_begin(actor, bulk.action))
    before = bulk.state
    if not bulk.scheduled:
        raise WrongState("job", before, "call_off")
    bulk.state = JOB_TRANSITIONS.target(before, "call_off")
    bulk.finished_at = timezone.now()
    bulk.save(update_fields=["state", "finished_at"])
    bulk.items.filter(result=ItemResult.WAITING).update(result=ItemResult.LEFT)
    record(
        BulkCalledOff(kind=bulk.action),
        about=bulk,
        actor=actor,
        from_state=before,
        to_state=bulk.state,
    )
    return bulk


def perform(bulk: BulkAction) -> None:
    """Called by the durable job, also to go on after a worker was killed."""
    total = bulk.items.count()
    with in_language(bulk.actor.language):
        if bulk.action == BulkKind.PUBLISH:
            _publish_together(bulk)
        waiting = list(bulk.items.filter(result=ItemResult.WAITING).values_list("pk", flat=True))
        for done, number in enumerate(waiting, start=total - len(waiting)):
            bulk.report_progress(done, total)
            _perform_one(bulk, number)
    bulk.report_progress(total, total)


def _perform_one(bulk: BulkAction, number: int) -> None:
    """The action and its result in one transaction; two workers never have the same dossier."""
    with transaction.atomic():
        item = BulkItem.objects.select_for_update(of=("self",)).get(pk=number)
        if item.result != ItemResult.WAITING:
            return
        try:
            with transaction.atomic():
                _ACTIONS[bulk.action](bulk.actor, item, bulk.options)
        except REFUSED as error:
            _refuse(item, error)
        else:
            item.result = ItemResult.DONE
        item.save(update_fields=["result", "why"])


def _refuse(item: BulkItem, error: Exception) -> None:
    item.result, item.why = ItemResult.REFUSED, _why(error)


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " ".join(dict.fromkeys(error.messages))
    if isinstance(error, WrongState):
        return str(error.message)
    if isinstance(error, NotAllowed):
        return str(error.reason)
    return _("You do not see this proposal any more.")


def _publish_together(bulk: BulkAction) -> None:
    """Those that may be published become visible at the same moment, in one batch a call. Where
    one of them is in the way, each is left to be published by itself."""
    with transaction.atomic():
        waiting = bulk.items.filter(result=ItemResult.WAITING)
        items = list(waiting.select_for_update(of=("self",)).order_by("pk"))
        decisions = Decision.objects.visible_to(bulk.actor).in_bulk(
            [item.decision_id for item in items]
        )
        ready = [
            item
            for item in items
            if item.decision_id in decisions
            and may_publish(bulk.actor, decisions[item.decision_id])
        ]
        try:
            with transaction.atomic():
                numbers = [item.decision_id for item in ready if item.decision_id]
                publish_decisions(actor=bulk.actor, decision_ids=numbers)
        except REFUSED:
            return
        done = [item.pk for item in ready]
        BulkItem.objects.filter(pk__in=done).update(result=ItemResult.DONE)


def _publish(actor: User, item: BulkItem, options: Mapping[str, Any]) -> None:
    decision = Decision.objects.visible_to(actor).get(pk=item.decision_id or 0)
    if decision.state in TOLD:
        raise WrongState("decision", decision.state, "publish", _("It is published already."))
    require(may_publish(actor, decision))
    publish_decisions(actor=actor, decision_ids=[decision.pk])


def _confirm(actor: User, item: BulkItem, options: Mapping[str, Any]) -> None:
    confirm_decision(actor=actor, decision_id=item.decision_id or 0)


def _send_back(actor: User, item: BulkItem, options: Mapping[str, Any]) -> None:
    send_back_decision(
        actor=actor, decision_id=item.decision_id or 0, reason=str(options.get("reason", ""))
    )


def _confirm_eligible(actor: User, item: BulkItem, options: Mapping[str, Any]) -> None:
    confirm_eligible(
        actor=actor, submission_id=item.submission_id, reason=str(options.get("reason", ""))
    )


def _rerun(actor: User, item: BulkItem, options: Mapping[str, Any]) -> None:
    run_checks_again(actor=actor, submission_id=item.submission_id)


def _prepare(actor: User, item: BulkItem, options: Mapping[str, Any]) -> None:
    prepare_decision(
        actor=actor,
        submission_id=item.submission_id,
        kind=str(options.get("decision", "")),
        conditions=str(options.get("conditions", "")),
        grounds=str(options.get("grounds", "")),
    )


_ACTIONS: Mapping[str, Callable[[User, BulkItem, Mapping[str, Any]], None]] = {
    BulkKind.CONFIRM_ELIGIBLE: _confirm_eligible,
    BulkKind.RERUN: _rerun,
    BulkKind.PREPARE: _prepare,
    BulkKind.CONFIRM: _confirm,
    BulkKind.SEND_BACK: _send_back,
    BulkKind.PUBLISH: _publish,
}


def kinds_on(target: str, user: User) -> Sequence[BulkKind]:
    """What this person may do with many rows of a list: `submission` or `decision`."""
    mine = [kind for kind in BulkKind if may_begin(user, kind)]
    return [kind for kind in mine if (kind in ON_DECISIONS) == (target == "decision")]
