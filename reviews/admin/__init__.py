"""LuxDev's side: the admin, a module for each subject."""

from reviews.admin import (
    agenda_items,
    conflicts,
    decisions,
    meetings,
    my_reviews,
    people,
    reference,
    registers,
    screening,
    submissions,
    threads,
)

__all__ = [
    "agenda_items",
    "conflicts",
    "decisions",
    "meetings",
    "my_reviews",
    "people",
    "reference",
    "registers",
    "screening",
    "submissions",
    "threads",
]
