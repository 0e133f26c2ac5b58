"""What a call still offers to choose from: the countries and the sectors of its rule set."""

from datetime import date

from django.db.models import Q
from django.utils import timezone

from applications.models import Call, CountryListEntry, Term, Vocabulary


def offered_countries(call: Call) -> set[str] | None:
    """The countries in which a project of this call may take place; None: any."""
    parameters = call.rule_set.parameters
    named = set(parameters.get("project_countries") or ())
    deadline = timezone.localdate(call.deadline_at)
    listed = _listed_countries(parameters.get("project_country_list"), deadline)
    return (listed or set()) | named if listed is not None or named else None


def offered_sectors(call: Call) -> set[str]:
    """The sectors of this call: those of its rule set, or every one that has a name."""
    named = call.rule_set.parameters.get("sectors")
    if named:
        return set(named)
    return set(Term.objects.filter(vocabulary=Vocabulary.SECTOR).values_list("code", flat=True))


def _listed_countries(code: str | None, on: date) -> set[str] | None:
    """The countries on the newest version of a list, still eligible on the day; None: no list."""
    if not code:
        return None
    entries = CountryListEntry.objects.filter(
        Q(eligible_until=None) | Q(eligible_until__gte=on), country_list__code=code
    ).values_list("country_list__version", "country_id")
    rows = list(entries)
    newest = max((version for version, _country in rows), default=0)
    return {country for version, country in rows if version == newest}
