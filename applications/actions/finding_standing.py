"""How a submission stands after people's decisions on its findings: kept with its row."""

from collections.abc import Iterable

from applications.checks.decided import Answers, Found, Standing, standing
from applications.models import CheckRun, FindingDecision, Submission
from bpf_portal.core.jobs import JobState

#: Everything that says how the checks came out, kept with the submission for lists.
STANDING_COLUMNS = (
    "outcome",
    "due_diligence",
    "risk_level",
    "decided_outcome",
    "decided_due_diligence",
    "open_findings",
)


def newest_done_run(submission: Submission) -> CheckRun | None:
    return submission.check_runs.filter(state=JobState.DONE).order_by("-pk").first()


def answers_on(submission: Submission) -> Answers[FindingDecision]:
    return Answers(submission.finding_decisions.order_by("-pk"))


def standing_of(submission: Submission, run: CheckRun) -> Standing:
    return standing(run.findings.all(), answers_on(submission))


def restate(
    submission: Submission, run: CheckRun, findings: Iterable[Found] | None = None
) -> Standing:
    """Write how it stands after this run and these answers. The submission's row is locked.
    `findings`: the run's, where they are at hand."""
    found = run.findings.all() if findings is None else findings
    stands = standing(found, answers_on(submission))
    submission.decided_outcome = stands.outcome.value
    submission.decided_due_diligence = stands.due_diligence.value
    submission.open_findings = stands.open
    submission.save(update_fields=STANDING_COLUMNS)
    return stands


def forget_outcome(submission: Submission) -> None:
    """Another text was handed in: nothing that was found in the one before holds, nor an exclusion
    that was proposed for it. The caller saves the row."""
    submission.outcome = submission.due_diligence = submission.risk_level = ""
    submission.decided_outcome = submission.decided_due_diligence = ""
    submission.open_findings = 0
    submission.exclusion_proposed_by = submission.exclusion_proposed_at = None
