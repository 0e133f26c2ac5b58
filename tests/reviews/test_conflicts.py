"""What makes somebody suspect of a conflict of interest, and what does not."""

from __future__ import annotations

import pytest

from reviews.conflicts import Ground, ProposalFacts, ReviewerFacts, grounds
from reviews.reference.files import interest_rules

PROPOSAL = ProposalFacts(
    company="Agri-Prévision S.à r.l.",
    partners=("Coopérative Exemple de Thiès", "Université Cheikh Exemple"),
    people=("Claire Exemple", "Jean-Luc Prévoyant"),
    mails=("claire@agri-prevision.lu", "office@lab.uni-exemple.sn", "jl@gmail.com"),
)


def kinds(**facts: object) -> list[str]:
    given = {"name": "Rita Weis", "mail": "rita@example.org", **facts}
    reviewer = ReviewerFacts(**given)  # type: ignore[arg-type]
    return [each.kind for each in grounds(reviewer, PROPOSAL, interest_rules())]


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({}, []),
        ({"mail": "rita@AGRI-prevision.lu"}, ["mail_domain"]),
        ({"mail": "rita@uni-exemple.sn"}, ["mail_domain"]),
        # A provider's domain, and one that only ends alike, say nothing.
        ({"mail": "rita@gmail.com"}, []),
        ({"mail": "rita@other-agri-prevision.lu"}, []),
        ({"mail": ""}, []),
        ({"employers": ("AGRI PREVISION SARL",)}, ["company"]),
        ({"employers": ("LuxDev", "Cooperative exemple de Thies")}, ["partner"]),
        ({"interests": ("Agri-Prévision",)}, ["company"]),
        ({"interests": ("Exemple, Claire",)}, ["director"]),
        ({"name": "Jean Luc Prevoyant"}, ["director"]),
        # An employer is no person, and a first name alone is nobody.
        ({"employers": ("Claire Exemple",)}, []),
        ({"name": "Claire"}, []),
        ({"name": "", "employers": ("", " ")}, []),
        (
            {"mail": "r@agri-prevision.lu", "employers": ("Agri-Prévision",)},
            ["mail_domain", "company"],
        ),
    ],
)
def test_likeness(facts: dict[str, object], found: list[str]) -> None:
    assert kinds(**facts) == found


def test_a_ground_says_what_is_like_what_once() -> None:
    reviewer = ReviewerFacts("R", "", ("Agri-Prévision", "Agri-Prévision"), ("Agri-Prévision",))
    assert grounds(reviewer, PROPOSAL, interest_rules()) == [
        Ground("company", "Agri-Prévision", "Agri-Prévision S.à r.l.")
    ]
