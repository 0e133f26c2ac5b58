"""What happened to a proposal, in sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from applications.checks.texts import rule_title
from applications.models import Submission
from applications.views.rule_parameters import COLUMNS
from bpf_portal.core.models import Event
from reviews.admin.labels import reader_language
from reviews.admin.wording import DUE_DILIGENCE, FINDINGS, OUTCOMES, VERDICTS
from reviews.models import Conflict, Decision, DecisionKind

Details = Mapping[str, Any]


@dataclass(frozen=True)
class Happening:
    """One line of the history."""

    at: datetime
    by: str
    what: str
    why: str = ""


def happenings(aggregate: str, number: int) -> list[Happening]:
    """What happened to one row, newest first. One query."""
    rows = Event.objects.filter(aggregate=aggregate, aggregate_id=number)
    return [happening(row) for row in rows.select_related("actor").order_by("-id")]


def history(submission: Submission, *, assignment_ids: list[int]) -> list[Happening]:
    """Newest first: the submission's own events, its assignments' and its decisions'. One query."""
    about = Q(aggregate="submission", aggregate_id=submission.pk)
    about |= Q(aggregate="proposal", aggregate_id=submission.proposal_id)
    if assignment_ids:
        about |= Q(aggregate="assignment", aggregate_id__in=assignment_ids)
    conflicts = Conflict.objects.filter(proposal=submission.proposal_id).order_by()
    about |= Q(aggregate="conflict", aggregate_id__in=conflicts.values("pk"))
    decisions = Decision.objects.filter(submission=submission).order_by()
    about |= Q(aggregate="decision", aggregate_id__in=decisions.values("pk"))
    rows = Event.objects.filter(about).select_related("actor").order_by("-id")
    return [happening(row) for row in rows]


def happening(event: Event) -> Happening:
    say = SENTENCES.get(event.name)
    return Happening(
        at=event.at,
        by=str(event.actor) if event.actor else _("the portal"),
        what=say(event.details) if say else event.name,
        why=str(event.details.get("reason") or event.details.get("details") or ""),
    )


def _handed_in(details: Details) -> str:
    return _("Handed in, after the deadline") if details.get("late") else _("Handed in")


def _checked(details: Details) -> str:
    return _("Checks done: %(outcome)s; due diligence: %(due_diligence)s") % {
        "outcome": OUTCOMES[details["outcome"]].label,
        "due_diligence": DUE_DILIGENCE[details["due_diligence"]].label,
    }


def _eligibility(details: Details) -> str:
    return _("Confirmed as eligible") if details["eligible"] else _("Confirmed as not eligible")


def _rule(code: str) -> str:
    return rule_title(code, reader_language())


def _finding(details: Details) -> str:
    return _("%(rule)s: %(verdict)s (the checks had said: %(machine)s)") % {
        "rule": _rule(details["rule"]),
        "verdict": VERDICTS[details["verdict"]].label,
        "machine": FINDINGS[details["outcome"]].label,
    }


def _assigned(details: Details) -> str:
    due_on = formats.date_format(date.fromisoformat(details["due_on"]), "j F Y")
    return _("Reviewers asked, due on %(day)s: %(people)s") % {
        "day": due_on,
        "people": ", ".join(details["reviewers"]) or _("nobody new"),
    }


def _interest(details: Details) -> str:
    if details["conflict"]:
        return _("Declared a conflict of interest")
    return _("Declared to have no conflict of interest")


def _settled(details: Details) -> str:
    sentences = {
        "confirm": _("Conflict of interest of %(person)s confirmed"),
        "clear": _("Suspected conflict of interest of %(person)s cleared"),
        "lift": _("Recusal of %(person)s lifted"),
    }
    return sentences[details["action"]] % {"person": details["person"]}


def _decision(sentence: str) -> Callable[[Details], str]:
    def say(details: Details) -> str:
        return _(sentence) % {"kind": DecisionKind(details["kind"]).label}

    return say


def _revised(details: Details) -> str:
    changed = [str(COLUMNS.get(name, name)) for name in details["changed"]]
    if not changed:
        return _("Saved without a change")
    return _("Changed: %(what)s") % {"what": ", ".join(changed)}


