"""Rules as officers write them: a draft from a version that exists, put in force, never changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from applications.access import may_write_rules
from applications.actions.checking_context import refuse_unknown_lists, rule_parameters
from applications.actions.reference import lock_reference_data
from applications.checks import InvalidParameter, RuleParameters
from applications.checks.rules import PARAMETER_NAMES
from applications.events import (
    RuleSetDiscarded,
    RuleSetDrafted,
    RuleSetPutInForce,
    RuleSetRevised,
)
from applications.models import (
    RULE_SET_TRANSITIONS,
    SHORTEST_REASON,
    Country,
    CountryList,
    RuleSet,
    RuleSetState,
    Term,
    Vocabulary,
)
from bpf_portal.core.access import Text, require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState

LONGEST_REASON = 10_000
NOT_A_DRAFT = gettext_lazy(
    "These rules are no draft: they do not change any more. Make a new version from them."
)
CHANGED_MEANWHILE = gettext_lazy(
    "Somebody saved these rules while you were writing. Nothing of it was overwritten; what is"
    " different is listed below."
)
#: Parameters that name words of a vocabulary.
WORDS: Mapping[str, Vocabulary] = {
    "lead_kinds": Vocabulary.ORGANISATION_KIND,
    "sectors": Vocabulary.SECTOR,
    "excluded_activities": Vocabulary.EXCLUDED_ACTIVITY,
}


@dataclass(frozen=True, kw_only=True)
class RuleSetText:
    """Everything that is written about a draft. `parameters` as in `rule_sets.json`; a parameter
    that is not there, or empty, switches its rule off. `sources` and `assumed` by parameter."""

    code: str
    title_fr: str
    title_en: str
    valid_from: date
    parameters: Mapping[str, Any]
    sources: Mapping[str, str]
    assumed: list[str]


@transaction.atomic
def draft_version(*, actor: User, rule_set_id: int) -> RuleSet:
    """A draft that says what this version says. Who has one that was never saved gets that one,
    so that a button pressed twice makes one draft. Raises NotAllowed."""
    require(may_write_rules(actor))
    lock_reference_data()
    base = RuleSet.objects.visible_to(actor).get(pk=rule_set_id)
    untouched = RuleSet.objects.filter(
        state=RuleSetState.DRAFT, based_on=base, made_by=actor, revision=1
    ).first()
    if untouched is not None:
        return untouched
    draft = RuleSet.objects.create(
        code=base.code,
        version=_next_version(base.code),
        title_fr=base.title_fr,
        title_en=base.title_en,
        parameters=base.parameters,
        sources=base.sources,
        assumed=base.assumed,
        valid_from=max(base.valid_from, timezone.localdate()),
        state=RuleSetState.DRAFT,
        based_on=base,
        made_by=actor,
    )
    record(
        RuleSetDrafted(based_on=str(base)), about=draft, actor=actor, to_state=RuleSetState.DRAFT
    )
    return draft


def _next_version(code: str) -> int:
    """The caller holds the lock of the reference data."""
    newest = RuleSet.objects.filter(code=code).order_by("version").last()
    return newest.version + 1 if newest else 1


@transaction.atomic
def revise_draft(*, actor: User, rule_set_id: int, revision: int, text: RuleSetText) -> RuleSet:
    """Keep what was written, if nobody else saved since `revision`.

    Raises NotAllowed, WrongState, or ValidationError by parameter (`turnover.floor`) or column.
    What is missing keeps nothing from being saved: `missing_of` says it before it is in force.
    """
    require(may_write_rules(actor))
    lock_reference_data()
    draft = _locked(actor, rule_set_id, "revise", revision)
    if problems := _problems(text):
        raise ValidationError(problems)
    if text.code != draft.code:
        draft.version = _next_version(text.code)
    changed = _changed(draft, text)
    for name in ("code", "title_fr", "title_en", "valid_from", "parameters", "sources", "assumed"):
        setattr(draft, name, getattr(text, name))
    draft.assumed = sorted(text.assumed)
    draft.revision += 1
    draft.save()
    record(
        RuleSetRevised(changed=changed),
        about=draft,
        actor=actor,
        from_state=RuleSetState.DRAFT,
        to_state=RuleSetState.DRAFT,
    )
    return draft


@transaction.atomic
def put_in_force(*, actor: User, rule_set_id: int, revision: int, reason: str) -> RuleSet:
    """From now on calls may go under these rules, and nothing of them changes any more.

    Raises NotAllowed, WrongState, or ValidationError on `reason` or on what is still missing.
    """
    require(may_write_rules(actor))
    draft = _locked(actor, rule_set_id, "put_in_force", revision)
    problems = {"reason": _reason_problems(reason)} if _reason_problems(reason) else {}
    if missing := list(missing_of(draft)):
        problems["__all__"] = [_("Something is still missing; it is listed above.")]
    if problems or missing:
        raise ValidationError(problems)
    draft.state = RuleSetState.IN_FORCE
    draft.put_in_force_by, draft.put_in_force_at = actor, timezone.now()
    draft.reason = reason.strip()
    draft.save()
    _record_step(RuleSetPutInForce(reason=draft.reason), draft, actor)
    return draft


@transaction.atomic
def discard_draft(*, actor: User, rule_set_id: int, revision: int, reason: str) -> RuleSet:
    """The draft is given up. It stays readable for those who read drafts."""
    require(may_write_rules(actor))
    draft = _locked(actor, rule_set_id, "discard", revision)
    if problems := _reason_problems(reason):
        raise ValidationError({"reason": problems})
    draft.state, draft.reason = RuleSetState.DISCARDED, reason.strip()
    draft.save()
    _record_step(RuleSetDiscarded(reason=draft.reason), draft, actor)
    return draft


def missing_of(draft: RuleSet) -> Iterator[tuple[str, Text]]:
    """What keeps these rules from being put in force, by column or parameter. No query when the
    draft's `based_on` is there already."""
    for name in ("title_fr", "title_en"):
        if not getattr(draft, name).strip():
            yield name, gettext_lazy("Give the rules a title in both languages.")
    base = draft.based_on
    if base and base.code == draft.code and draft.valid_from < base.valid_from:
        yield (
            "valid_from",
            gettext_lazy("These rules would be valid before those they were made from."),
        )
    rules = rule_parameters(draft)
    for name in PARAMETER_NAMES:
        if getattr(rules, name) is None or name in draft.assumed:
            continue
        if not draft.sources.get(name, "A:").startswith("S:"):
            yield name, gettext_lazy("Say where this comes from, or mark it as assumed.")


