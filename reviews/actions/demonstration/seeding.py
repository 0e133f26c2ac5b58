"""Putting the demonstration together, in one transaction: all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from applications.models import Call, Organisation, Proposal, Stage
from bpf_portal.core import jobs
from bpf_portal.core.models import OutgoingEmail
from reviews.actions import deciding, issuing
from reviews.actions.commitments import load_shipped_commitments
from reviews.actions.demonstration.calls import CODE_PREFIX, close, create_calls, end_reviews
from reviews.actions.demonstration.committee import plan_a_meeting
from reviews.actions.demonstration.conversations import converse, keep_mails
from reviews.actions.demonstration.dates import Calendar, set_values
from reviews.actions.demonstration.detailed import write_detailed_sections
from reviews.actions.demonstration.drafts import upload_documents, write_draft
from reviews.actions.demonstration.files import Json, read
from reviews.actions.demonstration.people import (
    account_addresses,
    create_staff,
    register_companies,
    write_profiles,
)
from reviews.actions.demonstration.rules import think_about_rules
from reviews.actions.demonstration.sanctions import clear_names, load_invented_list
from reviews.actions.demonstration.stories import (
    People,
    StepFailed,
    prepare_correction,
    tell,
)
from reviews.actions.editions import load_shipped_editions
from reviews.models import Decision, Letter, LetterBatch

Companies = dict[str, tuple[Organisation, User]]
# Any number, but the same for everyone: two seedings at once run one after the other.
_SEED_LOCK = 0x6270660002


class AlreadyThere(Exception):
    """The demonstration was seeded before; nothing was changed."""


@dataclass(frozen=True)
class Seeded:
    """How much was made."""

    people: int
    companies: int
    proposals: int
    letters: int


@dataclass(frozen=True)
class _Told:
    """A proposal with its author and what its file says of it."""

    given: Json
    proposal: Proposal
    author: User


def is_there() -> bool:
    return Call.objects.filter(code__startswith=CODE_PREFIX).exists()


@transaction.atomic
def seed_demonstration() -> Seeded:
    """Make all of it. Raises AlreadyThere, or ValueError where an address is taken already.

    Needs the reference data. The mails that the actions queue are taken out again, or count as
    sent where a proposal keeps them: nobody is written to about an invented story.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEED_LOCK])
    if is_there():
        raise AlreadyThere
    _refuse_taken_addresses()
    mails_before = set(OutgoingEmail.objects.values_list("pk", flat=True))
    load_shipped_editions()
    load_shipped_commitments()
    people, companies, calls = create_staff(), register_companies(), create_calls()
    write_profiles(people)
    _last_year(calls["last_year"], people, companies)
    load_invented_list(people["officer"])
    _this_year(calls["open"], people, companies)
    clear_names(people["officer"])
    think_about_rules(people["officer"], calls["last_year"])
    keep_mails(timezone.now())
    OutgoingEmail.objects.exclude(pk__in=mails_before).exclude(aggregate="proposal").delete()
    return Seeded(
        people=len(account_addresses()),
        companies=len(companies),
        proposals=Proposal.objects.filter(call__in=calls.values()).count(),
        letters=Letter.objects.filter(decision__submission__call__in=calls.values()).count(),
    )


def _refuse_taken_addresses() -> None:
    taken = User.objects.filter(email__in=account_addresses()).values_list("email", flat=True)
    if taken:
        raise ValueError(f"these addresses have an account already: {', '.join(sorted(taken))}")


