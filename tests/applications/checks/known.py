"""Boundaries of rules that need more than the dossier: lists, registers, scans, earlier answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from applications.checks import (
    ListedName,
    Moment,
    NextEdition,
    Resemblance,
    SanctionsList,
    SimilarProposal,
)
from applications.checks.register_questions import Register, RegisterQuestion, RegisterSaid
from applications.reference.files import read_clauses
from tests.applications.checks.corpus import ALL, BPF, GROUPS, IVAN, LISTS, SISTER, Row

HRDD = GROUPS["hrdd"]
IN_LUXEMBOURG = "a number that the register knows, under the company's name"
NOT_LISTED = "no name like a listed one (>= 0.90)"
NOT_ALIKE = "no second proposal in the call, none alike (>= 0.85)"
CLAUSE = "version 2024-1 accepted by a legal representative"
CLAUSE_HASH = next(c.sha256 for c in read_clauses() if (c.version, c.language) == ("2024-1", "en"))
HIGH = {"project.countries": ["BD"]}

VIES = RegisterQuestion(Register.VIES, "LU", "15027442")
LBR = RegisterQuestion(Register.LBR, "LU", "B98765")

ANNE = ListedName("EU.2", ("Weber, Anne", "Anna Veber"), is_person=True, label="EU.2.7")
MIDDLE = ListedName("EU.3", ("Ivan Sergeyevich Petrov",), is_person=True)
MILL = ListedName("UN.1", ("Moulin Brasserie",))
LISTED = (
    replace(LISTS[0], entries=(IVAN, ANNE)),
    SanctionsList("UN", date(2018, 1, 3), "fedcba9876543210", (MILL,)),
)
OF_ANNE = "Anne Weber: EU EU.2.7, Weber, Anne (100 %)"
OF_THE_MILL = "Brasserie du Moulin S.A.: UN UN.1, Moulin Brasserie (100 %)"
LIKE_ANNE = Resemblance("anne weber", "EU", "EU.2", "")
LIKE_THE_MILL = Resemblance("brasserie moulin", "UN", "UN.1", "")


def known_rows() -> Iterator[Row]:
    yield from _countries_by_day()
    yield from _registers("lead.vat_register", VIES, {"lead.vat_number": "LU 150 274 42"})
    yield from _registers("lead.trade_register", LBR, {})
    yield from _documents()
    yield from _next_edition()
    yield from _sanctions()
    yield from _duplicates()
    yield from _due_diligence()


def _countries_by_day() -> Iterator[Row]:
    """Nauru was on the list up to and including 31 December 2025."""
    for day, outcome, reason in (
        (date(2025, 12, 31), "pass", "listed"),
        (date(2026, 1, 1), "fail", "not_listed"),
    ):
        nauru = {"project.countries": ["NR"]}
        known = {"reference_date": day}
        yield Row(BPF, "project.country", nauru, outcome, reason, "NR", "dac-oda", known)


def _registers(code: str, question: RegisterQuestion, changes: dict[str, Any]) -> Iterator[Row]:
    number, ours = question.number, "Brasserie du Moulin S.A."
    for answer, name, outcome, reason, observed, required in (
        ("valid", "", "pass", "valid", number, IN_LUXEMBOURG),
        ("valid", "BRASSERIE DU MOULIN SARL", "pass", "valid", number, IN_LUXEMBOURG),
        ("valid", "Brasserie de Moulins", "pass", "valid", number, IN_LUXEMBOURG),
        ("valid", "Brasserie Poste", "review", "other_name", "Brasserie Poste", ours),
        ("valid", "—", "review", "other_name", "—", ours),
        ("invalid", "", "review", "invalid", number, IN_LUXEMBOURG),
        ("invalid", ours, "review", "invalid", number, IN_LUXEMBOURG),
        ("", "", "review", "unanswered", number, IN_LUXEMBOURG),
    ):
        known = {"register_answers": {question: RegisterSaid(answer, name)}}
        yield Row(BPF, code, changes, outcome, reason, observed, required, known)


def _documents() -> Iterator[Row]:
    code, form = "documents.complete", {"documents.0.sha256": "ab"}
    for scan, outcome, reason, observed in (
        ("infected", "missing", "not_clean", "without application_form"),
        ("clean", "pass", "complete", "all"),
    ):
        told = {**form, "documents.0.scan": "pending" if scan == "clean" else "clean"}
        yield Row(
            ALL, code, told, outcome, reason, observed, "application_form", {"scans": {"ab": scan}}
        )
    needed = {
        ("preselection", "lead"): ("application_form", "accounts"),
        ("preselection", "local"): ("letter", "accounts"),
        ("preselection", "associated"): ("mandate",),
        ("detailed_proposal", "lead"): ("plan",),
    }
    asked = {"required_documents": needed}
    both, without = "application_form, accounts, letter", "without accounts, letter"
    # A local partner's papers are asked for where the rules demand one, given or not.
    yield Row(BPF, code, {}, "missing", "absent", without, both, asked)
    yield Row(BPF, code, {"partners": []}, "missing", "absent", without, both, asked)
    of_lead = "application_form, accounts"
    yield Row(SISTER, code, {}, "missing", "absent", "without accounts", of_lead, asked)


def _next_edition() -> Iterator[Row]:
    following = NextEdition("bpf-next", datetime.fromisoformat("2030-10-31T22:59:59+00:00"))
    yield Row(
        BPF,
        "call.deadline",
        {"submitted_at": "DAYT22:00:01Z"},
        "review",
        "late_next_edition",
        "MORROWT00:00:01+02:00",
        "<= DAYT23:59:59+02:00",
        {"next_edition": following},
    )


def _sanctions() -> Iterator[Row]:
    code, both = "screening.sanctions", f"{OF_THE_MILL}; {OF_ANNE}"
    for known, outcome, reason, observed in (
        ({"sanctions_lists": ()}, "review", "not_screened", "not screened"),
        (
            {"sanctions_lists": (replace(LISTS[0], entries=()),)},
            "review",
            "not_screened",
            "not screened",
        ),
        ({}, "review", "candidates", both),
        ({"cleared": frozenset((LIKE_ANNE,))}, "review", "candidates", OF_THE_MILL),
        ({"confirmed": frozenset((LIKE_ANNE,))}, "review", "confirmed", OF_ANNE),
        (
            {
                "confirmed": frozenset((LIKE_ANNE, LIKE_THE_MILL)),
                "cleared": frozenset((LIKE_ANNE,)),
            },
            "review",
            "confirmed",
            both,
        ),
    ):
        given = {"sanctions_lists": LISTED, **known}
        yield Row(ALL, code, {}, outcome, reason, observed, NOT_LISTED, given)
    answered = {"sanctions_lists": LISTED, "cleared": frozenset((LIKE_ANNE, LIKE_THE_MILL))}
    # The signatory is the director as well, and counts once; the sister fund has no partner.
    for rule_sets, observed in ((BPF, "3 names"), (SISTER, "2 names")):
        yield Row(rule_sets, code, {}, "pass", "clear", observed, NOT_LISTED)
        yield Row(rule_sets, code, {}, "pass", "cleared", observed, NOT_LISTED, answered)
    # Everybody the dossier names is compared, each as what they are.
    for changes, observed in (
        ({"lead.legal_name": "Petrov Ivan S.A."}, "Petrov Ivan S.A."),
        ({"partners": [{**_PARTNER, "legal_name": "Petrov Ivan"}]}, "Petrov Ivan"),
        ({"due_diligence.clause.signatory": "Ivan A. Petrov"}, "Ivan A. Petrov"),
        ({"lead.directors": [{"name": "Ivan Petrov"}]}, "Ivan Petrov"),
        ({"lead.beneficial_owners": [{"name": "Petrov, İvan"}]}, "Petrov, İvan"),
    ):
        percent = "95" if observed == "Ivan A. Petrov" else "100"
        found = f"{observed}: EU EU.1.1, Ivan Petrov ({percent} %)"
        yield Row(ALL, code, changes, "review", "candidates", found, NOT_LISTED)
    # A company may not lack a word of a person's listed name, a person may.
    fewer = {"sanctions_lists": (replace(LISTS[0], entries=(MIDDLE,)),)}
    director = {"lead.directors": [{"name": "Ivan Petrov"}]}
    found = "Ivan Petrov: EU EU.3, Ivan Sergeyevich Petrov (95 %)"
    yield Row(ALL, code, director, "review", "candidates", found, NOT_LISTED, fewer)
    company = {"lead.legal_name": "Ivan Petrov S.A."}
    for rule_sets, observed in ((BPF, "3 names"), (SISTER, "2 names")):
        yield Row(rule_sets, code, company, "pass", "clear", observed, NOT_LISTED, fewer)
    # Of one entry the name that is most alike, once.
    aliases = replace(IVAN, names=("Petrov Ivan", "Ivan Petrov", "Ivann Petrov"))
    several = {"sanctions_lists": (replace(LISTS[0], entries=(aliases,)),)}
    once = "Ivan Petrov: EU EU.1.1, Petrov Ivan (100 %)"
    yield Row(ALL, code, director, "review", "candidates", once, NOT_LISTED, several)
    two = {"lead.legal_name": "...", "lead.directors": [{"name": "??"}]}
    yield Row(ALL, code, two, "review", "unreadable", "..., ??", NOT_LISTED)
    for name in ("---", "…", "«?»"):
        punctuation = {"lead.legal_name": name}
        yield Row(ALL, code, punctuation, "review", "unreadable", name, NOT_LISTED)


_PARTNER = {
    "role": "local",
    "legal_name": "",
    "kind": "company",
    "country": "RW",
    "registration_number": "1",
}


def _duplicates() -> Iterator[Row]:
    code = "screening.duplicate"
    others = {
        "in call": SimilarProposal("P-1", True, Decimal("0.10")),
        "own": SimilarProposal("P-2", False, Decimal("0.859"), same_lead=True),
        "alike": SimilarProposal("P-3", False, Decimal("0.85")),
        "not alike": SimilarProposal("P-4", False, Decimal("0.8499")),
    }
    for names, outcome, reason, observed in (
        ((), "pass", "unique", "none"),
        (("not alike",), "pass", "unique", "none"),
        (("alike",), "review", "alike", "P-3 (85 %)"),
        (("own",), "review", "alike_own", "P-2 (85 %)"),
        (("own", "alike"), "review", "alike", "P-2 (85 %), P-3 (85 %)"),
        (("in call",), "review", "same_lead", "P-1 (10 %)"),
        (("own", "in call"), "review", "same_lead", "P-1 (10 %), P-2 (85 %)"),
        (
            ("alike", "not alike", "in call"),
            "review",
            "same_lead_and_alike",
            "P-1 (10 %), P-3 (85 %)",
        ),
    ):
        known = {"similar_proposals": tuple(others[name] for name in names)}
        yield Row(ALL, code, {}, outcome, reason, observed, NOT_ALIKE, known)


def _due_diligence() -> Iterator[Row]:
    since, countersigned = GROUPS["hrdd-since-2024"], "due_diligence.clause.partner_countersigned"
    of_anne, contract = "version 2024-1, Anne Weber", {"moment": Moment.CONTRACT}
    code = "hrdd.clause"
    for changes, known, outcome, reason in (
        ({}, contract, "missing", "not_countersigned"),
        ({countersigned: True}, contract, "pass", "accepted"),
        ({countersigned: False}, {"moment": Moment.RENEWAL}, "pass", "accepted"),
        ({"due_diligence.clause.sha256": CLAUSE_HASH.upper()}, {}, "pass", "accepted"),
        ({"due_diligence.clause.legal_representative": False}, contract, "missing", "not_counters"),
    ):
        full = {"not_counters": "not_countersigned"}.get(reason, reason)
        yield Row(since, code, changes, outcome, full, of_anne, CLAUSE, known)
    code, required = "hrdd.sign_off", "an officer's sign-off"
    yield Row(HRDD, code, HIGH, "review", "open", "open", required)
    yield Row(HRDD, code, HIGH, "pass", "signed", "signed", required, {"signed_off": True})
