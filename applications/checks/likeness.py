"""How alike two texts are, and by what many texts are searched for those that may be.

A text is the set of its pairs of words, each kept as a number; two texts are as alike as the
Dice coefficient of their sets. Case, accents, script, punctuation and white space never matter, the
order of sentences and paragraphs neither. No language is known here: a translation is another text.

MinHash finds which of many texts to compare: two texts that share a band are candidates. Of two
that are 85 % alike that is missed once in 80,000 pairs; of two that are 10 % alike one in
four thousand is compared for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from anyascii import anyascii

#: Written with each fingerprint. Whoever changes what follows counts it up and makes them anew.
METHOD = 1
RUN_OF_WORDS = 2
#: With less than this a text says too little: two titles may be alike by chance.
ENOUGH_RUNS = 20
BANDS, ROWS = 32, 4
#: Shorter runs of the same words are how everybody writes.
SHORTEST_PASSAGE = 5

Shingles = frozenset[int]

# A letter may be followed by the accents that belong to it; an ideograph is a word.
_WORD = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]|[^\W_](?:[^\W_\u3040-\u9fff]|[\u0300-\u036f])*")
_END_OF_SENTENCE = re.compile(r"[.!?…;。！？](?=\s|$)|[。！？]")


def description(document: Mapping[str, Any]) -> dict[str, str]:
    """The texts in which a dossier says what its project is, by "title", "summary" and the codes
    of its questions. It says the same at both stages; what only a detailed proposal has, and
    the due diligence, for which the portal proposes texts, are not among them."""
    project = document["project"]
    answers = project.get("answers") or {}
    texts = {"title": project["title"], "summary": project["summary"], **answers}
    return {name: text for name, text in texts.items() if text and text.strip()}


def shingles(texts: Iterable[str], without: Shingles = frozenset()) -> Shingles:
    """The runs of words of these texts. `without`: those of the form itself, which say nothing."""
    return frozenset(key for text in texts for key, _, _ in _runs(_words(text))) - without


def similarity(one: Shingles, other: Shingles) -> Decimal:
    """From 0 to 1 with four decimals, rounded down; 0 where there is nothing to compare."""
    if not one or not other:
        return Decimal(0)
    share = Decimal(2 * len(one & other)) / (len(one) + len(other))
    return share.quantize(Decimal("0.0001"), rounding=ROUND_FLOOR)


@dataclass(frozen=True, slots=True)
class _Word:
    """`folded` is what it is compared by; it stands from `start` to `end` in the text."""

    folded: str
    start: int
    end: int
    sentence: int


def _words(text: str) -> list[_Word]:
    ends = [match.start() for match in _END_OF_SENTENCE.finditer(text)]
    sentence, found = 0, []
    for match in _WORD.finditer(text):
        while sentence < len(ends) and ends[sentence] < match.start():
            sentence += 1
        if folded := _folded(match.group()):
            found.append(_Word(folded, match.start(), match.end(), sentence))
    return found


@lru_cache(50_000)
def _folded(word: str) -> str:
    return "".join(filter(str.isalnum, anyascii(word).lower()))


def _runs(words: list[_Word]) -> Iterator[tuple[int, int, int]]:
    """Each run of words with the positions of its first and last word, never beyond a sentence; a
    sentence that is shorter is one run."""
    first = 0
    while first < len(words):
        after = first
        while after < len(words) and words[after].sentence == words[first].sentence:
            after += 1
        length = min(RUN_OF_WORDS, after - first)
        for start in range(first, after - length + 1):
            run = words[start : start + length]
            yield _number(" ".join(word.folded for word in run)), start, start + length - 1
        first = after


def _number(text: str) -> int:
    """Of 32 bits, with a sign as PostgreSQL's integers have one; the same on every machine."""
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big", signed=True)


# --- finding candidates ---------------------------------------------------------------------------


@lru_cache(1)
def _permutations() -> tuple[Any, Any]:
    """A multiplier (odd) and an offset of 64 bits for each hash function, as columns."""

    def drawn(kind: str) -> Any:
        numbers = [
            int.from_bytes(blake2b(f"{kind} {n}".encode(), digest_size=8).digest(), "big")
            for n in range(BANDS * ROWS)
        ]
        return np.array(numbers, dtype=np.uint64)[:, np.newaxis]

    return drawn("multiplier") | np.uint64(1), drawn("offset")


def bands(given: Shingles) -> list[int]:
    """32 numbers of which two texts share one if they can be alike; none for too short a text."""
    if len(given) < ENOUGH_RUNS:
        return []
    keys = np.fromiter(given, dtype=np.int64, count=len(given)).astype(np.uint32)
    multipliers, offsets = _permutations()
    # Multiply-shift hashing: overflow is meant, the upper half of the product is the hash.
    hashed = (multipliers * keys.astype(np.uint64) + offsets) >> np.uint64(32)
    least = hashed.min(axis=1).astype(">u4").reshape(BANDS, ROWS)
    return [_number(f"{band} {row.tobytes().hex()}") for band, row in enumerate(least)]


# --- showing what is alike ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a text as it was written, and whether the other text says it too."""

    text: str
    alike: bool


def passages(text: str, others: Shingles) -> list[Passage]:
    """The text cut where it begins and ends to be alike; joined, the parts are the text."""
    words = _words(text)
    said = [False] * len(words)
    for key, first, last in _runs(words):
        if key in others:
            said[first : last + 1] = [True] * (last + 1 - first)
    cut: list[Passage] = []
    written = 0
    for first, last in _stretches(said):
        start, end = words[first].start, words[last].end
        cut += [Passage(text[written:start], False), Passage(text[start:end], True)]
        written = end
    cut.append(Passage(text[written:], False))
    return [each for each in cut if each.text]


def _stretches(said: list[bool]) -> Iterator[tuple[int, int]]:
    """Of the words said elsewhere too those in a row: enough of them, or all there are."""
    first = None
    for position, is_said in enumerate([*said, False]):
        if is_said and first is None:
            first = position
        elif not is_said and first is not None:
            if position - first >= min(SHORTEST_PASSAGE, len(said)):
                yield first, position - 1
            first = None
