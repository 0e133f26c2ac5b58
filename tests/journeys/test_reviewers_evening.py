"""A reviewer's evening: three dossiers declared, read, scored and submitted, all by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from applications.models import Submission
from reviews.models import Assignment, CallDeclaration, ReadingNotes
from tests import builders
from tests.journeys.desk import Desk

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

#: More stops than any page has.
PATIENCE = 150
FOCUS = """() => {
  const at = document.activeElement;
  return [at.name || "", (at.innerText || at.labels?.[0]?.innerText || "").trim()];
}"""


class Keyboard:
    """Nothing but keys."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, page.keyboard

    def tab_to(self, *, field: str = "", words: str = "") -> None:
        """On to the next field whose name begins so, or the link or button with these words."""
        for _step in range(PATIENCE):
            self.keys.press("Tab")
            name, text = self.page.evaluate(FOCUS)
            if (field and name.startswith(field)) or (words and text.startswith(words)):
                return
        pytest.fail(f"no way by keyboard to {field or words!r} on {self.page.url}")

    def press(self, words: str) -> None:
        self.tab_to(words=words)
        with self.page.expect_navigation():
            self.keys.press("Enter")

    def score(self, criteria: int) -> None:
        """Four of five everywhere: the first answer, then four down."""
        for _criterion in range(criteria):
            self.tab_to(field="score_")
            for _level in range(4):
                self.keys.press("ArrowDown")
            self.tab_to(field="why_")
            self.keys.insert_text("Well founded, with letters of the partner.")


def set_up(reviewer: User, officer: User) -> None:
    """Three dossiers of one call, nothing declared."""
    call = builders.build_call(title_en="The spring call")
    applicant = builders.build_user("applicant")
    for _each in range(3):
        submission = builders.build_eligible(officer, builders.build_submission(applicant, call))
        builders.build_assignment(officer, reviewer, submission, declared=False)
    CallDeclaration.objects.all().delete()


def test_three_dossiers_by_keyboard(
    reference: None, person: Callable[..., Page], officer: User, reviewer: User
) -> None:
    set_up(reviewer, officer)
    desk = Desk(person(), reviewer)
    desk.sign_in()
    page, keyboard = desk.page, Keyboard(desk.page)

    keyboard.press("The spring call")
    keyboard.tab_to(words="I keep to myself")
    keyboard.keys.press("Space")
    keyboard.press("Declare")
    first = Assignment.objects.order_by("due_on", "pk").first()
    assert first is not None
    keyboard.press(first.submission.reference)
    keyboard.press("I have no conflict of interest")

    dossier, sheet = page.locator("#dossier"), page.locator("#sheet")
    left, right = dossier.bounding_box(), sheet.bounding_box()
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"], "side by side where there is room"

    keyboard.tab_to(words="Score sheet")
    keyboard.keys.press("Enter")
    keyboard.tab_to(field="notes")
    keyboard.keys.insert_text("Ask about the stations.")
    keyboard.score(7)
    expect(page.locator("[data-total]")).to_have_text("80.00")
    expect(page.locator("[data-answered]")).to_have_text("7 of 7 criteria answered.")
    expect(page.locator("[data-save-state]")).to_contain_text("Saved at")
    assert ReadingNotes.objects.get().text == "Ask about the stations."
    keyboard.press("Submit the scores")
    expect(page.locator("body")).to_contain_text("Submitted: 80.00 of 100.")

    for _dossier in range(2):
        with page.expect_navigation():
            keyboard.keys.press("F8")
        keyboard.press("I have no conflict of interest")
        keyboard.tab_to(words="Score sheet")
        keyboard.keys.press("Enter")
        keyboard.score(7)
        keyboard.press("Submit the scores")
        expect(page.locator("body")).to_contain_text("Submitted: 80.00 of 100.")
    assert set(Assignment.objects.values_list("state", flat=True)) == {"submitted"}
    assert {str(each.score_mean) for each in Submission.objects.all()} == {"80.00"}

    page.set_viewport_size({"width": 1100, "height": 900})
    left, right = dossier.bounding_box(), sheet.bounding_box()
    assert left
    assert right
    assert left["y"] + left["height"] <= right["y"], "beneath each other where there is not"
