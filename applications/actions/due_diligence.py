"""What the checks would say to a draft's due diligence: the same pure rules, no job, no row."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from applications.actions.checking_context import ContextBuilder, rule_parameters
from applications.actions.clause_in_force import reference_day
from applications.actions.dossier_document import due_diligence_part
from applications.actions.precheck import Answers, as_dossier
from applications.checks import CheckContext, Dossier, Finding, RiskLevel, check
from applications.checks.dossier import DueDiligence, Partner
from applications.checks.due_diligence import LevelReason, highest, level_reasons
from applications.models import Proposal, Term

#: A risk of which nobody said yet how grave or likely it is: unknown never counts as low.
NOT_SAID = RiskLevel.MEDIUM


@dataclass(frozen=True)
class Assessment:
    """The level with its reasons, the findings at this level, and which rules run at which level.

    `flag_reasons` has every flag of the list, declared or not, for a page that answers while one
    ticks. A rule set without due diligence has an empty `scope`: then nothing is checked.
    """

    level: RiskLevel
    level_without_flags: RiskLevel
    reasons: tuple[LevelReason, ...]
    flag_reasons: tuple[LevelReason, ...]
    findings: tuple[Finding, ...]
    scope: dict[RiskLevel, frozenset[str]]
    context: CheckContext


def assess(proposal: Proposal, *, flags: list[str], words: Iterable[Term]) -> Assessment:
    """Assess a draft with these flags. Five queries at most: its partners and documents, and the
    lists that the rules read; `words` are the terms that the page has read already.
    """
    parameters = rule_parameters(proposal.call.rule_set)
    context = ContextBuilder(words=words).due_diligence_context(reference_day(proposal))
    dossier = draft_dossier(proposal, flags=flags)
    report = check(dossier, parameters, context)
    reasons = level_reasons(dossier, context)
    own = tuple(reason for reason in reasons if reason.kind != "flag")
    return Assessment(
        level=report.risk_level,
        level_without_flags=highest(reason.level for reason in own),
        reasons=reasons,
        flag_reasons=tuple(
            LevelReason("flag", code, level) for code, level in context.flag_levels.items()
        ),
        findings=tuple(finding for finding in report.findings if finding.is_due_diligence),
        scope={
            RiskLevel(level): frozenset(codes)
            for level, codes in (parameters.due_diligence_scope or {}).items()
        },
        context=context,
    )


def draft_dossier(proposal: Proposal, *, flags: list[str]) -> Dossier:
    """A dossier with everything that the `hrdd.*` rules read, however incomplete, and no more."""
    empty = as_dossier(Answers(), rule_parameters(proposal.call.rule_set), reference_day(proposal))
    part = due_diligence_part(proposal)
    for risk in part["risks"]:
        risk["severity"] = risk["severity"] or NOT_SAID.value
        risk["likelihood"] = risk["likelihood"] or NOT_SAID.value
    return replace(
        empty,
        call=proposal.call.code,
        stage=proposal.stage,
        language=proposal.language,
        partners=tuple(
            Partner(
                role=partner.role,
                legal_name=partner.legal_name,
                kind=partner.kind,
                country=partner.country_id or "",
                registration_number=partner.registration_number,
                registered_on=partner.registered_on,
                confirmed_at=partner.confirmed_at,
            )
            for partner in proposal.partners.all()
        ),
        project=replace(
            empty.project,
            countries=tuple(proposal.countries),
            nace=proposal.nace,
            starts_on=proposal.starts_on,
            duration_months=proposal.duration_months,
        ),
        due_diligence=DueDiligence.from_document({**part, "flags": flags}),
    )
