"""Who should read what: reviewers proposed for dossiers by optimisation. Pure.

The best of all admissible sets of pairs, in this order: as few missing reviews as possible, as few
risky dossiers without a human-rights expert as possible, then the best of expertise against even
loads, by `Weights`. Never admissible: a pair with a conflict, a language that the reviewer does not
read, a load above the reviewer's own limit.

Solved exactly by HiGHS (scipy). It is fast because the experts of a dossier are a part of its
reviewers: such a model is a flow, whose linear optimum is whole already.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

Pair = tuple[int, int]


class Why(StrEnum):
    """Why a pair is good, or why a dossier got too little."""

    SECTOR = "sector"
    COUNTRY = "country"
    HUMAN_RIGHTS = "human_rights"
    LOAD = "load"

    TOO_FEW = "too_few"
    NO_EXPERT = "no_expert"
    ASKED_ALREADY = "asked_already"
    LANGUAGE = "language"
    CONFLICT = "conflict"
    CAPACITY = "capacity"
    RELEASED = "released"
    EXPERTISE = "expertise"


@dataclass(frozen=True)
class Reader:
    """A reviewer: languages read, expertise, how many dossiers they have and can still take."""

    key: int
    languages: frozenset[str]
    sectors: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    human_rights: bool = False
    load: int = 0
    capacity: int = 10


@dataclass(frozen=True)
class Paper:
    """A dossier: what it needs, and the reviewers it has already (they count, and stay)."""

    key: int
    language: str
    sectors: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    wanted: int = 2
    high_risk: bool = False
    has: frozenset[int] = frozenset()
    #: Reviewers who must not be asked (again): a conflict, a suspicion, a recusal.
    barred: frozenset[int] = frozenset()
    #: Reviewers from whom an officer has taken it back.
    released: frozenset[int] = frozenset()
    #: Only who knows its sector or country may be asked, or human rights where the risk is high.
    experts_only: bool = False


@dataclass(frozen=True)
class Weights:
    """What expertise is worth against an even load, in points of each other [A].

    A dossier more for somebody who has n costs `load` x (n + 1) points.
    """

    sector: int = 4
    country: int = 3
    human_rights: int = 2
    load: int = 1


@dataclass(frozen=True)
class Choice:
    """One proposed pair and what speaks for it. `load` counts all that the reviewer then has."""

    paper: int
    reader: int
    why: tuple[Why, ...]
    load: int


@dataclass(frozen=True)
class Unmet:
    """What a dossier still lacks: `count` reviews (or one expert), and what stood in the way."""

    paper: int
    kind: Why
    count: int
    because: Mapping[Why, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Matching:
    """The proposal: new pairs by dossier and reviewer, and what could not be met."""

    choices: tuple[Choice, ...]
    unmet: tuple[Unmet, ...]


def match(
    papers: Iterable[Paper], readers: Iterable[Reader], weights: Weights | None = None
) -> Matching:
    """The best proposal. The order of the lists plays no part.

    Raises ValueError for two of one key, and for a solver that finds no answer (which the model
    excludes: nobody at all is always admissible).
    """
    papers = sorted(papers, key=lambda paper: paper.key)
    readers = sorted(readers, key=lambda reader: reader.key)
    _once(paper.key for paper in papers)
    _once(reader.key for reader in readers)
    weights = weights or Weights()
    pairs = [
        (p, r)
        for p, paper in enumerate(papers)
        for r, reader in enumerate(readers)
        if obstacle(paper, reader) is None and _helps(paper, reader)
    ]
    chosen = _Model(papers, readers, pairs, weights).solve() if pairs else []
    loads = {reader.key: reader.load for reader in readers}
    for _p, r in chosen:
        loads[readers[r].key] += 1
    choices = (
        Choice(
            paper=papers[p].key,
            reader=readers[r].key,
            why=reasons(papers[p], readers[r]),
            load=loads[readers[r].key],
        )
        for p, r in chosen
    )
    return Matching(tuple(choices), tuple(_unmet(papers, readers, chosen, loads)))


def unmet(
    papers: Sequence[Paper], readers: Sequence[Reader], pairs: Iterable[Pair]
) -> tuple[Unmet, ...]:
    """What is still lacking with these new pairs (by key), whoever chose them. Pairs of people or
    dossiers that are not among these count for nothing."""
    row_of = {paper.key: p for p, paper in enumerate(papers)}
    column_of = {reader.key: r for r, reader in enumerate(readers)}
    chosen = [(row_of[p], column_of[r]) for p, r in pairs if p in row_of and r in column_of]
    loads = {reader.key: reader.load for reader in readers}
    for _p, r in chosen:
        loads[readers[r].key] += 1
    return tuple(_unmet(papers, readers, chosen, loads))


def obstacle(paper: Paper, reader: Reader) -> Why | None:
    """Why this pair cannot be, or None."""
    if reader.key in paper.has:
        return Why.ASKED_ALREADY
    if reader.key in paper.barred:
        return Why.CONFLICT
    if reader.key in paper.released:
        return Why.RELEASED
    if paper.language not in reader.languages:
        return Why.LANGUAGE
    if paper.experts_only and reasons(paper, reader) == (Why.LOAD,):
        return Why.EXPERTISE
    if reader.capacity <= 0:
        return Why.CAPACITY
    return None


def reasons(paper: Paper, reader: Reader) -> tuple[Why, ...]:
    """What speaks for this pair, the strongest first; an even load where nothing else does."""
    found = []
    if paper.sectors & reader.sectors:
        found.append(Why.SECTOR)
    if paper.countries & reader.countries:
        found.append(Why.COUNTRY)
    if paper.high_risk and reader.human_rights:
        found.append(Why.HUMAN_RIGHTS)
    return tuple(found) or (Why.LOAD,)


def worth(paper: Paper, reader: Reader, weights: Weights) -> int:
    """The points of a pair's expertise."""
    points = {
        Why.SECTOR: weights.sector,
        Why.COUNTRY: weights.country,
        Why.HUMAN_RIGHTS: weights.human_rights,
        Why.LOAD: 0,
    }
    return sum(points[each] for each in reasons(paper, reader))


