"""The people of the demonstration: accounts that can sign in at once, and their companies."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Role, User
from applications.actions.organising import register_organisation
from applications.models import Membership, Organisation, OrganisationPerson
from reviews.actions.demonstration.files import Json, read
from reviews.actions.profiling import save_profile

#: Known to everyone: these accounts exist only where DEMO=1.
PASSWORD = "bpf-demo"  # noqa: S105 - public by intent
#: Longer than the oldest story: nobody joined while a proposal was written.
BELONG_SINCE = timedelta(days=1000)


def account_addresses() -> list[str]:
    """The e-mail address of every account that the demonstration makes."""
    staff = [person["email"] for person in read("people")]
    return staff + [person["email"] for each in read("companies") for person in each["people"]]


def create_staff() -> dict[str, User]:
    """LuxDev's side, by the key the stories use."""
    return {
        person["key"]: _account(person["email"], person["name"], person["role"], person["language"])
        for person in read("people")
    }


def write_profiles(people: dict[str, User]) -> None:
    """What the reviewers say of themselves."""
    for given in read("people"):
        if "profile" in given:
            save_profile(actor=people[given["key"]], **given["profile"])


def _account(email: str, name: str, role: str, language: str) -> User:
    user: User = User.objects.create_user(
        email, PASSWORD, full_name=name, role=Role(role), language=language
    )
    user.emailaddress_set.create(email=email, verified=True, primary=True)  # type: ignore[attr-defined]
    return user


def register_companies() -> dict[str, tuple[Organisation, User]]:
    """Each company with the person who writes for it, by the company's key."""
    return {given["key"]: _register(given) for given in read("companies")}


def _register(given: Json) -> tuple[Organisation, User]:
    members = [
        (_account(person["email"], person["name"], Role.APPLICANT, person["language"]), person)
        for person in given["people"]
    ]
    owner, profile = members[0]
    company = register_organisation(
        actor=owner,
        legal_name=given["legal_name"],
        country_id=given["country"],
        registration_number=given["registration_number"],
        kind=given.get("kind", "company"),
        legal_form=given["legal_form"],
        registered_on=years_ago(given["registered_years_ago"]),
        address=given["address"],
        postal_code=given["postal_code"],
        city=given["city"],
        employees=given["employees"],
        road_haulage_for_hire=given.get("road_haulage_for_hire", False),
        not_insolvent=True,
        no_conviction=True,
        taxes_paid=True,
        social_security_paid=True,
    )
    for user, person in members[1:]:
        Membership.objects.create(organisation=company, user=user, role=person["role"])
    company.memberships.update(since=timezone.now() - BELONG_SINCE)
    _figures_and_people(company, given, profile)
    return company, owner


def _figures_and_people(company: Organisation, given: Json, head: Json) -> None:
    last_closed = timezone.localdate().year - 1
    for years_before, amount in enumerate(reversed(given["turnover"])):
        company.annual_turnover.create(year=last_closed - years_before, amount=Decimal(amount))
    capacity = OrganisationPerson.Capacity
    company.people.create(capacity=capacity.DIRECTOR, name=head["name"], detail=head["function"])
    company.people.create(capacity=capacity.BENEFICIAL_OWNER, name=head["name"], detail="100")


def years_ago(years: int) -> date:
    """A day about so many years ago, some months past the anniversary."""
    return timezone.localdate() - timedelta(days=365 * years + 131)
