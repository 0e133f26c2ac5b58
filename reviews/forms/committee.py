"""A committee's forms: convening, signing, voting, concluding."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.forms.fields import MoneyField
from reviews.forms.desk_form import DeskForm, DueField, checkbox_list, text_area
from reviews.models import AgendaItem, Outcome


class ConveneForm(DeskForm):
    """The day and the people; the agenda is what the ranking leaves to be decided."""

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(user.pk, f"{user} ({user.get_role_display()})") for user in people]
        self.fields["held_on"] = DueField(label=_("Day of the meeting"))
        self.fields["voting"] = checkbox_list(label=_("Members with a vote"), choices=choices)
        self.fields["voting"].help_text = _("3 or 5.")
        self.fields["observers"] = checkbox_list(
            label=_("Observers, without a vote"), choices=choices
        )

    def people(self, name: str) -> list[int]:
        """The primary keys ticked under `name` ("voting", "observers")."""
        return [int(pk) for pk in self.cleaned_data[name]]


class SigningForm(DeskForm):
    """Confidentiality, and an interest where there is one: a line for each dossier."""

    renamed: ClassVar[dict[str, str]] = {"conflicts": "confidential", "details": "confidential"}

    confidential = forms.BooleanField(
        label=_("I keep what I read and hear in this committee to myself."), required=False
    )

    def __init__(self, *args: Any, items: Iterable[AgendaItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {f"interest_{item.pk}": item for item in items}
        for name, item in self.names.items():
            self.fields[name] = text_area(
                f"{item.submission.lead_name}: {item.submission.title}", rows=1
            )
        self.helper.layout = Layout(*self.names, "confidential")

    def conflicts(self) -> dict[int, str]:
        """What was written, by the item's primary key; an empty line is no interest."""
        return {
            item.pk: self.cleaned_data[name]
            for name, item in self.names.items()
            if self.cleaned_data.get(name)
        }


class VoteForm(DeskForm):
    """One vote; the comment is for the minutes' keeper."""

    value = forms.ChoiceField(label=_("Your vote"), widget=forms.RadioSelect)
    comment = text_area(_("Comment"), rows=2)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].choices = choices  # type: ignore[attr-defined]


class ConclusionForm(DeskForm):
    """What the majority said, in the officer's hand."""

    outcome = forms.ChoiceField(label=_("Outcome"), widget=forms.RadioSelect)
    amount = MoneyField(
        label=_("Amount (EUR)"),
        required=False,
        help_text=_("Only for an award."),
        widget=forms.TextInput({"inputmode": "decimal", "class": "desk-input"}),
    )
    discussion = text_area(_("What was said, for the minutes"))

    def __init__(self, *args: Any, outcomes: Sequence[Outcome], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (each.value, each.label) for each in outcomes
        ]
        if Outcome.SELECTED not in outcomes:
            del self.fields["amount"]


class RemarksForm(DeskForm):
    """What else the minutes say."""

    remarks = text_area(_("Remarks for the minutes"))
