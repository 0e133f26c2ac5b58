"""The guide beside the due diligence: its level in words, the steps asked, what the checks lack."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from applications.actions.clause_in_force import ReadAgain, why_read_text_again
from applications.actions.due_diligence import Assessment, assess
from applications.checks import Finding, Outcome, RiskLevel
from applications.checks.due_diligence import LevelReason
from applications.checks.texts import RenderedFinding, render, rule_title
from applications.forms.choices import Choices
from applications.models import Proposal, Vocabulary
from applications.models import RiskLevel as LevelWords
from bpf_portal.core.access import Text

#: The steps in order: name, title, and the rules that look at them. Flags decide about the others.
STEPS: tuple[tuple[str, Text, tuple[str, ...]], ...] = (
    ("flags", gettext_lazy("Warning signs"), ()),
    ("policy", gettext_lazy("Your commitment"), ("hrdd.policy",)),
    (
        "risks",
        gettext_lazy("Risks and measures"),
        ("hrdd.risks", "hrdd.measures", "hrdd.tracking"),
    ),
    ("communication", gettext_lazy("Reporting"), ("hrdd.communication",)),
    ("remedy", gettext_lazy("Grievance channel"), ("hrdd.remedy",)),
    ("clause", gettext_lazy("The human-rights clause"), ("hrdd.clause",)),
)
MEASURES = "hrdd.measures"
SIGN_OFF = "hrdd.sign_off"


@dataclass(frozen=True)
class Reason:
    """Why the level is what it is, in words. `flag` names a sign; `is_told` unless not ticked."""

    text: str
    level: RiskLevel
    decides: bool
    flag: str = ""
    is_open: bool = False


@dataclass(frozen=True)
class Step:
    """One step: whether it is asked now, at which levels, and what the checks would remark."""

    name: str
    title: Text
    levels: tuple[RiskLevel, ...]
    is_asked: bool
    number: int
    remarks: tuple[RenderedFinding, ...]
    is_checked: bool
    folds: bool

    @property
    def is_done(self) -> bool:
        return self.is_checked and not self.remarks

    @property
    def is_folded(self) -> bool:
        """Finished: only its head is shown until one wants to see the answers."""
        return self.folds and self.is_done


@dataclass(frozen=True)
class AskedAt:
    """What a level asks of the company, by the titles of its rules."""

    level: RiskLevel
    label: Text
    asked: tuple[str, ...]
    needs_sign_off: bool


@dataclass(frozen=True)
class Guide:
    """`level` is the very one that the checks find; without rules on it nothing is left out."""

    level: RiskLevel
    level_without_flags: RiskLevel
    has_levels: bool
    levels: tuple[AskedAt, ...]
    reasons: tuple[Reason, ...]
    steps: tuple[Step, ...]
    measures_levels: tuple[RiskLevel, ...]
    read_again: ReadAgain | None

    @classmethod
    def of(
        cls,
        proposal: Proposal,
        *,
        choices: Choices,
        flags: list[str],
        shown_anyway: Collection[str] = (),
        folds: bool = True,
    ) -> Self:
        """For the flags that stand on the page; steps with an error are shown at any level.

        `folds`: finished steps may be folded, for the page holds nothing that is not stored.
        """
        words = [*choices.terms(Vocabulary.RISK_FLAG), *choices.terms(Vocabulary.NACE)]
        found = assess(proposal, flags=flags, words=words)
        return cls(
            level=found.level,
            level_without_flags=found.level_without_flags,
            has_levels=bool(found.scope),
            levels=tuple(_asked_at(level, found) for level in RiskLevel),
            reasons=tuple(_reasons(found, choices)),
            steps=tuple(_steps(found, choices, shown_anyway, folds=folds)),
            measures_levels=_levels_of((MEASURES,), found),
            read_again=_why_read_again(proposal, found),
        )

    @property
    def count(self) -> int:
        return sum(step.is_asked for step in self.steps)

    @property
    def asks_measures(self) -> bool:
        return self.level in self.measures_levels

    @property
    def step(self) -> dict[str, Step]:
        return {step.name: step for step in self.steps}


def _language() -> str:
    return (get_language() or "fr")[:2]


def _levels_of(codes: Collection[str], found: Assessment) -> tuple[RiskLevel, ...]:
    """The levels at which one of these rules is asked; all of them where nothing is checked."""
    if not codes or not found.scope:
        return tuple(RiskLevel)
    return tuple(level for level in RiskLevel if found.scope.get(level, set()) & set(codes))


def _asked_at(level: RiskLevel, found: Assessment) -> AskedAt:
    codes = found.scope.get(level, frozenset())
    in_order = [code for _name, _title, rules in STEPS for code in rules if code in codes]
    return AskedAt(
        level=level,
        label=LevelWords(level.value).label,
        asked=tuple(rule_title(code, _language()) for code in in_order),
        needs_sign_off=SIGN_OFF in codes,
    )


# --- the steps --------------------------------------------------------------------------------


def _steps(
    found: Assessment, choices: Choices, shown_anyway: Collection[str], *, folds: bool
) -> list[Step]:
    steps: list[Step] = []
    for name, title, codes in STEPS:
        levels = _levels_of(codes, found)
        is_asked = found.level in levels or name in shown_anyway
        findings = [finding for finding in found.findings if finding.code in codes]
        steps.append(
            Step(
                name=name,
                title=title,
                levels=levels,
                is_asked=is_asked,
                number=sum(step.is_asked for step in steps) + 1,
                remarks=tuple(_remarks(findings, choices)),
                is_checked=bool(findings),
                folds=folds,
            )
        )
    return steps


def _remarks(findings: list[Finding], choices: Choices) -> list[RenderedFinding]:
    labels = {"risk_flag": dict(choices.words(Vocabulary.RISK_FLAG))}
    return [
        render(finding, _language(), labels)
        for finding in findings
        if finding.outcome is not Outcome.PASS
    ]


def _why_read_again(proposal: Proposal, found: Assessment) -> ReadAgain | None:
    """Whether the answer still counts, by the texts that the checks have read."""
    answer = getattr(proposal, "clause_acceptance", None)
    current = found.context.current_clause(proposal.language)
    if answer is None or current is None:
        return None
    text = found.context.clauses[(current, proposal.language)]
    return why_read_text_again(answer, {"version": current, "sha256": text.sha256})


# --- the level in words -----------------------------------------------------------------------


def _reasons(found: Assessment, choices: Choices) -> list[Reason]:
    """Countries and activity, then every flag: those not ticked wait for being ticked."""
    ticked = {reason.code: reason for reason in found.reasons if reason.kind == "flag"}
    listed = {reason.code: reason for reason in found.flag_reasons}
    rest = [reason for reason in found.reasons if reason.kind != "flag"]
    told = [_reason(reason, found, choices, counts=True) for reason in rest]
    for code, reason in (listed | ticked).items():
        told.append(_reason(reason, found, choices, counts=code in ticked))
    return told


def _reason(reason: LevelReason, found: Assessment, choices: Choices, *, counts: bool) -> Reason:
    label = str(LevelWords(reason.level.value).label)
    words = {"country": _country, "activity": _activity, "flag": _flag}[reason.kind]
    return Reason(
        text=words(reason, found, choices, label),
        level=reason.level,
        decides=counts and reason.level is found.level,
        flag=reason.code if reason.kind == "flag" else "",
        is_open=reason.kind != "flag" and not reason.code,
    )


def _country(reason: LevelReason, found: Assessment, choices: Choices, label: str) -> str:
    if not reason.code:
        return _("No country is named yet. Until then it counts as %(level)s.") % {"level": label}
    if reason.code in found.context.labour_worst:
        sentence = _("%(country)s: %(level)s. One of the ten countries worst for rights at work.")
    elif reason.code in found.context.officer_ratings:
        sentence = _("%(country)s: %(level)s. LuxDev rated this country.")
    else:
        sentence = _("%(country)s: %(level)s, as every country that nobody rated lower.")
    return sentence % {"country": choices.country(reason.code), "level": label}


def _activity(reason: LevelReason, found: Assessment, choices: Choices, label: str) -> str:
    if not reason.code:
        sentence = _("The activity (NACE) is not given yet. Until then it counts as %(level)s.")
        return sentence % {"level": label}
    known = choices.label(Vocabulary.NACE, _division(reason.code))
    activity = reason.code if known == _division(reason.code) else f"{known} ({reason.code})"
    return _("Activity “%(activity)s”: %(level)s.") % {"activity": activity, "level": label}


def _division(nace: str) -> str:
    """`62` of `J62.10`: the words are kept for divisions."""
    digits = "".join(each for each in nace if each.isdigit())
    return digits[:2]


def _flag(reason: LevelReason, found: Assessment, choices: Choices, label: str) -> str:
    flag = choices.label(Vocabulary.RISK_FLAG, reason.code)
    return _("Warning sign “%(flag)s”: %(level)s.") % {"flag": flag, "level": label}
