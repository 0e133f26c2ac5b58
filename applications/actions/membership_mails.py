"""What is written to people about belonging to a company, each in the reader's language."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from applications.models import Invitation, JoinRequest, Organisation
from bpf_portal.core import mail
from bpf_portal.core.templatetags.portal import day
from bpf_portal.core.texts import in_language

SIGNATURE = "Business Partnership Facility"


def _link(name: str, *args: object) -> str:
    return f"{settings.PORTAL_URL.rstrip('/')}{reverse(name, args=args)}"


def _send(to: str, subject: str, *paragraphs: str) -> None:
    body = "\n\n".join([_("Good day,"), *paragraphs, SIGNATURE])
    mail.send(to=to, subject=subject, body=f"{body}\n")


def send_invitation(invitation: Invitation, token: str) -> None:
    """The only place where the link stands: nothing but its digest is stored with the row."""
    with in_language(invitation.language):
        names = {
            "person": str(invitation.invited_by),
            "company": invitation.organisation.legal_name,
            "role": invitation.get_role_display(),
        }
        _send(
            invitation.email,
            _("%(person)s invites you to %(company)s") % names,
            _(
                "%(person)s invites you to work on the proposals of %(company)s in the portal of"
                " the Business Partnership Facility, as %(role)s."
            )
            % names,
            _("Accept the invitation here. You sign in, or create an account with this address:"),
            _link("organisations:invitation", token),
            _("The link is valid until %(day)s, and only for you.")
            % {"day": day(invitation.expires_at)},
            _("If you do not know what this is about, you need do nothing."),
        )


def tell_owners_of_request(join_request: JoinRequest, owners: list[User]) -> None:
    company = join_request.organisation
    for owner in owners:
        with in_language(owner.language):
            names = {
                "person": str(join_request.asked_by),
                "email": join_request.asked_by.email,
                "company": company.legal_name,
            }
            _send(
                owner.email,
                _("%(person)s asks to join %(company)s") % names,
                _(
                    "%(person)s (%(email)s) asks to join %(company)s and to work on its proposals."
                    " Until you answer, this person sees nothing of the company."
                )
                % names,
                _("Accept with a role, or decline, on the page of your company’s people:"),
                _link("organisations:people", company.pk),
            )


def tell_answer(join_request: JoinRequest) -> None:
    asker = join_request.asked_by
    with in_language(asker.language):
        number = {"number": join_request.number}
        if join_request.accepted:
            _send(
                asker.email,
                _("You belong to the company now"),
                _(
                    "an owner of the company with the trade register number %(number)s accepted"
                    " your request. You find the company’s proposals here:"
                )
                % number,
                _link("proposals:list"),
            )
        else:
            _send(
                asker.email,
                _("Your request to join a company was declined"),
                _(
                    "an owner of the company with the trade register number %(number)s declined"
                    " your request. If this is a mistake, please talk to your colleagues: an owner"
                    " can still invite you."
                )
                % number,
            )


def tell_removed(person: User, organisation: Organisation) -> None:
    with in_language(person.language):
        company = {"company": organisation.legal_name}
        _send(
            person.email,
            _("You no longer belong to %(company)s") % company,
            _(
                "an owner of %(company)s removed you from the company’s people in the portal. What"
                " you wrote stays with the company."
            )
            % company,
        )


def tell_new_owner(person: User, organisation: Organisation, before: User) -> None:
    with in_language(person.language):
        names = {"company": organisation.legal_name, "person": str(before)}
        _send(
            person.email,
            _("You are an owner of %(company)s now") % names,
            _(
                "%(person)s handed %(company)s over to you in the portal. From now on you decide"
                " who belongs to it:"
            )
            % names,
            _link("organisations:people", organisation.pk),
        )
