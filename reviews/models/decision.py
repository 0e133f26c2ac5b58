"""Decisions: prepared by one person, confirmed by another, published later."""

from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models import Call, Submission, withheld_from
from bpf_portal.core.jobs import Job, JobQuerySet
from bpf_portal.core.states import TransitionTable
from reviews.models.rubric import Criterion


class DecisionKind(models.TextChoices):
    INELIGIBLE = "ineligible", _("not eligible")
    SHORTLISTED = "shortlisted", _("shortlisted")
    NOT_SHORTLISTED = "not_shortlisted", _("not shortlisted")
    SELECTED = "selected", _("selected")
    RESERVE = "reserve", _("reserve list")
    NOT_SELECTED = "not_selected", _("not selected")


#: What can be decided at which stage; `ineligible` at both, after an officer's confirmation.
KINDS_BY_STAGE: dict[str, tuple[DecisionKind, ...]] = {
    "preselection": (DecisionKind.SHORTLISTED, DecisionKind.NOT_SHORTLISTED),
    "detailed_proposal": (
        DecisionKind.SELECTED,
        DecisionKind.RESERVE,
        DecisionKind.NOT_SELECTED,
    ),
}
#: Kinds whose letter must give reasons.
REFUSALS = (
    DecisionKind.INELIGIBLE,
    DecisionKind.NOT_SHORTLISTED,
    DecisionKind.NOT_SELECTED,
)


class DecisionState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    CONFIRMED = "confirmed", _("confirmed")
    RETURNED = "returned", _("sent back")
    PUBLISHED = "published", _("published")
    REPLACED = "replaced", _("replaced by a correction")
    DROPPED = "dropped", _("correction given up")


#: What the company was told: it stays as it was told, whatever comes later.
TOLD = (DecisionState.PUBLISHED, DecisionState.REPLACED)
#: A decision that is neither published nor given up.
IN_HAND = (DecisionState.PREPARED, DecisionState.CONFIRMED, DecisionState.RETURNED)

#: `replace` and `drop`: a published decision is corrected by another only, or not after all.
DECISION_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "decision",
    {
        ("prepared", "confirm"): "confirmed",
        ("prepared", "send_back"): "returned",
        ("confirmed", "send_back"): "returned",
        ("returned", "prepare"): "prepared",
        ("confirmed", "publish"): "published",
        ("published", "replace"): "replaced",
        ("prepared", "drop"): "dropped",
        ("confirmed", "drop"): "dropped",
        ("returned", "drop"): "dropped",
    },
)


class LetterBatchQuerySet(JobQuerySet["LetterBatch"]):
    def visible_to(self, user: Visitor) -> Self:
        """Batches with at least one decision that this person may see."""
        seen = Decision.objects.visible_to(user).filter(letter_batch=models.OuterRef("pk"))
        return self.filter(models.Exists(seen))


class LetterBatch(Job):
    """A durable job that issues the letters of decisions published together."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="letter_batches")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    about_path = "call__code"

    objects = LetterBatchQuerySet.as_manager()

    class Meta(Job.Meta):
        verbose_name = _("batch of letters")
        verbose_name_plural = _("batches of letters")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.call} #{self.pk}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, user: Visitor) -> Self:
        """Those who run, approve or audit see all; the company sees it once it is published."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if reads_everything(user):
            return self.exclude(withheld_from(user, "submission__proposal_id"))
        return self.filter(
            state__in=TOLD,
            submission__organisation__memberships__user=user,
        )

    def published(self) -> Self:
        """What stands: a decision that was replaced counts nowhere any more."""
        return self.filter(state=DecisionState.PUBLISHED)

    def corrections_in_hand(self) -> Self:
        return self.filter(state__in=IN_HAND, replaces__isnull=False)


#: Only the step to "replaced" is left to a decision that was published; nothing to one given up.
ONLY_REPLACED = """
    IF (OLD.state = 'published' AND NEW.state = 'replaced' AND NEW.standing_for_id IS NULL
        AND to_jsonb(NEW) - ARRAY['state', 'standing_for_id']
            = to_jsonb(OLD) - ARRAY['state', 'standing_for_id'])
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'pgtrigger: Cannot change a published decision';
"""
NOT_OF_A_PUBLISHED_ONE = """
    IF EXISTS (
        SELECT 1 FROM reviews_decision AS decision
        WHERE decision.id = COALESCE(NEW.decision_id, OLD.decision_id)
            AND decision.state IN ('published', 'replaced', 'dropped')
    )
    THEN RAISE EXCEPTION 'pgtrigger: Cannot change the reasons of a published decision'; END IF;
    RETURN COALESCE(NEW, OLD);
"""


