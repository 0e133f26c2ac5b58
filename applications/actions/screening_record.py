"""That names were compared: with which lists, and what for a person to look at came out."""

from __future__ import annotations

from collections.abc import Sequence

from applications.checks import CheckContext, Dossier, RuleParameters
from applications.checks.screening import Candidate, candidates
from applications.models import NAME_LENGTH, CheckRun, NameMatch, Screening, Submission


def keep_screening(
    *,
    submission: Submission,
    dossier: Dossier,
    parameters: RuleParameters,
    context: CheckContext,
    check_run: CheckRun | None,
) -> None:
    """Write down the lists and the candidates of one comparison; nothing where none was made.

    A candidate that the company's names had before is the same row, with what was answered.
    """
    threshold, lists = parameters.sanctions_threshold, context.sanctions_lists
    if threshold is None or not lists:
        return
    screening = Screening.objects.create(submission=submission, check_run=check_run)
    Screening.lists.through.objects.bulk_create(
        Screening.lists.through(screening_id=screening.pk, sanctionslist_id=listed.row)
        for listed in lists
    )
    found = candidates(dossier, lists, threshold)
    if found:
        Screening.matches.through.objects.bulk_create(
            Screening.matches.through(screening_id=screening.pk, namematch_id=pk)
            for pk in _remember(submission.organisation_id, found)
        )


def _remember(organisation_id: int, found: Sequence[Candidate]) -> list[int]:
    rows = {candidate.resemblance: _row(organisation_id, candidate) for candidate in found}
    NameMatch.objects.bulk_create(rows.values(), ignore_conflicts=True)
    wanted = {(key.name, key.list_name, key.reference, key.fingerprint) for key in rows}
    known = NameMatch.objects.filter(
        organisation=organisation_id, folded__in={key.name for key in rows}
    ).values_list("pk", "folded", "source", "reference", "fingerprint")
    return [pk for pk, *key in known if tuple(key) in wanted]


def _row(organisation_id: int, candidate: Candidate) -> NameMatch:
    key = candidate.resemblance
    return NameMatch(
        organisation_id=organisation_id,
        name=candidate.name[:NAME_LENGTH],
        folded=key.name,
        capacity=candidate.capacity.value,
        source=key.list_name,
        reference=key.reference,
        fingerprint=key.fingerprint,
        entry_id=candidate.entry.row,
        listed_as=candidate.listed_as,
        score=candidate.score,
    )
