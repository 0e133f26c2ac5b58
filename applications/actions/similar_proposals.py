"""Which other proposals a proposal is like: of the same lead in its call, or by text in any call.

Drafts are their company's alone and are never compared. What a company withdrew does not stand
beside its own new proposal; the text of another company's withdrawn one still does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.models import F, Func, IntegerField, Q, QuerySet, Value

from applications.checks import SimilarProposal
from applications.checks.likeness import similarity
from applications.checks.screening import DUPLICATE
from applications.models import Submission, SubmissionState, TextFingerprint
from bpf_portal.core.jobs import JobState

#: Of either kind at most so many are named, those first whose fingerprint has most in common:
#: nobody reads more, and a text that hundreds have handed in costs no more than one.
MOST = 20
_AT_ONCE = 100


def similar_proposals(submission: Submission) -> tuple[SimilarProposal, ...]:
    """The others, each proposal once, the most alike first; those below any threshold too. Six
    queries at most, whatever the number of proposals, unless a company withdrew a hundred texts
    like this one."""
    own = TextFingerprint.objects.filter(
        revision__submission=submission, revision__number=submission.revision
    ).first()
    shingles = frozenset(own.shingles) if own else frozenset()
    found: dict[str, SimilarProposal] = {}
    for row in _rows(submission, own):
        reference, call_id, organisation_id, others = row
        same_lead = organisation_id == submission.organisation_id
        each = SimilarProposal(
            reference=reference,
            same_lead_in_call=same_lead and call_id == submission.call_id,
            similarity=similarity(shingles, frozenset(others or ())),
            same_lead=same_lead,
        )
        # Both stages of a proposal are there; the one more alike counts.
        known = found.get(reference)
        if known is None or each.similarity > known.similarity:
            found[reference] = each
    return tuple(sorted(found.values(), key=lambda other: (-other.similarity, other.reference)))


_Row = tuple[str, int, int, list[int] | None]


class _InCommon(Func):
    """How many numbers two arrays share."""

    template = "cardinality(ARRAY(SELECT unnest(%(expressions)s)))"
    arg_joiner = ") INTERSECT SELECT unnest("
    output_field = IntegerField()


def _rows(submission: Submission, own: TextFingerprint | None) -> Iterator[_Row]:
    others = Submission.objects.exclude(proposal=submission.proposal_id).exclude(
        state=SubmissionState.WITHDRAWN, organisation=submission.organisation_id
    )
    #: The text that counts is that of the newest hand-in.
    newest = Q(revisions__number=F("revision"))
    columns = ("reference", "call_id", "organisation_id", "revisions__fingerprint__shingles")
    of_the_lead: QuerySet[Submission] = others.filter(
        newest, call=submission.call_id, organisation=submission.organisation_id
    )
    yield from of_the_lead.order_by("pk").values_list(*columns)[:MOST]
    candidates = _sharing_a_band(own) if own and own.bands else []
    named = 0
    while candidates and named < MOST:
        some, candidates = candidates[:_AT_ONCE], candidates[_AT_ONCE:]
        place = {revision: position for position, revision in enumerate(some)}
        found = others.filter(newest, revisions__in=some).order_by()
        rows = sorted(found.values_list("revisions__pk", *columns), key=lambda row: place[row[0]])
        yield from (row[1:] for row in rows[: MOST - named])
        named += len(rows)


def _sharing_a_band(own: TextFingerprint) -> list[int]:
    """The hand-ins whose text may be like this one, those first that share most."""
    given = Value(own.bands, output_field=ArrayField(IntegerField()))
    alike = TextFingerprint.objects.filter(bands__overlap=own.bands).exclude(pk=own.pk)
    ordered = alike.order_by(_InCommon(F("bands"), given).desc(), "pk")
    with _by_the_index():
        return list(ordered.values_list("pk", flat=True))


@contextmanager
def _by_the_index() -> Iterator[None]:
    """PostgreSQL takes 32 bands for a tenth of all texts and would read the whole table; in truth
    a handful has one of them. Of one table alone, without joins, only the index is left then."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
        cursor.execute("SET LOCAL enable_seqscan = on")


def unaware_of(submission: Submission, references: Iterable[str]) -> list[Submission]:
    """Of the proposals with these references those that nobody has decided on yet, and whose
    newest check does not name this one. None that waits for a check anyway."""
    rows = (
        Submission.objects.filter(reference__in=references, state=SubmissionState.RECEIVED)
        .exclude(proposal=submission.proposal_id)
        .select_related("call__rule_set")
        .defer("document", "search")
    )
    return [other for other in rows if _must_hear(other, submission.reference)]


def _must_hear(other: Submission, reference: str) -> bool:
    newest = other.check_runs.first()
    if newest is None or newest.state == JobState.QUEUED:
        return False  # that run will see this proposal
    named = newest.findings.filter(code=DUPLICATE, values__references__contains=[reference])
    return not named.exists()
