"""The draft rows of a dossier that came as a document, so that stage 2 goes on from it.

A row holds less than a document may: what is longer is cut, and what no row can hold is left out.
The document itself is kept whole and is what everybody reads of the stage it was handed in for.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from applications.models import (
    ClauseAcceptance,
    ClauseVersion,
    DueDiligence,
    Indicator,
    Measure,
    Partner,
    Projection,
    Proposal,
    Risk,
    WorkPackage,
)

Json = dict[str, Any]
#: What the columns can hold: figures of indicators, euros, jobs, years.
LARGEST_FIGURE = Decimal(10) ** 12
LARGEST_AMOUNT = Decimal(10) ** 10
MOST_JOBS = 2**31 - 1
LAST_YEAR = 2**15 - 1


def restore_due_diligence(proposal: Proposal, part: Json) -> None:
    """Flags, policy, grievance channel, risks with their measures, and the clause's answer."""
    policy, remedy = part["policy"] or {}, part["remedy"] or {}
    DueDiligence.objects.create(
        proposal=proposal,
        flags=part["flags"],
        policy_dated=_day(policy.get("dated")),
        policy_signed_by_management=policy.get("signed_by_management"),
        policy_responsible_person=_cut(policy.get("responsible_person"), 150),
        policy_url=_short(policy.get("url"), 200),
        communication=part["communication"] or "",
        remedy_channel=remedy.get("channel") or "",
        remedy_languages=[_cut(language, 40) for language in remedy.get("languages", ())],
        remedy_contact=_cut(remedy.get("contact"), 200),
        protects_from_reprisal=remedy.get("protects_from_reprisal"),
        open_to_partner_workers=remedy.get("open_to_partner_workers"),
        open_to_communities=remedy.get("open_to_communities"),
        remedy_criteria=remedy.get("criteria", {}),
    )
    _restore_risks(proposal, part["risks"], part["measures"])
    _restore_clause(proposal, part["clause"])


def _restore_risks(proposal: Proposal, risks: Iterable[Json], measures: Iterable[Json]) -> None:
    """Risks are numbered anew: an id of the document may be longer than ours, or stand twice."""
    by_id: dict[str, Risk] = {}
    rows = []
    for number, given in enumerate(risks, start=1):
        row = Risk(
            proposal=proposal,
            label=f"R{number}",
            description=given["description"],
            where=given["where"],
            flag=_short(given.get("flag"), 60),
            severity=given["severity"],
            likelihood=given["likelihood"],
            consulted=given.get("consulted") or "",
        )
        by_id.setdefault(given["id"], row)
        rows.append(row)
    Risk.objects.bulk_create(rows)
    Measure.objects.bulk_create(
        Measure(
            risk=by_id[given["risk"]],
            description=given["description"],
            owner=_cut(given.get("owner"), 150),
            due_on=_day(given.get("due_on")),
            indicator=_cut(given.get("indicator"), 200),
            rhythm=_cut(given.get("rhythm"), 100),
        )
        for given in measures
        if given["risk"] in by_id
    )


def _restore_clause(proposal: Proposal, clause: Json | None) -> None:
    """Only an answer to a text that is ours, to the letter; any other is to be given anew."""
    if not clause or not clause["signatory"].strip():
        return
    text = ClauseVersion.objects.filter(
        version=clause["version"],
        language=proposal.language,
        sha256=(clause.get("sha256") or "").lower(),
    ).first()
    if text is None:
        return
    ClauseAcceptance.objects.create(
        proposal=proposal,
        clause=text,
        sha256=text.sha256,
        accepted=clause["accepted"],
        signatory=_cut(clause["signatory"], 150),
        function=_cut(clause.get("function"), 100),
        legal_representative=clause["legal_representative"],
        accepted_at=datetime.fromisoformat(clause["accepted_at"].upper()),
        partner_countersigned=clause.get("partner_countersigned", False),
    )


