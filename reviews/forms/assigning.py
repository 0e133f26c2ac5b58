"""Asking reviewers, and a reviewer's declaration of interests."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from reviews.forms.desk_form import DeskForm, DueField, checkbox_list, text_area


class AssignForm(DeskForm):
    """Who reviews, and by when. People who were asked before are not offered again."""

    def __init__(self, *args: Any, reviewers: Iterable[User], **kwargs: Any) -> None:
        self.choices = [(user.pk, f"{user.full_name or user.email}") for user in reviewers]
        super().__init__(*args, **kwargs)
        self.fields["reviewers"] = checkbox_list(label=_("Reviewers"), choices=self.choices)
        self.fields["due_on"] = DueField(label=_("Due on"))

    def reviewer_ids(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["reviewers"]]


class InterestForm(DeskForm):
    """`conflict` is the button that was pressed."""

    details = text_area(
        _("What is your interest?"),
        help_text=_(
            "For example: you work for one of the partners, own a share, or advised the company."
        ),
    )
