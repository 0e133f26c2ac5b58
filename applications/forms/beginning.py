"""Beginning a proposal to a call, and giving one up."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import TextField
from applications.forms.section import form_helper
from applications.models import Organisation, Proposal

ORDER = ("organisation", "language", "copy_from", "another")


class BeginForm(forms.Form):
    """For which company, in which language, from which earlier proposal if any; a second one to
    the same call only on purpose.
    """

    language = forms.ChoiceField(
        label=_("In which language do you apply?"),
        widget=forms.RadioSelect,
        choices=[("fr", _("French")), ("en", _("English"))],
        help_text=_("The clause you accept and the letter you receive are in this language."),
    )
    copy_from = forms.TypedChoiceField(
        label=_("With what do you begin?"), required=False, coerce=int, empty_value=None
    )
    another = forms.BooleanField(
        label=_("Yes, begin another one besides the one there is"), required=False
    )

    def __init__(
        self,
        organisations: Sequence[Organisation],
        begun: Sequence[Proposal],
        earlier: Sequence[Proposal],
        data: QueryDict | None = None,
        *,
        language: str = "fr",
    ) -> None:
        only = organisations[0].pk if len(organisations) == 1 else None
        super().__init__(data, initial={"organisation": only, "language": language})
        self.begun, self.earlier = begun, earlier
        self.fields["organisation"] = forms.TypedChoiceField(
            label=_("For which company?"),
            widget=forms.RadioSelect,
            coerce=int,
            choices=[(each.pk, each.legal_name) for each in organisations],
        )
        self._offer_earlier(earlier)
        if not begun:
            del self.fields["another"]
        self.helper = form_helper(*sorted(self.fields, key=ORDER.index))

    def _offer_earlier(self, earlier: Sequence[Proposal]) -> None:
        if not earlier:
            del self.fields["copy_from"]
            return
        field = self.fields["copy_from"]
        field.choices = [  # type: ignore[attr-defined]
            ("", _("An empty dossier")),
            *((each.pk, _copy_label(each)) for each in earlier),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        company = cleaned.get("organisation")
        source = cleaned.get("copy_from")
        owners = {each.pk: each.organisation_id for each in self.earlier}
        if source is not None and company is not None and owners.get(source) != company:
            self.add_error("copy_from", _("This proposal is another company's."))
        has_one = any(proposal.organisation_id == company for proposal in self.begun)
        if has_one and not cleaned.get("another"):
            self.add_error(
                "another",
                _("This company has a proposal to this call already. Go on with it, or tick here."),
            )
        return cleaned


def _copy_label(proposal: Proposal) -> str:
    return f"{proposal.title or proposal.reference} – {proposal.reference}, {proposal.call.title}"


class WithdrawForm(forms.Form):
    """A draft needs no reason; what was handed in does (`withdraw_proposal` insists on it)."""

    reason = TextField(
        label=_("Why do you withdraw it?"),
        max_length=1000,
        rows=3,
        help_text=_("You need not give a reason."),
    )
    sure = forms.BooleanField(label=_("Yes, withdraw this proposal"))

    def __init__(self, *args: Any, handed_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if handed_in:
            self.fields["reason"].required = True
            self.fields["reason"].help_text = _("The facility reads your reason.")
        self.helper = form_helper("reason", "sure")
