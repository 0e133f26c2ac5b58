"""What was handed in: one frozen document, and where LuxDev stands with it."""

from collections.abc import Callable
from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from accounts.models import User
from applications.models.call import Call, Stage
from applications.models.document import Document
from applications.models.due_diligence import RiskLevel
from applications.models.organisation import Organisation
from applications.models.proposal import Proposal
from applications.models.withholding import withheld_from
from bpf_portal.core.states import TransitionTable


class SubmissionState(models.TextChoices):
    RECEIVED = "received", _("received")
    ELIGIBLE = "eligible", _("eligible")
    INELIGIBLE = "ineligible", _("not eligible")
    IN_REVIEW = "in_review", _("being reviewed")
    DECIDED = "decided", _("decided")
    WITHDRAWN = "withdrawn", _("withdrawn")


#: Nobody is asked to review it, and nothing awarded, before it leaves these states.
NOT_YET_REVIEWED = (SubmissionState.RECEIVED, SubmissionState.ELIGIBLE)

SUBMISSION_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "submission",
    {
        ("received", "confirm_eligible"): "eligible",
        ("received", "propose_exclusion"): "received",
        ("received", "dismiss_exclusion"): "received",
        ("received", "confirm_ineligible"): "ineligible",
        ("eligible", "reconsider_eligibility"): "received",
        ("ineligible", "reconsider_eligibility"): "received",
        ("eligible", "assign"): "in_review",
        ("in_review", "assign"): "in_review",
        ("ineligible", "publish_decision"): "decided",
        ("in_review", "publish_decision"): "decided",
        ("received", "withdraw"): "withdrawn",
        ("eligible", "withdraw"): "withdrawn",
        ("ineligible", "withdraw"): "withdrawn",
        ("in_review", "withdraw"): "withdrawn",
    },
)

#: Rules that open submissions to people whom this app does not know (reviewers). Entered by
#: `reviews.access`, since imports go down only.
_grants: list[Callable[[User], Q]] = []


def grant_visibility(rule: Callable[[User], Q]) -> None:
    _grants.append(rule)


#: What still counts as living after its decision (a project that runs). Entered by
#: `reviews.access`, as above.
_living: list[Q] = []


