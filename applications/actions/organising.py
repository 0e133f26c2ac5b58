"""A company enters the portal, and keeps its profile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_write_for
from applications.actions.drafting import ChangedElsewhere, FieldRefused
from applications.models import Membership, MembershipRole, Organisation
from bpf_portal.core.access import NotAllowed, require

REGISTER_CONSTRAINT = "company_once_per_register"


class AlreadyRegistered(FieldRefused):
    """Another row has this number in this country's register: one company is one row."""

    field = "registration_number"
    message = _(
        "A company with this trade register number is already in the portal. Ask the colleague who"
        " registered it to add you, or write to the facility."
    )


def normalised_register_number(country_id: str | None, number: str) -> str:
    """The number as it is stored and compared: `b 123 456` of Luxembourg is `B123456`.

    Other registers use spaces and points as parts of the number; there only the edges are cut.
    """
    if country_id == "LU":
        return "".join(letter for letter in number.upper() if letter.isalnum())
    return " ".join(number.split())


@transaction.atomic
def register_organisation(
    *,
    actor: User,
    legal_name: str,
    country_id: str | None = None,
    registration_number: str = "",
    **profile: Any,
) -> Organisation:
    """A new company, whose owner is the actor. Raises AlreadyRegistered, NotAllowed."""
    if not actor.is_active:
        raise NotAllowed(_("Sign in first."))
    with _one_company_per_number():
        organisation = Organisation.objects.create(
            legal_name=legal_name,
            country_id=country_id,
            registration_number=normalised_register_number(country_id, registration_number),
            **profile,
        )
    Membership.objects.create(organisation=organisation, user=actor, role=MembershipRole.OWNER)
    return organisation


@contextmanager
def editing_organisation(
    *, actor: User, organisation: Organisation, expected_version: int
) -> Iterator[Organisation]:
    """Change a company's profile inside the block; the row is locked, its version counts up.

    Raises NotAllowed (a reader), ChangedElsewhere (a second tab or a colleague saved first) or
    AlreadyRegistered; then nothing of the block is written.
    """
    with transaction.atomic():
        locked = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
        require(may_write_for(actor, locked))
        if locked.version != expected_version:
            raise ChangedElsewhere(locked.version)
        yield locked
        locked.registration_number = normalised_register_number(
            locked.country_id, locked.registration_number
        )
        locked.version += 1
        with _one_company_per_number():
            locked.save()


@contextmanager
def _one_company_per_number() -> Iterator[None]:
    """Let the database's constraint decide, also between two requests at the same moment."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if REGISTER_CONSTRAINT not in str(error):
            raise
        raise AlreadyRegistered from error
