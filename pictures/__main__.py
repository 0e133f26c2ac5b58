"""Walks through the portal in each language and width and takes its pictures."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import django
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS = {1280: 900, 390: 844}
#: What keeps to the edge of the screen would lie over the middle of a whole page, and of what rolls
#: by itself only the beginning would be seen.
STILL = """document.querySelectorAll(
  ".action-bar, #summary, .desk-bar, .desk-side, .desk-read, .desk-side-wide"
).forEach(each => {
  each.style.position = "static";
  each.style.maxHeight = "none";
})"""
#: Of the dark, each template family once is enough.
DARK = (
    *("home", "proposals-list-1", "proposals-section-budget-1", "proposals-section-project-1"),
    *("admin-", "partner-confirm"),
)
#: Nobody signs in for this one: its way in is a link in a mail.
PARTNER = "partner"
#: Opens a partner's link; names each page while the browser shows it.
Visit = Callable[[Page, str], Iterator[str]]


@dataclass(frozen=True)
class Look:
    """How one round of pictures is taken."""

    role: str
    language: str
    width: int
    dark: bool = False

    @property
    def folder(self) -> str:
        return f"{self.role}/{self.language}-{self.width}{'-dark' if self.dark else ''}"


def main() -> int:
    given = _arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bpf_portal.settings")
    os.environ.setdefault("SECRET_KEY", "only-to-read-the-addresses")
    django.setup()
    from pictures.portal import Portal, running_portal

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        sys.exit("script/pictures: Chromium is missing")
    running = nullcontext(Portal(given.portal, given.mails)) if given.portal else running_portal()
    complaints: list[str] = []
    with running as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        studio = Studio(browser, portal.address, given.out, given.only)
        for look in _looks(given):
            complaints += _walk(studio, look)
        if given.role in (None, PARTNER):
            complaints += _partners_round(studio, portal.mails, list(_looks(given, PARTNER)))
        browser.close()
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/pictures")
    parser.add_argument("--out", type=Path, default=Path("var/pictures"))
    parser.add_argument("--portal", help="a running one with demonstration data")
    parser.add_argument(
        "--mails", type=Path, help="where that one leaves its mails (EMAIL_URL=filemail:///DIR)"
    )
    parser.add_argument("--only", default="", help="pages whose name has this word")
    parser.add_argument("--role", help="one of the roles")
    parser.add_argument("--language", choices=("fr", "en"))
    parser.add_argument("--width", type=int, choices=tuple(WIDTHS))
    return parser.parse_args()


def _looks(given: argparse.Namespace, role: str = "") -> Iterator[Look]:
    from pictures.walk import ENTRANCES

    roles = [role] if role else [given.role] if given.role else list(ENTRANCES)
    for each in roles:
        if not role and each == PARTNER:
            continue
        for language in [given.language] if given.language else ("fr", "en"):
            for width in [given.width] if given.width else WIDTHS:
                yield Look(each, language, width)
        if not given.language:
            yield Look(each, "fr", given.width or 1280, dark=True)


@dataclass(frozen=True)
class Studio:
    """Where the pictures are taken, and of which pages."""

    browser: Browser
    address: str
    out: Path
    only: str

    def take(self, page: Page, look: Look, names: Iterable[str]) -> list[str]:
        """A picture for every name, of what the browser shows then; what a machine finds wrong."""
        folder = self.out / look.folder
        folder.mkdir(parents=True, exist_ok=True)
        complaints: list[str] = []
        for name in names:
            if self.only not in name or (look.dark and not name.startswith(DARK)):
                continue
            page.evaluate(STILL)
            page.screenshot(path=folder / f"{name}.png", full_page=True)
            complaints += [f"{look.folder}/{name} ({page.url}): {each}" for each in _wrong(page)]
        return complaints


def _walk(studio: Studio, look: Look) -> list[str]:
    """One round; what is wrong with its pages to a machine's eye."""
    from pictures.walk import ENTRANCES, Walk, sign_in

    with _person(studio, look) as page:
        if look.role != "visitor":
            sign_in(page, look.role)
        _choose_language(page, look.language)
        return studio.take(page, look, Walk(page, ENTRANCES[look.role]).pages())


def _partners_round(studio: Studio, mails: Path | None, looks: list[Look]) -> list[str]:
    """A partner gets a link by mail, opens it and answers: the pages before and after."""
    from pictures import partner

    if mails is None:
        print("the partner's pages are left out: without --mails the link is not known")
        return []
    with _person(studio, looks[0]) as page:
        link = partner.ask_a_partner(page, mails)
    complaints = _visits(studio, looks, link, partner.open_link)
    with _person(studio, looks[0]) as page:
        partner.decline(page, link)
    return complaints + _visits(studio, looks, link, partner.answered_link)


def _visits(studio: Studio, looks: list[Look], link: str, visit: Visit) -> list[str]:
    complaints: list[str] = []
    for look in looks:
        with _person(studio, look) as page:
            # The partner's page is in the partner's language until another one is chosen there.
            _choose_language(page, look.language, at=link)
            complaints += studio.take(page, look, visit(page, link))
    return complaints


@contextmanager
def _person(studio: Studio, look: Look) -> Iterator[Page]:
    context = studio.browser.new_context(
        base_url=studio.address,
        locale=look.language,
        viewport={"width": look.width, "height": WIDTHS[look.width]},
        color_scheme="dark" if look.dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def _choose_language(page: Page, language: str, at: str = "/") -> None:
    """The account's language goes before the browser's."""
    page.goto(at)
    button = page.locator(f"form.language-switch button[value={language}]")
    if button.count():
        with page.expect_navigation():
            button.first.click()


def _wrong(page: Page) -> Iterator[str]:
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if wider > 0:
        yield f"{wider} pixels wider than the screen"
    if page.locator("h1").count() != 1:
        yield f"{page.locator('h1').count()} main headings"
    for violation in Axe().run(page).response["violations"]:
        where = ", ".join(str(node["target"][-1]) for node in violation["nodes"][:3])
        yield f"axe {violation['id']} x{len(violation['nodes'])}: {violation['help']} ({where})"


if __name__ == "__main__":
    sys.exit(main())
