"""A reviewer's own profile."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from bpf_portal.core.access import require
from reviews.access import may_keep_profile
from reviews.actions.interests import look_for_conflicts, names_once, open_submissions
from reviews.models import ReviewerProfile


@transaction.atomic
def save_profile(
    *,
    actor: User,
    employers: Sequence[str],
    languages: Sequence[str],
    sectors: Sequence[str],
    countries: Sequence[str],
    human_rights: bool,
) -> ReviewerProfile:
    """Keep what a reviewer says of themselves; what they review is compared with it at once.

    Raises NotAllowed for anybody but a reviewer.
    """
    require(may_keep_profile(actor))
    profile, _made = ReviewerProfile.objects.update_or_create(
        person=actor,
        defaults={
            "employers": names_once(employers),
            "languages": sorted(set(languages)),
            "sectors": sorted(set(sectors)),
            "countries": sorted(set(countries)),
            "human_rights": human_rights,
        },
    )
    look_for_conflicts(actor, open_submissions(actor))
    return profile
