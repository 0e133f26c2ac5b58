"""LuxDev's side: the admin, a module for each subject."""

from reviews.admin import (
    decisions,
    my_reviews,
    reference,
    registers,
    screening,
    submissions,
    threads,
)

__all__ = [
    "decisions",
    "my_reviews",
    "reference",
    "registers",
    "screening",
    "submissions",
    "threads",
]
