"""LuxDev's side: the admin, a module for each subject."""

from reviews.admin import (
    agenda_items,
    agreements,
    bulk,
    calls,
    conflicts,
    decisions,
    meetings,
    my_reviews,
    people,
    reference,
    registers,
    rule_sets,
    screening,
    submissions,
    threads,
)

__all__ = [
    "agenda_items",
    "agreements",
    "bulk",
    "calls",
    "conflicts",
    "decisions",
    "meetings",
    "my_reviews",
    "people",
    "reference",
    "registers",
    "rule_sets",
    "screening",
    "submissions",
    "threads",
]