def needs_expert(paper: Paper, readers: Sequence[Reader]) -> bool:
    """A risky dossier that nobody with expertise in human rights reads yet."""
    experts = {reader.key for reader in readers if reader.human_rights}
    return paper.high_risk and not paper.has & experts


def _helps(paper: Paper, reader: Reader) -> bool:
    """Who has all their reviews lacks at most an expert."""
    return reader.human_rights or len(paper.has) < paper.wanted


def needed(paper: Paper, readers: Sequence[Reader]) -> int:
    """How many more reviewers to look for: one more where only the expert is lacking."""
    missing = max(0, paper.wanted - len(paper.has))
    return missing or int(needs_expert(paper, readers))


def _once(keys: Iterable[int]) -> None:
    seen = list(keys)
    if len(seen) != len(set(seen)):
        raise ValueError("two of one key")


class _Model:
    """Columns: a pair each, a step of load for each reviewer, each missing review and expert."""

    def __init__(
        self,
        papers: Sequence[Paper],
        readers: Sequence[Reader],
        pairs: Sequence[Pair],
        weights: Weights,
    ) -> None:
        self.papers, self.readers, self.pairs, self.weights = papers, readers, pairs, weights
        self.needs = [needed(paper, readers) for paper in papers]
        self.steps = [(r, k) for r, reader in enumerate(readers) for k in range(reader.capacity)]
        self.missing = [(p, n) for p, need in enumerate(self.needs) for n in range(need)]
        self.experts = [p for p, paper in enumerate(papers) if needs_expert(paper, readers)]
        self.width = len(pairs) + len(self.steps) + len(self.missing) + len(self.experts)

    def solve(self) -> list[Pair]:
        answer = milp(
            np.concatenate(self._costs()),
            constraints=self._constraint(),
            bounds=Bounds(0, 1),
            integrality=np.ones(self.width),
        )
        if answer.x is None:
            raise ValueError(f"no matching: {answer.message}")
        return [pair for pair, value in zip(self.pairs, answer.x, strict=False) if value > 0.5]

    def _costs(self) -> tuple[np.ndarray, ...]:
        """Whole numbers. One level outweighs all that the levels under it can lose for it.

        Whatever one more review or expert asks for is one path of exchanges, on which each
        reviewer stands once; so the number of dossiers plays no part in the size of the levels.
        """
        pairs = np.array(
            [-worth(self.papers[p], self.readers[r], self.weights) for p, r in self.pairs]
        )
        steps = np.array(
            [self.weights.load * (self.readers[r].load + k + 1) for r, k in self.steps]
        )
        path = len(self.readers) + 2
        most = int(max(np.abs(pairs).max(initial=1), np.abs(steps).max(initial=1)))
        expert = 4 * path * most
        #: A dossier that lacks two reviews is worse than two that lack one.
        second = expert * path
        first = second * (1 + max(self.needs, default=1))
        missing = np.array([first + second * n for _p, n in self.missing])
        return pairs, steps, missing, np.full(len(self.experts), expert)

    def _constraint(self) -> LinearConstraint:
        """Rows: each dossier's reviews, each reviewer's load, each dossier that needs an expert."""
        papers, readers = len(self.papers), len(self.readers)
        row_of_expert = {p: papers + readers + at for at, p in enumerate(self.experts)}
        entries: list[tuple[int, int, int]] = []
        column = 0
        for p, r in self.pairs:
            entries += [(p, column, 1), (papers + r, column, 1)]
            if self.readers[r].human_rights and p in row_of_expert:
                entries.append((row_of_expert[p], column, 1))
            column += 1
        for r, _k in self.steps:
            entries.append((papers + r, column, -1))
            column += 1
        for p, _n in self.missing:
            entries.append((p, column, 1))
            column += 1
        for p in self.experts:
            entries.append((row_of_expert[p], column, 1))
            column += 1
        rows, columns, values = zip(*entries, strict=True)
        shape = (papers + readers + len(self.experts), self.width)
        low = [*self.needs, *([0] * readers), *([1] * len(self.experts))]
        high = [*self.needs, *([0] * readers), *([np.inf] * len(self.experts))]
        return LinearConstraint(csr_array((values, (rows, columns)), shape=shape), low, high)


