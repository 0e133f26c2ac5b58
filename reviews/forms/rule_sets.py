"""The form of a draft of rules: by subject, each parameter with its unit, source and mark."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.actions.checking_context import rule_parameters
from applications.actions.rule_sets import RuleSetText
from applications.checks.rules import PARAMETER_NAMES
from applications.checks.texts import source_from_text, source_text
from applications.forms.fields import (
    DayField,
    LineField,
)
from applications.models import RuleSet
from applications.views.rule_parameters import SUBJECTS, Parameter, Subject
from applications.views.rule_words import reading_language
from reviews.forms.desk_form import DeskForm
from reviews.forms.rule_fields import (
    split_list,
)
from reviews.forms.rule_inputs import inputs

NEEDED_TOO = gettext_lazy("This is needed too.")
BEFORE_IT_BEGINS = gettext_lazy("It ends before it begins.")
#: Where the words about a whole parameter stand.
_PLACE: Mapping[str, str] = {
    "turnover": "turnover_floor",
    "registration_window": "registration_window_last",
    "duration_months": "duration_months_longest",
    "de_minimis": "de_minimis_ceiling",
    "due_diligence_scope": "due_diligence_scope_low",
    "register_formats": "register_formats_0_pattern",
}


@dataclass(frozen=True, slots=True)
class ParameterFields:
    """What stands in one parameter's fieldset."""

    parameter: Parameter
    is_off: bool
    values: list[forms.BoundField]
    source: forms.BoundField
    assumed: forms.BoundField

    @property
    def auto_id(self) -> str:
        return f"rule_{self.parameter.name}"


