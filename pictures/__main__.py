"""Walks through the portal in each language and width and takes its pictures."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import django
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS = {1280: 900, 390: 844}
#: What keeps to the edge of the screen would lie over the middle of a whole page.
STILL = """document.querySelectorAll(".action-bar, #summary").forEach(each => {
  each.style.position = "static";
})"""
#: Of the dark, each template family once is enough.
DARK = (
    *("home", "proposals-list-1", "proposals-section-budget-1", "proposals-section-project-1"),
    "admin-",
)


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
    from pictures.portal import running_portal

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        sys.exit("script/pictures: Chromium is missing")
    portal = nullcontext(given.portal) if given.portal else running_portal()
    complaints: list[str] = []
    with portal as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for look in _looks(given):
            complaints += _take(browser, address, look, given)
        browser.close()
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/pictures")
    parser.add_argument("--out", type=Path, default=Path("var/pictures"))
    parser.add_argument("--portal", help="a running one with demonstration data")
    parser.add_argument("--only", default="", help="pages whose name has this word")
    parser.add_argument("--role", help="one of the roles")
    parser.add_argument("--language", choices=("fr", "en"))
    parser.add_argument("--width", type=int, choices=tuple(WIDTHS))
    return parser.parse_args()


def _looks(given: argparse.Namespace) -> Iterator[Look]:
    from pictures.walk import ENTRANCES

    for role in [given.role] if given.role else ENTRANCES:
        for language in [given.language] if given.language else ("fr", "en"):
            for width in [given.width] if given.width else WIDTHS:
                yield Look(role, language, width)
        if not given.language:
            yield Look(role, "fr", given.width or 1280, dark=True)


def _take(browser: Browser, address: str, look: Look, given: argparse.Namespace) -> list[str]:
    """One round; what is wrong with its pages to a machine's eye."""
    from pictures.walk import ENTRANCES, Walk, sign_in

    folder: Path = given.out / look.folder
    folder.mkdir(parents=True, exist_ok=True)
    complaints: list[str] = []
    with _person(browser, address, look) as page:
        if look.role != "visitor":
            sign_in(page, look.role)
        _choose_language(page, look.language)
        for name in Walk(page, ENTRANCES[look.role]).pages():
            if given.only not in name or (look.dark and not name.startswith(DARK)):
                continue
            page.evaluate(STILL)
            page.screenshot(path=folder / f"{name}.png", full_page=True)
            complaints += [f"{look.folder}/{name} ({page.url}): {each}" for each in _wrong(page)]
    return complaints


@contextmanager
def _person(browser: Browser, address: str, look: Look) -> Iterator[Page]:
    context = browser.new_context(
        base_url=address,
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


def _choose_language(page: Page, language: str) -> None:
    """The account's language goes before the browser's."""
    page.goto("/")
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
