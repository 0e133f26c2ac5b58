"""What the rules must know besides the dossier: the call, the dated lists, the screened entries.

Everything here is a value made from rows by `applications.actions.checking_context`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from .findings import RiskLevel
from .names import comparable_name
from .register_questions import RegisterQuestion, RegisterSaid
from .resemblance import NameIndex


class Moment(StrEnum):
    """When the due diligence is looked at: it asks for more before the contract."""

    SUBMISSION = "submission"
    CONTRACT = "contract"
    RENEWAL = "renewal"


@dataclass(frozen=True, slots=True)
class NextEdition:
    code: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class ClauseText:
    """One version of the clause in one language; `sha256` is of its UTF-8 text, in lower case."""

    valid_from: date
    sha256: str


@dataclass(frozen=True, slots=True)
class ListedName:
    """One entry of a sanctions list with all its names.

    `reference` is the list's own number, which stays from one version of the list to the next;
    `fingerprint` changes with what the entry says. `folded` are the comparable names in the same
    order, where somebody made them already.
    """

    reference: str
    names: tuple[str, ...]
    is_person: bool = False
    label: str = ""
    fingerprint: str = ""
    folded: tuple[str, ...] = ()
    row: int = 0


@dataclass(frozen=True)
class SanctionsList:
    """A version of a list in force, with the hash of the file it was read from."""

    name: str
    dated: date
    sha256: str
    entries: tuple[ListedName, ...]
    row: int = 0

    @cached_property
    def index(self) -> ListedNames:
        """Made once per list, however many names are looked up."""
        return ListedNames(self.entries)


class ListedNames:
    """Every name of a list that has something to compare, and whose it is."""

    def __init__(self, entries: Iterable[ListedName]) -> None:
        pairs = [
            (folded, name, entry)
            for entry in entries
            for folded, name in zip(
                entry.folded or map(comparable_name, entry.names), entry.names, strict=True
            )
            if folded
        ]
        self.entries = [entry for _, _, entry in pairs]
        self.names = [name for _, name, _ in pairs]
        self.is_person = [entry.is_person for entry in self.entries]
        self.by_sound = NameIndex(folded for folded, _, _ in pairs)


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A name of a company's dossiers and an entry of a list, as people answer for it.

    Another version of the list asks again only where the entry says something else.
    """

    name: str
    list_name: str
    reference: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class SimilarProposal:
    """Another proposal: of the same lead in this call, or alike in text (0 to 1) in any call.

    `same_lead`: of the same lead, in whatever call.
    """

    reference: str
    same_lead_in_call: bool
    similarity: Decimal
    same_lead: bool = False

    def __str__(self) -> str:
        return f"{self.reference} ({int(100 * self.similarity)} %)"


@dataclass(frozen=True)
class CheckContext:
    """`reference_date` is the stage-1 deadline's day, or the day that was asked for.

    `deadlines` is by stage, aware; a stage without one is not checked. `country_lists` gives, by
    list code, the last day each country was on it (None: still on it). `similar_proposals` None
    means that nothing was compared, which is not the same as nothing found. `cleared` and
    `confirmed` are what people answered about names of this company.
    """

    reference_date: date
    call_code: str = ""
    deadlines: Mapping[str, datetime] = field(default_factory=dict)
    call_sectors: frozenset[str] = frozenset()
    next_edition: NextEdition | None = None
    required_documents: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    country_lists: Mapping[str, Mapping[str, date | None]] = field(default_factory=dict)
    clauses: Mapping[tuple[str, str], ClauseText] = field(default_factory=dict)
    labour_worst: frozenset[str] = frozenset()
    officer_ratings: Mapping[str, RiskLevel] = field(default_factory=dict)
    flag_levels: Mapping[str, RiskLevel] = field(default_factory=dict)
    nace_high_prefixes: tuple[str, ...] = ()
    sanctions_lists: tuple[SanctionsList, ...] = ()
    cleared: frozenset[Resemblance] = frozenset()
    confirmed: frozenset[Resemblance] = frozenset()
    similar_proposals: tuple[SimilarProposal, ...] | None = None
    #: What the virus scanner says now, by SHA-256, where it has spoken since the hand-in.
    scans: Mapping[str, str] = field(default_factory=dict)
    #: What registers said, by question; a question that nobody asked is not there.
    register_answers: Mapping[RegisterQuestion, RegisterSaid] = field(default_factory=dict)
    moment: Moment = Moment.SUBMISSION
    signed_off: bool = False

    def is_listed(self, country: str, list_code: str) -> bool:
        """Whether the country is on the list at the reference date, its last day included."""
        entries = self.country_lists.get(list_code, {})
        if country not in entries:
            return False
        until = entries[country]
        return until is None or self.reference_date <= until

    def current_clause(self, language: str) -> str | None:
        """Version of the newest clause in this language that is not after the reference date."""
        candidates = [
            (text.valid_from, version)
            for (version, spoken), text in self.clauses.items()
            if spoken == language and text.valid_from <= self.reference_date
        ]
        return max(candidates)[1] if candidates else None
