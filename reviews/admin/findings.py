"""The findings of a dossier as an officer works through them: by subject, the worst first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from applications.actions.checking import StatedFinding
from bpf_portal.core.access import Text
from reviews.admin.finding_answers import FindingAnswers
from reviews.admin.wording import FINDINGS, Badge

#: A finding with what people said of it.
Line = tuple[StatedFinding, FindingAnswers]

#: By the first part of a rule's code, in the order of the form.
_SUBJECTS: dict[str, Text] = {
    "lead": _("Company"),
    "partnership": _("Partners"),
    "project": _("Project"),
    "budget": _("Budget and financing"),
    "aid": _("State aid and other grants"),
    "documents": _("Documents"),
    "call": _("Deadline"),
    "screening": _("Sanctions lists and similar proposals"),
    "hrdd": _("Human rights and environment"),
}
#: Worst first.
_ORDER = list(FINDINGS)


@dataclass(frozen=True)
class FindingGroup:
    """The findings on one subject: what a person must look at, and what is met."""

    subject: str
    title: Text
    #: The worst outcome among them, and in how many findings each one is.
    outcome: str
    badges: list[tuple[Badge, int]]
    open: list[Line]
    met: list[Line]


def grouped(
    findings: Iterable[StatedFinding], answers: Mapping[str, FindingAnswers]
) -> list[FindingGroup]:
    """By subject: the one with the worst finding first, else as in the form; so inside too."""
    by_subject: dict[str, list[Line]] = {subject: [] for subject in _SUBJECTS}
    for finding in findings:
        by_subject[finding.code.partition(".")[0]].append((finding, answers[finding.code]))
    groups = [_group(subject, found) for subject, found in by_subject.items() if found]
    return sorted(groups, key=lambda group: _ORDER.index(group.outcome))


def _group(subject: str, found: list[Line]) -> FindingGroup:
    found = sorted(found, key=lambda line: _ORDER.index(line[0].outcome))
    counts = {outcome: sum(line[0].outcome == outcome for line in found) for outcome in _ORDER}
    return FindingGroup(
        subject=subject,
        title=_SUBJECTS[subject],
        outcome=found[0][0].outcome,
        badges=[(FINDINGS[outcome], count) for outcome, count in counts.items() if count],
        open=[line for line in found if line[0].outcome != "pass"],
        met=[line for line in found if line[0].outcome == "pass"],
    )
