"""Human rights and environment: warning signs, policy, risks with measures, grievance channel."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.layout import HTML, Div, Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from applications.forms.choices import Choices
from applications.forms.fields import (
    Choice,
    ChoicesField,
    DayField,
    LineField,
    SelectField,
    TextField,
    YesNoField,
    offer,
)
from applications.forms.rows import RowForm, RowFormSet, row_helper, store_rows
from applications.forms.section import SectionForms, assign, form_helper, group, two
from applications.models import DueDiligence, Measure, Proposal, Risk, RiskLevel, Vocabulary

#: The eight criteria of an effective grievance channel (UNGP 31), in plain words.
CRITERIA = {
    "legitimate": _("Legitimate: those concerned trust it"),
    "accessible": _("Accessible: everybody knows it and can use it"),
    "predictable": _("Predictable: steps and times are clear"),
    "equitable": _("Equitable: people get the advice and information they need"),
    "transparent": _("Transparent: people are told how their case stands"),
    "rights_compatible": _("Rights-compatible: outcomes accord with human rights"),
    "continuous_learning": _("Learning: cases are used to improve"),
    "dialogue_based": _("Dialogue-based: those concerned were asked about it"),
}


class PolicyForm(forms.Form):
    """Warning signs and policy, and how it is reported."""

    flags = ChoicesField(label=_("Warning signs that apply to your project"))
    policy_dated = DayField(label=_("Date of the policy"))
    policy_signed_by_management = YesNoField(label=_("Is it signed by the management?"))
    policy_responsible_person = LineField(label=_("Person responsible"), max_length=150)
    policy_url = forms.URLField(
        label=_("Public address of the policy"), required=False, assume_scheme="https"
    )
    communication = TextField(label=_("How and when do you report on it?"))

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "flags", choices.words(Vocabulary.RISK_FLAG))
        self.helper = form_helper(
            Fieldset(_("Warning signs"), group("flags", css_class="choice-list")),
            Fieldset(
                _("Your human-rights policy"),
                two("policy_dated", "policy_responsible_person"),
                "policy_signed_by_management",
                "policy_url",
            ),
            Fieldset(_("Communication"), "communication"),
        )


class RemedyForm(forms.Form):
    """The grievance channel. A criterion is met, or it is explained how it will be."""

    remedy_channel = TextField(label=_("How can people complain?"))
    remedy_contact = LineField(
        label=_("Contact of the channel"),
        max_length=200,
        help_text=_("A person, an address or a number that answers."),
    )
    remedy_languages = LineField(
        label=_("Languages of the channel"),
        max_length=300,
        help_text=_("Separated by commas."),
    )
    protects_from_reprisal = YesNoField(label=_("Does it protect from reprisal?"))
    open_to_partner_workers = YesNoField(label=_("Is it open to the partner's workers?"))
    open_to_communities = YesNoField(label=_("Is it open to communities?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, label in CRITERIA.items():
            self.fields[f"criterion_{code}"] = forms.BooleanField(label=label, required=False)
            self.fields[f"explain_{code}"] = LineField(label=_("If not, explain"), max_length=500)
        self.helper = form_helper(
            Fieldset(
                _("Grievance channel"),
                "remedy_channel",
                two("remedy_contact", "remedy_languages"),
                "protects_from_reprisal",
                "open_to_partner_workers",
                "open_to_communities",
            ),
            Fieldset(
                _("Quality of the channel"),
                HTML("{% include 'proposals/_criteria_intro.html' %}"),
                *(
                    Div(f"criterion_{code}", f"explain_{code}", css_class="criterion")
                    for code in CRITERIA
                ),
            ),
        )

    def clean_remedy_languages(self) -> list[str]:
        words = [word.strip() for word in self.cleaned_data["remedy_languages"].split(",")]
        if any(len(word) > 40 for word in words):
            raise ValidationError(_("Separate the languages by commas."))
        return [word for word in words if word]

    @property
    def criteria(self) -> dict[str, bool | str]:
        values = self.cleaned_data
        answers = {
            code: values[f"criterion_{code}"] or values[f"explain_{code}"] for code in CRITERIA
        }
        return {code: answer for code, answer in answers.items() if answer}


class MeasureRow(RowForm):
    telling = ("description", "owner", "due_on", "indicator", "rhythm")
    helper = row_helper("description", two("owner", "due_on"), two("indicator", "rhythm"))

    description = TextField(label=_("Measure"), rows=2)
    owner = LineField(label=_("Who is responsible"), max_length=150)
    due_on = DayField(label=_("Until"))
    indicator = LineField(label=_("Indicator"), max_length=200)
    rhythm = LineField(label=_("How often it is looked at"), max_length=100)


class RiskRow(RowForm):
    """A risk, with the list of its measures inside."""

    telling = ("description", "where", "flag", "severity", "likelihood", "consulted")
    helper = row_helper(
        "description", two("where", "flag"), two("severity", "likelihood"), "consulted"
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
        )

    @property
    def is_blank(self) -> bool:
        """A risk that only its measures speak of is kept too; one that is removed takes them."""
        if not super().is_blank:
            return False
        removed = bool(self._raw("remove"))
        return removed or not (self.measures.is_bound and self._has_measures())

    def _has_measures(self) -> bool:
        return any(not measure.is_blank for measure in self.measures.forms)


class DueDiligenceSection(SectionForms):
    section = "due_diligence"
    title = _("Human rights and environment")
    template = "proposals/sections/due_diligence.html"

    POLICY = (
        "flags",
        "policy_dated",
        "policy_signed_by_management",
        "policy_responsible_person",
        "policy_url",
        "communication",
    )
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
        file = proposal.due_diligence
        policy = {name: getattr(file, name) for name in self.POLICY}
        self.policy_form = PolicyForm(data, initial=policy, choices=choices)
        self.remedy_form = RemedyForm(data, initial=_remedy(file))
        self.forms = [self.policy_form, self.remedy_form]
        self.risks = RowFormSet(
            form=RiskRow,
            prefix="risks",
            stored=_risks(proposal),
            data=data,
            shared={"choices": choices},
        )
        self.lists = {"risks": self.risks}

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
        assign(file, self.policy_form.cleaned_data, *self.POLICY)
        assign(file, self.remedy_form.cleaned_data, *self.REMEDY)
        file.remedy_criteria = self.remedy_form.criteria
        file.save()
        self._save_risks(row)

    def _save_risks(self, row: Proposal) -> None:
        stored = row.risks.all()
        kept = [form for form in self.risks.forms if not form.is_blank]
        risks = store_rows(stored, _labelled(list(stored), self.risks.rows), proposal=row)
        written = [
            (risk, form.measures.rows)
            for risk, form in zip(risks, kept, strict=True)
            if form.measures.is_bound
        ]
        measures = [{**measure, "risk_id": risk.pk} for risk, rows in written for measure in rows]
        existing = Measure.objects.filter(risk__in=[risk.pk for risk, _rows in written])
        store_rows(existing, measures)


def _labelled(existing: list[Risk], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give every new risk the next number: a number once given names the same risk for good."""
    labels = {risk.pk: risk.label for risk in existing}
    used = [int(label[1:]) for label in labels.values() if label[1:].isdigit()]
    following = max(used, default=0)
    labelled = []
    for row in rows:
        label = labels.get(row.get("id") or 0)
        if label is None:
            following += 1
            label = f"R{following}"
        labelled.append({**row, "label": label})
    return labelled


def _remedy(file: DueDiligence) -> dict[str, Any]:
    initial: dict[str, Any] = {name: getattr(file, name) for name in DueDiligenceSection.REMEDY}
    initial["remedy_languages"] = ", ".join(file.remedy_languages)
    for code in CRITERIA:
        answer = file.remedy_criteria.get(code)
        initial[f"criterion_{code}"] = answer is True
        initial[f"explain_{code}"] = answer if isinstance(answer, str) else ""
    return initial


def _risks(proposal: Proposal) -> list[dict[str, Any]]:
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
        for risk in proposal.risks.prefetch_related("measures")
    ]
