"""What a company's person does in the browser, step by step."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from django.core import mail
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from tests.builders import pdf_bytes
from tests.journeys.hands import Hand, Pointer

PASSWORD = "un-mot-de-passe-assez-long-7"


@dataclass
class Company:
    """One applicant in front of the portal, with a pointer or only a keyboard."""

    page: Page
    email: str
    reference: str = ""
    works_with: type[Hand] = Pointer
    hand: Hand = field(init=False)

    def __post_init__(self) -> None:
        self.hand = self.works_with(self.page)

    # --- an account -----------------------------------------------------------------------------
    def register(self, full_name: str) -> None:
        self.page.goto("/accounts/signup/")
        self.hand.fill(self.page.locator("[name=email]"), self.email)
        self.hand.fill(self.page.locator("[name=password1]"), PASSWORD)
        self.hand.fill(self.page.locator("[name=full_name]"), full_name)
        self.hand.press(self.page.get_by_role("button", name="Create the account"))
        self.page.wait_for_url("**/confirm-email/")
        message = next(each for each in mail.outbox if each.to == [self.email])
        link = re.search(r"https?://\S+/confirm-email/\S+", str(message.body))
        assert link, message.body
        self.page.goto(re.sub(r"https?://[^/]+", "", link.group()))
        self.hand.press(self.page.locator("main form button"))
        self.page.wait_for_url(lambda url: "/confirm-email/" not in url)
        if "/login" in self.page.url:
            self.sign_in(PASSWORD)

    def sign_in(self, password: str) -> None:
        self.page.goto("/accounts/login/")
        self.hand.fill(self.page.locator("[name=login]"), self.email)
        self.hand.fill(self.page.locator("[name=password]"), password)
        self.hand.press(self.page.locator("main form button[type=submit]").first)
        self.page.wait_for_url(lambda url: "/login/" not in url)

    # --- the company and a draft ----------------------------------------------------------------
    def enter_company(self, name: str, number: str) -> None:
        self.page.goto("/proposals/company/new/")
        self.hand.fill(self.page.get_by_label("Legal name"), name)
        self.hand.select(self.page.get_by_label("Country of registration"), value="LU")
        self.hand.fill(self.page.get_by_label("Trade register number"), number)
        self.hand.press(self.page.get_by_role("button", name="Enter the company"))
        self.page.wait_for_url(lambda url: "/company/new/" not in url)

    def begin(self, code: str, language: str = "French") -> None:
        self.page.goto(f"/proposals/new/{code}/")
        self.hand.check(self.page.get_by_label(language, exact=True))
        self.hand.press(self.page.get_by_role("button", name="Begin the proposal"))
        self.page.wait_for_url("**/proposals/*/")
        self.reference = self.page.url.rstrip("/").rsplit("/", 1)[1]

    def open(self, section: str) -> None:
        self.page.goto(f"/proposals/{self.reference}/{section}/")

    def save(self) -> None:
        self.hand.press(self.page.get_by_role("button", name="Save and back to the list"))
        self.page.wait_for_url(f"**/proposals/{self.reference}/")

    # --- the sections ---------------------------------------------------------------------------
    def describe_company(self) -> None:
        self.open("company")
        page, year = self.page, timezone.localdate().year
        self.hand.fill(page.get_by_label("Date of registration"), "2016-02-15")
        self.hand.fill(page.get_by_label("Street and number"), "12, rue du Fossé")
        self.hand.fill(page.get_by_label("Postal code"), "L-1536")
        self.hand.fill(page.get_by_label("Town"), "Luxembourg")
        self.hand.fill(page.get_by_label("Number of employees"), "14")
        self.hand.check(page.locator("#id_road_haulage_for_hire_1"))
        for declaration in ("not_insolvent", "no_conviction", "taxes_paid", "social_security_paid"):
            self.hand.check(page.locator(f"#id_{declaration}_0"))
        self.hand.fill(page.locator("#id_turnover-0-year"), str(year - 1))
        self.hand.fill(page.locator("#id_turnover-0-amount"), "1,040,000.00")
        self.hand.fill(page.locator("#id_people-0-name"), "Claire Exemple")
        self.save()

    def describe_partners(self) -> None:
        self.open("partners")
        page = self.page
        self.hand.fill(page.locator("#id_partners-0-legal_name"), "Coopérative Exemple de Thiès")
        self.hand.select(page.locator("#id_partners-0-kind"), value="civil_society")
        self.hand.select(page.locator("#id_partners-0-country"), value="SN")
        self.hand.fill(page.locator("#id_partners-0-registration_number"), "SN-THS-2017-C-0001")
        self.save()

    def describe_project(self, title: str) -> None:
        self.open("project")
        page = self.page
        self.hand.fill(page.get_by_label("Title of the project"), title)
        self.hand.fill(
            page.get_by_label("Summary"), "Des prévisions par message vocal pour les maraîchers."
        )
        self.hand.select(page.get_by_label("Kind of project"), value="pilot")
        self.hand.fill(
            page.get_by_label("Planned start"),
            (timezone.localdate() + timedelta(days=220)).isoformat(),
        )
        self.hand.fill(page.get_by_label("Duration in months"), "24")
        self.hand.check(page.get_by_label("Senegal"))
        self.hand.check(page.get_by_label("Information and communication technology"))
        self.hand.check(page.get_by_label("2. Zero hunger"))
        self.hand.check(page.locator("#id_excluded_answer_0"))
        self.save()

    def describe_budget(self) -> None:
        self.open("budget")
        page = self.page
        for row, (category, text, amount) in enumerate(
            (("staff", "Équipe projet", "290,000.00"), ("audit", "Audit", "10000"))
        ):
            self.hand.select(page.locator(f"#id_lines-{row}-category"), value=category)
            self.hand.fill(page.locator(f"#id_lines-{row}-description"), text)
            self.hand.fill(page.locator(f"#id_lines-{row}-quantity"), "1")
            self.hand.fill(page.locator(f"#id_lines-{row}-unit_cost"), amount)
        self.hand.fill(page.get_by_label("Grant requested"), "150,000.00")
        self.hand.fill(page.get_by_label("Own contribution"), "120000")
        self.hand.fill(page.get_by_label("Partners' contribution"), "30000")
        self.save()

    def describe_due_diligence(self) -> None:
        self.open("due_diligence")
        page = self.page
        self.hand.fill(
            page.get_by_label("Date of the policy"),
            (timezone.localdate() - timedelta(days=90)).isoformat(),
        )
        self.hand.fill(page.get_by_label("Person responsible"), "Claire Exemple")
        self.hand.check(page.locator("#id_policy_signed_by_management_0"))
        self.hand.fill(page.locator("#id_risks-0-description"), "Travail saisonnier non déclaré")
        self.hand.select(page.locator("#id_risks-0-where"), value="local_partner")
        self.hand.select(page.locator("#id_risks-0-severity"), value="low")
        self.hand.select(page.locator("#id_risks-0-likelihood"), value="low")
        self.hand.fill(page.locator("#id_communication"), "Un rapport annuel sur notre site.")
        self.hand.fill(page.locator("#id_remedy_channel"), "Un numéro vert")
        self.hand.fill(page.locator("#id_remedy_contact"), "+221 33 000 00 00")
        for question in (
            "protects_from_reprisal",
            "open_to_partner_workers",
            "open_to_communities",
        ):
            self.hand.check(page.locator(f"#id_{question}_0"))
        for box in page.locator("[name^=criterion_]").all():
            self.hand.check(box)
        self.hand.press(page.get_by_role("button", name="Save and read the clause"))
        page.wait_for_url("**/clause/")

    def accept_clause(self) -> None:
        page = self.page
        self.hand.check(page.get_by_label("We accept the clause", exact=True))
        expect(page.get_by_label("Your name")).to_have_value("Claire Exemple")
        self.hand.fill(page.get_by_label("Your function in the company"), "Gérante")
        self.hand.check(page.locator("#id_legal_representative_0"))
        self.hand.press(page.get_by_role("button", name="Answer for the company"))
        self.hand.fill(page.get_by_label("Password"), PASSWORD)
        self.hand.press(page.get_by_role("button", name="Continue"))
        page.wait_for_url("**/due_diligence/")

    def send_documents(self) -> None:
        self.open("documents")
        page = self.page
        places = page.locator("[data-place]")
        kinds = [place.get_attribute("data-place") or "" for place in places.all()]
        files = [
            FilePayload(name=f"{kind}.pdf", mimeType="application/pdf", buffer=pdf_bytes(kind))
            for kind in kinds
        ]
        self.hand.give_files(page.get_by_label("Choose one or more files"), files)
        self.hand.press(page.get_by_role("button", name="Send these files"))
        expect(page.locator("[data-upload-result]")).to_contain_text(
            f"Files received: {len(kinds)}. Not taken: 0.", timeout=60_000
        )
        self.hand.press(page.get_by_role("link", name="Back to the list"))
        page.wait_for_url(f"**/proposals/{self.reference}/")

    def send_each_document(self) -> None:
        """Each from its own place, as it goes without scripts."""
        self.open("documents")
        page = self.page
        for place in page.locator("[data-place]").all():
            kind = place.get_attribute("data-place") or ""
            file = FilePayload(
                name=f"{kind}.pdf", mimeType="application/pdf", buffer=pdf_bytes(kind)
            )
            self.hand.give_files(place.locator("input[type=file]"), [file])
        self.hand.press(page.get_by_role("button", name="Send the files and back to the list"))
        page.wait_for_url(f"**/proposals/{self.reference}/")

    # --- the detailed proposal's own sections ----------------------------------------------------
    def describe_business_plan(self) -> None:
        self.open("business_plan")
        page, year = self.page, timezone.localdate().year + 1
        for after in range(3):
            self.hand.fill(page.locator(f"#id_projections-{after}-year"), str(year + after))
            self.hand.fill(
                page.locator(f"#id_projections-{after}-revenue"), f"{30 * (after + 1)},000.00"
            )
            self.hand.fill(page.locator(f"#id_projections-{after}-costs"), "60,000.50")
            if after < 2:
                self.hand.press(page.get_by_role("button", name="Add another year"))
        for answer in page.locator("[name^=answer_]").all():
            self.hand.fill(answer, "Trois coopératives ont signé.")
        self.hand.fill(
            page.get_by_label("Year in which the activity earns what it costs"), str(year + 2)
        )
        self.save()

    def describe_work_plan(self) -> None:
        self.open("work_plan")
        page = self.page
        self.hand.fill(page.locator("#id_packages-0-title"), "Stations et messages")
        self.hand.select(
            page.locator("#id_packages-0-leader"), label="Coopérative Exemple de Thiès"
        )
        self.hand.fill(
            page.locator("#id_packages-0-description"),
            "Poser vingt stations, enregistrer les messages.",
        )
        self.hand.fill(page.locator("#id_packages-0-first_month"), "1")
        self.hand.fill(page.locator("#id_packages-0-last_month"), "18")
        self.hand.fill(page.locator("#id_packages-0-deliverables"), "Vingt stations qui émettent")
        self.save()

    def describe_results(self) -> None:
        self.open("results")
        page = self.page
        self.hand.fill(
            page.locator("#id_indicators-0-name"), "Maraîchers qui reçoivent les prévisions"
        )
        self.hand.fill(page.locator("#id_indicators-0-target"), "3000")
        self.hand.fill(
            page.locator("#id_indicators-0-due_month"), f"{timezone.localdate().year + 3}-06"
        )
        self.hand.fill(page.get_by_label("Jobs that the project makes"), "12")
        self.hand.select(page.get_by_label("Gender equality"), value="1")
        self.save()

    def describe_who_bears_the_costs(self) -> None:
        self.open("budget")
        page = self.page
        self.hand.select(
            page.locator("#id_lines-0-work_package"), label="WP1 – Stations et messages"
        )
        self.hand.select(page.locator("#id_lines-0-bearer"), label="Coopérative Exemple de Thiès")
        self.save()

    # --- the conversation with LuxDev ------------------------------------------------------------
    def write(self, text: str, *, filename: str) -> None:
        self.page.goto(f"/proposals/{self.reference}/messages/")
        file = FilePayload(name=filename, mimeType="application/pdf", buffer=pdf_bytes(filename))
        self.hand.give_files(self.page.get_by_label("Files, if you like"), [file])
        self.hand.fill(self.page.get_by_label("Your message"), text)
        self.hand.press(self.page.get_by_role("button", name="Send the message"))
        expect(self.page.locator(".alert-success")).to_contain_text("Your message is sent")

    # --- handing in -----------------------------------------------------------------------------
    def hand_in(self) -> None:
        self.page.goto(f"/proposals/{self.reference}/submit/")
        for box in self.page.locator("[name^=declare_]").all():
            self.hand.check(box)
        self.hand.press(self.page.get_by_role("button", name="Hand in the proposal"))
        self.page.wait_for_url("**/receipt/**")
        expect(self.page.locator("main")).to_contain_text(self.reference)

    def look(self) -> str:
        """The text of the proposal's own page."""
        self.page.goto(f"/proposals/{self.reference}/")
        return self.page.locator("main").inner_text()
