"""The review phases of a call: given when it is made, changed by an officer, all at once."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Call, Stage
from bpf_portal.core.access import Text, require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState
from reviews.access import may_run_call
from reviews.events import PhasesChanged
from reviews.models import ReviewPhase
from reviews.models.phase import RIGHTS
from reviews.phases import (
    BLIND_RIGHTS,
    ENDS_BEFORE,
    NO_NAME,
    OVERLAPS,
    Phase,
    problems,
    shifted,
    shipped,
)
from reviews.reference.files import read_phases

SENTENCES: dict[str, Text] = {
    NO_NAME: _("Give the phase a name in both languages."),
    ENDS_BEFORE: _("This phase would end before it starts."),
    OVERLAPS: _("This phase would begin before “%(other)s” ends: one follows the other."),
    BLIND_RIGHTS: _("Who may do something in this phase must be able to read the proposals."),
}


def give_phases(call: Call, *, stages: Iterable[str] = Stage.values) -> list[ReviewPhase]:
    """The shipped phases for these stages of a call that has none there. The dates are ours [A]."""
    deadlines = {stage: call.deadline_of(stage) for stage in stages}
    wanted = shipped(read_phases(), deadlines, timezone.get_default_timezone())
    return ReviewPhase.objects.bulk_create(_row(call, each) for each in wanted)


def give_all_calls_phases() -> int:
    """Of all calls, each stage without a phase gets the shipped ones; returns how many rows."""
    taken = set(ReviewPhase.objects.values_list("call_id", "stage"))
    made = 0
    for call in Call.objects.order_by("pk"):
        missing = [stage for stage in Stage.values if (call.pk, stage) not in taken]
        made += len(give_phases(call, stages=missing)) if missing else 0
    return made


def _row(call: Call, phase: Phase) -> ReviewPhase:
    return ReviewPhase(
        call=call,
        stage=phase.stage,
        name_fr=phase.name_fr.strip(),
        name_en=phase.name_en.strip(),
        starts_at=phase.starts_at,
        ends_at=phase.ends_at,
        assumed=phase.assumed,
        counted_from=call.deadline_of(phase.stage),
        **{name: name in phase.rights for name in RIGHTS},
    )


def phases_of(call: Call) -> list[Phase]:
    """As they are kept, each with its number as its key."""
    return [
        Phase(
            stage=row.stage,
            name_fr=row.name_fr,
            name_en=row.name_en,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            rights=frozenset(name for name in RIGHTS if getattr(row, name)),
            key=str(row.pk),
            assumed=row.assumed,
        )
        for row in ReviewPhase.objects.filter(call=call)
    ]


def fingerprint(phases: Sequence[Phase]) -> str:
    """What a page was made from: another one means that somebody changed them since."""
    told = [
        (p.stage, p.name_fr, p.name_en, p.starts_at, p.ends_at, sorted(p.rights)) for p in phases
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


@transaction.atomic
def change_phases(*, actor: User, call_id: int, seen: str, phases: Sequence[Phase]) -> None:
    """Put these phases in the place of the call's own. Whoever scores meanwhile is waited for.

    `seen` is the fingerprint of those that the officer had before them. Raises ValidationError
    (by `<key>-<field>`), WrongState (changed since), NotAllowed or Call.DoesNotExist.
    """
    require(may_run_call(actor))
    call = Call.objects.visible_to(actor).select_for_update().get(pk=call_id)
    list(ReviewPhase.objects.select_for_update().filter(call=call))
    before = phases_of(call)
    if fingerprint(before) != seen:
        raise WrongState("review phases", "changed", "change")
    refused = problems(phases)
    if refused:
        raise ValidationError(
            {
                f"{each.key}-{each.field}": [_sentence(each.what, each.other)]
                for each in reversed(refused)
            }
        )
    _store(call, before, _kept_marks(before, phases))
    record(
        PhasesChanged(call=call.code, before=_told(before), after=_told(phases)),
        about=call,
        actor=actor,
    )


@dataclass(frozen=True)
class Drift:
    """A stage whose deadline lies `days` after (before, if negative) the one from which its phases
    were counted; `before` and `now` are these deadlines."""

    stage: str
    before: datetime
    now: datetime
    days: int


def drifts(call: Call) -> list[Drift]:
    """The stages whose deadline moved by a day or more since their phases were set. One query."""
    rows = ReviewPhase.objects.filter(call=call).order_by("stage", "pk")
    counted = dict(rows.values_list("stage", "counted_from"))
    found = []
    for stage in Stage.values:
        before, now = counted.get(stage), call.deadline_of(stage)
        if before is None or now is None:
            continue
        days = (timezone.localdate(now) - timezone.localdate(before)).days
        if days:
            found.append(Drift(stage, before, now, days))
    return found


@transaction.atomic
def shift_phases(*, actor: User, call_id: int, stage: str, days: int) -> None:
    """Move all phases of a stage by as many days as its deadline moved; `days` is what the page
    said. Raises WrongState (moved again, or shifted already), NotAllowed or Call.DoesNotExist."""
    require(may_run_call(actor))
    call = Call.objects.visible_to(actor).select_for_update().get(pk=call_id)
    list(ReviewPhase.objects.select_for_update().filter(call=call))
    drift = next((each for each in drifts(call) if each.stage == stage), None)
    if drift is None or drift.days != days:
        raise WrongState("review phases", "shifted", "shift")
    before = phases_of(call)
    zone = timezone.get_default_timezone()
    moved = shifted([each for each in before if each.stage == stage], days, zone)
    for each in moved:
        row = _row(call, each)
        row.pk = int(each.key)
        row.save(force_update=True)
    others = [each for each in before if each.stage != stage]
    record(
        PhasesChanged(call=call.code, before=_told(before), after=_told([*others, *moved])),
        about=call,
        actor=actor,
    )


def _store(call: Call, before: Sequence[Phase], phases: Sequence[Phase]) -> None:
    """A phase that stays keeps its row: whoever scores and waits for it finds it as it is now."""
    known = {each.key for each in before}
    kept = {each.key for each in phases if each.key in known}
    ReviewPhase.objects.filter(call=call).exclude(pk__in=kept).delete()
    for each in phases:
        row = _row(call, each)
        if each.key in known:
            row.pk = int(each.key)
        row.save(force_update=each.key in known)


def _sentence(what: str, other: Phase | None) -> Text:
    sentence = SENTENCES[what]
    return sentence % {"other": _name(other)} if other else sentence


def _name(phase: Phase) -> str:
    return phase.name_fr if get_language() == "fr" else phase.name_en


def _kept_marks(before: Sequence[Phase], phases: Sequence[Phase]) -> list[Phase]:
    """A phase that an officer did not touch stays marked as our assumption."""
    untouched = {each for each in before if each.assumed}
    marked = {(p.stage, p.starts_at, p.ends_at, p.rights) for p in untouched}
    return [
        Phase(**{**vars(p), "assumed": (p.stage, p.starts_at, p.ends_at, p.rights) in marked})
        for p in phases
    ]


def _told(phases: Sequence[Phase]) -> list[dict[str, object]]:
    return [
        {
            "stage": p.stage,
            "name": p.name_en,
            "starts_at": p.starts_at.isoformat() if p.starts_at else "",
            "ends_at": p.ends_at.isoformat() if p.ends_at else "",
            "rights": sorted(p.rights),
        }
        for p in phases
    ]
