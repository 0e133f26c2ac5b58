"""What tests of a company's people do again and again."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.actions import membership as actions
from applications.models import (
    JoinRequest,
    Membership,
    Organisation,
)
from bpf_portal.core.models import OutgoingEmail
from tests import builders

SignIn = Callable[..., Client]
Work = Callable[[], object]


def people_url(company: Organisation) -> str:
    return reverse("organisations:people", args=[company.pk])


def person_url(membership: Membership) -> str:
    return reverse("organisations:person", args=[membership.organisation_id, membership.pk])


def colleague(company: Organisation, role: str = "editor", **fields: Any) -> Membership:
    user = builders.build_user(**fields)
    return Membership.objects.create(organisation=company, user=user, role=role)


def invite(company: Organisation, email: str, role: str = "editor", language: str = "en") -> str:
    """Invite, and return the path that stands in the mail."""
    owner = User.objects.get(memberships__organisation=company, memberships__role="owner")
    actions.invite_person(
        actor=owner, organisation_id=company.pk, email=email, role=role, language=language
    )
    return link_in(OutgoingEmail.objects.filter(recipient=email.lower()).latest("pk").body)


def link_in(body: str) -> str:
    found = re.search(rf"{re.escape(settings.PORTAL_URL)}(/\S+)", body)
    assert found, body
    return found[1]


def ask(user: User, company: Organisation, message: str = "") -> JoinRequest:
    return actions.ask_to_join(
        actor=user,
        country_id="LU",
        registration_number=company.registration_number,
        message=message,
    )


def roles(company: Organisation) -> dict[str, str]:
    return dict(company.memberships.values_list("user__email", "role"))


def at_once(*work: Work) -> list[BaseException]:
    """Do all of it at the same moment in threads of their own; what was raised."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(work))

    def run(each: Work) -> None:
        try:
            start.wait()
            each()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors
