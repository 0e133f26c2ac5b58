"""How alike two names are, from 0 to 1, and which of many names are like one.

Order of words, case, accents and legal forms never matter. Words that every second company carries
count a quarter. A person's name may lack words of the other ("Ivan Petrov" is like "Ivan
Sergeyevich Petrov"): people give two names where lists give three.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from rapidfuzz import fuzz

from .names import is_light, skeleton, sound

Words = tuple[str, ...]

_SAME_SOUND, _SAME_SKELETON = 0.98, 0.95
#: Below this two words are different words, however long the rest of the name agrees.
_ALIKE = 0.75
_CLOSE = 0.9
_LIGHT = 0.25
#: What a person's name is worth that lacks so many words of the other.
_LACKING = {1: 0.95, 2: 0.92}
_ENOUGH_LETTERS = 7


@lru_cache(50_000)
def word_similarity(one: str, other: str) -> float:
    """1 for the same word, less for another spelling, 0 for another word."""
    if one == other:
        return 1.0
    written = fuzz.ratio(one, other) / 100
    heard, heard_other = sound(one), sound(other)
    if heard == heard_other:
        return max(written, _SAME_SOUND)
    if _same_skeleton(one, other, heard, heard_other):
        return max(written, _SAME_SKELETON)
    return written if written >= _ALIKE else 0.0


def _same_skeleton(one: str, other: str, heard: str, heard_other: str) -> bool:
    bones = skeleton(one)
    if len(bones) < 2 or bones != skeleton(other):
        return False
    return _lacks_vowels(one) or _lacks_vowels(other) or fuzz.ratio(heard, heard_other) >= 70


def _lacks_vowels(word: str) -> bool:
    """It came out of the Arabic script, which does not write them."""
    return len(word) > 2 and not set(word[1:]) & set("aeiou")


def weight(words: Iterable[str]) -> float:
    return sum(_LIGHT if is_light(word) else 1.0 for word in words)


def name_similarity(one: Words, other: Words, *, people: bool = False) -> float:
    """How alike two names are, given as their folded words. `people`: both are persons' names."""
    if not one or not other:
        return 0.0
    one, other = tuple(sorted(one)), tuple(sorted(other))
    if one == other:
        return 1.0
    pairs = _pairs(one, other)
    whole = weight(one) + weight(other)
    matched = sum(value * (weight(left) + weight(right)) for value, left, right in pairs)
    score = matched / whole
    return max(score, _lacking_words(one, other, pairs)) if people else score


_Pair = tuple[float, Words, Words]


def _pairs(one: Words, other: Words) -> list[_Pair]:
    """Each word with the one it is most like, then words written apart with one together."""
    left, right = list(range(len(one))), list(range(len(other)))
    ranked = sorted(
        ((word_similarity(one[i], other[j]), -i, -j) for i in left for j in right), reverse=True
    )
    found: list[_Pair] = []
    for value, i, j in ranked:
        if value < _ALIKE:
            break
        if -i in left and -j in right:
            found.append((value, (one[-i],), (other[-j],)))
            left.remove(-i)
            right.remove(-j)
    found += _joined([one[i] for i in left], [other[j] for j in right])
    found += [(v, b, a) for v, a, b in _joined([other[j] for j in right], [one[i] for i in left])]
    return found


def _joined(apart: Sequence[str], together: Sequence[str]) -> list[_Pair]:
    if len(apart) < 2 or not together:
        return []
    best = max(
        (word_similarity(a + b, word), (a, b), (word,))
        for a, b in permutations(apart, 2)
        for word in together
    )
    return [best] if best[0] >= _CLOSE else []


def _lacking_words(one: Words, other: Words, pairs: Sequence[_Pair]) -> float:
    shorter = min(len(one), len(other))
    lacking = abs(len(one) - len(other))
    close = [value for value, left, right in pairs if value >= _CLOSE]
    smaller = one if len(one) == shorter else other
    telling = [word for word in smaller if not is_light(word)]
    if lacking not in _LACKING or len(close) < shorter or len(telling) < 2:
        return 0.0
    if sum(map(len, telling)) < _ENOUGH_LETTERS:
        return 0.0
    return _LACKING[lacking] * sum(close) / len(close)


