"""How mails about a proposal are written: whom, in which language, where it leads."""

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from applications.models import Organisation, Proposal
from bpf_portal.core import mail

SIGNATURE = "Business Partnership Facility"


def link(name: str, *args: object) -> str:
    return f"{settings.PORTAL_URL.rstrip('/')}{reverse(name, args=args)}"


def people_of(organisation: Organisation) -> QuerySet[User]:
    """Everybody who belongs to the company now."""
    return User.objects.filter(is_active=True, memberships__organisation=organisation).order_by(
        "pk"
    )


def write(to: str, subject: str, *paragraphs: str, about: Proposal | None = None) -> None:
    """`about`: what the company is written about its proposal is kept with that."""
    body = "\n\n".join([_("Good day,"), *paragraphs, SIGNATURE])
    mail.send(to=to, subject=subject, body=f"{body}\n", about=about)
