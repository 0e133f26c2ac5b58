"""Who somebody is to the facility, as predicates the rules of access are written with."""

from typing import TypeGuard

from django.contrib.auth.models import AnonymousUser

from accounts.models import STAFF_ROLES, Role, User

Visitor = User | AnonymousUser


def has_role(user: Visitor, *roles: Role) -> TypeGuard[User]:
    """Whether this is a signed-in, active person in one of the roles."""
    return user.is_authenticated and user.is_active and user.role in roles


def is_staff(user: Visitor) -> TypeGuard[User]:
    return user.is_authenticated and user.is_active and user.role in STAFF_ROLES


def reads_everything(user: Visitor) -> TypeGuard[User]:
    """Officers, approvers, auditors and administrators read every dossier; reviewers never do."""
    return has_role(user, Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR)


def runs_calls(user: Visitor) -> TypeGuard[User]:
    """The programme officer: confirms eligibility, assigns, prepares decisions."""
    return has_role(user, Role.OFFICER)


def approves(user: Visitor) -> TypeGuard[User]:
    """The second person who confirms a decision [A]."""
    return has_role(user, Role.APPROVER)


def reads_drafts_of_rules(user: Visitor) -> TypeGuard[User]:
    """Rules that are not in force yet: who writes them, and who audits how they came about."""
    return has_role(user, Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR)


def writes_rules(user: Visitor) -> TypeGuard[User]:
    return has_role(user, Role.OFFICER, Role.ADMINISTRATOR)
