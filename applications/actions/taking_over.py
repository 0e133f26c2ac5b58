"""What a visitor answered to "Am I eligible?" written into the company and the draft they make."""

from typing import Any

from accounts.models import User
from applications.actions.drafting import editing
from applications.actions.organising import editing_organisation
from applications.actions.precheck import NO_PARTNER, STANDING, TURNOVERS, Answers
from applications.models import Organisation, Proposal


def take_over_company(
    *, actor: User, organisation: Organisation, answers: Answers, reference_year: int
) -> None:
    """Fill a company that was just entered. `reference_year` is that of the call's deadline.

    De minimis aid is left out: each aid has a day of its own, which nobody asked for. Raises
    NotAllowed or ChangedElsewhere.
    """
    profile: dict[str, Any] = {
        "registered_on": answers.registered_on,
        "employees": answers.employees,
        "road_haulage_for_hire": answers.road_haulage,
        "external_funding_3y": answers.external_funding,
        **{name: getattr(answers, name) for name in STANDING},
    }
    given = {name: value for name, value in profile.items() if value is not None}
    turnover = {
        reference_year - ago: getattr(answers, name)
        for ago, name in enumerate(TURNOVERS, start=1)
        if answers.has(name)
    }
    if not given and not turnover:
        return
    with editing_organisation(
        actor=actor, organisation=organisation, expected_version=organisation.version
    ) as company:
        for name, value in given.items():
            setattr(company, name, value)
        for year, amount in turnover.items():
            company.annual_turnover.create(year=year, amount=amount)


def take_over_project(*, actor: User, proposal: Proposal, answers: Answers) -> None:
    """Fill a draft that was just begun. Raises NotAllowed, WrongState or ChangedElsewhere.

    The total cost is left out: it is the sum of budget lines, which nobody asked for. So is an
    excluded activity, which the draft wants by name.
    """
    given: dict[str, Any] = {}
    if answers.project_country:
        given["countries"] = [answers.project_country]
    if answers.sector:
        given["sectors"] = [answers.sector]
    if answers.duration_months is not None:
        given["duration_months"] = answers.duration_months
    if answers.excluded_activity is False:
        given["excluded_activities"] = []
    if answers.requested is not None:
        given["requested"] = answers.requested
    partner = answers.partner_country not in (None, NO_PARTNER)
    if not given and not partner:
        return
    with editing(actor=actor, proposal=proposal, expected_version=proposal.version) as draft:
        for name, value in given.items():
            setattr(draft, name, value)
        if partner:
            draft.partners.create(country_id=answers.partner_country)
