"""`seed_load N`: synthetic submissions with reviews and decisions, for measurements only."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from applications.models import RuleSet
from reviews.actions.demonstration.load import seed_load


class Command(BaseCommand):
    help = (
        "Write N synthetic submissions in bulk, past every rule, to measure with."
        " Only where DEMO=1 or DEBUG=1. The same N gives the same data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError(
                "nothing was written: synthetic data do not belong among real proposals."
                " Set DEMO=1 or DEBUG=1 on a machine that holds none."
            )
        if not RuleSet.objects.exists():
            raise CommandError("nothing was written: run load_reference first")
        try:
            seed_load(options["number"])
        except ValueError as error:
            raise CommandError(f"nothing was written: {error}") from error
        self.stdout.write(f"Synthetic data: {options['number']} submissions.")
