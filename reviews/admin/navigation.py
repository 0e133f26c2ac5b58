"""The sidebar: what each role works with, in everyday words."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import has_role, reads_everything
from accounts.models import Role

Item = dict[str, Any]


def _item(title: str, icon: str, address: str) -> Item:
    return {"title": title, "icon": icon, "link": reverse(f"admin:{address}")}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links. A link to a page that the role cannot open is not there."""
    groups: list[dict[str, Any]] = [
        {"title": None, "items": [_item(_("Overview"), "dashboard", "index")]}
    ]
    if has_role(request.user, Role.REVIEWER):
        groups[0]["items"].append(
            _item(_("My reviews"), "rate_review", "reviews_assignment_changelist")
        )
        groups[0]["items"].append(_item(_("My profile"), "badge", "my_profile"))
        groups[0]["items"].append(
            _item(_("Committee meetings"), "groups", "reviews_meeting_changelist")
        )
    if reads_everything(request.user):
        groups += [_work(), _reference()]
    if has_role(request.user, Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR):
        groups[-1]["items"].append(_item(_("People"), "group", "accounts_user_changelist"))
    return groups


def way_back(request: HttpRequest) -> Item | None:
    """The sidebar's page that this one lies under: the list of a row, the choice of a ranking."""
    items = [item for group in sidebar(request) for item in group["items"]]
    above = [item for item in items[1:] if _lies_under(request.path, item["link"])]
    return max(above, key=lambda item: len(item["link"]), default=None)


def _lies_under(path: str, list_page: str) -> bool:
    return path != list_page and path.startswith(list_page)


def _work() -> dict[str, Any]:
    return {
        "title": _("Proposals"),
        "items": [
            _item(_("Proposals"), "inbox", "applications_submission_changelist"),
            _item(_("Messages"), "forum", "applications_thread_changelist"),
            _item(_("Reviews"), "rate_review", "reviews_assignment_changelist"),
            _item(_("Conflicts of interest"), "balance", "reviews_conflict_changelist"),
            _item(
                _("Declarations of interests"), "fact_check", "reviews_calldeclaration_changelist"
            ),
            _item(_("Names to clear"), "person_search", "applications_namematch_changelist"),
            _item(
                _("Company registers"),
                "domain_verification",
                "applications_registeranswer_changelist",
            ),
            _item(_("Ranking"), "leaderboard", "ranking_index"),
            _item(_("Committee meetings"), "groups", "reviews_meeting_changelist"),
            _item(_("Decisions"), "gavel", "reviews_decision_changelist"),
            _item(_("Actions on many"), "checklist", "reviews_bulkaction_changelist"),
            _item(_("Running projects"), "handshake", "reviews_agreement_changelist"),
            _item(_("Annual report"), "summarize", "annual_report"),
            _item(_("Work in hand"), "pending_actions", "work"),
        ],
    }


def _reference() -> dict[str, Any]:
    return {
        "title": _("Reference"),
        "items": [
            _item(_("Calls"), "campaign", "applications_call_changelist"),
            _item(_("Rule sets"), "rule", "applications_ruleset_changelist"),
            _item(_("What if?"), "science", "simulation"),
            _item(_("Scoring grids"), "grading", "reviews_rubric_changelist"),
            _item(_("Clause versions"), "contract", "applications_clauseversion_changelist"),
            _item(_("Declarations"), "task_alt", "applications_declarationversion_changelist"),
            _item(_("Letter templates"), "mail", "reviews_lettertemplate_changelist"),
            _item(_("Sanctions lists"), "policy", "applications_sanctionslist_changelist"),
            _item(_("Countries"), "public", "applications_country_changelist"),
        ],
    }
