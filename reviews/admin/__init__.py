"""LuxDev's side: the admin, a module for each subject."""

from reviews.admin import (
    calls,
    conflicts,
    decisions,
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
    "calls",
    "conflicts",
    "decisions",
    "my_reviews",
    "people",
    "reference",
    "registers",
    "rule_sets",
    "screening",
    "submissions",
    "threads",
]
