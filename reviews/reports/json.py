"""The report as JSON, for other programs: amounts as text with two decimals, unknown as null."""

import json
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from bpf_portal.core import money
from reviews.reports.definitions import BREAKDOWNS, FIGURES, JOINING, STATUSES
from reviews.reports.figures import AnnualReport
from reviews.reports.lines import YEAR_FACTS
from reviews.reports.narrative import difference_of, narrative
from reviews.reports.numbers import Number, Value, published
from reviews.reports.wording import MONEY_UNITS, by_size, in_words, name_of, quoted

SCHEMA = "bpf-annual-report/1"


def report_json(report: AnnualReport) -> bytes:
    """UTF-8, indented, in the language in force."""
    return (json.dumps(_document(report), ensure_ascii=False, indent=2) + "\n").encode()


def _document(report: AnnualReport) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "year": report.year,
        "language": get_language(),
        "made_at": timezone.localtime(report.made_at).isoformat(timespec="seconds"),
        "narrative": [
            {"key": part.key, "title": part.title, "text": [p.text for p in part.paragraphs]}
            for part in narrative(report)
        ],
        "figures": {
            key: {"label": str(figure.definition.label), "unit": figure.definition.unit}
            | _number(figure.number, figure.definition.unit)
            for key, figure in report.figures.items()
        },
        "breakdowns": _breakdowns(report),
        "years": _years(report),
        "commitments": _commitments(report),
        "awards": _awards(report),
        "dictionary": _dictionary(),
    }


def _number(number: Number, unit: str) -> dict[str, Any]:
    return {
        "value": None if number.value is None else _plain(number.value, unit),
        "status": number.status.value,
        "text": in_words(number, unit),
    }


def _plain(value: Value, unit: str) -> int | float | str:
    if unit in MONEY_UNITS:
        return money.as_text(Decimal(value))
    return int(value) if value == int(value) else float(value)


def _breakdowns(report: AnnualReport) -> dict[str, Any]:
    return {
        part.definition.key: {
            "label": str(part.definition.label),
            "status": "known" if part.known else "not_published",
            "rows": [
                {
                    "code": row.code,
                    "name": name_of(report, part.definition.key, row.code),
                    "selected": _number(row.selected, "projects"),
                    "awarded": _number(row.awarded, "EUR"),
                }
                for row in by_size(report, part)
            ],
        }
        for part in report.breakdowns
    }


def _years(report: AnnualReport) -> list[dict[str, Any]]:
    return [
        {"year": row.year, "edition": row.edition or None}
        | {fact: _number(getattr(row, fact), unit) for fact, unit in YEAR_FACTS}
        | {
            "note": quoted(row.note).text,
            "source": quoted(row.source).text,
            "remark": difference_of(row),
        }
        for row in report.years
    ]


def _commitments(report: AnnualReport) -> list[dict[str, Any]]:
    return [
        {
            "programme": row.programme,
            "phase": row.phase,
            "name": row.name,
            "kind": quoted(row.kind).text,
            "starts_on": row.starts_on.isoformat(),
            "ends_on": row.ends_on.isoformat() if row.ends_on else None,
            "committed": _number(published(row.committed), "EUR"),
            "cumulative": _number(published(row.cumulative), "EUR"),
            "note": row.note,
            "source": quoted(row.source).text,
        }
        for row in report.commitments
    ]


def _awards(report: AnnualReport) -> list[dict[str, Any]]:
    return [
        {
            "reference": award.reference,
            "company": award.company,
            "company_country": award.company_country,
            "title": award.title,
            "countries": list(award.countries),
            "amount": money.as_text(award.amount),
        }
        for award in report.awards
    ]


def _dictionary() -> dict[str, Any]:
    return {
        "joining": str(JOINING),
        "figures": {
            definition.key: str(definition.meaning) for definition in (*FIGURES, *BREAKDOWNS)
        },
        "statuses": {status.value: str(meaning) for status, (_, meaning) in STATUSES.items()},
    }
