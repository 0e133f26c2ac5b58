"""`manage.py import_proposals FILE…`: dossiers in, submissions stored and checks left as jobs."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from applications.actions.dossier_files import Unreadable, printable, read_file
from applications.actions.importing import import_proposal, read_dossier
from applications.checks import NotADossier

NOT_ALL_IMPORTED = 2


class Command(BaseCommand):
    help = (
        "Import dossiers (bpf-proposal/1) as submissions. A bad file stops none of the others."
        " Exit 0 when all were imported; 2 with one line on standard error per file that was not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        refused = sum(not self._import(name) for name in options["files"])
        if refused:
            sys.exit(NOT_ALL_IMPORTED)

    def _import(self, name: str) -> bool:
        try:
            document = read_dossier(read_file(name))
            submission, new = import_proposal(document=document, filename=printable(name))
        except (NotADossier, Unreadable) as error:
            self.stderr.write(f"{printable(name)}: {error}")
            return False
        said = "imported" if new else "was already imported"
        self.stdout.write(f"{printable(name)}: {said} as {submission.reference}")
        return True
