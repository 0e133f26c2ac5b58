"""Why a proposal was excluded: what people confirmed, and nothing that was overruled."""

from applications.actions.checking import StatedFinding, rendered_findings
from applications.actions.finding_standing import standing_of
from applications.models import Submission
from bpf_portal.core.jobs import JobState


def confirmed_grounds(submission: Submission, language: str) -> list[StatedFinding]:
    """The findings that the machine raised and people confirmed, worst first, in the language and
    the words for the company: its letter quotes them.

    They are those of the run that people excluded by; what a later run finds changes no letter.
    """
    if submission.exclusion_proposed_by_id is None or submission.eligibility_confirmed_at is None:
        return []
    runs = submission.check_runs.filter(
        state=JobState.DONE, finished_at__lte=submission.eligibility_confirmed_at
    )
    run = runs.order_by("-pk").first()
    if run is None:
        return []
    grounds = standing_of(submission, run).grounds
    return [
        each
        for each in rendered_findings(run, language, to_company=True)
        if each.code in grounds and each.outcome != "pass"
    ]
