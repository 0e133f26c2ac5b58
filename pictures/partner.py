"""A partner's own page: the link out of the mail, the page before and after the answer."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from pictures.walk import sign_in

_LINK = re.compile(r"/partner/[\w-]{20,}/")
#: The worker sends the mail a moment after the click.
_PATIENCE_SECONDS = 60.0


def ask_a_partner(page: Page, mails: Path) -> str:
    """The applicant asks the partner of a draft; returns the path of the link in the mail."""
    sign_in(page, "applicant")
    for draft in _drafts(page):
        page.goto(f"{draft}partners/")
        ask = page.locator("form[action$='/ask/'] button")
        if ask.count():
            before = _links(mails)
            with page.expect_navigation():
                ask.first.click()
            return _new_link(mails, before)
    raise LookupError("the applicant has no draft with a partner to ask")


def _drafts(page: Page) -> list[str]:
    page.goto("/proposals/")
    links = page.locator("main a[href^='/proposals/']").evaluate_all(
        "all => all.map(each => each.getAttribute('href'))"
    )
    return [link for link in dict.fromkeys(links) if re.fullmatch(r"/proposals/[^/]+/", link)]


def _links(mails: Path) -> set[str]:
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in mails.glob("*.log"))
    return {link for text in texts for link in _LINK.findall(text)}


def _new_link(mails: Path, before: set[str]) -> str:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if new := _links(mails) - before:
            return new.pop()
        time.sleep(0.5)
    raise TimeoutError(f"no mail to the partner in {mails}")


def open_link(page: Page, link: str) -> Iterator[str]:
    """The page as it comes, and sent empty."""
    page.goto(link)
    yield "partner-confirm-1"
    _press(page, "confirm")
    yield "partner-confirm-errors"


def decline(page: Page, link: str) -> None:
    page.goto(link)
    page.locator("details:has(button[value=decline]) > summary").click()
    page.fill("[name=decline-reason]", "La récolte nous prend tout notre temps cette année.")
    page.fill("[name=decline-answered_by]", "Oumar Ka")
    _press(page, "decline")


def answered_link(page: Page, link: str) -> Iterator[str]:
    """What the partner reads once it has answered, and when it opens the link again."""
    page.goto(f"{link}answered/")
    yield "partner-answered-1"
    page.goto(link)
    yield "partner-closed-1"


def _press(page: Page, answer: str) -> None:
    with page.expect_navigation():
        page.locator(f"button[name=answer][value={answer}]").click()
