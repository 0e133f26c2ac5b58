"""What stands beside a criterion: the findings, the due diligence and the sections it concerns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from applications.actions.checking import StatedFinding
from bpf_portal.core.access import Text
from reviews.admin.dossier import Section
from reviews.admin.wording import DUE_DILIGENCE, FINDINGS, Badge
from reviews.models import Criterion

#: Rules of the human-rights due diligence, which are summed up on their own.
DUE_DILIGENCE_RULES = "hrdd."


@dataclass(frozen=True)
class Beside:
    """`findings` are those a reviewer should know, the worst first; `met`: how many rules are
    met. `due_diligence` sums up the file where the criterion is about it."""

    findings: Sequence[tuple[StatedFinding, Badge]]
    met: int
    sections: Sequence[tuple[str, Text]]
    due_diligence: Badge | None


def beside_criteria(
    criteria: Iterable[Criterion],
    findings: Sequence[StatedFinding],
    sections: Sequence[Section],
    due_diligence: str,
) -> dict[int, Beside]:
    """By criterion id. `due_diligence` is what the file came to, people's decisions included."""
    return {each.pk: _beside(each.concerns, findings, sections, due_diligence) for each in criteria}


def _beside(
    concerns: Sequence[str],
    findings: Sequence[StatedFinding],
    sections: Sequence[Section],
    due_diligence: str,
) -> Beside:
    rules = tuple(code for code in concerns if not code.startswith("#"))
    anchors = {code[1:] for code in concerns if code.startswith("#")}
    about = [each for each in findings if each.code.startswith(rules)] if rules else []
    return Beside(
        findings=[(each, FINDINGS[each.outcome]) for each in about if each.outcome != "pass"],
        met=sum(each.outcome == "pass" for each in about),
        sections=[(each.anchor, each.title) for each in sections if each.anchor in anchors],
        due_diligence=DUE_DILIGENCE[due_diligence] if DUE_DILIGENCE_RULES in rules else None,
    )