@dataclass(frozen=True, slots=True)
class Hit:
    """The name at `position` of those indexed is alike so much."""

    position: int
    score: float


class NameIndex:
    """Many names, found by the sound of their words instead of one by one.

    `names` are folded names (`comparable_name`). Each different word is kept once, under keys of
    its sound, with the positions of the names it occurs in; so the words alike are few, and only
    the names in which enough of them meet are compared whole.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names: list[Words] = []
        self._weights = array("f")
        self._telling = array("I")  # how many words tell the name from others
        self._names_with: dict[str, array[int]] = {}
        self._names_joining: dict[str, array[int]] = {}
        for position, name in enumerate(names):
            words = tuple(name.split())
            self.names.append(words)
            self._weights.append(weight(words))
            self._telling.append(sum(not is_light(word) for word in words))
            for word in set(words):
                self._names_with.setdefault(word, array("I")).append(position)
            for word in _written_together(words):
                self._names_joining.setdefault(word, array("I")).append(position)
        self._words_under: dict[str, list[str]] = {}
        for word in {**self._names_with, **self._names_joining}:
            for key in _keys(word):
                self._words_under.setdefault(key, []).append(word)

    def alike(
        self, name: str, threshold: float, is_person: Sequence[bool] | None = None
    ) -> list[Hit]:
        """All names with at least this score, best first. `is_person` says by position which of
        them may lack words; None: the name looked up is not a person's."""
        words = tuple(name.split())
        hits = []
        for position in self._worth_comparing(words, threshold, is_person):
            people = is_person is not None and is_person[position]
            score = name_similarity(words, self.names[position], people=people)
            if score >= threshold:
                hits.append(Hit(position, score))
        return sorted(hits, key=lambda hit: (-hit.score, hit.position))

    def _worth_comparing(
        self, words: Words, threshold: float, is_person: Sequence[bool] | None
    ) -> Iterable[int]:
        """Positions of the names that can still reach the score, by what their words are worth."""
        telling = [word for word in words if not is_light(word)] or list(words)
        reached: dict[int, float] = {}
        meeting: Counter[int] = Counter()
        for word in telling:
            found = self._names_with_a_word_like(word)
            for position, value in found.items():
                reached[position] = reached.get(position, 0.0) + value
            meeting.update(at for at, value in found.items() if value >= _CLOSE)
        for joined in _written_together(words):
            for position, value in self._names_with_a_word_like(joined).items():
                reached[position] = max(reached.get(position, 0.0), 2 * value)
        own, light = weight(words), _LIGHT * (len(words) - len(telling))
        for position, value in reached.items():
            # Light words are taken as agreeing here; the comparison itself looks at them.
            most = 2 * (value + light) / (own + self._weights[position])
            if most >= threshold or (
                is_person
                and is_person[position]
                and meeting[position] > 1
                and meeting[position] >= min(len(telling), self._telling[position])
            ):
                yield position

    def _names_with_a_word_like(self, word: str) -> dict[int, float]:
        candidates = {each for key in _keys(word) for each in self._words_under.get(key, ())}
        best: dict[int, float] = {}
        for each in candidates:
            value = word_similarity(word, each)
            if value:
                for position in self._names_with.get(each, ()):
                    best[position] = max(value, best.get(position, 0.0))
                for position in self._names_joining.get(each, ()):
                    # One word here, two there: worth one and a half in the mean of both names.
                    best[position] = max(1.5 * value, best.get(position, 0.0))
        return best


def _written_together(words: Words) -> list[str]:
    """Of names with two words that tell: both as one, for "Sber Bank" and "Sberbank"."""
    return [a + b for a, b in permutations(words, 2)] if len(words) == 2 else []


def _keys(word: str) -> set[str]:
    """Under which a word is found: its consonants, and them with a slip of the pen in one place."""
    bones = skeleton(word)
    if len(bones) < 2:
        return {f"={word}"}
    if len(bones) < 3:
        return {bones}
    if len(bones) < 6:
        return {bones, *(bones[:i] + bones[i + 1 :] for i in range(len(bones)))}
    return {bones, bones[:5], bones[-5:]}
