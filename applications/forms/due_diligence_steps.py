"""The steps of due diligence that are plain questions: flags, policy, reporting, grievances."""

from typing import Any

from crispy_forms.layout import HTML, Div
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.forms.choices import Choices
from applications.forms.fields import (
    ChoicesField,
    DayField,
    LineField,
    TextField,
    WebField,
    YesNoField,
    offer,
)
from applications.forms.section import form_helper, group, two
from applications.models import Vocabulary

#: The eight criteria of an effective grievance channel (UNGP 31), in plain words.
CRITERIA = {
    "legitimate": _("People trust it: whoever decides has no part in the case (legitimate)"),
    "accessible": _("People know of it and can use it, free and in their language (accessible)"),
    "predictable": _("The steps are known, and how long each takes (predictable)"),
    "equitable": _("Whoever complains gets advice and can see the papers (equitable)"),
    "transparent": _("People are told how their case stands, and what came of it (transparent)"),
    "rights_compatible": _("What is decided takes no right away from anybody (rights-compatible)"),
    "continuous_learning": _("Cases are looked at together, so that they happen less (learning)"),
    "dialogue_based": _("Those concerned were asked how it should work (dialogue-based)"),
}


def example(code: str) -> HTML:
    """Under a question: an example answer that opens on demand (Vocabulary.EXAMPLE)."""
    return HTML(f"{{% include 'proposals/_example.html' with example=section.examples.{code} %}}")


class FlagsForm(forms.Form):
    """The warning signs, on which it depends what else is asked."""

    flags = ChoicesField(
        label=_("Warning signs that apply to your project"),
        help_text=_("Tick what may be so, even if you are not sure. If nothing applies, go on."),
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "flags", choices.words(Vocabulary.RISK_FLAG))
        self.helper = form_helper(group("flags", css_class="choice-list"), example("flags"))


class PolicyForm(forms.Form):
    """The management's commitment, and who answers for it."""

    policy_dated = DayField(label=_("Date of the policy"))
    policy_signed_by_management = YesNoField(label=_("Is it signed by the management?"))
    policy_responsible_person = LineField(label=_("Person responsible"), max_length=150)
    policy_url = WebField(label=_("Public address of the policy"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(
            two("policy_dated", "policy_responsible_person"),
            "policy_signed_by_management",
            "policy_url",
            example("policy"),
        )


class CommunicationForm(forms.Form):
    """How it is reported."""

    communication = TextField(label=_("How and when do you report on it, and to whom?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper("communication", example("communication"))


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
            self.fields[f"explain_{code}"] = LineField(
                label=_("If not yet: how will you get there?"), max_length=500
            )
        self.helper = form_helper(
            "remedy_channel",
            example("remedy_channel"),
            two("remedy_contact", "remedy_languages"),
            example("remedy_contact"),
            "protects_from_reprisal",
            example("protects_from_reprisal"),
            "open_to_partner_workers",
            example("open_to_partner_workers"),
            "open_to_communities",
            example("open_to_communities"),
            HTML("{% include 'proposals/_criteria_intro.html' %}"),
            *(
                Div(
                    f"criterion_{code}",
                    f"explain_{code}",
                    example(f"criterion_{code}"),
                    css_class="criterion",
                )
                for code in CRITERIA
            ),
        )

    def clean_remedy_languages(self) -> list[str]:
        words = [word.strip() for word in self.cleaned_data["remedy_languages"].split(",")]
        if any(len(word) > 40 for word in words):
            raise ValidationError(_("Separate the languages by commas."))
        return [word for word in words if word]

    def clean(self) -> dict[str, Any]:
        """Only one of the two is kept: what was typed beside a ticked box would be lost."""
        cleaned = super().clean() or self.cleaned_data
        for code in CRITERIA:
            if cleaned.get(f"criterion_{code}") and cleaned.get(f"explain_{code}"):
                message = _("The box above is ticked. Untick it, or delete this explanation.")
                self.add_error(f"explain_{code}", ValidationError(message))
        return cleaned

    @property
    def criteria(self) -> dict[str, bool | str]:
        values = self.cleaned_data
        answers = {
            code: values[f"criterion_{code}"] or values[f"explain_{code}"] for code in CRITERIA
        }
        return {code: answer for code, answer in answers.items() if answer}
