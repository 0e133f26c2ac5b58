"""Demonstration data: fictional people, companies and proposals in every state, told by actions.

Dates are relative to the day of seeding. Texts and figures stand in `data/`; companies, people and
register numbers are invented.
"""

from reviews.actions.demonstration.seeding import (
    AlreadyThere,
    Seeded,
    is_there,
    seed_demonstration,
)

__all__ = ["AlreadyThere", "Seeded", "is_there", "seed_demonstration"]
