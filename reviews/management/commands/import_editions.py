"""`manage.py import_editions FILE.csv`: the years before the portal."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, no_translations
from django.utils.translation import gettext as _

from reviews.actions.editions import import_editions
from reviews.actions.published_table import BrokenTable


class Command(BaseCommand):
    help = "Import what was published about earlier years, from a CSV file. Empty is unknown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 2 with one line on standard error when the file is broken: nothing is imported."""
        path: Path = options["file"]
        try:
            done = import_editions(path)
        except BrokenTable as error:
            self.stderr.write(f"{path}: {error}")
            sys.exit(2)
        except OSError as error:
            self.stderr.write(f"{path}: {error.strerror}")
            sys.exit(2)
        message = _("%(added)s years added, %(changed)s changed, %(unchanged)s as before")
        self.stdout.write(
            message % {"added": done.added, "changed": done.changed, "unchanged": done.unchanged}
        )
