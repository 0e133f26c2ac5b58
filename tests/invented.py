"""Names of people who do not exist, as many as a list of sanctions has."""

from __future__ import annotations

from collections.abc import Mapping

#: By an entry's number, all its names.
Names = Mapping[str, tuple[str, ...]]


def large(entries: int) -> Names:
    return {
        str(number): (_invented(number), f"{_invented(number + 7)} {_invented(number * 3)}")
        for number in range(1, entries + 1)
    }


_SYLLABLES = ("ka", "ro", "mi", "ste", "lu", "van", "do", "pri", "sha", "ne", "gu", "tor", "bel")


def _invented(number: int) -> str:
    words: list[str] = []
    for place in (1, 2):
        rest, word = number * 7919 * place + place, ""
        for _ in range(4):
            rest, digit = divmod(rest, len(_SYLLABLES))
            word += _SYLLABLES[digit]
        words.append(word.capitalize())
    return " ".join(words)
