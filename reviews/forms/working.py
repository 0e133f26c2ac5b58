"""Which jobs the page of the work in hand shows, and why they are tried again."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from bpf_portal.core.jobs import Job, JobState
from bpf_portal.core.queue import SHOWN, Standing, model_of
from reviews.forms.desk_form import DeskForm, text_area
from reviews.forms.filters import ListFilter, choices


class WorkFilter(ListFilter):
    """All work in hand, unless a kind or a state is chosen."""

    kind = choices(_("Kind"), ())
    state = choices(_("State"), [(each.value, each.label) for each in SHOWN])

    def __init__(self, *args: Any, standings: Iterable[Standing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.models = [each.model for each in standings]
        kinds = [(each.key, capfirst(each.name)) for each in standings]
        self.fields["kind"].choices = [("", _("all")), *kinds]  # type: ignore[attr-defined]

    def chosen_models(self) -> list[type[Job]]:
        chosen = model_of(self.value("kind"))
        return [chosen] if chosen else self.models

    def chosen_states(self) -> Sequence[str]:
        chosen = self.value("state")
        return (JobState(chosen),) if chosen else SHOWN


class RetryForm(DeskForm):
    reason = text_area(
        _("Reason"),
        rows=2,
        help_text=_("What was put right, or why it may work now. It is kept with your name."),
    )


class RetryAllForm(RetryForm):
    """Every failed job of one kind."""

    kind = forms.ChoiceField(label=_("Kind"), widget=forms.Select({"class": "desk-input"}))
    field_order = ("kind", "reason")

    def __init__(self, *args: Any, standings: Iterable[Standing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        failing = [each for each in standings if each.failed]
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (each.key, f"{capfirst(each.name)} ({each.failed})") for each in failing
        ]
