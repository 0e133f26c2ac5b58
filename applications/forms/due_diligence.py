"""Human rights and environment: guided steps, of which the risk decides how many are asked."""

from collections import defaultdict
from typing import Any

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from applications.forms.choices import Choices
from applications.forms.due_diligence_guide import Guide
from applications.forms.due_diligence_risks import RiskRows, labelled, stored_risks
from applications.forms.due_diligence_steps import (
    CRITERIA,
    CommunicationForm,
    FlagsForm,
    PolicyForm,
    RemedyForm,
)
from applications.forms.rows import RowFormSet, store_rows
from applications.forms.section import SectionForms, assign
from applications.models import DueDiligence, Measure, Proposal, Term, Vocabulary


class DueDiligenceSection(SectionForms):
    section = "due_diligence"
    title = _("Human rights and environment")
    template = "proposals/sections/due_diligence.html"

    FLAGS = ("flags",)
    POLICY = (
        "policy_dated",
        "policy_signed_by_management",
        "policy_responsible_person",
        "policy_url",
    )
    COMMUNICATION = ("communication",)
    REMEDY = (
        "remedy_channel",
        "remedy_contact",
        "remedy_languages",
        "protects_from_reprisal",
        "open_to_partner_workers",
        "open_to_communities",
    )

    def __init__(
        self, proposal: Proposal, *, choices: Choices, data: QueryDict | None = None
    ) -> None:
        super().__init__()
        self.proposal, self.choices = proposal, choices
        file = proposal.due_diligence
        self.flags_form = FlagsForm(data, initial=_stored(file, self.FLAGS), choices=choices)
        self.policy_form = PolicyForm(data, initial=_stored(file, self.POLICY))
        self.communication_form = CommunicationForm(data, initial=_stored(file, self.COMMUNICATION))
        self.remedy_form = RemedyForm(data, initial=_stored_remedy(file))
        self.forms = [
            self.flags_form,
            self.policy_form,
            self.communication_form,
            self.remedy_form,
        ]
        self.risks = RiskRows(
            stored=stored_risks(proposal), flags=file.flags, data=data, choices=choices
        )
        self.lists = {"risks": self.risks}

    @cached_property
    def guide(self) -> Guide:
        """What is asked at the level of the flags that stand on the page, and what it lacks."""
        ticked = self.flags_form["flags"].value() or []
        wrong = {
            "policy": bool(self.policy_form.errors),
            "communication": bool(self.communication_form.errors),
            "remedy": bool(self.remedy_form.errors),
        }
        return Guide.of(
            self.proposal,
            choices=self.choices,
            flags=[str(flag) for flag in ticked],
            shown_anyway={code for code, is_wrong in wrong.items() if is_wrong},
            folds=not self.is_bound,
        )

    @property
    def examples(self) -> dict[str, Term | None]:
        """Example answers by question; None where the list has none."""
        found: dict[str, Term | None] = defaultdict(lambda: None)
        found.update({term.code: term for term in self.choices.terms(Vocabulary.EXAMPLE)})
        return found

    def all_lists(self) -> list[RowFormSet]:
        measures = [risk.measures for risk in self.risks.forms]
        return [self.risks, *(rows for rows in measures if rows.is_bound or not self.is_bound)]

    @property
    def is_bound(self) -> bool:
        return self.form.is_bound

    def save(self, row: Proposal) -> None:
        file, _created = DueDiligence.objects.select_for_update(of=("self",)).get_or_create(
            proposal=row
        )
        assign(file, self.flags_form.cleaned_data, *self.FLAGS)
        assign(file, self.policy_form.cleaned_data, *self.POLICY)
        assign(file, self.communication_form.cleaned_data, *self.COMMUNICATION)
        assign(file, self.remedy_form.cleaned_data, *self.REMEDY)
        file.remedy_criteria = self.remedy_form.criteria
        file.save()
        self._save_risks(row)

    def _save_risks(self, row: Proposal) -> None:
        stored = row.risks.all()
        kept = [form for form in self.risks.forms if not form.is_blank]
        risks = store_rows(stored, labelled(list(stored), self.risks.rows), proposal=row)
        written = [
            (risk, form.measures.rows)
            for risk, form in zip(risks, kept, strict=True)
            if form.measures.is_bound
        ]
        measures = [{**measure, "risk_id": risk.pk} for risk, rows in written for measure in rows]
        existing = Measure.objects.filter(risk__in=[risk.pk for risk, _rows in written])
        store_rows(existing, measures)


def _stored(file: DueDiligence, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(file, name) for name in names}


def _stored_remedy(file: DueDiligence) -> dict[str, Any]:
    initial = _stored(file, DueDiligenceSection.REMEDY)
    initial["remedy_languages"] = ", ".join(file.remedy_languages)
    for code in CRITERIA:
        answer = file.remedy_criteria.get(code)
        initial[f"criterion_{code}"] = answer is True
        initial[f"explain_{code}"] = answer if isinstance(answer, str) else ""
    return initial