def _last_year(call: Call, people: People, companies: Companies) -> None:
    """A whole round: pre-selection, then the detailed proposals of those shortlisted."""
    year = timezone.localdate().year - 1
    drafts = [
        _draft(given, call, companies, _round(year, Stage.PRESELECTION, given["stands"]))
        for given in read("proposals_last_year")
    ]
    close(call, year)
    _tell_and_publish(
        [(each, each.given["stands"]) for each in drafts], year, Stage.PRESELECTION, people
    )
    second = [
        (each, each.given["stands"]["stage_2"])
        for each in drafts
        if "stage_2" in each.given["stands"]
    ]
    for each, stands in second:
        each.proposal.refresh_from_db()
        calendar = _round(year, Stage.DETAILED_PROPOSAL, stands)
        write_detailed_sections(each.proposal, each.author, stands["detailed"])
        upload_documents(each.proposal, each.author, calendar)
    _tell_and_publish(second, year, Stage.DETAILED_PROPOSAL, people)
    end_reviews(call)


def _round(year: int, stage: str, stands: Json) -> Calendar:
    late = stands.get("published_this_year", False)
    return Calendar.of_round(year, stage, stands["handed_in"], next_year=late)


def _tell_and_publish(
    stories: Sequence[tuple[_Told, Json]], year: int, stage: str, people: People
) -> None:
    """Each to its decision; then those of one day are published together."""
    by_day: dict[datetime, list[Decision]] = {}
    for each, stands in stories:
        calendar = _round(year, stage, stands)
        decision = tell(stands, each.proposal, each.author, people, calendar)
        if decision is not None:
            by_day.setdefault(calendar.published.replace(microsecond=0), []).append(decision)
    for day, decisions in by_day.items():
        _publish(decisions, people["officer"], day)


def _this_year(call: Call, people: People, companies: Companies) -> None:
    """The open call, with a proposal in every state."""
    stories = sorted(read("proposals_open"), key=_age, reverse=True)
    decisions, told = [], []
    for given in stories:
        calendar = Calendar.days_ago(_age(given))
        each = _draft(given, call, companies, calendar)
        told.append(each)
        decision = tell(given["stands"], each.proposal, each.author, people, calendar)
        if decision is not None:
            decisions.append(decision)
    _publish(decisions, people["officer"], Calendar.days_ago(30).published)
    _correct(decisions, told, people)
    for each in told:
        _begin_stage_2(each)
        converse(each.given, each.proposal, people["officer"])
    plan_a_meeting(call, people)


def _correct(decisions: Sequence[Decision], told: Sequence[_Told], people: People) -> None:
    """Two published decisions are to be corrected: one is, the other stays after all."""
    given = {each.proposal.pk: each.given["stands"].get("decision", {}) for each in told}
    for decision in decisions:
        correction = given[decision.submission.proposal_id].get("correction")
        if correction:
            calendar = Calendar.days_ago(25)
            new = prepare_correction(correction, decision, people, calendar)
            if new is not None:
                _publish([new], people["officer"], calendar.published)


def _age(given: Json) -> int:
    """Days since the hand-in; a draft was last saved two days ago."""
    return int(given["stands"].get("handed_in", 2))


def _begin_stage_2(each: _Told) -> None:
    stands = each.given["stands"].get("stage_2")
    if stands:
        each.proposal.refresh_from_db()
        calendar = Calendar.days_ago(0)
        write_detailed_sections(each.proposal, each.author, stands["detailed"])
        upload_documents(each.proposal, each.author, calendar, only=set(stands["documents"]))


def _draft(given: Json, call: Call, companies: Companies, calendar: Calendar) -> _Told:
    company, author = companies[given["company"]]
    return _Told(given, write_draft(given, call, company, author, calendar), author)


def _publish(decisions: list[Decision], officer: User, day: datetime) -> None:
    """Publish as of that day, and issue the letters.

    The day is set before the letters are made: they carry it, and nobody can change them later.
    """
    batches = deciding.publish_decisions(
        actor=officer, decision_ids=[decision.pk for decision in decisions], moment=day
    )
    for batch in batches:
        issue = partial(issuing.issue_letters, moment=day)
        if not jobs.run(LetterBatch, batch.pk, issue):
            batch.refresh_from_db()
            raise StepFailed(f"the letters were not issued: {batch.last_error}")
        set_values(batch, created_at=day, started_at=day, finished_at=day)
    keep_mails(day)
