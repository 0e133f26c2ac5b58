"""The words of letters: named fields and nothing else, amounts in words, shipped templates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from applications.actions.reference import ReferenceConflict
from reviews.actions.letter_templates import load_letter_templates
from reviews.letters import figures
from reviews.letters.wording import Words, WrongWording, check, typeset
from reviews.models import LetterTemplate
from tests import builders

WORDS = Words({"company": "{amount} {{x}}", "rate": None}, on=date(2026, 4, 1), language="fr")


def test_it_works() -> None:
    assert WORDS.say("Le {date+30} : fin") == "Le 1er\u00a0mai 2026\u00a0: fin"


def test_what_a_field_brings_along_is_not_read_again() -> None:
    assert WORDS.say("à {company} !") == "à {amount} {{x}}\u202f!"


@pytest.mark.parametrize(
    "text",
    [
        "{nonsense}",
        "{company.__class__}",
        "{company!r}",
        "{{ company }}",
        "{% load x %}",
        "{0}",
        "{",
        "}",
        "{company+3}",
        "{date+1000}",
    ],
)
def test_a_template_cannot_name_anything_else(text: str) -> None:
    with pytest.raises(WrongWording):
        check(text)


def test_a_field_without_a_value_is_not_passed_over() -> None:
    with pytest.raises(WrongWording, match="rate"):
        WORDS.say("{rate}")


def test_english_and_addresses_keep_their_spaces() -> None:
    assert typeset("What ; who : https://example.org/?a=1", "en") == (
        "What ; who : https://example.org/?a=1"
    )
    assert typeset("Voir https://example.org/?a=1", "fr") == "Voir https://example.org/?a=1"


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        ("0.00", "zéro euro", "zero euros"),
        ("0.01", "un centime", "one cent"),
        ("1.00", "un euro", "one euro"),
        ("1.50", "un euro et cinquante centimes", "one euro and fifty cents"),
        ("80.80", "quatre-vingts euros et quatre-vingts centimes", "eighty euros and eighty cents"),
        ("71.21", "soixante et onze euros et vingt et un centimes", None),
        ("80000.00", "quatre-vingt mille euros", "eighty thousand euros"),
        ("200000.00", "deux cent mille euros", "two hundred thousand euros"),
        (
            "149999.99",
            "cent quarante-neuf mille neuf cent quatre-vingt-dix-neuf euros"
            " et quatre-vingt-dix-neuf centimes",
            None,
        ),
        ("1000000.00", "un million d'euros", "one million euros"),
        ("2000000.10", "deux millions d'euros et dix centimes", None),
        ("1200000.00", "un million deux cent mille euros", None),
    ],
)
def test_amounts_in_words(amount: str, french: str, english: str | None) -> None:
    assert figures.amount_in_words(Decimal(amount), "fr") == french
    if english is not None:
        assert figures.amount_in_words(Decimal(amount), "en") == english


@pytest.mark.parametrize("amount", ["0.001", "-1.00"])
def test_no_words_for_what_cannot_be_paid(amount: str) -> None:
    with pytest.raises(ValueError, match=r"amount|cent"):
        figures.amount_in_words(Decimal(amount), "fr")


def test_a_share_is_never_said_larger_than_it_is() -> None:
    assert figures.share(Decimal("99999.99"), Decimal("200000.00"), "en") == "49.99%"
    assert figures.share(Decimal("150000.00"), Decimal("300000.00"), "fr") == "50\u00a0%"
    assert figures.share(Decimal("1.00"), Decimal("3.00"), "fr") == "33,33\u00a0%"


@pytest.mark.django_db
def test_loading_the_templates_again_changes_nothing(reference: None) -> None:
    assert LetterTemplate.objects.count() == 12
    assert not load_letter_templates().changed


@pytest.mark.django_db
def test_wording_that_letters_used_is_not_overwritten(reference: None) -> None:
    officer = builders.build_user("officer")
    decision = builders.build_decision(officer, builders.build_user("reviewer"), kind="ineligible")
    LetterTemplate.objects.filter(kind="ineligible", language="fr").update(subject="Autre objet")
    builders.publish(officer, decision)

    with pytest.raises(ReferenceConflict, match="ineligible/fr v2"):
        load_letter_templates()


@pytest.mark.django_db
def test_wording_that_no_letter_used_is_corrected(reference: None) -> None:
    LetterTemplate.objects.filter(kind="reserve", language="fr").update(subject="Autre objet")
    assert load_letter_templates().updated["letter templates"] == 1
    assert not LetterTemplate.objects.filter(subject="Autre objet").exists()
