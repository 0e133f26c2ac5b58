"""Ten files at once, by choosing and by dropping, over a line that breaks, on a telephone."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from applications.models import Proposal, Upload
from tests import builders
from tests.journeys.company import Company
from tests.journeys.conftest import Complaints

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

Person = Callable[..., Page]
#: What people call their files, and where each belongs.
NAMES = {
    "Formulaire signé.pdf": "application_form",
    "RCS_extrait_2026.pdf": "register_extract",
    "Bilan 2025.pdf": "annual_accounts",
    "Enregistrement partenaire.pdf": "local_partner_registration",
    "LettreIntention.pdf": "letter_of_intent",
}


def check(page: Page, pictures: Path, name: str) -> None:
    """Nothing for axe to find, nothing wider than the screen; a picture is left."""
    page.screenshot(path=pictures / f"{name}.png", full_page=True)
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"{name} is {width} pixels too wide"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def sign_in(page: Page, user: User, proposal: Proposal) -> str:
    Company(page, user.email).sign_in(builders.PASSWORD)
    address = reverse("proposals:section", args=[proposal.reference, "documents"])
    page.goto(address)
    return address


def file(name: str, content: bytes | None = None) -> dict[str, object]:
    return {
        "name": name,
        "mimeType": "application/pdf",
        "buffer": content or builders.pdf_bytes(name),
    }


def drop(page: Page, selector: str, names: list[str]) -> None:
    """Files let go over an element, as the browser tells the page of it."""
    contents = [[name, base64.b64encode(builders.pdf_bytes(name)).decode()] for name in names]
    page.evaluate(
        """([selector, contents]) => {
            const data = new DataTransfer();
            for (const [name, text] of contents) {
                const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
                data.items.add(new File([bytes], name, {type: "application/pdf"}));
            }
            const target = document.querySelector(selector);
            for (const type of ["dragover", "drop"]) {
                target.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true,
                    dataTransfer: data}));
            }
        }""",
        [selector, contents],
    )


def ten_places(proposal: Proposal) -> None:
    for number in range(5):
        proposal.call.document_requirements.create(
            stage=proposal.stage,
            kind=f"annex_{number}",
            label_fr=f"Annexe {number}",
            label_en=f"Annex {number}",
            known_as=f"annexe{number}",
            required=False,
            position=20 + number,
        )


def test_ten_files_at_once_with_one_bad(person: Person, applicant: User, pictures: Path) -> None:
    proposal = builders.build_draft(applicant)
    ten_places(proposal)
    page = person("en")
    sign_in(page, applicant, proposal)
    check(page, pictures, "documents-empty")
    files = [file(name) for name in NAMES]
    files += [file(f"Annexe{number}.pdf") for number in range(3)]
    files += [file("scan0001.pdf"), file("Annexe4.pdf", b"MZ this is no PDF")]
    page.set_input_files("#several-files", files)  # type: ignore[arg-type]
    for name, kind in NAMES.items():
        row = page.locator(".upload-item", has_text=name)
        expect(row.get_by_label("Which document is this?")).to_have_value(kind)
    unknown = page.locator(".upload-item", has_text="scan0001.pdf")
    expect(unknown.get_by_label("Which document is this?")).to_have_value("")
    check(page, pictures, "documents-chosen")
    page.get_by_role("button", name="Send these files").click()
    expect(unknown).to_contain_text("Say which document this is.")
    expect(unknown.get_by_label("Which document is this?")).to_be_focused()
    unknown.get_by_label("Which document is this?").select_option("annex_3")
    page.get_by_role("button", name="Send these files").click()
    expect(page.locator("[data-upload-result]")).to_contain_text("Not taken: 1.", timeout=60_000)
    bad = page.locator(".upload-item", has_text="Annexe4.pdf")
    expect(bad).to_contain_text("The content of this file is not what its name says")
    check(page, pictures, "documents-one-bad")
    assert proposal.documents.current().count() == 9
    expect(page.locator("#document-annual_accounts")).to_contain_text("Bilan 2025.pdf")
    # What was dropped onto a place needs no question.
    drop(page, "#document-annex_4", ["whatever.pdf"])
    expect(page.locator("#document-annex_4")).to_contain_text("received", timeout=60_000)
    drop(page, "[data-upload-zone]", ["Bilan corrigé.pdf", "Annexe2.pdf"])
    page.get_by_role("button", name="Send these files").click()
    place = page.locator("#document-annual_accounts")
    expect(place).to_contain_text("1 earlier file", timeout=60_000)
    place.get_by_text("1 earlier file").click()
    place.get_by_role("button", name="Use again").click()
    expect(page.locator("main")).to_contain_text("Bilan 2025.pdf")
    names = set(proposal.documents.current().values_list("filename", flat=True))
    assert {"Bilan 2025.pdf", "whatever.pdf"} <= names
    assert len(names) == 10


def test_a_line_that_breaks_and_a_reload_lose_nothing_that_arrived(
    person: Person, applicant: User, pictures: Path, tmp_path: Path, complaints: Complaints
) -> None:
    applicant.language = "fr"
    applicant.save()
    proposal = builders.build_draft(applicant)
    page = person("fr", narrow=True)
    address = sign_in(page, applicant, proposal)
    large = tmp_path / "scan0001.pdf"
    large.write_bytes(builders.pdf_bytes("large") + b"\n%" + b" " * 3_000_000)
    pieces: list[str] = []

    def break_off(route: Route) -> None:
        """The second piece meets a dead line."""
        if route.request.method == "PATCH":
            pieces.append(route.request.headers["upload-offset"])
            if len(pieces) == 2:
                page.context.set_offline(True)
                route.abort("internetdisconnected")
                return
        route.continue_()

    page.route("**/uploads/*/", break_off)
    page.set_input_files("#several-files", large)
    check(page, pictures, "documents-telephone-chosen")
    row = page.locator(".upload-item")
    row.get_by_label("De quel document s’agit-il ?").select_option("annual_accounts")
    page.get_by_role("button", name="Envoyer ces fichiers").click()
    expect(row).to_contain_text("La connexion est interrompue")
    check(page, pictures, "documents-telephone-offline")
    upload = Upload.objects.get()
    assert 0 < upload.received < upload.size
    # The tab is closed meanwhile; the same file, chosen again, goes on from there.
    page.context.set_offline(False)
    page.unroute("**/uploads/*/")
    page.route(
        "**/uploads/*/",
        lambda route: route.abort() if route.request.method == "PATCH" else route.continue_(),
    )
    arrived = Upload.objects.get().received
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(address)
    begun = page.locator("[data-begun]")
    expect(page.locator("main")).to_contain_text("Commencé et pas terminé")
    expect(begun).to_contain_text("Derniers comptes annuels")
    expect(begun).to_contain_text(f"{upload.percent} % reçus")
    check(page, pictures, "documents-telephone-unfinished")
    page.unroute("**/uploads/*/")
    arrived = Upload.objects.get().received
    sent: list[str] = []
    page.on(
        "request",
        lambda request: (
            sent.append(request.headers["upload-offset"]) if request.method == "PATCH" else None
        ),
    )
    # Its name says nothing, but it is known from before for which document it is.
    page.set_input_files("#several-files", large)
    page.get_by_role("button", name="Envoyer ces fichiers").click()
    expect(page.locator("#document-annual_accounts")).to_contain_text("reçu", timeout=60_000)
    assert sent[0] == str(arrived)
    document = proposal.documents.get()
    assert document.size == large.stat().st_size
    with document.file.open() as stored:
        assert stored.read() == large.read_bytes()
    # The browser itself notes a dead line; that is what was tried here.
    complaints[:] = [each for each in complaints if "net::ERR_" not in each]