def restore_work_plan(proposal: Proposal, extra: Json) -> dict[str, WorkPackage]:
    """The work packages by the codes of the document, which are numbered anew."""
    by_code: dict[str, WorkPackage] = {}
    for number, given in enumerate(extra.get("work_plan", ()), start=1):
        company, partner = bearer(proposal, given["leader"])
        first, last = given["first_month"], given["last_month"]
        row = WorkPackage(
            proposal=proposal,
            number=number,
            title=given["title"][:200],
            description=given.get("description") or "",
            led_by_company=company,
            partner=partner,
            first_month=first,
            last_month=last if last >= first else None,
            deliverables=given.get("deliverables") or "",
        )
        row.save()
        by_code.setdefault(given["code"], row)
    return by_code


def line_parts(
    proposal: Proposal, extra: Json, packages: dict[str, WorkPackage]
) -> list[dict[str, Any]]:
    """What rows of the budget say besides: their package and bearer, in the lines' order."""
    parts = []
    for given in (extra.get("budget") or {}).get("lines", ()):
        company, partner = bearer(proposal, given["borne_by"])
        package = packages.get(given["work_package"] or "")
        parts.append(
            {"work_package": package, "borne_by_company": company, "partner": partner},
        )
    return parts


def bearer(proposal: Proposal, who: Json | None) -> tuple[bool, Partner | None]:
    """Whether a leader or bearer is the company, else which partner; neither where it is nobody."""
    if who is None:
        return False, None
    if who["role"] == "lead":
        return True, None
    named = (who["role"], who["legal_name"])
    found = (each for each in proposal.partners.all() if (each.role, each.legal_name) == named)
    return False, next(found, None)


def restore_business_plan(proposal: Proposal, extra: Json) -> None:
    """The answers, the year of break-even (set, not saved) and the projections."""
    plan = extra.get("business_plan") or {}
    proposal.answers = {**proposal.answers, **plan.get("answers", {})}
    proposal.break_even_year = _whole(plan.get("break_even_year"), LAST_YEAR)
    Projection.objects.bulk_create(
        Projection(
            proposal=proposal,
            year=_whole(given["year"], LAST_YEAR),
            revenue=_euros(given["revenue"]),
            costs=_euros(given["costs"]),
        )
        for given in plan.get("projections", ())
    )


def restore_results(proposal: Proposal, project: Json, extra: Json) -> None:
    """Markers and jobs (set, not saved), and the indicators; a figure that is written in words is
    not known to a row."""
    proposal.markers = extra.get("markers", {})
    for group, count in extra.get("jobs", {}).items():
        setattr(proposal, f"jobs_{group}", _whole(count, MOST_JOBS))
    due = (extra.get("results") or {}).get("due", {})
    Indicator.objects.bulk_create(
        Indicator(
            proposal=proposal,
            number=number,
            name=_cut(given["name"], 200),
            unit=_cut(given.get("unit"), 60),
            baseline=_figure(given.get("baseline")),
            target=_figure(given.get("target")),
            due_month=_month(due.get(given["code"])),
        )
        for number, given in enumerate(project.get("indicators", ()), start=1)
    )


def _figure(text: str | None) -> Decimal | None:
    try:
        figure = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    if not figure.is_finite() or abs(figure) >= LARGEST_FIGURE:
        return None
    return figure if figure == round(figure, 2) else None


def _euros(text: str | None) -> Decimal | None:
    amount = None if text is None else Decimal(text)
    return None if amount is None or amount >= LARGEST_AMOUNT else amount


def _whole(number: int | None, largest: int) -> int | None:
    return number if number is not None and 0 <= number <= largest else None


def _month(text: str | None) -> date | None:
    """The first day of `2028-06`."""
    return date.fromisoformat(f"{text}-01") if text and not text.startswith("0000") else None


def _cut(text: str | None, length: int) -> str:
    return (text or "")[:length]


def _short(text: str | None, length: int) -> str:
    """A code or an address is worth nothing when it is cut."""
    return text if text and len(text) <= length else ""


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
