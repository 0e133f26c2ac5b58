"""Reviewers proposed by optimisation: never worse than the best by enumeration."""

from __future__ import annotations

from itertools import chain, combinations
from random import Random
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.matching import (
    Matching,
    Paper,
    Reader,
    Weights,
    Why,
    match,
    needed,
    needs_expert,
    obstacle,
    worth,
)

BOTH = frozenset({"fr", "en"})
sectors = st.frozensets(st.sampled_from(["ict", "health"]))
countries = st.frozensets(st.sampled_from(["SN", "RW"]))


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Paper], list[Reader]]:
    readers = [
        Reader(
            key=key,
            languages=draw(st.sampled_from([BOTH, frozenset({"fr"}), frozenset({"en"})])),
            sectors=draw(sectors),
            countries=draw(countries),
            human_rights=draw(st.booleans()),
            load=draw(st.integers(0, 3)),
            capacity=draw(st.integers(0, 3)),
        )
        for key in range(draw(st.integers(1, 3)))
    ]
    keys = st.frozensets(st.integers(0, len(readers) - 1), max_size=1)
    papers = [
        Paper(
            key=key,
            language=draw(st.sampled_from(["fr", "en"])),
            sectors=draw(sectors),
            countries=draw(countries),
            wanted=draw(st.integers(1, 2)),
            high_risk=draw(st.booleans()),
            has=draw(keys),
            barred=draw(keys),
        )
        for key in range(draw(st.integers(1, 3)))
    ]
    return papers, readers


Rank = tuple[int, int, int, int]


def rank(papers: list[Paper], readers: list[Reader], pairs: list[tuple[int, int]]) -> Rank | None:
    """What is minimised, in its order; None where the pairs are not admissible."""
    missing = doubled = experts = points = 0
    weights = Weights()
    for paper in papers:
        mine = [reader for key, reader in pairs if key == paper.key]
        lack = needed(paper, readers) - len(mine)
        if lack < 0:
            return None
        missing += lack
        doubled += lack * (lack - 1) // 2
        if needs_expert(paper, readers):
            experts += not any(readers[key].human_rights for key in mine)
        points -= sum(worth(paper, readers[key], weights) for key in mine)
    for reader in readers:
        more = sum(1 for _paper, key in pairs if key == reader.key)
        if more > reader.capacity:
            return None
        points += sum(weights.load * (reader.load + step + 1) for step in range(more))
    return missing, doubled, experts, points


def pairs_of(matching: Matching) -> list[tuple[int, int]]:
    return [(choice.paper, choice.reader) for choice in matching.choices]


@settings(max_examples=60)
@given(cases())
def test_no_other_choice_is_better(case: tuple[list[Paper], list[Reader]]) -> None:
    papers, readers = case
    possible = [
        (paper.key, reader.key)
        for paper in papers
        for reader in readers
        if obstacle(paper, reader) is None
        and (reader.human_rights or len(paper.has) < paper.wanted)
    ]
    subsets = chain.from_iterable(combinations(possible, size) for size in range(len(possible) + 1))
    ranks = (rank(papers, readers, list(subset)) for subset in subsets)
    best = min(each for each in ranks if each is not None)

    assert rank(papers, readers, pairs_of(match(papers, readers))) == best


@settings(max_examples=40)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_the_lists_plays_no_part(
    case: tuple[list[Paper], list[Reader]], random: Random
) -> None:
    papers, readers = case
    before = match(papers, readers)
    random.shuffle(papers)
    random.shuffle(readers)
    assert match(papers, readers) == before


def test_who_knows_the_sector_and_the_country_is_asked_and_it_is_said_why() -> None:
    papers = [Paper(1, "fr", frozenset({"ict"}), frozenset({"SN"}), wanted=1)]
    readers = [Reader(1, BOTH), Reader(2, BOTH, frozenset({"ict"}), frozenset({"SN"}))]
    (choice,) = match(papers, readers).choices
    assert (choice.reader, choice.why, choice.load) == (2, (Why.SECTOR, Why.COUNTRY), 1)


def test_a_risky_dossier_gets_an_expert_and_another_does_not_take_them_away() -> None:
    papers = [
        Paper(1, "fr", frozenset({"ict"}), wanted=1),
        Paper(2, "fr", wanted=1, high_risk=True),
    ]
    readers = [
        Reader(1, BOTH, frozenset({"ict"}), human_rights=True, capacity=1),
        Reader(2, BOTH, capacity=1),
    ]
    assert pairs_of(match(papers, readers)) == [(1, 2), (2, 1)]


def test_an_expert_is_asked_also_where_only_the_expert_is_lacking() -> None:
    paper = Paper(1, "fr", wanted=1, high_risk=True, has=frozenset({1}))
    readers = [Reader(1, BOTH), Reader(2, BOTH), Reader(3, BOTH, human_rights=True)]
    assert pairs_of(match([paper], readers)) == [(1, 3)]


def test_what_could_not_be_met_is_said_with_what_stood_in_the_way() -> None:
    paper = Paper(1, "fr", wanted=3, high_risk=True, barred=frozenset({1}))
    readers = [
        Reader(1, BOTH, human_rights=True),
        Reader(2, frozenset({"en"})),
        Reader(3, BOTH, capacity=0),
        Reader(4, BOTH),
    ]
    matching = match([paper], readers)
    assert pairs_of(matching) == [(1, 4)]
    few, expert = matching.unmet
    assert (few.kind, few.count) == (Why.TOO_FEW, 2)
    assert few.because == {Why.CONFLICT: 1, Why.LANGUAGE: 1, Why.CAPACITY: 1}
    assert (expert.kind, expert.because) == (Why.NO_EXPERT, {Why.CONFLICT: 1})


def test_the_work_is_shared_evenly() -> None:
    papers = [Paper(key, "fr", wanted=1) for key in range(4)]
    readers = [Reader(1, BOTH, load=2), Reader(2, BOTH), Reader(3, BOTH)]
    chosen = [reader for _paper, reader in pairs_of(match(papers, readers))]
    assert (chosen.count(1), chosen.count(2), chosen.count(3)) == (0, 2, 2)


def test_two_of_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="one key"):
        match([Paper(1, "fr"), Paper(1, "en")], [])


def test_three_hundred_dossiers_and_forty_reviewers_take_seconds() -> None:
    random = Random(5)  # noqa: S311
    some = [frozenset({name}) for name in ("ict", "health", "space", "food")]
    readers = [
        Reader(
            key,
            BOTH if key % 3 else frozenset({"fr"}),
            random.choice(some),
            human_rights=key % 8 == 0,
            capacity=20,
        )
        for key in range(40)
    ]
    papers = [
        Paper(
            key,
            random.choice(["fr", "en"]),
            random.choice(some),
            high_risk=key % 3 == 0,
            barred=frozenset({random.randrange(40)}),
        )
        for key in range(300)
    ]
    begun = process_time()
    matching = match(papers, readers)
    assert process_time() - begun < 10
    assert len(matching.choices) == 600
    assert not matching.unmet
