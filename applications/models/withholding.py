"""Proposals that are kept from one person of LuxDev's side, whatever their role may see."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import User

Withheld = Callable[[User], models.QuerySet[Any, Any]]

KeptOut = Callable[[int], models.QuerySet[Any, Any]]

#: Each gives the ids of proposals kept from a person (a conflict of interest), and the other way
#: round the ids of people kept out of a proposal. Entered by `reviews.access`, since imports go
#: down only.
_rules: list[Withheld] = []
_kept_out: list[KeptOut] = []


def withhold(proposals: Withheld, people: KeptOut) -> None:
    _rules.append(proposals)
    _kept_out.append(people)


def not_kept_out(people: models.QuerySet[User], proposal_id: int) -> models.QuerySet[User]:
    """Those of these people to whom a mail may speak of the proposal."""
    for rule in _kept_out:
        people = people.exclude(pk__in=rule(proposal_id))
    return people


def withheld_from(user: User, proposal: str = "proposal_id") -> Q:
    """What to exclude: rows whose proposal (the path to its id) this person must not see."""
    rows = Q()
    for rule in _rules:
        rows |= Q(**{f"{proposal}__in": rule(user)})
    return rows


def of_withheld_companies(user: User) -> Q:
    """What to exclude of rows about a company (`organisation`) behind such a proposal."""
    return withheld_from(user, "organisation__proposals")
