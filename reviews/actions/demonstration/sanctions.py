"""A small sanctions list of invented names, and what the officer says of one that is like them."""

from contextlib import closing
from typing import BinaryIO

from accounts.models import User
from applications.actions import checking
from applications.actions.sanctions import load_list
from applications.actions.screening import answer_name, rescreen
from applications.models import CheckRun, ListSource, NameMatch, Rescreening, SanctionsList
from bpf_portal.core import jobs
from reviews.actions.demonstration.files import FOLDER, read

#: The name under which the list stands among the loaded ones: nobody takes it for the EU's own.
_FILENAME = "demonstration-invented-names.csv"


def load_invented_list(officer: User) -> None:
    """In the form of the EU's list. Where one of the EU is in force already, that one stays.

    A real list is of a later day and replaces this one.
    """
    if SanctionsList.objects.living().filter(source=ListSource.EU).exists():
        return
    path = FOLDER / "invented_names.csv"

    def opened() -> closing[BinaryIO]:
        return closing(path.open("rb"))

    loaded = load_list(opened=opened, filename=_FILENAME, actor=officer)
    jobs.run(Rescreening, loaded.sanctions_list.rescreening.pk, rescreen)


def clear_names(officer: User) -> None:
    """Some of the names found are somebody else's; the others wait for an answer."""
    for listed_as, reason in read("reviews")["cleared_names"].items():
        for match in NameMatch.objects.filter(listed_as=listed_as, state="open"):
            answer_name(actor=officer, match_id=match.pk, action="clear", reason=reason)
    for run in CheckRun.objects.filter(state=jobs.JobState.QUEUED, moment="screening"):
        jobs.run(CheckRun, run.pk, checking.perform)