class RuleSetForm(DeskForm):
    """`revision` is the one that the page shows."""

    def __init__(self, *args: Any, rule_set: RuleSet, revision: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rule_parameters(rule_set)
        self.groups: dict[str, list[str]] = {}
        self._add_head(rule_set, revision)
        self._add_values()
        self._add_sources(rule_set)

    # --- the fields -----------------------------------------------------------------------------

    def _add_head(self, rule_set: RuleSet, revision: int) -> None:
        self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, initial=revision)
        self.fields["code"] = LineField(
            label=_("Code"),
            help_text=_(
                "Small letters, digits and hyphens. Another code begins rules of their own; the"
                " same code makes the next version."
            ),
            required=True,
            max_length=40,
            initial=rule_set.code,
            validators=[validate_slug],
        )
        for name, label in (
            ("title_fr", _("Title in French")),
            ("title_en", _("Title in English")),
        ):
            self.fields[name] = LineField(
                label=label, max_length=200, initial=getattr(rule_set, name)
            )
        self.fields["valid_from"] = DayField(
            label=_("Valid from"),
            help_text=_("A call that begins on this day or later may go under these rules."),
            required=True,
            initial=rule_set.valid_from,
        )

    def _add_values(self) -> None:
        for each in inputs(self.rules):
            each.field.initial = each.initial
            self.fields[each.name] = each.field
            self.groups.setdefault(each.parameter, []).append(each.name)

    def _add_sources(self, rule_set: RuleSet) -> None:
        for name in PARAMETER_NAMES:
            source = rule_set.sources.get(name, "")
            self.fields[f"source_{name}"] = LineField(
                label=_("Source"),
                max_length=300,
                initial=source_text(source, reading_language()),
                widget=forms.TextInput({"list": "known-sources", "autocomplete": "off"}),
            )
            self.fields[f"assumed_{name}"] = forms.BooleanField(
                label=_("Assumed: no public source says this"),
                required=False,
                initial=name in rule_set.assumed or source.startswith("A:"),
            )

    def show_revision(self, revision: int) -> None:
        """Who sends this page again has seen what was stored then."""
        data = cast(QueryDict, self.data).copy()
        data["revision"] = str(revision)
        self.data = data

    # --- what the template shows ----------------------------------------------------------------

    def head(self) -> list[list[forms.BoundField]]:
        pairs = (("title_fr", "title_en"), ("code", "valid_from"))
        return [[self[name] for name in pair] for pair in pairs]

    def subjects(self) -> Iterator[tuple[Subject, list[ParameterFields]]]:
        for subject in SUBJECTS:
            yield (
                subject,
                [
                    ParameterFields(
                        each,
                        getattr(self.rules, each.name) is None,
                        [self[name] for name in self.groups[each.name]],
                        self[f"source_{each.name}"],
                        self[f"assumed_{each.name}"],
                    )
                    for each in subject.parameters
                ],
            )

    # --- what was written -----------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for name, ends in (
            ("registration_window", ("first", "last")),
            ("duration_months", ("shortest", "longest")),
        ):
            first, last = (given.get(f"{name}_{end}") for end in ends)
            if first is not None and last is not None and last < first:
                self.add_error(f"{name}_{ends[1]}", BEFORE_IT_BEGINS)
            self._need_all(name, ends)
        if given.get("de_minimis_ceiling") is not None or given.get("de_minimis_years") is not None:
            self._need_all("de_minimis", ("ceiling", "years", "member_state"))
        for country, pattern, _sections in self._register_rows():
            if bool(given.get(country)) != bool(given.get(pattern)):
                missing = pattern if given.get(country) else country
                if missing not in self.errors:
                    self.add_error(missing, NEEDED_TOO)
        return given

    def _need_all(self, name: str, parts: Sequence[str]) -> None:
        """Either none of the parts or all of them."""
        fields = [f"{name}_{part}" for part in parts]
        if any(field in self.errors for field in fields):
            return
        empty = [field for field in fields if self.cleaned_data.get(field) in (None, "")]
        if len(empty) < len(fields):
            for field in empty:
                self.add_error(field, NEEDED_TOO)

    def _register_rows(self) -> Iterator[tuple[str, str, str]]:
        names = iter(self.groups["register_formats"])
        return zip(names, names, names, strict=True)

    def text(self) -> RuleSetText:
        """What was written, as the action takes it. The form is valid."""
        given = self.cleaned_data
        parameters = {name: self._value(name) for name in PARAMETER_NAMES}
        assumed = [name for name in PARAMETER_NAMES if given[f"assumed_{name}"]]
        sources = {
            name: source
            for name in PARAMETER_NAMES
            if (source := source_from_text(given[f"source_{name}"], assumed=name in assumed))
            # A mark on a rule that is off, with no word about it, says nothing.
            and (parameters[name] is not None or given[f"source_{name}"])
        }
        return RuleSetText(
            code=given["code"],
            title_fr=given["title_fr"],
            title_en=given["title_en"],
            valid_from=given["valid_from"],
            parameters=parameters,
            sources=sources,
            assumed=[name for name in assumed if name in sources],
        )

    def _value(self, name: str) -> Any:
        """The JSON of one parameter; None switches its rule off."""
        whole: Mapping[str, Callable[[], Any]] = {
            "register_formats": self._register_formats,
            "turnover": self._turnover,
            "registration_window": self._registration_window,
            "duration_months": self._duration_months,
            "de_minimis": self._de_minimis,
            "due_diligence_scope": self._due_diligence_scope,
        }
        return whole[name]() if name in whole else _plain(self.cleaned_data[name])

    def _parts(self, name: str) -> dict[str, Any]:
        return {
            field.removeprefix(f"{name}_"): _plain(self.cleaned_data[field])
            for field in self.groups[name]
        }

    def _turnover(self) -> dict[str, Any] | None:
        parts = self._parts("turnover")
        return None if parts["floor"] is None and parts["multiple"] is None else parts

    def _registration_window(self) -> dict[str, Any] | None:
        parts = self._parts("registration_window")
        return None if parts["first"] is None else parts

    def _duration_months(self) -> dict[str, Any] | None:
        parts = self._parts("duration_months")
        return None if parts["shortest"] is None else parts

    def _de_minimis(self) -> dict[str, Any] | None:
        parts = self._parts("de_minimis")
        return None if parts["ceiling"] is None else parts

    def _due_diligence_scope(self) -> dict[str, Any] | None:
        parts = {name: value or [] for name, value in self._parts("due_diligence_scope").items()}
        return parts if any(parts.values()) else None

    def _register_formats(self) -> dict[str, Any] | None:
        given = self.cleaned_data
        rows = {
            given[country]: {"pattern": given[pattern], "sections": split_list(given[sections])}
            for country, pattern, sections in self._register_rows()
            if given[country]
        }
        return rows or None

    def refuse(self, error: ValidationError) -> None:
        """The action names a parameter (`turnover.floor`), the form its fields."""
        if not hasattr(error, "error_dict"):
            return super().refuse(error)
        for name, problems in error.error_dict.items():
            field = name.replace(".", "_")
            whole = name.partition(".")[0]
            places = (field, _PLACE.get(whole, whole))
            target = next((each for each in places if each in self.fields), None)
            self.add_error(target, problems)
        return None


def _plain(value: Any) -> Any:
    """A cleaned value as JSON writes it: amounts as text, nothing as None."""
    if value is None or value in ("", []):
        return None
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
