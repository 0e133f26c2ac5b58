"""Planning who reads what: the optimiser's form, the rules', one dossier's, and sending."""

from collections.abc import Iterable, Sequence
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Stage
from reviews.actions.planning import MOST_LOAD, MOST_WANTED
from reviews.forms.desk_form import DeskForm, DueField, checkbox_list
from reviews.models import PlanWay

FAVOUR_WORDS = [
    ("balanced", _("both in balance")),
    ("expertise", _("expertise in sector and country")),
    ("load", _("the same work for everybody")),
]
RULE_WORDS = [
    (PlanWay.STAGE_1, _("the same reviewers as at the pre-selection")),
    (PlanWay.SECTOR, _("all proposals of a sector to the reviewers chosen below")),
    (PlanWay.COUNTRY, _("all proposals of a country to the reviewers chosen below")),
]


def _number(label: Any, most: int, help_text: Any = "") -> forms.IntegerField:
    widget = forms.NumberInput({"class": "desk-input", "min": 1, "max": most})
    return forms.IntegerField(
        label=label, min_value=1, max_value=most, widget=widget, help_text=help_text
    )


def _choice(label: Any, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.Select({"class": "desk-input"}), **kwargs
    )


class ProposeForm(DeskForm):
    """What the optimiser is to keep to."""

    wanted = _number(_("Reviewers for each proposal"), MOST_WANTED)
    most = _number(
        _("Proposals for each reviewer, at most"),
        MOST_LOAD,
        _("Unfinished reviews of other calls count too."),
    )
    favour = _choice(_("What counts more"), FAVOUR_WORDS)
    experts_only = forms.BooleanField(
        label=_("Only reviewers who know the sector or the country"), required=False
    )
    for_risk = forms.BooleanField(
        label=_("An expert in human rights where the risk is high"), required=False
    )

    def layout(self) -> Layout:
        return Layout("wanted", "most", "favour", "experts_only", "for_risk")


class RuleForm(DeskForm):
    """One rule, and whom it names."""

    way = forms.ChoiceField(label=_("Rule"), widget=forms.RadioSelect)
    sector = _choice(_("Sector"), (), required=False)
    country = _choice(_("Country"), (), required=False)

    def __init__(
        self,
        *args: Any,
        stage: str,
        sectors: Sequence[tuple[str, str]],
        countries: Sequence[tuple[str, str]],
        reviewers: Iterable[User],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        later = stage == Stage.DETAILED_PROPOSAL
        rules = RULE_WORDS if later else RULE_WORDS[1:]
        self.fields["way"].choices = rules  # type: ignore[attr-defined]
        self.fields["sector"].choices = [("", "–"), *sectors]  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", "–"), *countries]  # type: ignore[attr-defined]
        names = [(user.pk, str(user)) for user in reviewers]
        self.fields["reviewers"] = checkbox_list(label=_("Reviewers"), choices=names)

    def parameters(self) -> dict[str, Any]:
        way = self.cleaned_data["way"]
        if way == PlanWay.STAGE_1:
            return {}
        chosen = [int(pk) for pk in self.cleaned_data["reviewers"]]
        return {"value": self.cleaned_data[str(way)], "reviewers": chosen}


class People:
    """The reviewers ticked for one dossier; the page shows them in a table of its own."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, reviewers: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(user.pk, str(user)) for user in reviewers]
        self.fields["reviewers"] = checkbox_list(label=_("Reviewers"), choices=names)

    def reviewer_ids(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["reviewers"]]


class AskForm(People, DeskForm):
    """To be asked at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"] = DueField(label=_("Due on"))


class PlannedForm(People, DeskForm):
    """For a plan; `seen` are those whom the page showed ticked."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)

    def seen_ids(self) -> list[int]:
        told = self.cleaned_data["seen"].split(",")
        return [int(pk) for pk in told if pk.isascii() and pk.isdigit() and len(pk) < 19]


class SendForm(DeskForm):
    due_on = DueField(label=_("Due on"))
