"""Names against sanctions lists, and the proposal against the others. Candidates, never proof."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from .context import CheckContext, ListedName, Resemblance, SanctionsList
from .dossier import Dossier
from .findings import Verdict, for_review, passed
from .names import comparable_name
from .registry import Rulebook
from .rules import RuleParameters

book = Rulebook()

SANCTIONS, DUPLICATE = "screening.sanctions", "screening.duplicate"
#: As much of a folded name as an answer is remembered by.
REMEMBERED = 250


class Capacity(StrEnum):
    """As what somebody is named in a dossier."""

    LEAD = "lead"
    PARTNER = "partner"
    SIGNATORY = "signatory"
    DIRECTOR = "director"
    BENEFICIAL_OWNER = "beneficial_owner"

    @property
    def is_company(self) -> bool:
        return self in (Capacity.LEAD, Capacity.PARTNER)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that is like one of an entry. `score` is 0 to 1, with two decimals, rounded down."""

    name: str
    capacity: Capacity
    list_name: str
    entry: ListedName
    listed_as: str
    score: Decimal

    @property
    def resemblance(self) -> Resemblance:
        return Resemblance(
            comparable_name(self.name)[:REMEMBERED],
            self.list_name,
            self.entry.reference,
            self.entry.fingerprint,
        )

    def __str__(self) -> str:
        label = self.entry.label or self.entry.reference
        percent = int(self.score * 100)
        return f"{self.name}: {self.list_name} {label}, {self.listed_as} ({percent} %)"


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
    return _compared(d, c, threshold, required)


def _compared(d: Dossier, c: CheckContext, threshold: Decimal, required: str) -> Verdict:
    lists = [stated_list(listed) for listed in c.sanctions_lists]
    found = candidates(d, c.sanctions_lists, threshold)
    if listed := [str(each) for each in found if each.resemblance in c.confirmed]:
        observed = "; ".join(listed)
        return for_review(
            "confirmed", observed=observed, required=required, matches=listed, lists=lists
        )
    if alike := [str(each) for each in found if each.resemblance not in c.cleared]:
        observed = "; ".join(alike)
        return for_review(
            "candidates", observed=observed, required=required, matches=alike, lists=lists
        )
    names = {name: comparable_name(name) for name, _ in screened_names(d) if name}
    if unreadable := [name for name, folded in names.items() if not folded]:
        return for_review(
            "unreadable", observed=", ".join(unreadable), required=required, names=unreadable
        )
    observed = f"{len(names)} names"
    if cleared := [str(each) for each in found]:
        return passed("cleared", observed=observed, required=required, matches=cleared, lists=lists)
    return passed("clear", observed=observed, required=required, lists=lists)


def stated_list(listed: SanctionsList) -> str:
    """The list as every screening names it: whose, of which day, read from which file."""
    return f"{listed.name} {listed.dated.isoformat()} (SHA-256 {listed.sha256[:12]})"


def screened_names(dossier: Dossier) -> Iterator[tuple[str, Capacity]]:
    """Everyone the dossier names: companies, partners, the signatory, directors, owners."""
    lead, signed = dossier.lead, dossier.due_diligence.clause
    yield lead.legal_name, Capacity.LEAD
    yield from ((partner.legal_name, Capacity.PARTNER) for partner in dossier.partners)
    if signed is not None:
        yield signed.signatory, Capacity.SIGNATORY
    yield from ((person.name, Capacity.DIRECTOR) for person in lead.directors)
    yield from ((person.name, Capacity.BENEFICIAL_OWNER) for person in lead.beneficial_owners)


def candidates(
    dossier: Dossier, lists: tuple[SanctionsList, ...], threshold: Decimal
) -> tuple[Candidate, ...]:
    """Every name of the dossier with every entry it is like; of an entry the name most alike.

    All of them: the right one may not be the nearest. A name that is given twice counts once.
    """
    once: dict[str, tuple[str, Capacity]] = {}
    for name, capacity in screened_names(dossier):
        once.setdefault(comparable_name(name), (name, capacity))
    return tuple(
        candidate
        for folded, (name, capacity) in once.items()
        if folded
        for listed in lists
        for candidate in _in_list(folded, name, capacity, listed, float(threshold))
    )


def _in_list(
    folded: str, name: str, capacity: Capacity, listed: SanctionsList, threshold: float
) -> Iterator[Candidate]:
    index = listed.index
    is_person = None if capacity.is_company else index.is_person
    seen: set[str] = set()
    for hit in index.by_sound.alike(folded, threshold, is_person):
        entry = index.entries[hit.position]
        if entry.reference not in seen:
            seen.add(entry.reference)
            score = Decimal(repr(hit.score)).quantize(Decimal("0.01"), rounding=ROUND_FLOOR)
            yield Candidate(name, capacity, listed.name, entry, index.names[hit.position], score)


@book.rule(
    "screening.duplicate", place="project", source="A:portal", parameter="duplicate_threshold"
)
def duplicate(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    threshold = p.duplicate_threshold
    if threshold is None or c.similar_proposals is None:
        return None
    required = f"no second proposal in the call, none alike (>= {threshold})"
    in_call = [other for other in c.similar_proposals if other.same_lead_in_call]
    alike = [
        other
        for other in c.similar_proposals
        if not other.same_lead_in_call and other.similarity >= threshold
    ]
    found = [*in_call, *alike]
    if not found:
        return passed("unique", observed="none", required=required)
    # Nobody else's: of the same company, now or earlier.
    own = [other for other in found if other.same_lead or other.same_lead_in_call]
    return for_review(
        (
            ("same_lead" if len(own) == len(found) else "same_lead_and_alike")
            if in_call
            else ("alike_own" if len(own) == len(found) else "alike")
        ),
        observed=", ".join(map(str, found)),
        required=required,
        references=[other.reference for other in found],
        matches=map(str, found),
        own=[other.reference for other in own],
    )
