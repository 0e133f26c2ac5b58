"""Who has an account, in which role, and what a reviewer says of themselves."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _

from accounts.models import Role, User
from reviews.admin.dossier import NOT_GIVEN, Section
from reviews.admin.dossier import Table as Facts
from reviews.admin.labels import Labels
from reviews.admin.lists import Column
from reviews.admin.reference import LANGUAGE_NAMES, ReferenceAdmin, when
from reviews.models import ReviewerProfile


@admin.register(User)
class PeopleAdmin(ReferenceAdmin):
    """Who has an account, in which role. Approvers and reviewers have no need of it."""

    readers = (Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR)
    order = ("email",)

    def columns(self) -> list[Column]:
        return [
            Column(_("Person"), lambda row: self.to(row, str(row), row.email), "desk-wide"),
            Column(_("Role"), lambda row: row.get_role_display()),
            Column(_("Active"), lambda row: _("yes") if row.is_active else _("no")),
            Column(_("Since"), lambda row: when(row.date_joined)),
        ]

    def sections(self, row: Any) -> list[Section]:
        companies = row.memberships.select_related("organisation")
        facts = [
            (_("E-mail address"), row.email),
            (_("Role"), row.get_role_display()),
            (_("Language"), row.get_language_display()),
            (_("Active"), _("yes") if row.is_active else _("no")),
            (_("Since"), when(row.date_joined)),
        ]
        acts_for = Facts(
            _("Acts for"),
            (_("Company"), _("Role")),
            [(str(each.organisation), each.get_role_display()) for each in companies],
        )
        return [Section("person", str(row), facts, [], [acts_for]), *_profile(row)]


def _profile(person: User) -> list[Section]:
    """What a reviewer says of themselves. Three queries, of which two are the lists of names."""
    profile = ReviewerProfile.objects.filter(person=person).first()
    if profile is None:
        return []
    labels = Labels()
    facts = [
        (_("Employers"), ", ".join(profile.employers) or NOT_GIVEN),
        (_("Languages"), ", ".join(str(LANGUAGE_NAMES[each]) for each in profile.languages)),
        (_("Expert in human rights"), _("yes") if profile.human_rights else _("no")),
        (_("Sectors"), labels.terms("sector", profile.sectors) or NOT_GIVEN),
        (_("Countries"), labels.country_list(profile.countries) or NOT_GIVEN),
        (_("Last saved"), when(profile.updated_at)),
    ]
    return [Section("profile", _("Profile as a reviewer"), facts)]
