"""Each rule is one function registered under its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from .context import CheckContext
from .dossier import Dossier
from .findings import Finding, Verdict
from .rules import RuleParameters

RuleTest: TypeAlias = Callable[[Dossier, RuleParameters, CheckContext], Verdict | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """`parameter` is the one whose source in the rule set is the rule's; else `source`."""

    code: str
    place: str
    source: str
    parameter: str
    test: RuleTest

    def finding(
        self, dossier: Dossier, parameters: RuleParameters, context: CheckContext
    ) -> Finding | None:
        verdict = self.test(dossier, parameters, context)
        if verdict is None:
            return None
        return Finding(
            code=self.code,
            outcome=verdict.outcome,
            observed=verdict.observed,
            required=verdict.required,
            reason=verdict.reason,
            values=verdict.values,
            place=self.place,
            source=parameters.sources.get(self.parameter, self.source),
        )


class Rulebook:
    """An ordered collection of rules, filled by its decorator."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}

    def rule(
        self, code: str, *, place: str, source: str, parameter: str = ""
    ) -> Callable[[RuleTest], RuleTest]:
        def register(test: RuleTest) -> RuleTest:
            if code in self.rules:
                raise ValueError(f"two rules are called {code}")
            self.rules[code] = Rule(code, place, source, parameter, test)
            return test

        return register
