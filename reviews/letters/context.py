"""What a letter is made from: one plain document, stored with the letter, enough to print it again.

Everything in it is text in the letter's language, cleaned and with its fields filled in, so that
printing needs no row, no clock and no settings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.utils import timezone

from applications.models import ClauseVersion, Submission
from bpf_portal.core import money
from reviews.letters import assessment, figures
from reviews.letters.wording import Words, WrongWording, clean, in_one_line, lines_of, typeset
from reviews.models import Decision, DecisionKind, Letter, LetterTemplate

SCHEMA = "bpf-letter/1"
Json = dict[str, Any]
#: What a block may end with, besides its own words.
LISTS = frozenset(("", "award", "conditions", "correction", "grounds", "score", "reasons"))


@dataclass(frozen=True)
class Stationery:
    """The parts of a template that stand once: heading, labels, salutation and the like."""

    parts: Mapping[str, Json]
    body: Sequence[Json]

    @classmethod
    def of(cls, template: LetterTemplate) -> "Stationery":
        """Raises WrongWording when the template lacks a part."""
        parts = {block["part"]: block for block in template.blocks if "part" in block}
        missing = {"letterhead", "labels", "salutation", "closing"} - set(parts)
        if missing:
            raise WrongWording(f"{template} has no {', '.join(sorted(missing))}")
        return cls(parts, [block for block in template.blocks if "part" not in block])

    def correction(self, template: LetterTemplate) -> Json:
        """What the letter of a corrected decision says first. Raises WrongWording without it."""
        if "correction" not in self.parts:
            raise WrongWording(f"{template} does not say how a decision is corrected")
        return self.parts["correction"]


def build_context(decision: Decision, *, template: LetterTemplate, reference: str) -> Json:
    """The letter as a JSON document, in the language of the application.

    Dated on the day of publication, or today for a decision that is not published yet (a preview).
    Raises WrongWording when the template names what this decision does not have.
    """
    submission = decision.submission
    language = submission.language
    issued = timezone.localtime(decision.published_at or timezone.now())
    facts = assessment.of(decision)
    clause = _clause(submission, issued.date()) if decision.kind == DecisionKind.SELECTED else None
    values = _values(decision, reference, issued, clause) | facts.values(language)
    words = Words(values, on=issued.date(), language=language)
    stationery = Stationery.of(template)
    labels = {name: words.say(text) for name, text in stationery.parts["labels"]["words"].items()}
    lists: dict[str, Sequence[object]] = {
        "award": _award(decision, labels),
        "correction": _typeset_lines(decision.correction_reason, language),
        "conditions": _typeset_lines(decision.conditions, language),
        "grounds": _typeset_lines(decision.grounds, language),
        "score": facts.score_rows(language, labels),
        "reasons": facts.reason_rows(language),
    }
    subject, body = words.say(template.subject), stationery.body
    if decision.replaces_id is not None:
        part = stationery.correction(template)
        subject, body = f"{words.say(part['subject'])} {subject}", [part["block"], *body]
    return {
        "schema": SCHEMA,
        "language": language,
        "kind": decision.kind,
        "reference": reference,
        "title": f"{reference} – {subject}",
        "date": issued.date().isoformat(),
        "issued_at": issued.isoformat(timespec="seconds"),
        "submission": {"reference": submission.reference, "sha256": submission.sha256},
        "amount": money.as_text(decision.amount) if decision.amount is not None else None,
        "demonstration": bool(settings.DEMO or not settings.LETTER_KEY),
        "letterhead": _letterhead(stationery.parts["letterhead"], words),
        "address": _address(submission),
        "references": _references(reference, submission, labels),
        "subject": subject,
        "salutation": words.say(stationery.parts["salutation"]["text"]),
        "blocks": list(_blocks(body, words, lists)),
        "closing": [words.say(text) for text in stationery.parts["closing"]["paragraphs"]],
        "signatories": [
            {"name": in_one_line(each["name"]), "function": words.say(each["function"])}
            for each in template.signatories
        ],
        "clause": _annex(clause, words) if clause else None,
        "labels": labels,
    }


def _values(
    decision: Decision, reference: str, issued: datetime, clause: "_AcceptedClause | None"
) -> dict[str, str | None]:
    submission, language = decision.submission, decision.submission.language
    call = submission.call
    amount, deadline = decision.amount, call.stage_2_deadline_at
    accepted = clause.accepted_on if clause else None
    replaced = decision.replaces
    told = Letter.objects.filter(decision=replaced).first() if replaced else None
    told_at = replaced.published_at if replaced else None
    return {
        "company": in_one_line(submission.lead_name),
        "proposal": in_one_line(submission.reference),
        "project": in_one_line(submission.title),
        "call": in_one_line(call.title_fr if language == "fr" else call.title_en),
        "letter": reference,
        "date": figures.day(issued.date(), language),
        "contact": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        "amount": figures.amount(amount, language) if amount is not None else None,
        "amount_in_words": figures.amount_in_words(amount, language) if amount else None,
        "rate": figures.share(amount, submission.total, language)
        if amount and submission.total
        else None,
        "total": figures.amount(submission.total, language) if submission.total else None,
        "stage_2_deadline": figures.moment(deadline, language) if deadline else None,
        "clause_version": clause.row.version if clause else None,
        "replaced_letter": told.reference if told else None,
        "replaced_on": figures.day(timezone.localdate(told_at), language) if told_at else None,
        "clause_accepted_on": figures.day(accepted, language) if accepted else None,
    }


def _letterhead(part: Json, words: Words) -> Json:
    return {
        "name": words.say(part["name"]),
        "lines": [words.say(line) for line in part["lines"]],
        "contact": words.say(part["contact"]),
        "place_and_date": words.say(part["place_and_date"]),
    }


def _address(submission: Submission) -> list[str]:
    """The window: the company as it handed in, where it is now."""
    company = submission.organisation
    town = f"{company.postal_code} {company.city}"
    country = company.country
    name = ""
    if country is not None:
        name = country.name_fr if submission.language == "fr" else country.name_en
    lines = (submission.lead_name, company.address, town, name)
    return [line for raw in lines if (line := in_one_line(raw))]


def _references(reference: str, submission: Submission, labels: Mapping[str, str]) -> list[Json]:
    return [
        {"label": labels["our_reference"], "text": reference},
        {"label": labels["your_proposal"], "text": in_one_line(submission.reference)},
    ]


def _award(decision: Decision, labels: Mapping[str, str]) -> list[Json]:
    """The grant in figures and in words, the rate and what it is a share of."""
    amount, total = decision.amount, decision.submission.total
    language = decision.submission.language
    if amount is None:
        return []
    rows = [
        (labels["amount"], figures.amount(amount, language)),
        (labels["in_words"], figures.amount_in_words(amount, language)),
    ]
    if total:
        rows += [
            (labels["total"], figures.amount(total, language)),
            (labels["rate"], figures.share(amount, total, language)),
        ]
    return [{"label": label, "text": text} for label, text in rows]


def _typeset_lines(text: str, language: str) -> list[str]:
    return [typeset(line, language) for line in lines_of(text)]


def _blocks(
    body: Sequence[Json], words: Words, lists: Mapping[str, Sequence[object]]
) -> Iterator[Json]:
    """The blocks that apply: `needs` and `unless` name a field or list that must (not) be there."""

    def present(name: str) -> bool:
        return bool(lists[name]) if name in lists else words.known(name)

    for block in body:
        if block.get("needs") and not present(block["needs"]):
            continue
        if block.get("unless") and present(block["unless"]):
            continue
        listed = block.get("list", "")
        if listed not in LISTS:
            raise WrongWording(f"{listed!r} is not something a letter can list")
        yield {
            "heading": words.say(block.get("heading", "")),
            "paragraphs": [words.say(text) for text in block.get("paragraphs", ())],
            "steps": [words.say(text) for text in block.get("steps", ())],
            "list": listed,
            "rows": list(lists.get(listed, ())),
        }


@dataclass(frozen=True)
class _AcceptedClause:
    row: ClauseVersion
    accepted_on: date | None
    signatory: str
    function: str


def _clause(submission: Submission, on: date) -> _AcceptedClause:
    """The clause that the company accepted, or the one in force where none was accepted.

    Raises WrongWording when there is none: an award without the clause is not sent.
    """
    given = (submission.document.get("due_diligence") or {}).get("clause") or {}
    versions = ClauseVersion.objects.filter(language=submission.language)
    row = None
    if given.get("accepted"):
        row = ClauseVersion.objects.filter(sha256=given.get("sha256")).first()
        row = row or versions.filter(version=given.get("version")).first()
    accepted = row is not None
    row = row or versions.filter(valid_from__lte=on).order_by("-valid_from", "-version").first()
    if row is None:
        raise WrongWording(f"there is no due-diligence clause in {submission.language!r}")
    moment = given.get("accepted_at") if accepted else None
    return _AcceptedClause(
        row,
        timezone.localtime(datetime.fromisoformat(moment)).date() if moment else None,
        in_one_line(given.get("signatory") or "") if accepted else "",
        in_one_line(given.get("function") or "") if accepted else "",
    )


def _annex(clause: _AcceptedClause, words: Words) -> Json:
    """The clause in full: its articles, each a heading and lines, as the version writes them."""
    articles = [lines_of(article) for article in clean(clause.row.text).split("\n\n")]
    signed = ", ".join(filter(None, (clause.signatory, clause.function)))
    return {
        "title": typeset(in_one_line(clause.row.title), words.language),
        "version": clause.row.version,
        "sha256": clause.row.sha256,
        "signed_by": typeset(signed, words.language),
        "signed_on": figures.day(clause.accepted_on, words.language) if clause.accepted_on else "",
        "articles": [
            {
                "heading": typeset(lines[0], words.language),
                "lines": [typeset(line, words.language) for line in lines[1:]],
            }
            for lines in articles
            if lines
        ],
    }
