"""`check_proposal`: dossiers in, findings out, one JSON object per line and file."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError
from django.utils import timezone

from applications.actions.checking_context import ContextBuilder, labels_for, rule_parameters
from applications.actions.dossier_files import Unreadable, printable, read_file
from applications.checks import (
    Dossier,
    Finding,
    InvalidParameter,
    NotADossier,
    Report,
    RuleParameters,
    check,
    read_document,
    render,
)
from applications.models import Call, RuleSet

SCHEMA = "bpf-findings/1"
NOT_ALL_CHECKED = 2


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2024-04-30") from error
    if day.isoformat() != text:
        raise ArgumentTypeError(f"{text!r} is not written as in 2024-04-30")
    return day


class NotChecked(Exception):
    """Why a file could not be checked, in one line."""


class Command(BaseCommand):
    # The pages have no part in this; a second of importing them would double the time of a file.
    requires_system_checks = ()
    help = (
        "Check proposal files (bpf-proposal/1) and print their findings, one JSON object a line."
        " Exit 0 when all were checked; 2 with one line on standard error per file that was not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--rules", metavar="CODE", help="rule set, instead of the dossier's")
        parser.add_argument(
            "--on",
            type=_day,
            metavar="YYYY-MM-DD",
            help="reference date, instead of the call's deadline",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            checker = _Checker(rules=options["rules"], on=options["on"])
        except ProgrammingError as error:
            raise CommandError(
                "the database has no tables yet; run migrate and load_reference first",
                returncode=NOT_ALL_CHECKED,
            ) from error
        failures = 0
        for name in options["files"]:
            try:
                self.stdout.write(checker.findings_of(name))
            except NotChecked as error:
                failures += 1
                self.stderr.write(f"{printable(name)}: {error}")
        if failures:
            sys.exit(NOT_ALL_CHECKED)


class _Checker:
    """Checks one file after the other with the lists read once."""

    def __init__(self, *, rules: str | None, on: date | None) -> None:
        self.on = on
        self.contexts = ContextBuilder()
        self.calls = {call.code: call for call in Call.objects.select_related("rule_set")}
        # Of each code the newest version, since the rows come in the order of their versions.
        self.rule_sets = {
            row.code: row for row in RuleSet.objects.in_force().order_by("code", "version")
        }
        self.parameters: dict[int, RuleParameters] = {}
        self.labels: dict[str, dict[str, dict[str, str]]] = {}
        if not self.rule_sets:
            raise CommandError(
                "there is no rule set; run load_reference first", returncode=NOT_ALL_CHECKED
            )
        if rules is not None and rules not in self.rule_sets:
            known = ", ".join(self.rule_sets)
            raise CommandError(
                f"there is no rule set {rules!r}; there are {known}", returncode=NOT_ALL_CHECKED
            )
        self.wanted_rules = self.rule_sets[rules] if rules is not None else None

    def findings_of(self, name: str) -> str:
        try:
            dossier = Dossier.from_document(read_document(read_file(name)))
        except (NotADossier, Unreadable) as error:
            raise NotChecked(str(error)) from error
        call = self.calls.get(dossier.call)
        rule_set = self._rules_for(dossier, call)
        reference_date = self._day_for(dossier, call)
        try:
            if rule_set.pk not in self.parameters:
                self.parameters[rule_set.pk] = rule_parameters(rule_set)
            context = self.contexts.context(call, rule_set, reference_date)
        except InvalidParameter as error:
            raise CommandError(f"{rule_set}: {error}", returncode=NOT_ALL_CHECKED) from error
        report = check(dossier, self.parameters[rule_set.pk], context)
        return self._as_json(report, rule_set, reference_date, dossier.language)

    def _rules_for(self, dossier: Dossier, call: Call | None) -> RuleSet:
        if self.wanted_rules is not None:
            return self.wanted_rules
        if dossier.rules:
            if dossier.rules not in self.rule_sets:
                raise NotChecked(f"$.rules: there is no rule set {dossier.rules!r}")
            return self.rule_sets[dossier.rules]
        if call is None:
            raise NotChecked(f"$.call: there is no call {dossier.call!r}; name the rules (--rules)")
        return call.rule_set

    def _day_for(self, dossier: Dossier, call: Call | None) -> date:
        if self.on is not None:
            return self.on
        if call is None:
            raise NotChecked(
                f"$.call: there is no call {dossier.call!r}; give the reference date (--on)"
            )
        return timezone.localdate(call.deadline_at)

    def _as_json(
        self, report: Report, rule_set: RuleSet, reference_date: date, language: str
    ) -> str:
        if language not in self.labels:
            self.labels[language] = labels_for(language)
        # Escaped to ASCII, so that no terminal's or pipe's encoding can break a line.
        return json.dumps(
            {
                "schema": SCHEMA,
                "rules": rule_set.code,
                "reference_date": reference_date.isoformat(),
                "outcome": report.outcome,
                "due_diligence": report.due_diligence,
                "findings": [self._finding(finding, language) for finding in report.findings],
            }
        )

    def _finding(self, finding: Finding, language: str) -> dict[str, str]:
        text = render(finding, language, self.labels[language])
        return {
            "code": finding.code,
            "outcome": finding.outcome,
            "observed": finding.observed,
            "required": finding.required,
            "message": text.message,
            "remedy": text.remedy,
            "source": text.source,
        }
