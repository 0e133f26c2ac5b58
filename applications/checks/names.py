"""Names as they are compared: without accents, case, script, legal form or order of words.

A name becomes its words in the letters of the Latin alphabet, sorted. A word becomes its sound: the
spellings that Arabic, Cyrillic and other names are written with in French, English and German fall
together (Mohamed and Muhammad, Khadafi and Gaddafi, Poutine and Putin).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from anyascii import anyascii

#: Words kept in memory with their sounds: those of a long list, once.
_REMEMBERED = 50_000
_APOSTROPHES = re.compile(r"['`´’ʼ]+")
# "S.A.R.L." and "J.P." are one word; "Petrov.Ivan" is two.
_INITIALS = re.compile(r"(?<=\b\w)\.(?=\w\b|\s|$)")
_SEPARATORS = re.compile(r"[\W_]+")
_ARABIC_ALEF = re.compile("[أإآٱ]")
_ARABIC_ARTICLE = re.compile(r"(?<!\w)ال(?=\w{2})")
_ARABIC_INITIAL = re.compile(r"(?<!\w)ا")
_ARABIC_FEMININE = re.compile(r"ة(?!\w)")
_IDEOGRAPHS = re.compile("([\u3400-\u9fff\uac00-\ud7af])")
_SHORTEST_REST = 3


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of languages, not rules of the facility: what a name can lose and stay the same."""

    dropped: frozenset[str]
    generic: frozenset[str]
    legal_letters: frozenset[str]
    abd_prefixes: tuple[str, ...]


@cache
def _words() -> _Words:
    given = json.loads(Path(__file__).with_name("name_words.json").read_text(encoding="utf-8"))
    legal = given["legal_forms"]
    return _Words(
        dropped=frozenset([*legal, *given["connectives"]]),
        generic=frozenset(given["generic"]),
        legal_letters=frozenset("".join(sorted(form)) for form in legal if len(form) > 1),
        abd_prefixes=tuple(given["abd_prefixes"]),
    )


def comparable_name(name: str) -> str:
    """Its words, folded and sorted, with a space between; empty if there is nothing to compare.

    "Élan, S.A.", "s a ELAN" and "Элан" become the same. Folding twice changes nothing more.
    """
    latin = anyascii(_spread(name)).lower()
    joined = _INITIALS.sub("", _APOSTROPHES.sub("", latin))
    words = [part for word in _SEPARATORS.sub(" ", joined).split() for part in _parts(word)]
    return " ".join(sorted(_without_forms(words) or words))


def _spread(name: str) -> str:
    """Arabic without its article, its mute endings and the seats of its hamza; ideographs word by
    word."""
    plain = _ARABIC_ARTICLE.sub("", _ARABIC_ALEF.sub("ا", name))
    plain = _ARABIC_FEMININE.sub("", _ARABIC_INITIAL.sub("a", plain))
    return _IDEOGRAPHS.sub(r" \1 ", plain)


def _parts(word: str) -> list[str]:
    """ "Abdulrahman", "Abderrahman" and "Abd al-Rahman" have the same parts."""
    if not word.startswith("abd"):
        return [word]
    found = []
    while prefix := next((p for p in _words().abd_prefixes if word.startswith(p)), ""):
        rest = word[len(prefix) :]
        if rest and len(rest) < _SHORTEST_REST:
            break
        found.append("abd")
        word = rest
    return [*found, word] if word else found


def _without_forms(words: list[str]) -> list[str]:
    known = _words()
    letters = [word for word in words if len(word) == 1]
    spelt = len(letters) > 1 and "".join(sorted(letters)) in known.legal_letters
    return [word for word in words if word not in known.dropped and not (spelt and len(word) == 1)]


def is_light(word: str) -> bool:
    """Whether the word hardly tells one name from another: an initial, or "international"."""
    return len(word) == 1 or word in _words().generic


# In this order: the longer spelling of a sound before the shorter.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"(?<=[^aeiouy])e$", ""),
        (r"schtsch|chtch|shch", "5"),
        (r"tsch|tch|sch|sh|ch", "5"),
        (r"dzh|zh|dj", "j"),
        (r"kh|gh|ck", "k"),
        (r"gu(?=[ei])", "g"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"dh", "d"),
        (r"x", "ks"),
        (r"c(?=[eiy])", "s"),
        (r"[cqg]", "k"),
        (r"z", "s"),
        (r"v", "f"),
        (r"ff?$", "f"),
        (r"ou|oo|o|w", "u"),
        (r"[ey]+", "i"),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(_REMEMBERED)
def sound(word: str) -> str:
    """How the word sounds, roughly: "mohammed" and "muhamed" are "muhamid"."""
    for pattern, letters in _SOUNDS:
        word = pattern.sub(letters, word)
    return word


@lru_cache(_REMEMBERED)
def skeleton(word: str) -> str:
    """The consonants of its sound, and an "a" for a vowel it begins with: what Arabic writes."""
    heard = sound(word)
    consonants = re.sub(r"(.)\1+", r"\1", re.sub("[aiu]", "", heard))
    return f"a{consonants}" if heard[:1] in "aiu" else consonants
