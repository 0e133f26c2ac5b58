"""Rule sets below the pages: their table of states, what the database refuses, who comes first."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import User
from applications.actions import rule_sets
from applications.actions.call_rules import choose_rules
from applications.actions.reference import load_reference
from applications.models import RULE_SET_TRANSITIONS, Call, RuleSet, RuleSetState
from applications.reference import files
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.states import WrongState
from tests import builders
from tests.concurrently import at_once

REASON = "The committee of 3 March asked for it."


def shipped() -> RuleSet:
    return RuleSet.objects.get(code="bpf-2024", version=1)


def draft_of(officer: User) -> RuleSet:
    return rule_sets.draft_version(actor=officer, rule_set_id=shipped().pk)


def text_of(rules: RuleSet, **changes: object) -> rule_sets.RuleSetText:
    names = ("code", "title_fr", "title_en", "valid_from", "parameters", "sources", "assumed")
    return rule_sets.RuleSetText(**{name: getattr(rules, name) for name in names} | changes)


Act = Callable[[User, RuleSet], RuleSet]
ACTIONS: dict[str, Act] = {
    "revise": lambda actor, rules: rule_sets.revise_draft(
        actor=actor, rule_set_id=rules.pk, revision=rules.revision, text=text_of(rules)
    ),
    "put_in_force": lambda actor, rules: rule_sets.put_in_force(
        actor=actor, rule_set_id=rules.pk, revision=rules.revision, reason=REASON
    ),
    "discard": lambda actor, rules: rule_sets.discard_draft(
        actor=actor, rule_set_id=rules.pk, revision=rules.revision, reason=REASON
    ),
}
LEADS_TO = {"draft": None, "in_force": "put_in_force", "discarded": "discard"}


@pytest.mark.parametrize("state", RuleSetState.values)
def test_rule_sets_obey_their_table(state: str, officer: User, auditor: User) -> None:
    assert {action for _, action in RULE_SET_TRANSITIONS.transitions} == set(ACTIONS)
    rules = draft_of(officer)
    if before := LEADS_TO[state]:
        rules = ACTIONS[before](officer, rules)
    for name, act in ACTIONS.items():
        with pytest.raises(NotAllowed):
            act(auditor, rules)
        with transaction.atomic():
            if RULE_SET_TRANSITIONS.allows(state, name):
                assert act(officer, rules).state == RULE_SET_TRANSITIONS.target(state, name)
            else:
                with pytest.raises(WrongState):
                    act(officer, rules)
            transaction.set_rollback(True)
        rules = RuleSet.objects.get(pk=rules.pk)


def test_the_database_itself_keeps_what_was_in_force(officer: User, open_call: Call) -> None:
    draft = draft_of(officer)
    coming = builders.build_call(opens_at=timezone.now() + timedelta(days=2))
    with pytest.raises(DatabaseError, match="not in force"), transaction.atomic():
        Call.objects.filter(pk=coming.pk).update(rule_set=draft)
    ACTIONS["put_in_force"](officer, draft)
    Call.objects.filter(pk=coming.pk).update(rule_set=draft)
    for call in (open_call, Call.objects.get(code="bpf-2024-1")):
        with pytest.raises(DatabaseError, match="has opened"), transaction.atomic():
            Call.objects.filter(pk=call.pk).update(rule_set=draft)
    rows = RuleSet.objects.filter(pk=draft.pk)
    changes: tuple[dict[str, Any], ...] = (
        {"parameters": {}},
        {"state": "draft"},
        {"title_fr": "Autre"},
    )
    for change in changes:
        with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        rows._raw_delete(using="default")
    nobody = RuleSet.objects.filter(pk=draft_of(officer).pk)
    with pytest.raises(DatabaseError, match="state_has_its_people"), transaction.atomic():
        nobody.update(state="in_force")


def test_what_an_officer_made_is_never_loaded_over(
    officer: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    draft = draft_of(officer)
    assert not load_reference().changed
    folder = tmp_path / "reference"
    shutil.copytree(files.FOLDER, folder)
    monkeypatch.setattr(files, "FOLDER", folder)
    for name, old, new in (
        (
            "rule_sets.json",
            '"code": "bpf-2022",\n  "version": 1',
            '"code": "bpf-2024",\n  "version": 2',
        ),
        ("calls.json", '"bpf-2025-2"', '"bpf-2027-1"'),
        (
            "calls.json",
            '"bpf-2024",\n  "rule_set_version": 1',
            '"bpf-2024",\n  "rule_set_version": 2',
        ),
    ):
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    before = RuleSet.objects.values().get(pk=draft.pk)
    report = load_reference()
    assert report.left_out == {"rule sets": 1, "calls": 1}
    assert RuleSet.objects.values().get(pk=draft.pk) == before
    # The newest in force is what commands and new calls take; a draft is named with its version.
    assert RuleSet.objects.newest("bpf-2024") == shipped()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"parameters": {"colour": "red"}}, "colour"),
        ({"parameters": {"max_rate": "50"}}, "max_rate"),
        ({"parameters": {"turnover": {"floor": "-1"}}}, "turnover.floor"),
        ({"parameters": {"lead_countries": ["XX"]}}, "lead_countries"),
        ({"parameters": {"lead_country_list": "efta"}}, "lead_country_list"),
        ({"parameters": {"audit_category": "wine"}}, "audit_category"),
        ({"sources": {"max_rate": "somebody"}}, "max_rate"),
        ({"assumed": ["colour"]}, "colour"),
    ],
)
def test_what_cannot_be_a_rule_is_named(
    officer: User, changes: dict[str, object], place: str
) -> None:
    draft = draft_of(officer)
    with pytest.raises(ValidationError) as refused:
        rule_sets.revise_draft(
            actor=officer, rule_set_id=draft.pk, revision=1, text=text_of(draft, **changes)
        )
    assert set(refused.value.message_dict) == {place}


def test_rules_that_are_valid_too_late_are_not_for_this_call(officer: User) -> None:
    call = builders.build_call(opens_at=timezone.now() + timedelta(days=2))
    draft = draft_of(officer)
    text = text_of(draft, valid_from=date(2099, 1, 1))
    draft = rule_sets.revise_draft(actor=officer, rule_set_id=draft.pk, revision=1, text=text)
    ACTIONS["put_in_force"](officer, draft)
    with pytest.raises(ValidationError, match="1 January 2099"):
        choose_rules(actor=officer, call_id=call.pk, rule_set_id=draft.pk, seen=call.rule_set_id)


@pytest.mark.django_db(transaction=True)
def test_one_of_two_officers_comes_first(reference: None) -> None:
    first, second = builders.build_user("officer"), builders.build_user("officer")
    base = shipped().pk

    def make(actor: User) -> Callable[[], object]:
        return lambda: rule_sets.draft_version(actor=actor, rule_set_id=base).version

    pressed, by_second, again = at_once(make(first), make(second), make(first))
    assert pressed == again, "a button pressed twice made two drafts"
    assert {pressed, by_second} == {2, 3}
    draft = RuleSet.objects.filter(state="draft").earliest("pk")
    both = at_once(
        *(lambda actor=actor: ACTIONS["put_in_force"](actor, draft) for actor in (first, second))
    )
    assert sorted(type(each).__name__ for each in both) == ["RuleSet", "WrongState"]
    # And for a call: the second chose over rules that it had not seen.
    other = RuleSet.objects.get(code="bpf-2022")
    draft.refresh_from_db()
    call = builders.build_call(opens_at=timezone.now() + timedelta(days=2), open_for_days=90)
    both = at_once(
        *(
            lambda rules=rules: choose_rules(
                actor=first, call_id=call.pk, rule_set_id=rules.pk, seen=base
            )
            for rules in (draft, other)
        )
    )
    assert sorted(type(each).__name__ for each in both) == ["Call", "WrongState"]
    call_command("load_reference", verbosity=0)
