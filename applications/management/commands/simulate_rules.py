"""`simulate_rules`: what other rules would change for the submissions of calls. Stores nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from applications.actions.simulated_rules import NoSuchRules, named_rules
from applications.actions.simulating import Simulated, simulate, summed
from applications.actions.simulation_words import Table, country_names, simulation_csv, tables
from applications.checks import InvalidParameter
from applications.models import Call


class Command(BaseCommand):
    help = (
        "Try a rule set on the submissions of calls: who would stand differently, by rule and"
        " country, and the money they ask for. Stores nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rules",
            required=True,
            metavar="CODE[:VERSION]|FILE.json",
            help="a stored rule set (the newest version if none is named), or a JSON file of"
            " parameters; a parameter that is not there switches its rule off",
        )
        parser.add_argument(
            "--calls", metavar="CODE,…", help="codes of calls, by commas (all, if none is named)"
        )
        parser.add_argument(
            "--csv", metavar="FILE", help="write a line for each submission to this file"
        )
        parser.add_argument("--language", choices=("fr", "en"), default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rules, calls = named_rules(options["rules"]), _calls(options["calls"])
            rows = simulate(rules, calls)
            simulation = summed(_writing(rows, options["csv"]) if options["csv"] else rows)
        except NoSuchRules as error:
            raise CommandError(str(error)) from error
        except InvalidParameter as error:
            raise CommandError(f"{options['rules']}: {error}") from error
        except OSError as error:
            raise CommandError(f"{options['csv']}: {error.strerror}") from error
        if not simulation.whole.all.count:
            raise CommandError("nothing was handed in for these calls")
        language = options["language"]
        with translation.override(language):
            for table in tables(simulation, language, country_names(language)):
                self._print(table)

    def _print(self, table: Table) -> None:
        lines = [list(map(str, row)) for row in (table.header, *table.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        self.stdout.write(f"\n{table.title}")
        for line in lines:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _calls(codes: str | None) -> list[Call]:
    rows = Call.objects.select_related("rule_set").order_by("code")
    if codes is None:
        return list(rows)
    wanted = {code.strip() for code in codes.split(",")} - {""}
    found = list(rows.filter(code__in=wanted))
    if unknown := sorted(wanted - {call.code for call in found}):
        raise CommandError(f"there is no call {unknown[0]!r}")
    if not found:
        raise CommandError("no call is named")
    return found


def _writing(rows: Iterator[Simulated], name: str) -> Iterator[Simulated]:
    """Passes each row on and writes it as it goes by, so that one reading serves both."""
    passed_on: list[Simulated] = []

    def by_the_way() -> Iterator[Simulated]:
        for row in rows:
            passed_on.append(row)
            yield row

    with open(name, "w", encoding="utf-8", newline="") as file:
        for line in simulation_csv(by_the_way()):
            file.write(line)
            yield from passed_on
            passed_on.clear()
