"""A stage's dossiers and reviewers, as the optimiser and the pages of assignments read them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from accounts.models import Role, User
from applications.models import Call, RiskLevel, Submission, SubmissionState
from reviews.actions.interests import facts_of_proposal
from reviews.conflicts import ProposalFacts, ReviewerFacts, grounds
from reviews.matching import Pair, Paper, Reader
from reviews.models import (
    GONE_STATES,
    STANDING_STATES,
    Assignment,
    AssignmentState,
    CallDeclaration,
    Conflict,
    Decision,
    ReviewerProfile,
)
from reviews.reference.files import interest_rules

#: What a reviewer still has to do.
UNFINISHED = (AssignmentState.ASSIGNED, AssignmentState.ACCEPTED)
LISTED = (
    "reference",
    "title",
    "lead_name",
    "language",
    "countries",
    "sectors",
    "state",
    "risk_level",
    "stage",
    "proposal",
)


def to_staff(actor: User, call: Call, stage: str) -> QuerySet[Submission]:
    """The dossiers of a stage for which reviewers may be asked: found eligible, not decided on."""
    undecided = ~Exists(Decision.objects.filter(submission=OuterRef("pk")))
    rows = Submission.objects.visible_to(actor).filter(
        undecided,
        call=call,
        stage=stage,
        state__in=(SubmissionState.ELIGIBLE, SubmissionState.IN_REVIEW),
    )
    return rows.only(*LISTED).order_by("reference", "pk")


@dataclass
class Staffing:
    """Who reads what of a stage, and who could. Loaded by `staffing_of` in four queries.

    `conflicts` are by (reviewer, proposal), cleared ones too; `alike` are further pairs
    (submission, reviewer) whose names or mail domains are alike.
    """

    submissions: Mapping[int, Submission]
    reviewers: Mapping[int, User]
    assignments: Mapping[int, Sequence[Assignment]]
    conflicts: Mapping[Pair, Conflict]
    wanted: int = 2
    most: int = 10
    experts_only: bool = False
    for_risk: bool = True
    alike: frozenset[Pair] = field(default_factory=frozenset)

    @cached_property
    def papers(self) -> dict[int, Paper]:
        return {pk: self._paper(row) for pk, row in self.submissions.items()}

    @cached_property
    def readers(self) -> dict[int, Reader]:
        return {pk: self._reader(user) for pk, user in self.reviewers.items()}

    @cached_property
    def standing(self) -> dict[Pair, Conflict]:
        """The conflicts that keep somebody out."""
        return {
            pair: each for pair, each in self.conflicts.items() if each.state in STANDING_STATES
        }

    @cached_property
    def _kept_out(self) -> dict[int, set[int]]:
        """Of each proposal, who is kept out of it."""
        found: dict[int, set[int]] = {}
        for person, proposal in self.standing:
            found.setdefault(proposal, set()).add(person)
        return found

    @cached_property
    def _alike_to(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for submission, reviewer in self.alike:
            found.setdefault(submission, set()).add(reviewer)
        return found

    def with_limits(self, **limits: Any) -> "Staffing":
        return replace(self, **limits)

    def conflict(self, submission: Submission, reviewer_id: int) -> Conflict | None:
        return self.standing.get((reviewer_id, submission.proposal_id))

    def reading(self, submission: Submission) -> list[Assignment]:
        """Who is asked and not kept out."""
        rows = self.assignments.get(submission.pk, ())
        return [
            row
            for row in rows
            if row.state not in GONE_STATES and not self.conflict(submission, row.reviewer_id)
        ]

    def short(self) -> list[int]:
        """The dossiers with fewer reviewers than wanted."""
        return [pk for pk, paper in self.papers.items() if len(paper.has) < paper.wanted]

    def _paper(self, row: Submission) -> Paper:
        rows = self.assignments.get(row.pk, ())
        barred = self._kept_out.get(row.proposal_id, set()) | self._alike_to.get(row.pk, set())
        barred |= {each.reviewer_id for each in rows if each.state == AssignmentState.RECUSED}
        return Paper(
            key=row.pk,
            language=row.language,
            sectors=frozenset(row.sectors),
            countries=frozenset(row.countries),
            wanted=self.wanted,
            high_risk=self.for_risk and row.risk_level == RiskLevel.HIGH,
            has=frozenset(each.reviewer_id for each in self.reading(row)),
            barred=frozenset(barred),
            released=frozenset(
                each.reviewer_id for each in rows if each.state == AssignmentState.RELEASED
            ),
            experts_only=self.experts_only,
        )

    def _reader(self, user: User) -> Reader:
        profile = profile_of(user)
        load = self.load(user)
        return Reader(
            key=user.pk,
            languages=frozenset(profile.languages if profile else ()),
            sectors=frozenset(profile.sectors if profile else ()),
            countries=frozenset(profile.countries if profile else ()),
            human_rights=bool(profile and profile.human_rights),
            load=load,
            capacity=max(0, self.most - load),
        )

    def load(self, user: User) -> int:
        """What somebody has to do: all of this stage, and what is unfinished elsewhere."""
        return int(user.here + user.elsewhere)  # type: ignore[attr-defined]


def profile_of(user: User) -> ReviewerProfile | None:
    return getattr(user, "reviewer_profile", None)


def staffing_of(
    actor: User, call: Call, stage: str, *, alone: int | None = None, **limits: Any
) -> Staffing:
    """Four queries, whatever the numbers. `alone`: of this one submission only."""
    listed = to_staff(actor, call, stage)
    submissions = {row.pk: row for row in (listed.filter(pk=alone) if alone else listed)}
    asked: dict[int, list[Assignment]] = {}
    for row in Assignment.objects.filter(submission__in=list(submissions)).order_by("pk"):
        asked.setdefault(row.submission_id, []).append(row)
    conflicts = Conflict.objects.filter(
        proposal__in={row.proposal_id for row in submissions.values()}
    )
    return Staffing(
        submissions=submissions,
        reviewers={user.pk: user for user in _reviewers(call, stage)},
        assignments=asked,
        conflicts={(each.person_id, each.proposal_id): each for each in conflicts},
        **limits,
    )


def _reviewers(call: Call, stage: str) -> QuerySet[User]:
    """With their profile, loads here and elsewhere, and what they declared for the calls."""
    mine = Assignment.objects.filter(reviewer=OuterRef("pk")).exclude(state__in=GONE_STATES)
    here = Q(submission__call=call, submission__stage=stage)
    declared = CallDeclaration.objects.filter(person=OuterRef("pk"))
    return (
        User.objects.in_role(Role.REVIEWER)
        .select_related("reviewer_profile")
        .annotate(
            here=_count(mine.filter(here)),
            elsewhere=_count(mine.filter(~here, state__in=UNFINISHED)),
            declared=Exists(declared.filter(call=call)),
            interests=ArraySubquery(declared.values(told=JSONObject(names="interests"))),
        )
        .order_by("full_name", "pk")
    )


def _count(rows: QuerySet[Assignment]) -> Coalesce:
    counted = rows.order_by().values("reviewer").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def alike_pairs(staffing: Staffing, submission_ids: Collection[int]) -> set[Pair]:
    """Pairs (submission, reviewer) with something in common of which nobody has decided yet.

    Two queries, and a third of a millisecond for each pair.
    """
    people = {pk: _facts_of(user) for pk, user in staffing.reviewers.items()}
    rules, found = interest_rules(), set()
    for submission, facts in _behind(submission_ids):
        for pk, person in people.items():
            known = (pk, submission.proposal_id) in staffing.conflicts
            if not known and grounds(person, facts, rules):
                found.add((submission.pk, pk))
    return found


def _facts_of(user: User) -> ReviewerFacts:
    profile = profile_of(user)
    told: list[dict[str, list[str]]] = user.interests  # type: ignore[attr-defined]
    return ReviewerFacts(
        name=user.full_name,
        mail=user.email,
        employers=tuple(profile.employers) if profile else (),
        interests=tuple(name for each in told for name in each["names"]),
    )


def _behind(ids: Collection[int]) -> Iterator[tuple[Submission, ProposalFacts]]:
    """Of each dossier who is behind it. Two queries."""
    members = Submission.objects.filter(pk__in=ids).order_by()
    addresses = members.values_list("pk", "organisation__memberships__user__email").union(
        members.values_list("pk", "proposal__partners__contact_email")
    )
    mails: dict[int, list[str]] = {}
    for pk, mail in addresses:
        if mail:
            mails.setdefault(pk, []).append(mail)
    rows = Submission.objects.filter(pk__in=ids).only("document", "lead_name", "proposal")
    for row in rows.iterator(chunk_size=100):
        yield row, facts_of_proposal(row, mails.get(row.pk, ()))
