"""What each figure is, in one sentence: the report's dictionary of data."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reviews.reports.numbers import Status


@dataclass(frozen=True)
class Definition:
    """A figure's name, its unit (a key of `UNITS`) and its meaning."""

    key: str
    label: Promise
    unit: str
    meaning: Promise


UNITS: dict[str, Promise] = {
    "proposals": _("proposals"),
    "projects": _("projects"),
    "EUR": _("EUR"),
    "EUR/EUR": _("EUR per EUR of grant"),
    "days": _("days"),
}

FIGURES: tuple[Definition, ...] = (
    Definition(
        "received",
        _("Proposals received"),
        "proposals",
        _("Pre-selection proposals handed in during the year, late and withdrawn ones included."),
    ),
    Definition(
        "shortlisted",
        _("Proposals shortlisted"),
        "proposals",
        _("Proposals invited to the second stage by a decision published in the year."),
    ),
    Definition(
        "selected",
        _("Projects selected"),
        "projects",
        _("Projects to which a grant was awarded by a decision published in the year."),
    ),
    Definition(
        "reserve",
        _("On the reserve list"),
        "projects",
        _("Detailed proposals put on the reserve list by a decision published in the year."),
    ),
    Definition(
        "declined",
        _("Proposals not retained"),
        "proposals",
        _("Proposals not shortlisted or not selected by a decision published in the year."),
    ),
    Definition(
        "ineligible",
        _("Proposals not eligible"),
        "proposals",
        _("Proposals found not eligible, at either stage, by a decision published in the year."),
    ),
    Definition(
        "cumulative_selected",
        _("Selected since 2016"),
        "projects",
        _(
            "Projects selected from the facility's start in 2016 to the end of the year: the"
            " published total, or the last published total and the projects selected after it."
        ),
    ),
    Definition(
        "luxembourg_led",
        _("Led from Luxembourg"),
        "projects",
        _("Selected projects whose lead partner is registered in Luxembourg."),
    ),
    Definition(
        "eu_led",
        _("Led from elsewhere in the European Union"),
        "projects",
        _("Selected projects whose lead partner is registered in another country of the Union."),
    ),
    Definition(
        "requested",
        _("Grants requested"),
        "EUR",
        _("Grants asked for in the pre-selection proposals received in the year."),
    ),
    Definition(
        "requested_by_selected",
        _("Requested by the selected projects"),
        "EUR",
        _("Grants asked for in the dossiers of the projects selected in the year."),
    ),
    Definition(
        "awarded",
        _("Grants awarded"),
        "EUR",
        _("Grants awarded to the projects selected in the year."),
    ),
    Definition(
        "average_grant",
        _("Average grant"),
        "EUR",
        _("Awarded, divided by the number of projects selected, rounded to the cent."),
    ),
    Definition(
        "median_grant",
        _("Median grant"),
        "EUR",
        _("The grant in the middle: as many selected projects got more as got less."),
    ),
    Definition(
        "own_per_euro",
        _("Companies' own money"),
        "EUR/EUR",
        _("Own contributions in the selected dossiers, for each euro awarded to them."),
    ),
    Definition(
        "partners_per_euro",
        _("Partners' money"),
        "EUR/EUR",
        _("Partners' contributions in the selected dossiers, for each euro awarded to them."),
    ),
    Definition(
        "days_preselection",
        _("From deadline to answer, pre-selection"),
        "days",
        _(
            "Median of the days from the call's first deadline to the publication of the decisions"
            " of the year on pre-selection proposals. Decisions published before the deadline are"
            " left out."
        ),
    ),
    Definition(
        "days_detailed_proposal",
        _("From deadline to answer, detailed proposal"),
        "days",
        _(
            "Median of the days from the call's second deadline to the publication of the"
            " decisions of the year on detailed proposals. Decisions published before the deadline"
            " are left out."
        ),
    ),
)
BY_KEY = {definition.key: definition for definition in FIGURES}

BREAKDOWNS: tuple[Definition, ...] = (
    Definition(
        "country",
        _("By country"),
        "projects",
        _(
            "Selected projects and their grants by country of implementation; a project in several"
            " countries counts, with its whole grant, in each: the rows are not to be added up."
        ),
    ),
    Definition(
        "sector",
        _("By sector"),
        "projects",
        _(
            "Selected projects and their grants by sector; a project in several sectors counts,"
            " with its whole grant, in each: the rows are not to be added up."
        ),
    ),
    Definition(
        "sdg",
        _("By sustainable development goal"),
        "projects",
        _(
            "Selected projects and their grants by goal; a project that serves several goals"
            " counts, with its whole grant, in each: the rows are not to be added up."
        ),
    ),
    Definition(
        "project_kind",
        _("By kind of project"),
        "projects",
        _("Selected projects and their grants by kind of project; each project counts once."),
    ),
    Definition(
        "lead",
        _("By country of the lead partner"),
        "projects",
        _("Selected projects and their grants by where the lead partner is registered."),
    ),
)

LEADS: dict[str, Promise] = {
    "luxembourg": _("Luxembourg"),
    "eu": _("elsewhere in the European Union"),
}

STATUSES: dict[Status, tuple[Promise, Promise]] = {
    Status.PUBLISHED: (
        _("as published"),
        _("As a public source gives it; the source is named beside the year."),
    ),
    Status.COUNTED: (
        _("counted by the portal"),
        _("Counted by the portal in its own published decisions; zero is a true zero."),
    ),
    Status.CALCULATED: (
        _("calculated"),
        _("Calculated from numbers that are all known."),
    ),
    Status.AT_LEAST: (
        _("at least"),
        _("A part is not known: the sum of what is known, so the number is this or more."),
    ),
    Status.NOT_PUBLISHED: (
        _("not published"),
        _("Nobody published it and the portal did not count it. It is unknown, not zero."),
    ),
    Status.NOT_APPLICABLE: (
        _("not applicable"),
        _("There was nothing to calculate it from, such as an average without a project."),
    ),
}

JOINING: Promise = _(
    "What was published about a year stands, and the portal's own count is never added to it."
    " Where a publication leaves a number out, the portal's count of the same year is a part of an"
    " unknown whole (“at least”). A year that nobody published is counted by the portal alone."
    " Years are those of the publication of a decision, in Luxembourg's time."
)
