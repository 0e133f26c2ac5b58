"""The review phases of a call on one page, in whole days."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import DayField, LineField
from applications.models import Stage
from reviews.forms.desk_form import DeskForm
from reviews.phases import Phase, end_of_day, first_day, last_day, start_of_day

RIGHTS = [
    ("see", _("read the proposals")),
    ("score", _("score")),
    ("discuss", _("discuss with the others")),
    ("scores", _("see the others’ scores, once their own are submitted")),
    ("names", _("see the others’ names")),
]
#: Of each stage so many empty phases stand at the end.
SPARE = 1


def _day_field(label: Any, help_text: Any) -> DayField:
    widget = forms.DateInput({"type": "date", "class": "desk-input"}, format="%Y-%m-%d")
    return DayField(label=label, help_text=help_text, widget=widget)


def _name_field(label: Any) -> LineField:
    return LineField(label=label, max_length=80, widget=forms.TextInput({"class": "desk-input"}))


class PhasesForm(DeskForm):
    """Every phase of the call as a group of fields, `<key>-<field>`; an empty one adds a phase.

    `kept` are the phases as they are stored. A phase that is emptied or ticked to go is taken out.
    """

    def __init__(self, *args: Any, kept: Sequence[Phase], seen: str, **kwargs: Any) -> None:
        self.kept = {phase.key: phase for phase in kept}
        #: The stage of each group, by key, in the order of the page.
        self.groups: dict[str, str] = {}
        super().__init__(*args, **kwargs)
        self.fields["seen"] = LineField(
            widget=forms.HiddenInput, required=False, initial=seen, max_length=64
        )
        layout: list[Any] = ["seen"]
        for stage, label in Stage.choices:
            layout += self._add_stage(stage, label, [p for p in kept if p.stage == stage])
        self.helper.layout = Layout(*layout)

    def _add_stage(self, stage: str, label: Any, phases: Sequence[Phase]) -> list[Any]:
        groups = [self._add(phase.key, phase) for phase in phases]
        spare = [f"new-{stage}-{number}" for number in range(SPARE)]
        groups += [self._add(key, None) for key in spare]
        self.groups |= dict.fromkeys([*(p.key for p in phases), *spare], stage)
        titles = [
            _("%(stage)s: phase %(n)d") % {"stage": label, "n": number}
            for number in range(1, len(phases) + 1)
        ]
        titles += [_("%(stage)s: another phase") % {"stage": label} for _each in spare]
        return [
            Fieldset(str(title)[:1].upper() + str(title)[1:], *names)
            for title, names in zip(titles, groups, strict=True)
        ]

    def _add(self, key: str, phase: Phase | None) -> list[str]:
        zone = timezone.get_default_timezone()
        fields: dict[str, tuple[forms.Field, Any]] = {
            "name_fr": (_name_field(_("Name in French")), phase.name_fr if phase else ""),
            "name_en": (_name_field(_("Name in English")), phase.name_en if phase else ""),
            "starts_at": (
                _day_field(_("From"), _("The beginning of this day; empty: from the start.")),
                first_day(phase, zone) if phase else None,
            ),
            "ends_at": (
                _day_field(_("Until"), _("The end of this day; empty: without end.")),
                last_day(phase, zone) if phase else None,
            ),
            "rights": (
                forms.MultipleChoiceField(
                    label=_("Reviewers may"),
                    choices=RIGHTS,
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                ),
                sorted(phase.rights) if phase else [],
            ),
        }
        if phase:
            fields["gone"] = (
                forms.BooleanField(label=_("Take this phase out"), required=False),
                False,
            )
        for name, (field, initial) in fields.items():
            field.initial = initial
            self.fields[f"{key}-{name}"] = field
        return [f"{key}-{name}" for name in fields]

    def phases(self) -> list[Phase]:
        """As they were sent: those to keep or to add."""
        found = []
        for key, stage in self.groups.items():
            given = {
                name: self.cleaned_data.get(f"{key}-{name}")
                for name in ("name_fr", "name_en", "starts_at", "ends_at", "rights", "gone")
            }
            if given["gone"] or not any(given.values()):
                continue
            found.append(self._phase(key, stage, given))
        return found

    def _phase(self, key: str, stage: str, given: dict[str, Any]) -> Phase:
        zone = timezone.get_default_timezone()
        starts, ends = given["starts_at"], given["ends_at"]
        return Phase(
            stage=stage,
            name_fr=given["name_fr"] or "",
            name_en=given["name_en"] or "",
            starts_at=start_of_day(starts, zone) if starts else None,
            ends_at=end_of_day(ends, zone) if ends else None,
            rights=frozenset(given["rights"] or ()),
            key=key,
        )


class ShiftForm(DeskForm):
    """A stage's button: by how many days its phases are to move, as the page said."""

    stage = forms.ChoiceField(choices=Stage.choices, widget=forms.HiddenInput)
    days = forms.IntegerField(min_value=-10_000, max_value=10_000, widget=forms.HiddenInput)
