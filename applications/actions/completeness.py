"""What is missing before a proposal can be handed in: one list, shown on the page and enforced.

Only presence is asked for here. Whether what is there suffices is what the checks find, and a
person decides.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Subquery, prefetch_related_objects
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from applications.actions import completeness_detailed as detailed
from applications.actions.clause_in_force import (
    ReadAgain,
    clauses_in_force,
    reference_day,
    why_read_text_again,
)
from applications.models import DueDiligence, PartnerRole, Proposal, QuestionSection, Stage
from bpf_portal.core.access import Text
from bpf_portal.core.together import fetch_together

#: All sections of a dossier, in the order in which they are read.
SECTIONS = (
    "company",
    "partners",
    "project",
    "business_plan",
    "work_plan",
    "results",
    "budget",
    "due_diligence",
    "documents",
)
#: Those that only the detailed proposal has.
DETAILED_SECTIONS = frozenset({"business_plan", "work_plan", "results"})


#: Why an answer that was given is still asked for.
READ_AGAIN: dict[ReadAgain, Text] = {
    ReadAgain.NEWER_VERSION: _(
        "a new answer to the human-rights clause: a newer version is in force"
    ),
    ReadAgain.OTHER_LANGUAGE: _(
        "a new answer to the human-rights clause, in the language of your application"
    ),
}


def sections_of(stage: str) -> tuple[str, ...]:
    """The sections of a dossier at this stage, in order."""
    if stage == Stage.DETAILED_PROPOSAL:
        return SECTIONS
    return tuple(section for section in SECTIONS if section not in DETAILED_SECTIONS)


@dataclass(frozen=True)
class Missing:
    """One thing that is not there yet; `anchor` is the field's HTML id in the section's page."""

    section: str
    message: Text
    anchor: str = ""


Part = Iterator[tuple[Text, str]]


def _company(proposal: Proposal) -> Part:
    company = proposal.organisation
    if not company.country_id:
        yield _("the country where the company is registered"), "id_country"
    if not company.registration_number:
        yield _("the trade register number"), "id_registration_number"
    if not company.registered_on:
        yield _("the date of registration"), "id_registered_on"
    if company.employees is None:
        yield _("the number of employees"), "id_employees"
    if not company.annual_turnover.all():
        yield _("the turnover of the last closed financial year"), "id_turnover-0-amount"
    if company.road_haulage_for_hire is None:
        yield (
            _("whether the company carries goods by road for hire or reward"),
            "id_road_haulage_for_hire_0",
        )
    standing = (
        company.not_insolvent,
        company.no_conviction,
        company.taxes_paid,
        company.social_security_paid,
    )
    if None in standing:
        yield _("the four declarations of good standing"), "id_not_insolvent_0"
    for index, aid in enumerate(company.de_minimis_aid.all()):
        wanted: tuple[tuple[object, Text, str], ...] = (
            (aid.granted_on, _("the day on which aid %(number)d was granted"), "granted_on"),
            (aid.amount, _("the amount of aid %(number)d"), "amount"),
            (aid.member_state_id, _("the state that granted aid %(number)d"), "member_state"),
        )
        yield from _unanswered(wanted, {"number": index + 1}, f"id_aid-{index}")


def _partners(proposal: Proposal) -> Part:
    partners = list(proposal.partners.all())
    if not any(partner.role == PartnerRole.LOCAL for partner in partners):
        yield _("a local partner in a developing country"), "id_partners-0-legal_name"
    for index, partner in enumerate(partners):
        if not partner.legal_name:
            yield (
                _("the name of partner %(number)d") % {"number": index + 1},
                f"id_partners-{index}-legal_name",
            )
        if not partner.country_id:
            yield (
                _("the country of the partner “%(name)s”") % {"name": partner.legal_name},
                f"id_partners-{index}-country",
            )


def _project(proposal: Proposal) -> Part:
    required: tuple[tuple[object, Text, str], ...] = (
        (proposal.title, _("the title of the project"), "id_title"),
        (proposal.summary, _("the summary"), "id_summary"),
        (proposal.kind, _("the kind of project"), "id_kind"),
        (proposal.countries, _("the country of implementation"), "id_countries"),
        (proposal.sectors, _("the sector"), "id_sectors"),
        (proposal.sdgs, _("the sustainable development goals it serves"), "id_sdgs"),
        (proposal.duration_months, _("the duration in months"), "id_duration_months"),
    )
    for value, message, anchor in required:
        if not value:
            yield message, anchor
    if proposal.excluded_activities is None:
        yield (
            _("whether one of the excluded activities is concerned"),
            "id_excluded_activities",
        )
    for question in proposal.call.questions.all():
        asked_here = question.section == QuestionSection.PROJECT and question.required
        if asked_here and not proposal.answers.get(question.code):
            yield (
                _("your answer: %(question)s") % {"question": question.label},
                f"id_answer_{question.code}",
            )


def _budget(proposal: Proposal) -> Part:
    if not proposal.budget_lines.all():
        yield _("the budget's lines"), "id_lines-0-description"
    for index, line in enumerate(proposal.budget_lines.all()):
        number = {"number": index + 1}
        if not line.category:
            yield _("the category of budget line %(number)d") % number, f"id_lines-{index}-category"
        if not line.amount:
            yield _("the cost of budget line %(number)d") % number, f"id_lines-{index}-unit_cost"
    if not proposal.requested:
        yield _("the grant you ask for"), "id_requested"
    if proposal.own_contribution is None:
        yield _("your own contribution"), "id_own_contribution"


def _due_diligence(proposal: Proposal) -> Part:
    answer = getattr(proposal, "clause_acceptance", None)
    if answer is None:
        yield _("your answer to the human-rights clause"), "id_clause"
    elif why := why_read_text_again(answer, proposal.clause_in_force):  # type: ignore[attr-defined]
        yield READ_AGAIN[why], "id_clause"
    for index, risk in enumerate(proposal.risks.all()):
        parts: tuple[tuple[object, Text, str], ...] = (
            (risk.where, _("where risk %(risk)s is"), "where"),
            (risk.severity, _("the severity of risk %(risk)s"), "severity"),
            (risk.likelihood, _("the likelihood of risk %(risk)s"), "likelihood"),
        )
        yield from _unanswered(parts, {"risk": risk.label}, f"id_risks-{index}")
    yield from _begun_answers(proposal.due_diligence)


def _begun_answers(file: DueDiligence) -> Part:
    """A policy or a channel that is described needs its yes or no: silence would count as no."""
    if file.policy_dated and file.policy_signed_by_management is None:
        yield _("whether the policy is signed"), "id_policy_signed_by_management_0"
    if not file.remedy_channel:
        return
    questions: tuple[tuple[bool | None, Text, str], ...] = (
        (
            file.protects_from_reprisal,
            _("whether the grievance channel protects from reprisal"),
            "protects_from_reprisal",
        ),
        (
            file.open_to_partner_workers,
            _("whether the grievance channel is open to the partner's workers"),
            "open_to_partner_workers",
        ),
        (
            file.open_to_communities,
            _("whether the grievance channel is open to communities"),
            "open_to_communities",
        ),
    )
    for answer, message, name in questions:
        if answer is None:
            yield message, f"id_{name}_0"


def _unanswered(
    parts: Iterable[tuple[object, Text, str]], values: Mapping[str, object], prefix: str
) -> Part:
    """The parts of one row that are empty, each with the id of its field."""
    for value, message, name in parts:
        if not value:
            yield message % values, f"{prefix}-{name}"


def _documents(proposal: Proposal) -> Part:
    present = {
        document.kind
        for document in proposal.documents.all()
        if document.removed_at is None and document.stage == proposal.stage
    }
    for requirement in proposal.call.document_requirements.all():
        if requirement.stage != proposal.stage or not requirement.required:
            continue
        if requirement.kind not in present:
            yield requirement.label, f"document-{requirement.kind}"


_PARTS: dict[str, Callable[[Proposal], Part]] = {
    "company": _company,
    "partners": _partners,
    "project": _project,
    "business_plan": detailed.business_plan,
    "work_plan": detailed.work_plan,
    "results": detailed.results,
    "budget": _budget,
    "due_diligence": _due_diligence,
    "documents": _documents,
}


#: The lists that `missing` reads.
READ_BY_MISSING = (
    "call__document_requirements",
    "call__questions",
    "organisation__annual_turnover",
    "organisation__de_minimis_aid",
    "partners",
    "budget_lines",
    "documents",
    "risks",
    "projections",
    "work_packages",
    "indicators",
)


def fetch_for_missing(proposal: Proposal, *more: str) -> None:
    """Fetch what `missing` reads of a proposal, and these lists too, in one query; also, as
    `clause_in_force`, the text to which an answer counts.

    Its call, company, due-diligence file and clause are at hand already (select_related).
    """
    in_force = clauses_in_force(proposal.language, reference_day(proposal))
    text = in_force.values(told=JSONObject(version="version", sha256="sha256"))
    fetch_together(proposal, *READ_BY_MISSING, *more, clause_in_force=Subquery(text[:1]))


def fetch_for_document(proposal: Proposal) -> None:
    """Fetch what `missing` and the document read, as above, in two queries."""
    fetch_for_missing(proposal, "organisation__people", "other_funding")
    prefetch_related_objects([proposal], "risks__measures")


def with_everything(proposal_id: int) -> Proposal:
    """The proposal with all rows that `missing` and the document read, in three queries."""
    proposal = Proposal.objects.select_related(
        "call__rule_set", "organisation", "due_diligence", "clause_acceptance__clause"
    ).get(pk=proposal_id)
    fetch_for_document(proposal)
    return proposal


def missing(proposal: Proposal) -> list[Missing]:
    """Everything that must still be given, in the order of the sections."""
    return [
        Missing(section, message, anchor)
        for section in sections_of(proposal.stage)
        for message, anchor in _PARTS[section](proposal)
    ]


def _is_begun(proposal: Proposal) -> dict[str, bool]:
    file = proposal.due_diligence
    return {
        "company": True,
        "partners": bool(proposal.partners.all()),
        "project": bool(proposal.title or proposal.summary or proposal.countries),
        **detailed.begun(proposal),
        "budget": bool(proposal.budget_lines.all() or proposal.requested),
        "due_diligence": bool(
            file.policy_dated
            or file.flags
            or file.communication
            or file.remedy_channel
            or proposal.risks.all()
            or getattr(proposal, "clause_acceptance", None)
        ),
        "documents": any(
            document.removed_at is None and document.stage == proposal.stage
            for document in proposal.documents.all()
        ),
    }


def section_states(
    proposal: Proposal, gaps: Iterable[Missing], refused: Container[str] = ()
) -> dict[str, str]:
    """`not_started`, `incomplete`, `complete` or `attention` for each section.

    `gaps` is what `missing` found; `refused` are the sections that say something which a rule of
    the call would fail.
    """
    open_sections = {item.section for item in gaps}
    begun = _is_begun(proposal)

    def state(section: str) -> str:
        if section in refused:
            return "attention"
        if section not in open_sections:
            return "complete"
        return "incomplete" if begun[section] else "not_started"

    return {section: state(section) for section in sections_of(proposal.stage)}
