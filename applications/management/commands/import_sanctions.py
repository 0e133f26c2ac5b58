"""`manage.py import_sanctions FILE`: a sanctions list of the EU (CSV 1.1) or the UN (XML)."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand
from django.utils import translation

from applications.actions.dossier_files import printable
from applications.actions.sanctions import load_list
from applications.actions.sanctions_files import Refused

NOT_LOADED = 2


class Command(BaseCommand):
    help = (
        "Load a sanctions list, recognised by its content: the EU's consolidated list (CSV 1.1) or"
        " the UN's (XML). It replaces the list in force of the same source, and all living"
        " proposals are compared anew. The same file twice changes nothing. Exit 2, with one line"
        " on standard error, when the file is refused: the list in force then stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--accept-shorter",
            action="store_true",
            help="load a list with less than half of the entries of the one in force",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        shown = printable(options["file"])
        with translation.override("en"):
            try:
                path.open("rb").close()
            except (OSError, ValueError) as error:
                self._refuse(shown, error)
            try:
                loaded, known = load_list(
                    opened=lambda: path.open("rb"),
                    filename=path.name,
                    actor=None,
                    accept_shorter=options["accept_shorter"],
                )
            except Refused as error:
                self._refuse(shown, error)
        said = "was already loaded" if known else "loaded"
        self.stdout.write(
            f"{shown}: {said} as {loaded}, {loaded.entry_count} entries,"
            f" {loaded.name_count} names, SHA-256 {loaded.sha256}"
        )

    def _refuse(self, shown: str, error: Exception) -> NoReturn:
        self.stderr.write(f"{shown}: {error}")
        sys.exit(NOT_LOADED)
