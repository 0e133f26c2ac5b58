"""Risks, each with the list of its measures; one is proposed for every warning sign declared."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crispy_forms.layout import HTML
from django.db.models import prefetch_related_objects
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from applications.forms.choices import Choices
from applications.forms.fields import Choice, DayField, LineField, SelectField, TextField, offer
from applications.forms.rows import RowForm, RowFormSet, row_helper
from applications.forms.section import two
from applications.models import Proposal, Risk, RiskLevel, Vocabulary

#: Measures of one risk.
MOST_MEASURES = 10


class MeasureRow(RowForm):
    telling = ("description", "owner", "due_on", "indicator", "rhythm")
    one = _("Measure")
    helper = row_helper("description", two("owner", "due_on"), two("indicator", "rhythm"))

    description = TextField(label=_("Measure"), rows=2)
    owner = LineField(label=_("Who is responsible"), max_length=150)
    due_on = DayField(label=_("Until"))
    indicator = LineField(label=_("Indicator"), max_length=200)
    rhythm = LineField(label=_("How often it is looked at"), max_length=100)


class RiskRow(RowForm):
    """A risk, with the list of its measures inside.

    A row that the page proposes for a warning sign carries the sign; left as it is, it is no row.
    """

    telling = ("description", "where", "flag", "severity", "likelihood", "consulted")
    one = _("Risk")
    helper = row_helper(
        HTML("{% include 'proposals/_proposed_risk.html' %}"),
        "description",
        two("where", "flag"),
        two("severity", "likelihood"),
        "consulted",
    )

    description = TextField(label=_("What could happen, to whom?"), rows=2)
    where = SelectField(label=_("Where"))
    flag = SelectField(label=_("Warning sign it belongs to"))
    severity = SelectField(label=_("Severity"))
    likelihood = SelectField(label=_("Likelihood"))
    consulted = TextField(label=_("Who was consulted?"), rows=2)

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offers: dict[str, Iterable[Choice]] = {
            "where": Risk.Where.choices,
            "flag": choices.words(Vocabulary.RISK_FLAG),
            "severity": RiskLevel.choices,
            "likelihood": RiskLevel.choices,
        }
        for name, offered in offers.items():
            offer(self, name, offered)

    @property
    def proposed(self) -> str:
        """The warning sign that the page proposed this row for, or empty."""
        given = self.data.get(self.add_prefix("proposed")) if self.is_bound else None
        return str(given or "") if self.is_bound else str(self.initial.get("proposed", ""))

    @cached_property
    def measures(self) -> RowFormSet:
        prefix = f"{self.prefix}-measures"
        sent = self.data if isinstance(self.data, QueryDict) else None
        data = sent if sent is not None and f"{prefix}-TOTAL_FORMS" in sent else None
        return RowFormSet(
            form=MeasureRow,
            prefix=prefix,
            stored=self.initial.get("measures", ()),
            data=data,
            most=MOST_MEASURES,
        )

    @property
    def is_blank(self) -> bool:
        """A risk that only its measures speak of is kept too; one that is removed takes them."""
        if self._raw("remove"):
            return True
        told = [name for name in self.telling if self._raw(name)]
        if told == ["flag"] and self._raw("flag") == self.proposed:
            told = []
        return not told and not (self.measures.is_bound and self._has_measures())

    def _has_measures(self) -> bool:
        return any(not measure.is_blank for measure in self.measures.forms)

    @property
    def shows_measures(self) -> bool:
        """Whether measures stand here already, or cannot be saved as they are: never hidden."""
        rows = self.measures
        if rows.is_bound:
            return self._has_measures() or bool(rows.total_error_count())
        return bool(rows.stored)

    @property
    def is_low(self) -> bool:
        """Said to be low in both respects. What is not said yet never counts as low."""
        return all(self[name].value() == RiskLevel.LOW for name in ("severity", "likelihood"))


class RiskRows(RowFormSet):
    """The risks stored, then one proposed for each warning sign that no risk names yet."""

    def __init__(
        self,
        *,
        stored: Sequence[Mapping[str, Any]],
        flags: Iterable[str],
        data: QueryDict | None,
        choices: Choices,
    ) -> None:
        super().__init__(
            form=RiskRow, prefix="risks", stored=stored, data=data, shared={"choices": choices}
        )
        named = {risk["flag"] for risk in stored}
        if data is None:
            proposed = [{"flag": flag, "proposed": flag} for flag in flags if flag not in named]
            room = self.most - len(stored) - self.extra
            self.initial = [*(self.initial or ()), *proposed[: max(room, 0)]]


def stored_risks(proposal: Proposal) -> list[dict[str, Any]]:
    """Two queries, whatever the number of risks; the proposal keeps the rows for others."""
    prefetch_related_objects([proposal], "risks__measures")
    return [
        {
            "id": risk.pk,
            "label": risk.label,
            "description": risk.description,
            "where": risk.where,
            "flag": risk.flag,
            "severity": risk.severity,
            "likelihood": risk.likelihood,
            "consulted": risk.consulted,
            "measures": [
                {
                    "id": measure.pk,
                    "description": measure.description,
                    "owner": measure.owner,
                    "due_on": measure.due_on,
                    "indicator": measure.indicator,
                    "rhythm": measure.rhythm,
                }
                for measure in risk.measures.all()
            ],
        }
        for risk in proposal.risks.all()
    ]


def labelled(existing: list[Risk], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give every new risk the next number: a number once given names the same risk for good."""
    labels = {risk.pk: risk.label for risk in existing}
    used = [int(label[1:]) for label in labels.values() if label[1:].isdigit()]
    following = max(used, default=0)
    found = []
    for row in rows:
        label = labels.get(row.get("id") or 0)
        if label is None:
            following += 1
            label = f"R{following}"
        found.append({**row, "label": label})
    return found
