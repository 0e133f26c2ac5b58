"""What the checks must know besides the dossier, made from rows.

A `ContextBuilder` reads each list once, however many dossiers of a batch ask: seven queries, and
two for each new call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, lru_cache

from django.utils import timezone

from applications.checks import (
    CheckContext,
    ClauseText,
    InvalidParameter,
    ListedName,
    NextEdition,
    RiskLevel,
    RuleParameters,
)
from applications.checks import SanctionsList as SanctionsListValue
from applications.models import (
    Call,
    ClauseVersion,
    Country,
    CountryList,
    CountryListEntry,
    CountryRating,
    DocumentRequirement,
    RuleSet,
    SanctionsEntry,
    SanctionsList,
    Stage,
    Term,
    Vocabulary,
)

TEN_WORST = "ten_worst"
_LIST_PARAMETERS = (
    "lead_country_list",
    "partner_country_list",
    "associated_country_list",
    "project_country_list",
)
_LABELLED_VOCABULARIES = (
    Vocabulary.SECTOR,
    Vocabulary.EXCLUDED_ACTIVITY,
    Vocabulary.RISK_FLAG,
    Vocabulary.ORGANISATION_KIND,
)


def build_context(call: Call | None, rule_set: RuleSet, reference_date: date) -> CheckContext:
    """The context of one check. For many, keep a `ContextBuilder`."""
    return ContextBuilder().context(call, rule_set, reference_date)


def rule_parameters(rule_set: RuleSet) -> RuleParameters:
    """The rule set's parameters with their sources. Raises InvalidParameter."""
    return RuleParameters.from_mapping(rule_set.parameters, rule_set.sources)


def refuse_unknown_lists(rule_set: RuleSet, known: Container[str]) -> None:
    """Raises InvalidParameter when the rule set names a list of countries that is not there."""
    for name in _LIST_PARAMETERS:
        code = rule_set.parameters.get(name)
        if code and code not in known:
            raise InvalidParameter(name, f"names the list {code!r}, which is not loaded")


def in_force(versions: Iterable[CountryList], day: date) -> CountryList:
    """Of the versions of one list that in force on that day, or the oldest there is."""
    by_age = sorted(versions, key=lambda row: (row.valid_from, row.version))
    return next((row for row in reversed(by_age) if row.valid_from <= day), by_age[0])


class ContextBuilder:
    """Makes contexts for a batch; what it read once it does not read again."""

    def __init__(self, *, words: Iterable[Term] | None = None) -> None:
        """`words`: the terms, where the caller has read them already."""
        self._words = words
        self._by_call: dict[int, tuple[Mapping[tuple[str, str], tuple[str, ...]], Call | None]] = {}

    def context(self, call: Call | None, rule_set: RuleSet, reference_date: date) -> CheckContext:
        """Raises InvalidParameter when the rule set names a list of countries that is not there."""
        refuse_unknown_lists(rule_set, {listed.code for listed in self._lists})
        required, next_call = self._of_call(call)
        return CheckContext(
            reference_date=reference_date,
            call_code=call.code if call else "",
            deadlines=_deadlines(call),
            next_edition=NextEdition(next_call.code, next_call.deadline_at) if next_call else None,
            required_documents=required,
            country_lists=self._lists_on(reference_date),
            clauses=self._clauses,
            labour_worst=self._labour_worst,
            officer_ratings=self._officer_ratings,
            flag_levels=self._flag_levels,
            nace_high_prefixes=self._nace_high,
            sanctions_lists=self._sanctions_lists,
        )

    def eligibility_contexts(
        self, calls: Sequence[Call], rule_sets: Iterable[RuleSet]
    ) -> dict[int, CheckContext]:
        """By call, what decides on eligibility under these rule sets, and nothing that only the
        texts, the due diligence or the screening read: three queries for any number of calls.

        Raises InvalidParameter as `context` does."""
        for rule_set in rule_sets:
            refuse_unknown_lists(rule_set, {listed.code for listed in self._lists})
        required = _required_by_call(calls)
        contexts = {}
        for call in calls:
            day = timezone.localdate(call.deadline_at)
            contexts[call.pk] = CheckContext(
                reference_date=day,
                call_code=call.code,
                deadlines=_deadlines(call),
                required_documents=required.get(call.pk, {}),
                country_lists=self._lists_on(day),
            )
        return contexts

    def due_diligence_context(self, reference_date: date) -> CheckContext:
        """What the `hrdd.*` rules read, and nothing else: three queries, two with the words."""
        return CheckContext(
            reference_date=reference_date,
            clauses=self._clauses,
            labour_worst=self._labour_worst,
            officer_ratings=self._officer_ratings,
            flag_levels=self._flag_levels,
            nace_high_prefixes=self._nace_high,
        )

    def _of_call(
        self, call: Call | None
    ) -> tuple[Mapping[tuple[str, str], tuple[str, ...]], Call | None]:
        if call is None:
            return {}, None
        if call.pk not in self._by_call:
            self._by_call[call.pk] = (_required(call), Call.objects.next_after(call))
        return self._by_call[call.pk]

    def _lists_on(self, day: date) -> dict[str, Mapping[str, date | None]]:
        """Of each list the version in force on that day, or the oldest there is."""
        versions: dict[str, list[CountryList]] = defaultdict(list)
        for listed in self._lists:
            versions[listed.code].append(listed)
        return {code: self._entries[in_force(known, day).pk] for code, known in versions.items()}

    @cached_property
    def _sanctions_lists(self) -> tuple[SanctionsListValue, ...]:
        return living_lists()

    @cached_property
    def _lists(self) -> list[CountryList]:
        return list(CountryList.objects.all())

    @cached_property
    def _entries(self) -> Mapping[int, dict[str, date | None]]:
        entries: dict[int, dict[str, date | None]] = defaultdict(dict)
        rows = CountryListEntry.objects.order_by().values_list(
            "country_list_id", "country_id", "eligible_until"
        )
        for list_id, iso2, until in rows:
            entries[list_id][iso2] = until
        return entries

    @cached_property
    def _clauses(self) -> Mapping[tuple[str, str], ClauseText]:
        rows = ClauseVersion.objects.values_list("version", "language", "valid_from", "sha256")
        return {
            (version, language): ClauseText(valid_from, sha256)
            for version, language, valid_from, sha256 in rows
        }

    @cached_property
    def _ratings(self) -> list[tuple[str, str, str]]:
        rows = CountryRating.objects.order_by()
        return list(rows.values_list("country_id", "standing", "level"))

    @cached_property
    def _labour_worst(self) -> frozenset[str]:
        return frozenset(iso2 for iso2, standing, _ in self._ratings if standing == TEN_WORST)

    @cached_property
    def _officer_ratings(self) -> Mapping[str, RiskLevel]:
        return {
            iso2: RiskLevel(level)
            for iso2, standing, level in self._ratings
            if standing != TEN_WORST
        }

    @cached_property
    def _levels(self) -> list[tuple[str, str, str]]:
        if self._words is not None:
            return [(t.vocabulary, t.code, t.level) for t in self._words if t.level]
        rows = Term.objects.filter(vocabulary__in=(Vocabulary.RISK_FLAG, Vocabulary.NACE))
        return list(rows.exclude(level="").values_list("vocabulary", "code", "level"))

    @cached_property
    def _flag_levels(self) -> Mapping[str, RiskLevel]:
        return {
            code: RiskLevel(level)
            for vocabulary, code, level in self._levels
            if vocabulary == Vocabulary.RISK_FLAG
        }

    @cached_property
    def _nace_high(self) -> tuple[str, ...]:
        return tuple(
            code
            for vocabulary, code, level in self._levels
            if vocabulary == Vocabulary.NACE and level == RiskLevel.HIGH
        )


