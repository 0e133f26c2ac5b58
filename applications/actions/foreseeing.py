"""What the checks would already say against a draft: for the task list, while there is time.

The very rules of the call judge what is written. What is not written is missing, and told so
elsewhere (`completeness`); nothing here stands in the way of a hand-in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Value
from django.db.models.functions import JSONObject
from django.utils import timezone

from applications.actions.checking_context import (
    in_force,
    refuse_unknown_lists,
    rule_parameters,
)
from applications.actions.completeness import Missing
from applications.actions.dossier_document import draft_dossier
from applications.actions.precheck import Answers, as_dossier
from applications.checks import (
    CheckContext,
    Dossier,
    Finding,
    Outcome,
    RenderedFinding,
    RuleParameters,
    render,
)
from applications.checks.engine import RULES
from applications.models import Country, CountryList, CountryListEntry, Proposal, Term, Vocabulary

#: Sections whose values a rule can refuse.
JUDGED = ("company", "partners", "project", "budget")
#: Rules that weigh the whole section: while something is missing there, they say nothing yet.
_OF_A_WHOLE_SECTION = frozenset({"budget.rate", "budget.balance"})
#: Rules that ask what others handed in, which is no value of the draft.
_OF_OTHERS = frozenset({"screening.sanctions", "screening.duplicate"})
_LABELLED = (Vocabulary.SECTOR, Vocabulary.EXCLUDED_ACTIVITY, Vocabulary.ORGANISATION_KIND)


def foresee(proposal: Proposal, gaps: Iterable[Missing]) -> list[Finding]:
    """The rules of the call that what is written would fail, in the order of the rules.

    One query; the proposal's lists are at hand (`fetch_for_missing` with "other_funding"), and its
    call's rule set. Raises InvalidParameter for a rule set that cannot be read.
    """
    parameters = rule_parameters(proposal.call.rule_set)
    day = timezone.localdate(proposal.call.deadline_at)
    context = CheckContext(reference_date=day, country_lists=_lists(proposal, day))
    incomplete = {gap.section for gap in gaps}
    absent = set(_fails(as_dossier(Answers(), parameters, day), parameters, context))
    return [
        finding
        for key, finding in _fails(draft_dossier(proposal), parameters, context).items()
        if key not in absent
        and not (finding.code in _OF_A_WHOLE_SECTION and finding.place in incomplete)
    ]


def _fails(
    dossier: Dossier, parameters: RuleParameters, context: CheckContext
) -> dict[tuple[str, str, str], Finding]:
    """What fails, by code, reason and what was observed."""
    found: dict[tuple[str, str, str], Finding] = {}
    for rule in RULES:
        if rule.place not in JUDGED or rule.code in _OF_OTHERS:
            continue
        finding = rule.finding(dossier, parameters, context)
        if finding is not None and finding.outcome is Outcome.FAIL:
            found[finding.code, finding.reason, finding.observed] = finding
    return found


def _lists(proposal: Proposal, day: date) -> dict[str, Mapping[str, date | None]]:
    """Of each list in force on that day the countries that the draft names. One query."""
    entries = CountryListEntry.objects.filter(
        country_list=OuterRef("pk"), country__in=_named_countries(proposal)
    )
    rows = CountryList.objects.annotate(
        entry_list=ArraySubquery(
            entries.values(entry=JSONObject(country="country_id", until="eligible_until"))
        )
    )
    versions: dict[str, list[CountryList]] = defaultdict(list)
    for row in rows:
        versions[row.code].append(row)
    refuse_unknown_lists(proposal.call.rule_set, versions)
    return {code: _entries(in_force(known, day)) for code, known in versions.items()}


def _entries(listed: CountryList) -> dict[str, date | None]:
    # Nothing comes where the draft names no country yet.
    rows: list[dict[str, str | None]] = listed.entry_list or []  # type: ignore[attr-defined]
    return {
        str(row["country"]): date.fromisoformat(row["until"]) if row["until"] else None
        for row in rows
    }


def said(
    findings: Iterable[Finding], proposal: Proposal, language: str
) -> list[tuple[str, RenderedFinding]]:
    """The findings in "fr" or "en", each with its section. One query."""
    labels = _labels(proposal, language)
    return [(finding.place, render(finding, language, labels)) for finding in findings]


def _labels(proposal: Proposal, language: str) -> dict[str, dict[str, str]]:
    """Names of the countries and words that the draft names, by kind and code."""
    codes = {
        proposal.organisation.kind,
        *proposal.sectors,
        *(proposal.excluded_activities or ()),
        *(partner.kind for partner in proposal.partners.all()),
    }
    countries = (
        Country.objects.order_by()
        .filter(pk__in=_named_countries(proposal))
        .values_list(Value("country"), "iso2", f"name_{language}")
    )
    terms = (
        Term.objects.order_by()
        .filter(vocabulary__in=_LABELLED, code__in=codes)
        .values_list("vocabulary", "code", f"label_{language}")
    )
    labels: dict[str, dict[str, str]] = {}
    for kind, code, text in countries.union(terms, all=True):
        labels.setdefault(kind, {})[code] = text
    return labels


def _named_countries(proposal: Proposal) -> set[str]:
    named = {proposal.organisation.country_id, *proposal.countries}
    named |= {partner.country_id for partner in proposal.partners.all()}
    return {code for code in named if code}