SENTENCES: dict[str, Callable[[Details], str]] = {
    "ProposalBegun": lambda d: _("Begun by the company"),
    "ProposalCopied": lambda d: _("Begun as a copy of %(source)s") % {"source": d["source"]},
    "ProposalWithdrawn": lambda d: _("Withdrawn by the company"),
    "SubmissionWithdrawn": lambda d: _("Withdrawn by the company"),
    "ClauseAnswered": lambda d: (
        _("Due-diligence clause accepted") if d["accepted"] else _("Due-diligence clause refused")
    ),
    "SignatureAsked": lambda d: _("The company's signatories were asked for the clause"),
    "StageOpened": lambda d: _("Invited to write the detailed proposal"),
    "ProposalConcluded": lambda d: _("Procedure concluded"),
    "Submitted": _handed_in,
    "CorrectionRequested": lambda d: _("Correction asked for: %(text)s") % {"text": d["text"]},
    "HandedInAgain": lambda d: (
        _("Corrected and handed in again (hand-in %(number)d)") % {"number": d["revision"]}
    ),
    "CorrectionWithdrawn": lambda d: _("Request for a correction withdrawn"),
    "CorrectionLapsed": lambda d: _("Not corrected in time; the text filed before stands"),
    "CountersignatureAsked": lambda d: (
        _("A local partner was asked to countersign the clause (%(clause)s)")
        % {"clause": d["clause"]}
    ),
    "ClauseCountersigned": lambda d: (
        _("Clause countersigned by %(person)s, %(function)s")
        % {"person": d["person"], "function": d["function"]}
    ),
    "CountersignatureRefused": lambda d: (
        _("%(person)s does not countersign the clause") % {"person": d["person"]}
    ),
    "RenewalAsked": lambda d: _("The company was asked to renew its due diligence"),
    "Imported": lambda d: _("Imported from %(file)s") % {"file": d["filename"]},
    "CheckRequested": lambda d: _("Checks asked for, under %(rules)s") % {"rules": d["rule_set"]},
    "Checked": _checked,
    "EligibilityConfirmed": _eligibility,
    "FindingDecided": _finding,
    "FindingAsked": lambda d: (
        _("The company was asked about: %(rule)s") % {"rule": _rule(d["rule"])}
    ),
    "ExclusionProposed": lambda d: (
        _("Proposed as not eligible: %(rules)s") % {"rules": ", ".join(map(_rule, d["rules"]))}
    ),
    "ExclusionDismissed": lambda d: _("Not excluded after the second look"),
    "EligibilityReconsidered": lambda d: _("Eligibility opened again"),
    "ReviewersAssigned": _assigned,
    "InterestDeclared": _interest,
    "ConflictSuspected": lambda d: (
        _("Possible conflict of interest of %(person)s") % {"person": d["person"]}
    ),
    "ConflictDeclared": lambda d: (
        _("%(person)s is out because of a conflict of interest") % {"person": d["person"]}
    ),
    "ConflictSettled": _settled,
    "ReviewTakenBack": lambda d: _("Review taken back from %(person)s") % {"person": d["reviewer"]},
    "ReviewerReminded": lambda d: _("%(person)s was reminded") % {"person": d["reviewer"]},
    "RemarkWritten": lambda d: _("Remark to the other reviewers"),
    "ScoresSubmitted": lambda d: _("Scores submitted: %(total)s of 100") % {"total": d["total"]},
    "ScoresReopened": lambda d: _("Score sheet given back"),
    "DecisionPrepared": _decision(gettext_noop("Decision prepared: %(kind)s")),
    "DecisionConfirmed": _decision(gettext_noop("Decision confirmed: %(kind)s")),
    "DecisionSentBack": _decision(gettext_noop("Decision sent back: %(kind)s")),
    "DecisionPublished": _decision(gettext_noop("Decision published: %(kind)s")),
    "CorrectionPrepared": _decision(gettext_noop("Correction of the decision prepared: %(kind)s")),
    "CorrectionDropped": _decision(gettext_noop("Correction of the decision given up: %(kind)s")),
    "DecisionReplaced": _decision(gettext_noop("Decision replaced by a correction: %(kind)s")),
    "RuleSetDrafted": lambda d: _("Made from %(rules)s") % {"rules": d["based_on"]},
    "RuleSetRevised": _revised,
    "RuleSetPutInForce": lambda d: pgettext("what happened", "Put in force"),
    "RuleSetDiscarded": lambda d: _("Given up"),
    "CallRulesChosen": lambda d: (
        _("Rules chosen: %(rules)s instead of %(before)s")
        % {"rules": d["rule_set"], "before": d["before"]}
    ),
    "LetterIssued": lambda d: _("Letter issued: %(reference)s") % {"reference": d["reference"]},
}