def living_lists() -> tuple[SanctionsListValue, ...]:
    """The sanctions lists in force. One query; a list that this process has not met, one more."""
    living = SanctionsList.objects.living().order_by("source")
    return tuple(_list_value(*row) for row in living.values_list("pk", "source", "dated", "sha256"))


@lru_cache(maxsize=4)
def _list_value(pk: int, source: str, dated: date, sha256: str) -> SanctionsListValue:
    """Kept in memory with its index: rows of a list never change."""
    rows = SanctionsEntry.objects.filter(sanctions_list=pk).order_by("pk")
    columns = ("pk", "reference", "names", "is_person", "label", "fingerprint", "folded")
    return SanctionsListValue(
        source,
        dated,
        sha256,
        tuple(
            ListedName(
                reference=reference,
                names=tuple(names),
                is_person=is_person,
                label=label,
                fingerprint=fingerprint,
                folded=tuple(folded),
                row=row,
            )
            for row, reference, names, is_person, label, fingerprint, folded in rows.values_list(
                *columns
            ).iterator(chunk_size=2_000)
        ),
        row=pk,
    )


def _required(call: Call) -> Mapping[tuple[str, str], tuple[str, ...]]:
    return _required_by_call([call]).get(call.pk, {})


def _required_by_call(
    calls: Iterable[Call],
) -> dict[int, dict[tuple[str, str], tuple[str, ...]]]:
    """By call, then by stage and role, the kinds of documents. One query."""
    kinds: dict[int, dict[tuple[str, str], tuple[str, ...]]] = defaultdict(dict)
    for row in DocumentRequirement.objects.filter(call__in=list(calls), required=True):
        known = kinds[row.call_id]
        known[row.stage, row.role] = (*known.get((row.stage, row.role), ()), row.kind)
    return kinds


def _deadlines(call: Call | None) -> dict[str, datetime]:
    """A stage whose deadline is not known has none here, and is not checked for it."""
    if call is None:
        return {}
    deadlines = {str(Stage.PRESELECTION): call.deadline_at}
    if call.stage_2_deadline_at is not None:
        deadlines[str(Stage.DETAILED_PROPOSAL)] = call.stage_2_deadline_at
    return deadlines


def labels_for(language: str) -> dict[str, dict[str, str]]:
    """Names by kind and code for the texts of findings, in "fr" or "en". Three queries."""
    name, label = f"name_{language}", f"label_{language}"
    labels: dict[str, dict[str, str]] = {
        "country": dict(Country.objects.order_by().values_list("iso2", name)),
        "document": dict(_document_labels(label)),
    }
    terms = Term.objects.filter(vocabulary__in=_LABELLED_VOCABULARIES)
    for vocabulary, code, text in terms.values_list("vocabulary", "code", label):
        labels.setdefault(vocabulary, {})[code] = text
    return labels


def _document_labels(label: str) -> Iterable[tuple[str, str]]:
    """Of the newest call where calls word a document differently."""
    return DocumentRequirement.objects.order_by("call__deadline_at").values_list("kind", label)
