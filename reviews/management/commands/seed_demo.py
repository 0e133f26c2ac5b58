"""`seed_demo`: fictional people, companies and proposals in every state, to show the portal."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from applications.models import RuleSet
from reviews.actions.demonstration.seeding import AlreadyThere, seed_demonstration


class Command(BaseCommand):
    help = (
        "Make demonstration data: accounts with a known password, calls, companies, proposals,"
        " reviews, decisions and letters. Only where DEMO=1. A second run changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "nothing was made: the demonstration's accounts have a password that everybody"
                " knows. Set DEMO=1 on a machine that only shows the portal."
            )
        if not RuleSet.objects.exists():
            raise CommandError("nothing was made: run load_reference first")
        try:
            made = seed_demonstration()
        except AlreadyThere:
            self.stdout.write("The demonstration data are already there: nothing was changed.")
            return
        except ValueError as error:
            raise CommandError(f"nothing was made: {error}") from error
        self.stdout.write(
            f"Demonstration data: {made.people} people, {made.companies} companies,"
            f" {made.proposals} proposals, {made.letters} letters."
        )
