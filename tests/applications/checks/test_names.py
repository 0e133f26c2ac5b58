"""Names in all the spellings people meet: what is found, and what is left alone."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.checks.names import comparable_name, is_light, skeleton
from applications.checks.resemblance import (
    NameIndex,
    name_similarity,
    weight,
    word_similarity,
)
from tests.invented import large

THRESHOLD = 0.90

#: Spellings of one name, as French, English and German papers, Cyrillic and Arabic write it.
SAME = [
    ("Mohamed Ben Salah", "Muhammad bin Saleh"),
    ("Mohammad Salah", "Mohammed Sallah"),
    ("Muammar Khadafi", "Moammar Gaddafi"),
    ("Mouammar Kadhafi", "Muʿammar al-Qaḏḏāfī"),
    ("معمر القذافي", "Muammar al-Gaddafi"),
    ("محمد حسني مبارك", "Muhammad Hosni Mubarak"),
    ("Oussama Ben Laden", "أسامة بن لادن"),
    ("Abdurrahman Yassine", "Abd al-Rahman Yasin"),
    ("Abdelkader Belaid", "Abdul Qadir Bilaid"),
    ("Youssef Chahine", "Yusuf Shahin"),
    ("Владимир Путин", "Vladimir Poutine"),
    ("Vladimir Putin", "PUTIN Wladimir"),
    ("Сергей Лавров", "Sergueï Lavroff"),
    ("Nikita Khrouchtchev", "Nikita Khrushchev"),
    ("Gueorgui Joukov", "Georgy Zhukov"),
    ("Evgueni Prigojine", "Yevgeny Prigozhin"),
    ("Alexandre Loukachenko", "Aleksandr Lukashenko"),
    ("習 近平", "Xi Jin Ping"),
    ("Łukasz Wiśniewski", "Lukasz Wisniewski"),
    ("Jürgen Müller", "Juergen Mueller"),
    ("José Ángel Núñez", "Jose Angel Nunez"),
    ("Jean-Pierre Weber", "Weber, Jean Pierre"),
    ("Dr. Anne Weber", "Anne Weber"),
    ("Anne Weber", "Anne Webber"),
    ("Orsolya Belgur", "Orsolia Belgour"),
    ("Brasserie du Moulin S.A.", "BRASSERIE DU MOULIN SARL"),
    ("Soltek Suarl", "SOLTEK S.U.A.R.L."),
    ("Atlas Trading Ltée", "Atlas Trading Limited"),
    ("Vanstadt GmbH & Co. KG", "Vanstadt"),
    ("Karovic Holding S.à r.l.", "S. à r. l. KAROVIC HOLDING"),
    ("ООО «Каровнефть»", "Karovneft LLC"),
    ("Karov Neft", "Karovneft"),
]

#: Persons are given with fewer names than the lists know.
SAME_PERSON = [
    ("Ivan Petrov", "Ivan Sergeyevich Petrov"),
    ("Zoltan Karovic", "Zoltan Abdul Rahman Karovic"),
    ("Mohamed Salah Belgur", "Muhammad Belgour"),
]

DIFFERENT = [
    ("Ivan Petrov", "Igor Petrov"),
    ("Hassan Ali", "Hussein Ali"),
    ("Anne Weber", "Anne Becker"),
    ("Claire Exemple", "Clara Muller"),
    ("Maria Silva", "Mario Santos"),
    ("Ahmed", "Mohamed"),
    ("Sahara Trading International", "Sahel Trading International"),
    ("Soleil Énergie S.A.", "Lune Énergie S.A."),
    ("Banque du Sénégal", "Banque du Mali"),
    ("Luxembourg Solar Services", "Luxembourg Space Services"),
    ("General Trading Company", "General Petroleum Company"),
    ("Brasserie du Moulin", "Brasserie de la Poste"),
    ("Arendt Logistics", "Arend Trading"),
    ("Green Hydrogen Technologies", "Green Horizon Technologies"),
    ("Global Water Solutions", "Global Wind Solutions"),
]

#: Companies as they apply, none of which is like an invented listed one.
ORDINARY = [
    "Luxembourg Solar Services S.à r.l.",
    "Brasserie du Moulin S.A.",
    "Atelier Dakar SUARL",
    "Green Horizon Technologies GmbH",
    "Société générale de transport et de logistique S.A.",
    "Fintech Solutions Europe",
    "Coopérative des producteurs de cacao",
    "Université Cheikh Anta Diop",
    "Claire Exemple",
    "Jean-Claude Muller",
    "Nguyễn Văn An",
    "Fatou Ndiaye",
]


def words(name: str) -> tuple[str, ...]:
    return tuple(comparable_name(name).split())


def found(name: str, listed: str, *, person: bool = False) -> bool:
    """Whether the index brings them together, as a screening does."""
    index = NameIndex([comparable_name(listed), "vanstadt merula"])
    return bool(index.alike(comparable_name(name), THRESHOLD, [True, True] if person else None))


@pytest.mark.parametrize(("name", "listed"), SAME)
def test_other_spellings_of_a_name_are_found_both_ways(name: str, listed: str) -> None:
    assert found(name, listed), name_similarity(words(name), words(listed))
    assert found(listed, name)


@pytest.mark.parametrize(("name", "listed"), SAME_PERSON)
def test_a_person_is_found_under_fewer_names_and_a_company_is_not(name: str, listed: str) -> None:
    assert found(name, listed, person=True)
    assert not found(name, listed)


@pytest.mark.parametrize(("name", "listed"), DIFFERENT)
def test_other_names_are_left_alone(name: str, listed: str) -> None:
    assert not found(name, listed, person=True), name_similarity(words(name), words(listed))


def test_ordinary_names_meet_nobody_in_a_long_list() -> None:
    index = NameIndex(comparable_name(n) for names in large(3_000).values() for n in names)
    everybody_a_person = [True] * len(index.names)
    for name in ORDINARY:
        assert index.alike(comparable_name(name), THRESHOLD, everybody_a_person) == []


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Élan, S.A.", "elan"),
        ("s a ELAN", "elan"),
        ("L'Oréal", "loreal"),
        ("S.A.", "sa"),
        ("J.P. Morgan", "jp morgan"),
        (" .-_ ", ""),
        ("", ""),
    ],
)
def test_what_remains_of_a_name(name: str, folded: str) -> None:
    assert comparable_name(name) == folded


texts = st.text(max_size=60) | st.sampled_from([name for pair in SAME for name in pair])
some_words = st.lists(
    st.sampled_from(sorted({w for pair in SAME for name in pair for w in words(name)})),
    min_size=1,
    max_size=5,
)


@given(texts)
def test_folding_twice_changes_nothing_more(name: str) -> None:
    once = comparable_name(name)
    assert comparable_name(once) == once


@given(st.data(), some_words, some_words)
def test_order_and_case_of_words_never_change_the_score(
    data: st.DataObject, one: list[str], other: list[str]
) -> None:
    mixed = " ".join(data.draw(st.permutations(one)))
    people = data.draw(st.booleans())
    score = name_similarity(words(" ".join(one)), words(" ".join(other)), people=people)
    for spelling in (mixed, mixed.upper(), mixed.title()):
        again = name_similarity(words(spelling), words(" ".join(other)), people=people)
        assert again == score
    assert name_similarity(words(" ".join(other)), words(mixed), people=people) == score


@given(some_words, some_words)
def test_a_score_is_between_0_and_1(one: list[str], other: list[str]) -> None:
    for people in (True, False):
        assert 0 <= name_similarity(tuple(one), tuple(other), people=people) <= 1


@given(texts, st.lists(texts, max_size=8))
def test_an_exact_name_is_always_found(name: str, others: list[str]) -> None:
    folded = [comparable_name(each) for each in (name, *others)]
    if folded[0]:
        hits = NameIndex(folded).alike(folded[0], float(Decimal("1")))
        assert 0 in [hit.position for hit in hits]


def test_a_list_of_ten_thousand_costs_a_name_little_more_than_a_short_one() -> None:
    """The names are found by their words, not one by one: twenty times the list is not twenty
    times the work. (Comparing each would take the ratio of the lengths.)"""
    short, long = (
        NameIndex(comparable_name(n) for names in large(size).values() for n in names[:1])
        for size in (500, 10_000)
    )
    asked = [comparable_name(name) for name in ORDINARY]

    def spent(index: NameIndex) -> float:
        for name in asked:
            index.alike(name, THRESHOLD)
        begun = time.process_time()
        for _ in range(5):
            for name in asked:
                index.alike(name, THRESHOLD)
        return time.process_time() - begun

    assert spent(long) < 20 * spent(short)


def test_a_word_that_every_second_company_carries_counts_a_quarter() -> None:
    assert [is_light(word) for word in ("k", "trading", "ab", "karov")] == [
        True,
        True,
        False,
        False,
    ]
    assert weight(("karov", "trading", "k")) == 1.5
    one, other = ("belgur", "group", "karov"), ("belgur", "holding", "karov")
    assert name_similarity(one, other) == pytest.approx(4 / 4.5)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("karov", "belgur", 0.0),
        ("brnt", "brnd", 0.75),  # the least that is another spelling
        ("mhmd", "mohamed", 0.95),  # Arabic writes no vowels
        ("kart", "kiruti", 0.0),  # a word with a vowel is no such word
        ("st", "siutu", 0.0),  # nor is one of two letters
    ],
)
def test_how_alike_two_words_are(one: str, other: str, alike: float) -> None:
    assert word_similarity(one, other) == word_similarity(other, one) == alike


def test_the_consonants_of_a_word() -> None:
    assert [skeleton(word) for word in ("imran", "umar", "karim")] == ["amrn", "amr", "krm"]


def test_nothing_is_like_nothing() -> None:
    assert name_similarity((), ()) == name_similarity((), ("karov",)) == 0.0


def test_each_word_meets_one_other() -> None:
    assert name_similarity(("karov", "karov"), ("belgur", "karov")) == 0.5
    assert name_similarity(("brnt",), ("brnd",)) == 0.75


def test_words_written_apart() -> None:
    assert name_similarity(("karov", "neft"), ("karovneftij",)) == pytest.approx(0.9)
    assert name_similarity(("kar", "neft"), ("karneftov",)) == 0.0, "most of a word is no word"
    three, two = ("belgur", "karov", "neft"), ("karovneft", "salah")
    assert name_similarity(three, two) == name_similarity(two, three) == pytest.approx(0.6)


def test_only_a_person_may_lack_a_name_and_must_have_two_that_tell() -> None:
    short, long = ("ivan", "petrov"), ("ivan", "petrov", "sergeyevich")
    assert name_similarity(short, long) < THRESHOLD < name_similarity(short, long, people=True)
    light, telling = ("group", "ivan"), ("group", "ivan", "petrov", "sergeyevich")
    assert name_similarity(light, telling, people=True) < THRESHOLD
    assert name_similarity(telling, light, people=True) < THRESHOLD


@pytest.mark.parametrize("person", [True, False])
def test_the_index_finds_what_comparing_one_by_one_finds(person: bool) -> None:
    spelt = [comparable_name(name) for pair in (*SAME, *SAME_PERSON, *DIFFERENT) for name in pair]
    listed = [*spelt, *(comparable_name(n) for names in large(150).values() for n in names)]
    index, people = NameIndex(listed), [True] * len(listed) if person else None
    for name in spelt:
        at_hand = tuple(name.split())
        scores = {
            position: name_similarity(at_hand, tuple(other.split()), people=person)
            for position, other in enumerate(listed)
        }
        alike = {position: score for position, score in scores.items() if score >= THRESHOLD}
        assert {hit.position: hit.score for hit in index.alike(name, THRESHOLD, people)} == alike