def _unmet(
    papers: Sequence[Paper],
    readers: Sequence[Reader],
    chosen: Sequence[Pair],
    loads: Mapping[int, int],
) -> Iterable[Unmet]:
    taken: dict[int, set[int]] = {}
    for p, r in chosen:
        taken.setdefault(p, set()).add(r)
    for p, paper in enumerate(papers):
        got = taken.get(p, set())
        missing = paper.wanted - len(paper.has) - len(got)
        if missing > 0:
            yield Unmet(paper.key, Why.TOO_FEW, missing, _because(paper, readers, got, loads))
        if needs_expert(paper, readers) and not any(readers[r].human_rights for r in got):
            experts = [reader for reader in readers if reader.human_rights]
            yield Unmet(paper.key, Why.NO_EXPERT, 1, _because(paper, experts, set(), loads))


def _because(
    paper: Paper, readers: Sequence[Reader], got: set[int], loads: Mapping[int, int]
) -> dict[Why, int]:
    """How many reviewers could not be asked, by reason; full ones count as such."""
    found: dict[Why, int] = {}
    for r, reader in enumerate(readers):
        if r in got:
            continue
        why = obstacle(paper, reader)
        if why is None and loads[reader.key] - reader.load >= reader.capacity:
            why = Why.CAPACITY
        if why is not None:
            found[why] = found.get(why, 0) + 1
    return found
