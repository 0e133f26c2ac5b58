"""What people say of their interests, and what officers make of a suspicion."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import TextField
from reviews.forms.desk_form import DeskForm, checkbox_list, text_area
from reviews.forms.filters import ListFilter, choices
from reviews.models import MOST_NAMES, NAME_LENGTH, Conflict, ConflictState


class NamesField(TextField):
    """Names, one a line. Cleaned, it is the text; `names_in` reads it."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        widget = forms.Textarea({"rows": rows, "class": "desk-input"})
        super().__init__(widget=widget, max_length=MOST_NAMES * (NAME_LENGTH + 2), **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        names = names_in(value)
        if len(names) > MOST_NAMES:
            raise ValidationError(
                _("At most %(n)d names, one a line."), params={"n": MOST_NAMES}, code="too_many"
            )
        if any(len(name) > NAME_LENGTH for name in names):
            raise ValidationError(
                _("A name has at most %(n)d characters. Write one a line."),
                params={"n": NAME_LENGTH},
                code="too_long",
            )


def names_in(text: str) -> list[str]:
    return [name for line in text.splitlines() if (name := " ".join(line.split()))]


class CallDeclarationForm(DeskForm):
    """Before a reviewer sees anything of a call."""

    interests = NamesField(
        label=_("Organisations and people in which you have an interest"),
        help_text=_(
            "One a line; empty if there are none. For example: where you, your family or close"
            " friends work, hold a share or a mandate, or gave paid advice in the last five years."
        ),
    )
    confidential = forms.BooleanField(
        label=_("I keep to myself what I read in the proposals, and use it only to review them."),
        required=False,
    )


class ProfileForm(DeskForm):
    """Nothing in it is required: what is left out cannot speak for a reviewer, nor against."""

    def __init__(
        self,
        *args: Any,
        sectors: Iterable[tuple[str, str]],
        countries: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["languages"] = checkbox_list(
            label=_("Languages in which you read applications"),
            choices=[("fr", _("French")), ("en", _("English"))],
        )
        self.fields["sectors"] = checkbox_list(label=_("Sectors you know"), choices=list(sectors))
        self.fields["countries"] = checkbox_list(
            label=_("Countries you know"), choices=list(countries)
        )
        self.order_fields(["employers", "languages", "human_rights", "sectors", "countries"])

    employers = NamesField(
        label=_("Employers, today’s and earlier ones"),
        help_text=_(
            "One a line. The portal compares them with the companies and partners of the"
            " proposals; an officer decides on what it finds."
        ),
    )
    human_rights = forms.BooleanField(
        label=_("I am an expert in human rights and their due diligence."), required=False
    )


class RecusalForm(DeskForm):
    """One's own conflict, in one's own words."""

    details = text_area(
        _("What is your interest?"),
        help_text=_("Afterwards you see nothing of this proposal any more."),
    )


class SettleForm(DeskForm):
    """`action` is the button that was pressed."""

    action = forms.ChoiceField(
        label=_("Decision"),
        choices=[(action, action) for action in ("confirm", "clear", "lift")],
        widget=forms.HiddenInput,
        required=False,
    )
    reason = text_area(_("Reason"), help_text=_("It stays in the register."))

    def clean_action(self) -> str:
        action: str = self.cleaned_data["action"]
        if not action:
            raise ValidationError(_("Choose one of the two answers."))
        return action


class ConflictFilter(ListFilter):
    """The register: by state, call and words in the reference, company or person."""

    q = forms.CharField(
        label=_("Reference, company or person"),
        max_length=200,
        widget=forms.TextInput({"type": "search"}),
    )
    state = choices(_("State"), ConflictState.choices)
    call = choices(_("Call"), ())

    def __init__(self, *args: Any, calls: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["call"].choices = [("", _("all")), *calls]  # type: ignore[attr-defined]

    def apply(self, rows: QuerySet[Conflict]) -> QuerySet[Conflict]:
        if self.value("state"):
            rows = rows.filter(state=self.value("state"))
        if self.value("call"):
            rows = rows.filter(proposal__call__code=self.value("call"))
        if words := self.value("q"):
            rows = (
                rows.filter(proposal__reference__icontains=words)
                | rows.filter(proposal__organisation__legal_name__icontains=words)
                | rows.filter(person__full_name__icontains=words)
            )
        return rows