@pghistory.track()
class Decision(models.Model):
    """What LuxDev decided on one submission. Amounts in EUR.

    A published decision is never changed: it is corrected by a new one, which names it and says
    why. `standing_for` is the submission once more, on the one of its decisions that counts: the
    published one, or before there is any the one in hand.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="decisions")
    standing_for = models.OneToOneField(
        Submission,
        on_delete=models.PROTECT,
        related_name="decision",
        null=True,
        blank=True,
        editable=False,
    )
    replaces = models.ForeignKey(
        "self",
        verbose_name=_("replaces"),
        on_delete=models.PROTECT,
        related_name="corrections",
        null=True,
        blank=True,
    )
    correction_reason = models.TextField(
        _("why the earlier decision is replaced"),
        blank=True,
        help_text=_("For the company, in the language of the application."),
    )
    kind = models.CharField(_("decision"), max_length=16, choices=DecisionKind.choices)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=DecisionState.choices,
        default=DecisionState.PREPARED,
    )
    amount = models.DecimalField(
        _("amount awarded (EUR)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
    )
    conditions = models.TextField(
        _("conditions"),
        blank=True,
        help_text=_("One a line, in the language of the application."),
    )
    grounds = models.TextField(
        _("grounds"),
        blank=True,
        help_text=_("For the company, in the language of the application."),
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    prepared_at = models.DateTimeField(_("prepared"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    returned_reason = models.TextField(_("why it was sent back"), blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    #: When the first of those that it replaces was published, else itself: years count by it, so
    #: that a correction moves no award from one year to the next.
    first_published_at = models.DateTimeField(null=True, blank=True, editable=False)
    letter_batch = models.ForeignKey(
        LetterBatch,
        on_delete=models.PROTECT,
        related_name="decisions",
        null=True,
        blank=True,
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("-prepared_at",)
        constraints = (
            models.CheckConstraint(
                name="decision_state_has_its_people",
                condition=Q(
                    state__in=("prepared", "returned"),
                    confirmed_at=None,
                    published_at=None,
                )
                | Q(
                    state="confirmed",
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                    published_at=None,
                )
                | Q(
                    state__in=("published", "replaced"),
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                    published_by__isnull=False,
                    published_at__isnull=False,
                    first_published_at__isnull=False,
                    letter_batch__isnull=False,
                )
                | Q(state="dropped", published_at=None, replaces__isnull=False),
            ),
            models.CheckConstraint(
                name="decision_stands_or_not",
                condition=Q(state="published", standing_for=F("submission"))
                | Q(
                    state__in=("prepared", "confirmed", "returned"),
                    replaces=None,
                    standing_for=F("submission"),
                )
                | Q(
                    state__in=("prepared", "confirmed", "returned"),
                    replaces__isnull=False,
                    standing_for=None,
                )
                | Q(state__in=("replaced", "dropped"), standing_for=None),
            ),
            models.CheckConstraint(
                name="decision_correction_has_its_reason",
                condition=Q(replaces=None, correction_reason="")
                | (Q(replaces__isnull=False) & ~Q(correction_reason="")),
            ),
            models.UniqueConstraint(
                name="decision_replaced_once",
                fields=("replaces",),
                condition=~Q(state="dropped"),
            ),
            models.CheckConstraint(
                name="decision_four_eyes",
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="decision_award_has_its_amount",
                condition=Q(kind="selected", amount__gt=0) | (~Q(kind="selected") & Q(amount=None)),
            ),
            models.CheckConstraint(
                name="decision_refusal_has_its_grounds",
                condition=~Q(kind__in=("ineligible", "not_shortlisted", "not_selected"))
                | ~Q(grounds=""),
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="published_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=("published", "replaced", "dropped")),
                func=ONLY_REPLACED,
            ),
            pgtrigger.Protect(
                name="published_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=("published", "replaced", "dropped")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.submission.reference}: {self.get_kind_display()}"


@pghistory.track()
class DecisionReason(models.Model):
    """What the letter says about one criterion, in the language of the application."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="reasons")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ("criterion__position",)
        constraints = (
            models.UniqueConstraint(
                fields=("decision", "criterion"), name="reason_once_per_criterion"
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="published_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=NOT_OF_A_PUBLISHED_ONE,
            ),
        )

    def __str__(self) -> str:
        return f"{self.criterion}: {self.text[:60]}"
