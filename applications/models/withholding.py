"""Proposals that are kept from one person of LuxDev's side, whatever their role may see."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import User

Withheld = Callable[[User], models.QuerySet[Any, Any]]

#: Each gives the ids of proposals (a conflict of interest). Entered by `reviews.access`, since
#: imports go down only.
_rules: list[Withheld] = []


def withhold(rule: Withheld) -> None:
    _rules.append(rule)


def withheld_from(user: User, proposal: str = "proposal_id") -> Q:
    """What to exclude: rows whose proposal (the path to its id) this person must not see."""
    rows = Q()
    for rule in _rules:
        rows |= Q(**{f"{proposal}__in": rule(user)})
    return rows


def of_withheld_companies(user: User) -> Q:
    """What to exclude of rows about a company (`organisation`) behind such a proposal."""
    return withheld_from(user, "organisation__proposals")
