"""The findings of a dossier as an officer works through them: by subject, the worst first."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from applications.actions.checking import StatedFinding
from bpf_portal.core.access import Text
from reviews.admin.wording import FINDINGS, Badge

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
    open: list[StatedFinding]
    met: list[StatedFinding]


def grouped(findings: Iterable[StatedFinding]) -> list[FindingGroup]:
    """By subject: the one with the worst finding first, else as in the form; so inside too."""
    by_subject: dict[str, list[StatedFinding]] = {subject: [] for subject in _SUBJECTS}
    for finding in findings:
        by_subject[finding.code.partition(".")[0]].append(finding)
    groups = [_group(subject, found) for subject, found in by_subject.items() if found]
    return sorted(groups, key=lambda group: _ORDER.index(group.outcome))


def _group(subject: str, found: list[StatedFinding]) -> FindingGroup:
    found = sorted(found, key=lambda finding: _ORDER.index(finding.outcome))
    counts = {outcome: sum(each.outcome == outcome for each in found) for outcome in _ORDER}
    return FindingGroup(
        subject=subject,
        title=_SUBJECTS[subject],
        outcome=found[0].outcome,
        badges=[(FINDINGS[outcome], count) for outcome, count in counts.items() if count],
        open=[finding for finding in found if finding.outcome != "pass"],
        met=[finding for finding in found if finding.outcome == "pass"],
    )
