"""How alike texts are, whatever their case, accents, white space and order; and what is marked."""

from __future__ import annotations

import random
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from applications.checks.likeness import (
    ENOUGH_RUNS,
    bands,
    description,
    passages,
    shingles,
    similarity,
)

WORDS = tuple(f"{a}{b}" for a in ("é", "ma", "çi", "tor", "wé") for b in ("lu", "ren", "so", "ka"))
sentences = st.lists(st.sampled_from(WORDS), min_size=4, max_size=12).map(" ".join)
texts = st.lists(sentences, min_size=3, max_size=8).map(lambda each: ". ".join(each) + ".")


@given(texts, texts)
def test_likeness_is_symmetric_between_nothing_and_all(one: str, other: str) -> None:
    left, right = shingles([one]), shingles([other])
    assert similarity(left, right) == similarity(right, left)
    assert 0 <= similarity(left, right) <= 1
    assert similarity(left, left) == 1


@given(texts, st.randoms(use_true_random=False))
def test_case_accents_white_space_and_order_do_not_matter(text: str, chance: random.Random) -> None:
    moved = text.rstrip(".").split(". ")
    chance.shuffle(moved)
    plain = unicodedata.normalize("NFD", ".\n\n".join(moved) + ".").upper()
    bare = "".join(each for each in plain if not unicodedata.combining(each))
    for written in (plain, bare, bare.replace(" ", "\t  ")):
        assert shingles([written]) == shingles([text])


@given(texts, texts)
def test_the_marked_parts_are_the_text_itself(one: str, other: str) -> None:
    parts = passages(one, shingles([other]))
    assert "".join(part.text for part in parts) == one
    assert all(part.alike for part in passages(one, shingles([one])) if part.text.strip(" ."))


@given(st.text(), st.text())
def test_any_characters_at_all_are_compared(one: str, other: str) -> None:
    left = shingles([one])
    assert 0 <= similarity(left, shingles([other])) <= 1
    assert len(bands(left)) == (32 if len(left) >= ENOUGH_RUNS else 0)
    assert "".join(part.text for part in passages(one, left)) == one


def prose(chance: random.Random, words: int) -> list[str]:
    return [f"{chance.choice(WORDS)}{chance.randrange(400)}" for _ in range(words)]


def test_two_texts_that_are_alike_share_a_band_and_unrelated_ones_none() -> None:
    """Every pair at the threshold is met, whatever else was written; strangers are not compared."""
    chance = random.Random(20)  # noqa: S311 - not a secret
    for _ in range(60):
        words = prose(chance, 300)
        changed = [f"x{n}" if chance.random() < 0.06 else word for n, word in enumerate(words)]
        one, other = shingles([" ".join(words)]), shingles([" ".join(changed)])
        stranger = shingles([" ".join(prose(chance, 300))])
        assert similarity(one, other) > 0.8
        assert set(bands(one)) & set(bands(other))
        assert not set(bands(one)) & set(bands(stranger))
        assert similarity(one, stranger) < 0.1


def test_the_numbers_are_the_same_on_every_machine() -> None:
    """They are stored: another version of a library must not make others of them."""
    text = "Un service de prévision par message vocal en wolof pour 3 000 maraîchers. " + " ".join(
        WORDS
    )
    assert sorted(shingles([text]))[:3] == [-2133006948, -1938685634, -1866100035]
    assert bands(shingles([text]))[:3] == [1020075488, 1038490056, 174302627]


def test_the_words_of_the_form_do_not_count() -> None:
    asked = "Describe what is new about your project and who else does the same today?"
    form = shingles([asked])
    answers = ("Nobody has tried it here before us.", "We buy what others throw away.")
    one, other = (shingles([f"{asked}\n{answer}"], form) for answer in answers)
    assert similarity(one, other) == 0
    assert similarity(shingles([asked], form), shingles([asked], form)) == 0


def test_nothing_to_compare_is_like_nothing() -> None:
    for empty in ("", "   ", "… – !", "\u200b\u0301"):
        assert shingles([empty]) == frozenset()
        assert bands(shingles([empty])) == []
        assert similarity(shingles([empty]), shingles([empty])) == 0
    assert bands(shingles(["Two pilots for Thiès."])) == []


def test_what_both_say_is_marked_across_sections_but_not_turns_of_phrase() -> None:
    theirs = shingles(["Wells. A strip reader tells dengue from other fevers in ten minutes."])
    mine = "In the clinic a STRIP READER tells dengue — from other fevers, as in the other one."
    assert [part.text for part in passages(mine, theirs) if part.alike] == [
        "a STRIP READER tells dengue — from other fevers"
    ]


def test_a_dossier_is_described_by_its_project_alone() -> None:
    document = {
        "project": {"title": "A", "summary": " ", "answers": {"innovation": "B", "neutrality": ""}},
        "extra": {"business_plan": {"answers": {"market": "C"}}},
    }
    assert description(document) == {"title": "A", "innovation": "B"}
