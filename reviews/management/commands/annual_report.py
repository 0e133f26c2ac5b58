"""`manage.py annual_report YEAR`: the year's selection report as a file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, no_translations

from reviews.reports.figures import NothingKnown, annual_report
from reviews.reports.forms import FORMS, LANGUAGES, render_report


class Command(BaseCommand):
    help = "Write the annual selection report of a year (from 2016 on) to a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int, metavar="YEAR")
        parser.add_argument("--format", choices=sorted(FORMS), default="html")
        parser.add_argument("--language", choices=LANGUAGES, default="fr")
        parser.add_argument("--out", required=True, metavar="FILE", help="- is standard output")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 2 with one line when nothing is known of the year or the file cannot be written."""
        try:
            report = annual_report(options["year"])
        except NothingKnown as error:
            self.stderr.write(str(error))
            sys.exit(2)
        content = render_report(report, options["format"], options["language"])
        if options["out"] == "-":
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
            return
        try:
            Path(options["out"]).write_bytes(content)
        except OSError as error:
            self.stderr.write(f"{options['out']}: {error.strerror}")
            sys.exit(2)
