"""Nothing typed is lost: pages save themselves, through lost lines and ended sessions."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import APIResponse, Page, Request, Route, expect

from accounts.models import User
from applications.actions import drafting, submitting
from applications.models import Proposal
from tests import builders
from tests.journeys.company import Company
from tests.journeys.conftest import Complaints
from tests.processes import wait_until

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

Arrive = Callable[..., Page]


@pytest.fixture
def draft(applicant: User) -> Proposal:
    return builders.build_draft(applicant)


def url_of(proposal: Proposal, section: str) -> str:
    return reverse("proposals:section", args=[proposal.reference, section])


def sign_in(page: Page, user: User) -> Page:
    Company(page, user.email).sign_in(builders.PASSWORD)
    return page


def state(page: Page, words: str) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text(words)


def look(page: Page, pictures: Path, name: str) -> None:
    page.screenshot(path=pictures / f"{name}.png")
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"{name} is {width} pixels too wide"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def expected(complaints: Complaints, *answers: str) -> None:
    """The browser notes every answer that is no 200 in its console; these are what was tested."""
    complaints[:] = [each for each in complaints if not any(part in each for part in answers)]


def test_a_page_saves_itself_and_says_so(
    person: Arrive, applicant: User, draft: Proposal, pictures: Path, complaints: Complaints
) -> None:
    page = sign_in(person("en"), applicant)
    page.goto(url_of(draft, "project"))
    page.get_by_label("Title of the project").press_sequentially("Solar pumps")
    state(page, "Not saved yet")
    state(page, "Saved at")
    expect(page.locator("[data-save-spoken]")).to_contain_text("Saved at")
    look(page, pictures, "autosave-saved")
    page.get_by_label("Senegal").check()
    page.get_by_label("Duration in months").fill("-3")
    page.locator("#id_answer_problem").fill("x" * 100_000)
    page.locator("#id_answer_solution").evaluate("field => field.value = 'Null \\0 byte'")
    page.locator("#id_answer_solution").dispatch_event("input")
    page.get_by_label("Summary").fill("Kept beside what is wrong.")
    page.get_by_label("Summary").blur()
    state(page, "The marked fields are not saved yet")
    for wrong in ("duration_months", "answer_problem", "answer_solution"):
        expect(page.locator(f"#id_{wrong}")).to_have_attribute("aria-invalid", "true")
    look(page, pictures, "autosave-wrong")
    stored = Proposal.objects.filter(pk=draft.pk, summary="Kept beside what is wrong.")
    wait_until(stored.exists, "the summary is saved")
    draft.refresh_from_db()
    assert (draft.title, draft.summary) == ("Solar pumps", "Kept beside what is wrong.")
    assert (draft.countries, draft.duration_months) == (["SN"], None)
    page.get_by_label("Duration in months").fill("24")
    page.locator("#id_answer_problem").fill("x" * 5_000)
    page.locator("#id_answer_solution").fill("No null byte")
    page.locator("#id_answer_solution").blur()
    expect(page.locator("[aria-invalid=true]")).to_have_count(0)
    expect(page.locator("[data-save-state]")).not_to_contain_text("marked")
    assert page.evaluate("Object.keys(localStorage).length") == 0
    page.goto(url_of(draft, "budget"))
    page.get_by_role("button", name="Add another line").click()
    page.fill("#id_lines-0-description", "First")
    page.fill("#id_lines-2-description", "Third")
    page.locator("#id_lines-2-description").blur()
    state(page, "Saved at")
    page.fill("#id_lines-2-description", "Third, again")
    page.get_by_role("button", name="Save and back to the list").click()
    page.wait_for_url(f"**/proposals/{draft.reference}/")
    descriptions = [each.description for each in draft.budget_lines.all()]
    assert descriptions == ["First", "Third, again"]
    expected(complaints, "422")


def test_two_windows_and_two_colleagues(
    person: Arrive, applicant: User, draft: Proposal, pictures: Path, complaints: Complaints
) -> None:
    colleague = builders.build_user("applicant", "Carla Kollegin", language="fr")
    draft.organisation.memberships.create(user=colleague, role="editor")
    first, theirs = sign_in(person("en"), applicant), sign_in(person("fr"), colleague)
    second = first.context.new_page()
    for page in (first, second):
        page.goto(url_of(draft, "project"))
    theirs.goto(url_of(draft, "budget"))

    theirs.fill("#id_requested", "150000")
    theirs.locator("#id_requested").blur()
    state(theirs, "Enregistré à")
    first.fill("#id_title", "First window")
    first.locator("#id_title").blur()
    state(first, "Saved at")
    theirs.fill("#id_own_contribution", "120000")
    theirs.locator("#id_own_contribution").blur()
    state(theirs, "Enregistré à")

    second.fill("#id_title", "Second window")
    second.locator("#id_title").blur()
    state(second, "changed elsewhere")
    panel = second.locator("[data-autosave-panel]")
    expect(panel).to_contain_text("First window")
    expect(panel).to_contain_text("Second window")
    second.locator("[data-save-state] a").click()
    look(second, pictures, "autosave-changed-elsewhere")
    second.fill("#id_summary", "Not sent before a person has compared.")
    second.locator("#id_summary").blur()
    state(second, "changed elsewhere")
    draft.refresh_from_db()
    assert draft.title == "First window"
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.locator(".alert-success")).to_contain_text("Saved at")
    draft.refresh_from_db()
    assert (draft.title, draft.requested) == ("Second window", Decimal(150_000))
    expected(complaints, "409")


def test_the_session_ends_while_somebody_types(
    person: Arrive, applicant: User, draft: Proposal, pictures: Path, complaints: Complaints
) -> None:
    page = sign_in(person("en"), applicant)
    page.goto(url_of(draft, "project"))
    Session.objects.all().delete()
    page.fill("#id_title", "Typed after the end")
    page.locator("#id_title").blur()
    state(page, "You were signed out. Your text is kept.")
    look(page, pictures, "autosave-signed-out")
    page.locator("[data-save-state] a").click()
    page.wait_for_url("**/accounts/login/**")
    page.fill("[name=login]", applicant.email)
    page.fill("[name=password]", builders.PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**{url_of(draft, 'project')}")
    expect(page.locator("#id_title")).to_have_value("Typed after the end")
    expect(page.locator("main")).to_contain_text("It is not saved yet")
    look(page, pictures, "autosave-back-after-sign-in")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".alert-success")).to_contain_text("Saved at")
    draft.refresh_from_db()
    assert draft.title == "Typed after the end"

    # Signed in again in a second window, the first goes on by itself.
    Session.objects.all().delete()
    page.fill("#id_title", "Second end")
    page.locator("#id_title").blur()
    state(page, "You were signed out")
    sign_in(page.context.new_page(), applicant)
    page.fill("#id_title", "Second end, gone on")
    page.locator("#id_title").blur()
    state(page, "Saved at")
    page.locator("details[data-menu] summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    assert page.evaluate("Object.keys(localStorage).length") == 0
    expected(complaints, "401")


def test_the_connection_is_lost_and_comes_back(
    person: Arrive, applicant: User, draft: Proposal, pictures: Path, complaints: Complaints
) -> None:
    page = sign_in(person("en", narrow=True), applicant)
    page.goto(url_of(draft, "budget"))
    context = page.context
    context.set_offline(True)
    page.fill("#id_lines-0-description", "Typed on a lost line")
    page.locator("#id_lines-0-description").blur()
    state(page, "Not saved, trying again. Your text is kept in this browser.")
    look(page, pictures, "autosave-offline-telephone")
    context.set_offline(False)
    state(page, "Saved at")
    assert draft.budget_lines.get().description == "Typed on a lost line"

    # The answer alone is lost: the same data are sent again, and no row is stored twice.
    lost: list[APIResponse] = []

    def lose_the_answer(route: Route) -> None:
        if not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    page.route(f"**{url_of(draft, 'budget')}", lose_the_answer)
    page.fill("#id_lines-1-description", "Stored once")
    page.locator("#id_lines-1-description").blur()
    state(page, "trying again")
    page.fill("#id_lines-1-description", "Stored once, and changed")
    page.locator("#id_lines-1-description").blur()
    state(page, "Saved at")
    page.unroute(f"**{url_of(draft, 'budget')}")
    expect(page.locator("[name=lines-1-id]")).not_to_have_value("")
    page.get_by_role("button", name="Save and back to the list").click()
    page.wait_for_url(f"**/proposals/{draft.reference}/")
    texts = [each.description for each in draft.budget_lines.all()]
    assert texts == ["Typed on a lost line", "Stored once, and changed"]

    # The browser is closed before the line is back: the text is offered at the next visit.
    page.goto(url_of(draft, "budget"))
    context.set_offline(True)
    page.get_by_role("button", name="Add another line").click()
    page.fill("#id_lines-2-description", "Before the battery died")
    page.locator("#id_lines-2-description").blur()
    state(page, "trying again")
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(url_of(draft, "budget"))
    expect(page.locator("#id_lines-2-description")).to_have_value("")
    look(page, pictures, "autosave-offer-telephone")
    page.get_by_role("button", name="Show it in the form").click()
    expect(page.locator("#id_lines-2-description")).to_have_value("Before the battery died")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".alert-success")).to_contain_text("Saved at")
    assert draft.budget_lines.count() == 3
    assert page.evaluate("Object.keys(localStorage).length") == 0
    expected(complaints, "ERR_INTERNET_DISCONNECTED", "ERR_FAILED")


def test_an_answer_and_a_request_that_come_late_overwrite_nothing(
    person: Arrive, applicant: User, draft: Proposal, complaints: Complaints
) -> None:
    page = sign_in(person("en"), applicant)
    page.goto(url_of(draft, "project"))
    held: list[tuple[Route, APIResponse]] = []
    on_the_way: list[Request] = []
    title = page.locator("#id_title")

    def hold_the_answer(route: Route) -> None:
        held.append((route, route.fetch()))

    def lose_on_the_way(route: Route) -> None:
        on_the_way.append(route.request)
        route.abort()

    def is_stored(words: str) -> None:
        wait_until(Proposal.objects.filter(pk=draft.pk, title=words).exists, f"{words!r} is saved")

    # The portal has saved it, and its answer lies somewhere on the line.
    page.route(f"**{url_of(draft, 'project')}", hold_the_answer, times=1)
    title.fill("Typed first")
    title.blur()
    while not held:  # the browser's own time limit ends it
        page.evaluate("new Promise(requestAnimationFrame)")
    is_stored("Typed first")
    state(page, "Not saved yet")
    title.fill("Typed while it was on its way")
    title.blur()
    page.fill("#id_summary", "Another field")
    page.locator("#id_summary").blur()
    state(page, "Not saved yet")
    assert Proposal.objects.get(pk=draft.pk).summary == ""
    ((route, answer),) = held
    route.fulfill(response=answer)
    state(page, "Not saved yet")
    expect(title).to_have_value("Typed while it was on its way")
    state(page, "Saved at")
    expect(page.locator("#id_summary")).to_have_value("Another field")
    is_stored("Typed while it was on its way")

    # The page tries again; what was sent first arrives when newer text is saved.
    page.route(f"**{url_of(draft, 'project')}", lose_on_the_way, times=1)
    title.fill("Sent, and late")
    title.blur()
    state(page, "trying again")
    state(page, "Saved at")
    title.fill("The newest words")
    title.blur()
    is_stored("The newest words")
    (late,) = on_the_way
    answered = page.request.post(
        late.url, data=late.post_data_buffer, headers=late.all_headers(), max_redirects=0
    )
    assert answered.json()["state"] == "changed_elsewhere"
    is_stored("The newest words")
    page.fill("#id_summary", "And on it goes")
    page.locator("#id_summary").blur()
    state(page, "Saved at")
    stored = Proposal.objects.get(pk=draft.pk)
    assert (stored.title, stored.summary) == ("The newest words", "And on it goes")
    expected(complaints, "ERR_FAILED")


def test_the_proposal_is_handed_in_or_withdrawn_by_a_colleague(
    person: Arrive, applicant: User, pictures: Path, complaints: Complaints
) -> None:
    User.objects.filter(pk=applicant.pk).update(language="fr")
    page = sign_in(person("fr", narrow=True), applicant)
    handed_in = builders.build_complete_proposal(applicant)
    withdrawn = builders.build_complete_proposal(applicant)
    for proposal, words in (
        (handed_in, "déposée entre-temps"),
        (withdrawn, "retirée entre-temps"),
    ):
        page.goto(url_of(proposal, "project"))
        if proposal is handed_in:
            submitting.submit(actor=applicant, proposal_id=proposal.pk)
        else:
            drafting.withdraw_proposal(actor=applicant, proposal_id=proposal.pk, reason="R")
        page.fill("#id_answer_problem", "Trop tard")
        page.locator("#id_answer_problem").blur()
        state(page, "ne peut plus être modifiée")
        panel = page.locator("[data-autosave-panel]")
        expect(panel).to_contain_text(words)
        expect(panel).to_contain_text("Trop tard")
        panel.scroll_into_view_if_needed()
        look(page, pictures, f"autosave-closed-{proposal.number}-telephone")
    expected(complaints, "409")
