"""Rules about the partnership, the project, the documents and the deadline."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from .context import CheckContext
from .dossier import Dossier
from .findings import Verdict, failed, for_review, missing, passed
from .registry import Rulebook
from .rules import RuleParameters

book = Rulebook()

# The Sustainable Development Goals are seventeen; that is not a parameter of any call.
GOALS = range(1, 18)
LUXEMBOURG = ZoneInfo("Europe/Luxembourg")


@book.rule(
    "partnership.local_partner",
    place="partners",
    source="S:guichet",
    parameter="min_local_partners",
)
def local_partner(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    minimum, list_code = p.min_local_partners, p.partner_country_list
    if not minimum or list_code is None:
        return None
    partners = d.partners_in_role("local")
    in_place = [partner for partner in partners if c.is_listed(partner.country, list_code)]
    registered = [partner for partner in in_place if partner.registration_number]
    required = f">= {minimum} registered in a country on {list_code} on {c.reference_date}"
    observed = str(len(registered))
    if len(registered) >= minimum:
        names = [partner.legal_name for partner in registered]
        return passed(
            "present",
            observed=observed,
            required=required,
            names=names,
            minimum=minimum,
            reference_date=c.reference_date,
        )
    if not partners:
        return failed(
            "none",
            observed=observed,
            required=required,
            minimum=minimum,
            reference_date=c.reference_date,
        )
    if len(in_place) >= minimum:
        unregistered = [
            partner.legal_name for partner in in_place if not partner.registration_number
        ]
        return missing(
            "no_registration",
            observed=observed,
            required=required,
            names=unregistered,
            minimum=minimum,
            reference_date=c.reference_date,
        )
    if len(in_place) == len(partners):
        return failed(
            "too_few",
            observed=observed,
            required=required,
            minimum=minimum,
            reference_date=c.reference_date,
        )
    elsewhere = sorted({partner.country for partner in partners if partner not in in_place})
    return failed(
        "country_not_listed",
        observed=", ".join(elsewhere),
        required=required,
        countries=elsewhere,
        minimum=minimum,
        reference_date=c.reference_date,
    )


@book.rule(
    "partnership.associated_partners",
    place="partners",
    source="S:guichet",
    parameter="associated_country_list",
)
def associated_partners(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    list_code = p.associated_country_list
    if list_code is None:
        return None
    outside = [
        partner
        for partner in d.partners_in_role("associated")
        if not c.is_listed(partner.country, list_code)
    ]
    required = f"every associated partner in a country on {list_code}"
    if not outside:
        return passed("all_listed", observed="all", required=required)
    countries = sorted({partner.country for partner in outside})
    return failed(
        "outside",
        observed=", ".join(countries),
        required=required,
        names=[partner.legal_name for partner in outside],
        countries=countries,
    )


@book.rule("partnership.size", place="partners", source="S:guichet", parameter="max_partners")
def partnership_size(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    if p.max_partners is None:
        return None
    size, required = 1 + len(d.partners), f"<= {p.max_partners}"
    within = size <= p.max_partners
    verdict = passed if within else for_review
    return verdict(
        "within" if within else "many",
        observed=str(size),
        required=required,
        size=size,
        maximum=p.max_partners,
    )


@book.rule("project.country", place="project", source="S:dac", parameter="project_country_list")
def project_country(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    list_code, named = p.project_country_list, p.project_countries
    if list_code is None and named is None:
        return None
    required = " and ".join(filter(None, (list_code, " or ".join(named or ()))))
    countries = d.project.countries
    if not countries:
        return missing("not_given", required=required)
    observed = ", ".join(countries)
    unlisted = [
        country for country in countries if list_code and not c.is_listed(country, list_code)
    ]
    if unlisted:
        return failed(
            "not_listed",
            observed=observed,
            required=required,
            countries=unlisted,
            reference_date=c.reference_date,
        )
    unnamed = [country for country in countries if named is not None and country not in named]
    if unnamed:
        return failed(
            "not_named",
            observed=observed,
            required=required,
            countries=unnamed,
            targets=named or (),
        )
    return passed("listed", observed=observed, required=required, countries=countries)


@book.rule("project.sector", place="project", source="S:luxinnovation", parameter="sectors")
def project_sector(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    admitted = c.call_sectors or frozenset(p.sectors or ())
    if not admitted:
        return None
    sectors, required = d.project.sectors, " or ".join(sorted(admitted))
    if not sectors:
        return missing("not_given", required=required, admitted=sorted(admitted))
    outside = [sector for sector in sectors if sector not in admitted]
    observed = ", ".join(sectors)
    if not outside:
        return passed(
            "admitted",
            observed=observed,
            required=required,
            sectors=sectors,
            admitted=sorted(admitted),
        )
    if len(outside) < len(sectors):
        return for_review(
            "partly",
            observed=observed,
            required=required,
            sectors=outside,
            admitted=sorted(admitted),
        )
    return failed(
        "outside", observed=observed, required=required, sectors=outside, admitted=sorted(admitted)
    )


@book.rule("project.duration", place="project", source="S:sister", parameter="duration_months")
def project_duration(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    limits = p.duration_months
    if limits is None:
        return None
    required = f"{limits.shortest} to {limits.longest} months"
    months = d.project.duration_months
    if months is None:
        return missing(
            "not_given", required=required, shortest=limits.shortest, longest=limits.longest
        )
    within = limits.shortest <= months <= limits.longest
    verdict = passed if within else failed
    return verdict(
        "within" if within else "outside",
        observed=str(months),
        required=required,
        months=months,
        shortest=limits.shortest,
        longest=limits.longest,
    )


@book.rule("project.sdg", place="project", source="S:bpf")
def project_sdg(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    goals, required = d.project.sdgs, f"at least one of {GOALS[0]} to {GOALS[-1]}"
    if not goals:
        return missing("not_given", required=required)
    observed = ", ".join(map(str, goals))
    unknown = [str(goal) for goal in goals if goal not in GOALS]
    if unknown:
        return failed("unknown", observed=observed, required=required, goals=unknown)
    return passed("given", observed=observed, required=required, goals=list(map(str, goals)))


@book.rule(
    "project.excluded_activity",
    place="project",
    source="A:ifc",
    parameter="excluded_activities",
)
def excluded_activity(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    if p.excluded_activities is None:
        return None
    declared, required = d.project.excluded_activities, "none declared"
    if declared is None:
        return missing("unanswered", required=required)
    if declared:
        return failed(
            "declared", observed=", ".join(declared), required=required, activities=declared
        )
    return passed("none", observed="none", required=required)


@book.rule("documents.complete", place="documents", source="A:portal")
def documents_complete(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    roles = {"lead", *(partner.role for partner in d.partners)}
    if p.min_local_partners:
        roles.add("local")
    needed: dict[str, None] = {}
    for (stage, role), kinds in c.required_documents.items():
        if stage == d.stage and role in roles:
            needed.update(dict.fromkeys(kinds))
    if not needed:
        return None
    present = {document.kind for document in d.documents}
    clean = {
        document.kind
        for document in d.documents
        if c.scans.get(document.sha256, document.scan) == "clean"
    }
    required = ", ".join(needed)
    absent = [kind for kind in needed if kind not in present]
    if absent:
        return missing("absent", observed=_without(absent), required=required, documents=absent)
    unclean = [kind for kind in needed if kind not in clean]
    if unclean:
        return missing(
            "not_clean", observed=_without(unclean), required=required, documents=unclean
        )
    return passed("complete", observed="all", required=required)


def _without(kinds: list[str]) -> str:
    return f"without {', '.join(kinds)}"


@book.rule("call.deadline", place="", source="S:bpf")
def call_deadline(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    deadline = c.deadlines.get(d.stage)
    if deadline is None:
        return None
    required = f"<= {_local(deadline)}"
    if d.submitted_at is None:
        return missing("not_submitted", required=required, deadline=_local(deadline))
    submitted = d.submitted_at.replace(microsecond=0)
    observed = _local(submitted)
    if submitted <= deadline:
        return passed(
            "in_time",
            observed=observed,
            required=required,
            submitted_at=observed,
            deadline=_local(deadline),
        )
    if c.next_edition is None:
        return for_review(
            "late",
            observed=observed,
            required=required,
            submitted_at=observed,
            deadline=_local(deadline),
        )
    return for_review(
        "late_next_edition",
        observed=observed,
        required=required,
        submitted_at=observed,
        deadline=_local(deadline),
        next_call=c.next_edition.code,
        next_deadline=_local(c.next_edition.deadline),
    )


def _local(moment: datetime) -> str:
    """A moment as people in Luxembourg read it, to the second, with its offset."""
    return moment.astimezone(LUXEMBOURG).isoformat(timespec="seconds")