def _locked(actor: User, rule_set_id: int, action: str, revision: int) -> RuleSet:
    rows = RuleSet.objects.visible_to(actor).select_for_update(of=("self",))
    draft: RuleSet = rows.select_related("based_on").get(pk=rule_set_id)
    if not RULE_SET_TRANSITIONS.allows(draft.state, action):
        raise WrongState("rule set", draft.state, action, NOT_A_DRAFT)
    if draft.revision != revision:
        raise WrongState("rule set", draft.state, action, CHANGED_MEANWHILE)
    return draft


def _record_step(event: RuleSetPutInForce | RuleSetDiscarded, draft: RuleSet, actor: User) -> None:
    record(event, about=draft, actor=actor, from_state=RuleSetState.DRAFT, to_state=draft.state)


def _reason_problems(reason: str) -> list[Text]:
    if len(reason.strip()) < SHORTEST_REASON:
        return [_("Say why in a full sentence: others must be able to follow it.")]
    if len(reason) > LONGEST_REASON:
        return [_("This text is too long.")]
    return []


def _changed(draft: RuleSet, text: RuleSetText) -> list[str]:
    """Names of what becomes another value; an amount written otherwise is the same amount."""
    before, after = rule_parameters(draft), RuleParameters.from_mapping(text.parameters)
    changed = [
        name
        for name in ("code", "title_fr", "title_en", "valid_from")
        if getattr(draft, name) != getattr(text, name)
    ]
    for name in PARAMETER_NAMES:
        source = (draft.sources.get(name), name in draft.assumed)
        if getattr(before, name) != getattr(after, name) or source != (
            text.sources.get(name),
            name in text.assumed,
        ):
            changed.append(name)
    return changed


def _problems(text: RuleSetText) -> dict[str, list[Text]]:
    """By parameter or column what no rule set can hold."""
    tried = RuleSet(code=text.code, parameters=text.parameters, sources=text.sources)
    try:
        rules = rule_parameters(tried)
        refuse_unknown_lists(tried, set(CountryList.objects.values_list("code", flat=True)))
    except InvalidParameter as error:
        return {error.name: [_in_words(error)]}
    if unknown := sorted(set(text.assumed) - set(PARAMETER_NAMES)):
        return {unknown[0]: [_("This is not a parameter of the rules.")]}
    return dict(_unknown_words(rules))


def _unknown_words(rules: RuleParameters) -> Iterator[tuple[str, list[Text]]]:
    """Countries and words that no list of the portal has, in two queries."""
    words = set(
        Term.objects.filter(vocabulary__in=(*WORDS.values(), Vocabulary.COST_CATEGORY)).values_list(
            "vocabulary", "code"
        )
    )
    named: dict[str, set[tuple[str, str]]] = {
        name: {(vocabulary.value, code) for code in getattr(rules, name) or ()}
        for name, vocabulary in WORDS.items()
    }
    if rules.audit_category:
        named["audit_category"] = {(Vocabulary.COST_CATEGORY.value, rules.audit_category)}
    for name, asked in named.items():
        if unknown := sorted(code for _vocabulary, code in asked - words):
            yield name, [_("Not known: %(codes)s.") % {"codes": ", ".join(unknown)}]
    countries = {
        "lead_countries": set(rules.lead_countries or ()),
        "project_countries": set(rules.project_countries or ()),
        "register_formats": set(rules.register_formats or ()),
        "de_minimis.member_state": {rules.de_minimis.member_state} if rules.de_minimis else set(),
    }
    known = set(Country.objects.values_list("pk", flat=True))
    for name, codes in countries.items():
        if unknown := sorted(codes - known):
            yield name, [_("Not known: %(codes)s.") % {"codes": ", ".join(unknown)}]


def _in_words(error: InvalidParameter) -> Text:
    """The reason in the language in force; the engine gives its own in English."""
    return REFUSALS.get(error.reason, gettext_lazy("This value cannot be read."))


REFUSALS: Mapping[str, Text] = {
    "is not a parameter of the rules": gettext_lazy("This is not a parameter of the rules."),
    "must be a whole number, 0 or more": gettext_lazy("Write a whole number, 0 or more."),
    'must be at most 1: 50 percent is "0.50"': gettext_lazy(
        "At most 1: 50 percent is written 0.50."
    ),
    "is required": gettext_lazy("This is needed too."),
    "ends before it begins": gettext_lazy("It ends before it begins."),
    "needs a floor or a multiple": gettext_lazy("Give a floor, a multiple, or both."),
    "has a pattern that cannot be read": gettext_lazy("This form of the number cannot be read."),
}
