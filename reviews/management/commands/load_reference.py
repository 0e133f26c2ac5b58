"""`load_reference`: puts the shipped reference data into the database, as often as one likes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from applications.actions.rechecking import recheck_if_changed
from applications.actions.reference import LoadReport, ReferenceConflict, load_reference
from applications.checks import InvalidParameter
from reviews.actions.commitments import load_shipped_commitments
from reviews.actions.editions import load_shipped_editions
from reviews.actions.letter_templates import load_letter_templates
from reviews.actions.reference import load_review_reference
from reviews.letters.wording import WrongWording


class Command(BaseCommand):
    help = (
        "Load rule sets, calls, countries, clauses, criteria, document lists, letters and words."
        " A second run changes nothing; a version already in use is never altered."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                report = load_reference() + load_review_reference() + load_letter_templates()
                report += _published_history()
                recheck_if_changed()
        except (ReferenceConflict, InvalidParameter, WrongWording) as error:
            raise CommandError(f"nothing was loaded: {error}") from error
        if left_out := +report.left_out:
            self.stdout.write(f"Left out, because an officer has their own: {_listed(left_out)}.")
        if not report.changed:
            self.stdout.write("Nothing changed: the reference data were already there.")
            return
        for word, counts in (("Loaded", report.created), ("Corrected", report.updated)):
            if counts := +counts:
                self.stdout.write(f"{word}: {_listed(counts)}.")


def _published_history() -> LoadReport:
    """What public sources tell of earlier years; a year that somebody set is left alone."""
    editions, commitments = load_shipped_editions(), load_shipped_commitments()
    return LoadReport(
        Counter({"published years": editions.added, "programme commitments": commitments.added})
    )


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items())
