"""New lists and ratings: living proposals are compared, and only what changes is checked again."""

from __future__ import annotations

import pytest

from accounts.models import User
from applications.actions import rechecking
from applications.models import CountryListEntry, CountryRating, Moment, Rechecking
from bpf_portal.core import jobs
from tests import builders

pytestmark = pytest.mark.django_db


def test_a_new_rating_has_only_those_checked_again_whom_it_concerns(
    applicant: User, reference: None
) -> None:
    rechecking.recheck_if_changed()
    assert rechecking.recheck_if_changed() is None
    there = builders.build_submission(applicant)
    elsewhere = builders.build_submission(countries=["RW"])
    country = there.countries[0]
    partner = there.proposal.partners.get()
    elsewhere.proposal.partners.update(country_id="RW")

    CountryRating.objects.update_or_create(
        country_id=country,
        defaults={"level": "high", "standing": "ten_worst", "source": "Index of next year"},
    )
    job = rechecking.recheck_if_changed()
    assert job is not None
    assert rechecking.recheck_if_changed() is None  # another beat
    assert jobs.run(Rechecking, job.pk, rechecking.recheck)
    job.refresh_from_db()
    assert job.progress_done == job.progress_total
    run = there.check_runs.latest("pk")
    assert run.moment == Moment.LISTS
    builders.do_waiting_jobs()
    there.refresh_from_db()
    assert builders.finding_of(there, "hrdd.sign_off").outcome == "review"
    assert partner.country_id == country

    # The same lists once more change nothing for it.
    CountryListEntry.objects.filter(country_list__code="dac-oda", country_id="NR").update(
        eligible_until="2025-12-30"
    )
    job = rechecking.recheck_if_changed()
    assert job is None or jobs.run(Rechecking, job.pk, rechecking.recheck)
    assert there.check_runs.latest("pk").pk == run.pk
