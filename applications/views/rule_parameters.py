"""The parameters of a rule set by subject, as officers read and write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bpf_portal.core.access import Text


@dataclass(frozen=True, slots=True)
class Parameter:
    """`help` says what the rule does with it, and its unit."""

    name: str
    label: Text
    help: Text = ""


@dataclass(frozen=True, slots=True)
class Subject:
    key: str
    title: Text
    parameters: Sequence[Parameter]


SUBJECTS = (
    Subject(
        "lead",
        gettext_lazy("The lead partner"),
        (
            Parameter("lead_kinds", gettext_lazy("Kind of organisation")),
            Parameter(
                "lead_country_list",
                gettext_lazy("List of countries"),
                gettext_lazy("The lead partner is established in a country of this list."),
            ),
            Parameter(
                "lead_countries",
                gettext_lazy("Countries named one by one"),
                gettext_lazy("Names or two letters, with commas between them."),
            ),
            Parameter(
                "register_formats",
                gettext_lazy("Trade-register numbers"),
                gettext_lazy(
                    "How a country writes them. [A-Z] is a letter, \\d a digit, {1,6} one to six of"
                    " them; the sections are those of companies, with commas between them."
                ),
            ),
            Parameter(
                "min_years",
                gettext_lazy("Registered for at least"),
                gettext_lazy("Full years on the day of the deadline; the anniversary counts."),
            ),
            Parameter("turnover", gettext_lazy("Turnover")),
            Parameter("min_employees", gettext_lazy("Employees at least"), gettext_lazy("People.")),
            Parameter(
                "registration_window",
                gettext_lazy("Registered between two days"),
                gettext_lazy("Both days included."),
            ),
            Parameter(
                "max_external_funding",
                gettext_lazy("External funding at most"),
                gettext_lazy("EUR, grants, equity and loans of the last three years."),
            ),
        ),
    ),
    Subject(
        "partners",
        gettext_lazy("The partners"),
        (
            Parameter("min_local_partners", gettext_lazy("Local partners at least")),
            Parameter("partner_country_list", gettext_lazy("Countries of local partners")),
            Parameter("associated_country_list", gettext_lazy("Countries of associated partners")),
            Parameter(
                "max_partners",
                gettext_lazy("Partners at most"),
                gettext_lazy("The lead included; more is looked at by a person."),
            ),
        ),
    ),
    Subject(
        "project",
        gettext_lazy("The project"),
        (
            Parameter("project_country_list", gettext_lazy("List of countries of the project")),
            Parameter(
                "project_countries",
                gettext_lazy("Countries of the project named one by one"),
                gettext_lazy("Names or two letters, with commas between them."),
            ),
            Parameter(
                "sectors",
                gettext_lazy("Sectors"),
                gettext_lazy("Without one, every sector is admitted."),
            ),
            Parameter(
                "duration_months",
                gettext_lazy("Duration"),
                gettext_lazy("Months, both limits included."),
            ),
            Parameter("excluded_activities", gettext_lazy("Excluded activities")),
        ),
    ),
    Subject(
        "money",
        gettext_lazy("The money"),
        (
            Parameter(
                "max_rate",
                gettext_lazy("Share of the grant at most"),
                gettext_lazy("Of the project’s cost: 0.50 is 50 percent."),
            ),
            Parameter("grant_ceiling", gettext_lazy("Grant at most"), gettext_lazy("EUR.")),
            Parameter(
                "grant_ceiling_haulage",
                gettext_lazy("Grant at most for road haulage"),
                gettext_lazy("EUR, road haulage for hire or reward."),
            ),
            Parameter(
                "audit_category",
                gettext_lazy("Category of the expenditure audit"),
                gettext_lazy("The budget has a line of this category."),
            ),
            Parameter(
                "de_minimis",
                gettext_lazy("De minimis aid"),
                gettext_lazy("With the grant asked for, over the years before the deadline."),
            ),
        ),
    ),
    Subject(
        "screening",
        gettext_lazy("Names and likeness"),
        (
            Parameter(
                "sanctions_threshold",
                gettext_lazy("Likeness with a name on a sanctions list"),
                gettext_lazy("From 0 to 1; from here on a person looks. 0.90 is 90 percent."),
            ),
            Parameter(
                "duplicate_threshold",
                gettext_lazy("Likeness with another proposal"),
                gettext_lazy("From 0 to 1; from here on a person looks. 0.85 is 85 percent."),
            ),
        ),
    ),
    Subject(
        "duties",
        gettext_lazy("Human rights"),
        (
            Parameter(
                "due_diligence_scope",
                gettext_lazy("What is asked at which risk level"),
            ),
            Parameter(
                "policy_max_age_years",
                gettext_lazy("Age of the policy at most"),
                gettext_lazy("Years before the deadline; an older one is looked at by a person."),
            ),
            Parameter(
                "remedy_criteria",
                gettext_lazy("Criteria of the grievance channel"),
                gettext_lazy("Each is met or explained."),
            ),
        ),
    ),
)
#: What the columns and parameters of a rule set are called.
COLUMNS: Mapping[str, Text] = {
    "title_fr": gettext_lazy("Title in French"),
    "title_en": gettext_lazy("Title in English"),
    "code": gettext_lazy("Code"),
    "valid_from": gettext_lazy("Valid from"),
    **{each.name: each.label for subject in SUBJECTS for each in subject.parameters},
}
