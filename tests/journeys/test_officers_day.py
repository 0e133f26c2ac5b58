"""An officer's day without scripts: a plan of reviewers proposed, changed and sent, who is late
reminded, the ranking read, a decision prepared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from applications.models import Submission
from bpf_portal.core.models import OutgoingEmail
from reviews.actions import assigning
from reviews.models import Assignment, Decision, ReviewerProfile
from tests import builders
from tests.journeys.desk import Desk, expect_text
from tests.reviews.admin import rows

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def set_up(officer: User) -> tuple[Submission, Submission, dict[str, User]]:
    """Two dossiers in French, one of high risk; two reviewers read French, one knows more."""
    call = builders.build_call(title_en="The spring call")
    first = builders.build_eligible(officer, call=call)
    (risky,) = rows.copies(first, 1)
    Submission.objects.filter(pk=risky.pk).update(risk_level="high")
    people = {}
    for name, profile in (
        ("Anne", {"sectors": ["ict"], "human_rights": True}),
        ("Claire", {}),
        ("Bernard", {"languages": ["en"]}),
    ):
        people[name] = builders.build_user("reviewer", f"{name} Weber")
        ReviewerProfile.objects.create(
            person=people[name], **{"languages": ["fr"], "sectors": [], **profile}
        )
    return first, risky, people


def test_from_a_plan_to_a_decision(
    reference: None, person: Callable[..., Page], officer: User
) -> None:
    first, risky, people = set_up(officer)
    desk = Desk(person(scripts=False), officer)
    desk.sign_in()
    page = desk.page

    # The plan: what the portal proposes, and what it could not meet.
    page.get_by_role("link", name="Reviewers The spring call").click()
    page.get_by_label("Reviewers for each proposal").fill("1")
    page.get_by_label("Proposals for each reviewer, at most").fill("1")
    desk.press("Make a plan")
    line = page.locator(f"#dossier-{risky.pk}")
    expect(line).to_contain_text("Anne Weber")
    expect(line).to_contain_text("expert in human rights")
    expect(page.locator(f"#dossier-{first.pk}")).to_contain_text("Claire Weber")
    assert not Assignment.objects.exists()

    # Changed by hand: Anne reads both.
    page.locator(f"#dossier-{first.pk}").get_by_role("link", name="Change").click()
    expect_text(page, "does not read the language")
    page.get_by_label("Claire Weber").uncheck()
    page.get_by_label("Anne Weber").check()
    desk.press("Keep in the plan")
    expect(page.locator(f"#dossier-{first.pk}")).to_contain_text("chosen by hand")
    desk.press("Ask these reviewers")
    expect_text(page, "The plan is sent.")
    assert set(Assignment.objects.values_list("submission", "reviewer")) == {
        (first.pk, people["Anne"].pk),
        (risky.pk, people["Anne"].pk),
    }
    assert OutgoingEmail.objects.filter(recipient=people["Anne"].email).count() == 1

    # Time goes by: one is scored, the other late.
    builders.declare_for_call(people["Anne"], first.call)
    scored, late = (Assignment.objects.get(submission=each) for each in (first, risky))
    assigning.declare_interest(actor=people["Anne"], assignment_id=scored.pk, conflict=False)
    builders.build_scored(scored)
    yesterday = timezone.localdate() - timedelta(days=1)
    Assignment.objects.filter(pk=late.pk).update(due_on=yesterday)
    page.goto("/admin/")
    page.get_by_role("link", name="Remind the reviewers").click()
    desk.press("Remind the late reviewers")
    expect_text(page, "1 reviewer was reminded.")

    # The ranking, and the decision on what is scored.
    page.get_by_role("main").get_by_role("link", name="Ranking").click()
    expect_text(page, "80.00")
    page.get_by_role("link", name=f"Prepare the decision {first.reference}", exact=True).click()
    page.get_by_label("shortlisted", exact=True).check()
    desk.press("Prepare this decision")
    assert Decision.objects.get().submission == first
