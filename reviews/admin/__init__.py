"""LuxDev's side: the admin, a module for each subject."""

from reviews.admin import (
    agreements,
    conflicts,
    decisions,
    my_reviews,
    people,
    reference,
    registers,
    screening,
    submissions,
    threads,
)

__all__ = [
    "agreements",
    "conflicts",
    "decisions",
    "my_reviews",
    "people",
    "reference",
    "registers",
    "screening",
    "submissions",
    "threads",
]
