"""`manage.py import_proposals FILE…`: dossiers in, submissions stored and checks left as jobs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from applications.actions.importing import import_proposal, read_dossier
from applications.checks import NotADossier


class Command(BaseCommand):
    help = "Import dossiers (bpf-proposal/1) as submissions. A bad file stops none of the others."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        refused = sum(not self._import(path) for path in options["files"])
        if refused:
            raise CommandError(f"{refused} file(s) not imported", returncode=2)

    def _import(self, path: Path) -> bool:
        try:
            submission, new = import_proposal(document=read_dossier(path), filename=path.name)
        except (NotADossier, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self.stderr.write(f"{path}: {reason}")
            return False
        said = "imported" if new else "was already imported"
        self.stdout.write(f"{path}: {said} as {submission.reference}")
        return True
