"""Names against sanctions lists, and the proposal against the others. Candidates, never proof."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import fuzz, process

from .context import CheckContext
from .dossier import Dossier
from .findings import Verdict, for_review, passed
from .names import comparable_name
from .registry import Rulebook
from .rules import RuleParameters

book = Rulebook()


@book.rule(
    "screening.sanctions", place="company", source="A:portal", parameter="sanctions_threshold"
)
def sanctions(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    threshold = p.sanctions_threshold
    if threshold is None:
        return None
    required = f"no name like a listed one (>= {threshold})"
    if not any(listed.entries for listed in c.sanctions_lists):
        return for_review("not_screened", observed="not screened", required=required)
    names = list(dict.fromkeys(screened_names(d)))
    found = [hit for name in names for hit in _candidates(name, c, float(threshold) * 100)]
    lists = [f"{listed.name} {listed.dated.isoformat()}" for listed in c.sanctions_lists]
    if found:
        return for_review(
            "candidates", observed="; ".join(found), required=required, matches=found, lists=lists
        )
    return passed("clear", observed=f"{len(names)} names", required=required, lists=lists)


def screened_names(dossier: Dossier) -> Iterator[str]:
    """Everyone the dossier names: companies, partners, the signatory, directors, owners."""
    lead, signed = dossier.lead, dossier.due_diligence.clause
    yield lead.legal_name
    yield from (partner.legal_name for partner in dossier.partners)
    if signed is not None:
        yield signed.signatory
    yield from (person.name for person in (*lead.directors, *lead.beneficial_owners))


def _candidates(name: str, context: CheckContext, cutoff: float) -> Iterator[str]:
    wanted = comparable_name(name)
    if not wanted:
        return
    for listed in context.sanctions_lists:
        comparable, entries = listed.comparable
        # `limit=None`: every candidate is shown, since the right one may not be the nearest.
        hits = process.extract(
            wanted, comparable, scorer=fuzz.ratio, processor=None, score_cutoff=cutoff, limit=None
        )
        best: dict[str, int] = {}
        for _, score, index in hits:
            best.setdefault(entries[index].reference, int(score))
        for reference, score in best.items():
            yield f"{name}: {listed.name} {reference} ({score} %)"


@book.rule(
    "screening.duplicate", place="project", source="A:portal", parameter="duplicate_threshold"
)
def duplicate(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    threshold = p.duplicate_threshold
    if threshold is None or c.similar_proposals is None:
        return None
    required = f"no second proposal in the call, none alike (>= {threshold})"
    same_lead = [other.reference for other in c.similar_proposals if other.same_lead_in_call]
    alike = [
        other.reference
        for other in c.similar_proposals
        if not other.same_lead_in_call and other.similarity >= threshold
    ]
    if same_lead:
        references = same_lead + alike
        return for_review(
            "same_lead", observed=", ".join(references), required=required, references=references
        )
    if alike:
        return for_review("alike", observed=", ".join(alike), required=required, references=alike)
    return passed("unique", observed="none", required=required)