def count_as_living(rule: Q) -> None:
    _living.append(rule)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def visible_to(self, user: Visitor) -> Self:
        """The company's own; everything for LuxDev's staff; for a reviewer what was granted.

        Nothing of a proposal in which a person of LuxDev's side has a conflict of interest.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if reads_everything(user):
            return self.exclude(withheld_from(user))
        mine = Q(organisation_id__in=user.memberships.values("organisation_id"))
        for rule in _grants:
            mine |= rule(user)
        return self.filter(mine)

    def living(self) -> Self:
        """Those on which something is still to be decided or paid."""
        rule = ~Q(state__in=(SubmissionState.DECIDED, SubmissionState.WITHDRAWN))
        for also in _living:
            rule |= also
        return self.filter(rule)

    def awaiting_checks(self) -> Self:
        return self.filter(outcome="", state=SubmissionState.RECEIVED)

    def matching(self, words: str) -> Self:
        """Full-text search in reference, title and company; every word must occur."""
        return self.filter(search=SearchQuery(words, config="simple", search_type="websearch"))


#: What a hand-in is and when it came: never changed, also not by a correction.
FIXED_COLUMNS = (
    "proposal",
    "call",
    "organisation",
    "stage",
    "submitted_at",
    "submitted_by",
    "late",
    "language",
    "reference",
)
#: What the document says: changes only together with the step to the next revision, below.
REVISED_COLUMNS = (
    "document",
    "sha256",
    "title",
    "lead_name",
    "lead_country",
    "countries",
    "sectors",
    "requested",
    "total",
    "revision",
)


def _row(prefix: str) -> str:
    names = [
        f"{name}_id" if name in ("proposal", "call", "organisation", "submitted_by") else name
        for name in FIXED_COLUMNS
    ]
    return f"({', '.join(f'{prefix}.{name}' for name in names)})"


#: The only way from one text to another: a revision with this number, text and hash exists.
ONLY_BY_REVISION = f"""
    IF NEW.revision = OLD.revision + 1
        AND {_row("NEW")} IS NOT DISTINCT FROM {_row("OLD")}
        AND EXISTS (
            SELECT 1 FROM applications_submissionrevision AS revision
            WHERE revision.submission_id = NEW.id AND revision.number = NEW.revision
                AND revision.sha256 = NEW.sha256 AND revision.document = NEW.document
        )
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'pgtrigger: Cannot change what was handed in';
"""  # noqa: S608 - names of columns, no input


@pghistory.track(exclude=["search", "document"])
class Submission(models.Model):
    """What was handed in at one stage. `document` is the dossier (proposal.schema.json), frozen.

    After a correction it is that of the newest revision; the earlier ones stay as revisions.
    `submitted_at` and `late` are those of the first: a correction that was asked for is never late.
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="submissions")
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="submissions")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="submissions"
    )
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    document = models.JSONField(_("document"))
    sha256 = models.CharField("SHA-256", max_length=64)
    submitted_at = models.DateTimeField(_("handed in"))
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    late = models.BooleanField(_("late"), default=False)
    #: Number of the newest hand-in (`SubmissionRevision`): more than 1 after a correction.
    revision = models.PositiveSmallIntegerField(_("hand-in"), default=1)
    #: Every file ever handed in with it; `files` are those of the newest revision.
    documents = models.ManyToManyField(Document, related_name="submissions", blank=True)

    # Taken out of the document once, for lists and figures.
    reference = models.CharField(_("reference"), max_length=60)
    language = models.CharField(_("language"), max_length=2)
    title = models.CharField(_("title"), max_length=200)
    lead_name = models.CharField(_("company"), max_length=200)
    lead_country = models.CharField(_("company's country"), max_length=2)
    countries = ArrayField(models.CharField(max_length=2), verbose_name=_("countries"))
    sectors = ArrayField(models.CharField(max_length=60), verbose_name=_("sectors"), default=list)
    requested = models.DecimalField(_("requested (EUR)"), max_digits=12, decimal_places=2)
    total = models.DecimalField(_("project total (EUR)"), max_digits=14, decimal_places=2)
    search = models.GeneratedField(
        expression=SearchVector("reference", "title", "lead_name", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    # Where LuxDev stands with it.
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=SubmissionState.choices,
        default=SubmissionState.RECEIVED,
    )
    outcome = models.CharField(_("checks"), max_length=12, blank=True)
    due_diligence = models.CharField(_("due diligence"), max_length=12, blank=True)
    #: The highest of country, activity and declared signs, as the newest checks found it.
    risk_level = models.CharField(
        _("level of risk"), max_length=6, choices=RiskLevel.choices, blank=True
    )
    #: The same with people's decisions on findings applied, and how many still wait for one.
    decided_outcome = models.CharField(_("after decisions"), max_length=12, blank=True)
    decided_due_diligence = models.CharField(
        _("due diligence after decisions"), max_length=12, blank=True
    )
    open_findings = models.PositiveSmallIntegerField(_("findings to decide on"), default=0)
    #: The first of the two people who exclude a proposal, while the second look is awaited and
    #: after it.
    exclusion_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    exclusion_proposed_at = models.DateTimeField(null=True, blank=True)
    eligibility_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    eligibility_confirmed_at = models.DateTimeField(null=True, blank=True)
    eligibility_reason = models.TextField(_("reason"), blank=True)

    # What the reviews say, kept with the row: lists never compute over all rows.
    review_count = models.PositiveSmallIntegerField(_("reviews"), default=0)
    score_mean = models.DecimalField(
        _("score"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    score_spread = models.DecimalField(
        _("spread"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    lowest_human_rights = models.DecimalField(
        _("lowest human-rights score"),
        max_digits=3,
        decimal_places=1,
        null=True,
        blank=True,
    )

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ("-submitted_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("proposal", "stage"), name="one_submission_per_stage"),
            models.CheckConstraint(
                name="submission_eligibility_has_its_person",
                condition=Q(state__in=("received", "withdrawn"))
                | Q(
                    eligibility_confirmed_by__isnull=False,
                    eligibility_confirmed_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="submission_exclusion_has_two_people",
                condition=Q(exclusion_proposed_by=None, exclusion_proposed_at=None)
                | (
                    Q(exclusion_proposed_by__isnull=False, exclusion_proposed_at__isnull=False)
                    & (
                        Q(eligibility_confirmed_by=None)
                        | ~Q(eligibility_confirmed_by=F("exclusion_proposed_by"))
                    )
                ),
            ),
        )
        indexes = (
            GinIndex(fields=("search",), name="submission_search"),
            models.Index(fields=("call", "stage", "state"), name="submission_pipeline"),
            models.Index(fields=("call", "stage", "-score_mean"), name="submission_ranking"),
            models.Index(fields=("-submitted_at", "-id"), name="submission_newest"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*FIXED_COLUMNS, *REVISED_COLUMNS),
                func=ONLY_BY_REVISION,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.reference} ({self.get_stage_display()})"

    @property
    def files(self) -> models.QuerySet[Document]:
        """The files of the newest hand-in, by kind."""
        return Document.objects.handed_in_with(self).order_by("kind", "filename", "pk")


@pghistory.track(pghistory.InsertEvent(), obj_field=None)
class SubmittedDocument(Submission.documents.through):  # type: ignore[name-defined]
    """Which file belongs to which hand-in: written with the hand-in, never changed.

    A file attached later is against nothing the database knows, so the history tells of it.
    """

    class Meta:
        proxy = True
        triggers = (pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete),)
