"""What a company's person does in the browser, step by step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from django.core import mail
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from tests.builders import pdf_bytes

PASSWORD = "un-mot-de-passe-assez-long-7"


@dataclass
class Company:
    """One applicant in front of the portal."""

    page: Page
    email: str
    reference: str = ""

    # --- an account -----------------------------------------------------------------------------
    def register(self, full_name: str) -> None:
        self.page.goto("/accounts/signup/")
        self.page.fill("[name=email]", self.email)
        self.page.fill("[name=password1]", PASSWORD)
        self.page.fill("[name=full_name]", full_name)
        self.page.get_by_role("button", name="Create the account").click()
        self.page.wait_for_load_state()
        message = next(each for each in mail.outbox if each.to == [self.email])
        link = re.search(r"https?://\S+/confirm-email/\S+", str(message.body))
        assert link, message.body
        self.page.goto(re.sub(r"https?://[^/]+", "", link.group()))
        self.page.locator("main form button").click()
        self.page.wait_for_load_state()
        if "/login" in self.page.url:
            self.sign_in(PASSWORD)

    def sign_in(self, password: str) -> None:
        self.page.goto("/accounts/login/")
        self.page.fill("[name=login]", self.email)
        self.page.fill("[name=password]", password)
        self.page.locator("main form button[type=submit]").first.click()
        self.page.wait_for_load_state()

    # --- the company and a draft ----------------------------------------------------------------
    def enter_company(self, name: str, number: str) -> None:
        self.page.goto("/proposals/company/new/")
        self.page.get_by_label("Legal name").fill(name)
        self.page.get_by_label("Country of registration").select_option("LU")
        self.page.get_by_label("Trade register number").fill(number)
        self.page.get_by_role("button", name="Enter the company").click()

    def begin(self, code: str, language: str = "French") -> None:
        self.page.goto(f"/proposals/new/{code}/")
        self.page.get_by_label(language, exact=True).check()
        self.page.get_by_role("button", name="Begin the proposal").click()
        self.page.wait_for_url("**/proposals/*/")
        self.reference = self.page.url.rstrip("/").rsplit("/", 1)[1]

    def open(self, section: str) -> None:
        self.page.goto(f"/proposals/{self.reference}/{section}/")

    def save(self) -> None:
        self.page.get_by_role("button", name="Save and back to the list").click()
        self.page.wait_for_url(f"**/proposals/{self.reference}/")

    # --- the sections ---------------------------------------------------------------------------
    def describe_company(self) -> None:
        self.open("company")
        page, year = self.page, timezone.localdate().year
        page.get_by_label("Date of registration").fill("2016-02-15")
        page.get_by_label("Street and number").fill("12, rue du Fossé")
        page.get_by_label("Postal code").fill("L-1536")
        page.get_by_label("Town").fill("Luxembourg")
        page.get_by_label("Number of employees").fill("14")
        page.check("#id_road_haulage_for_hire_1")
        for declaration in ("not_insolvent", "no_conviction", "taxes_paid", "social_security_paid"):
            page.check(f"#id_{declaration}_0")
        page.fill("#id_turnover-0-year", str(year - 1))
        page.fill("#id_turnover-0-amount", "1,040,000.00")
        page.fill("#id_people-0-name", "Claire Exemple")
        self.save()

    def describe_partners(self) -> None:
        self.open("partners")
        page = self.page
        page.fill("#id_partners-0-legal_name", "Coopérative Exemple de Thiès")
        page.select_option("#id_partners-0-kind", "civil_society")
        page.select_option("#id_partners-0-country", "SN")
        page.fill("#id_partners-0-registration_number", "SN-THS-2017-C-0001")
        self.save()

    def describe_project(self, title: str) -> None:
        self.open("project")
        page = self.page
        page.get_by_label("Title of the project").fill(title)
        page.get_by_label("Summary").fill("Des prévisions par message vocal pour les maraîchers.")
        page.get_by_label("Kind of project").select_option("pilot")
        page.get_by_label("Planned start").fill(
            (timezone.localdate() + timedelta(days=220)).isoformat()
        )
        page.get_by_label("Duration in months").fill("24")
        page.get_by_label("Senegal").check()
        page.get_by_label("Information and communication technology").check()
        page.get_by_label("2. Zero hunger").check()
        page.check("#id_excluded_answer_0")
        self.save()

    def describe_budget(self) -> None:
        self.open("budget")
        page = self.page
        for row, (category, text, amount) in enumerate(
            (("staff", "Équipe projet", "290,000.00"), ("audit", "Audit", "10000"))
        ):
            page.select_option(f"#id_lines-{row}-category", category)
            page.fill(f"#id_lines-{row}-description", text)
            page.fill(f"#id_lines-{row}-quantity", "1")
            page.fill(f"#id_lines-{row}-unit_cost", amount)
        page.get_by_label("Grant requested").fill("150,000.00")
        page.get_by_label("Own contribution").fill("120000")
        page.get_by_label("Partners' contribution").fill("30000")
        self.save()

    def describe_due_diligence(self) -> None:
        self.open("due_diligence")
        page = self.page
        page.get_by_label("Date of the policy").fill(
            (timezone.localdate() - timedelta(days=90)).isoformat()
        )
        page.get_by_label("Person responsible").fill("Claire Exemple")
        page.check("#id_policy_signed_by_management_0")
        page.fill("#id_risks-0-description", "Travail saisonnier non déclaré")
        page.select_option("#id_risks-0-where", "local_partner")
        page.select_option("#id_risks-0-severity", "low")
        page.select_option("#id_risks-0-likelihood", "low")
        page.fill("#id_communication", "Un rapport annuel sur notre site.")
        page.fill("#id_remedy_channel", "Un numéro vert")
        page.fill("#id_remedy_contact", "+221 33 000 00 00")
        for question in (
            "protects_from_reprisal",
            "open_to_partner_workers",
            "open_to_communities",
        ):
            page.check(f"#id_{question}_0")
        for box in page.locator("[name^=criterion_]").all():
            box.check()
        page.get_by_role("button", name="Save and read the clause").click()
        page.wait_for_url("**/clause/")

    def accept_clause(self) -> None:
        page = self.page
        page.get_by_label("We accept the clause", exact=True).check()
        expect(page.get_by_label("Your name")).to_have_value("Claire Exemple")
        page.get_by_label("Your function in the company").fill("Gérante")
        page.check("#id_legal_representative_0")
        page.get_by_role("button", name="Answer for the company").click()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/due_diligence/")

    def send_documents(self) -> None:
        self.open("documents")
        page = self.page
        places = page.locator("[data-place]")
        kinds = [place.get_attribute("data-place") or "" for place in places.all()]
        page.get_by_label("Choose one or more files").set_input_files(
            [
                FilePayload(name=f"{kind}.pdf", mimeType="application/pdf", buffer=pdf_bytes(kind))
                for kind in kinds
            ]
        )
        page.get_by_role("button", name="Send these files").click()
        expect(page.locator("[data-upload-result]")).to_contain_text(
            f"Files received: {len(kinds)}. Not taken: 0.", timeout=60_000
        )
        page.get_by_role("link", name="Back to the list").click()
        page.wait_for_url(f"**/proposals/{self.reference}/")

    # --- the detailed proposal's own sections ----------------------------------------------------
    def describe_business_plan(self) -> None:
        self.open("business_plan")
        page, year = self.page, timezone.localdate().year + 1
        for after in range(3):
            page.fill(f"#id_projections-{after}-year", str(year + after))
            page.fill(f"#id_projections-{after}-revenue", f"{30 * (after + 1)},000.00")
            page.fill(f"#id_projections-{after}-costs", "60,000.50")
            if after < 2:
                page.get_by_role("button", name="Add another year").click()
        for answer in page.locator("[name^=answer_]").all():
            answer.fill("Trois coopératives ont signé.")
        page.get_by_label("Year in which the activity earns what it costs").fill(str(year + 2))
        self.save()

    def describe_work_plan(self) -> None:
        self.open("work_plan")
        page = self.page
        page.fill("#id_packages-0-title", "Stations et messages")
        page.select_option("#id_packages-0-leader", label="Coopérative Exemple de Thiès")
        page.fill("#id_packages-0-description", "Poser vingt stations, enregistrer les messages.")
        page.fill("#id_packages-0-first_month", "1")
        page.fill("#id_packages-0-last_month", "18")
        page.fill("#id_packages-0-deliverables", "Vingt stations qui émettent")
        self.save()

    def describe_results(self) -> None:
        self.open("results")
        page = self.page
        page.fill("#id_indicators-0-name", "Maraîchers qui reçoivent les prévisions")
        page.fill("#id_indicators-0-target", "3000")
        page.fill("#id_indicators-0-due_month", f"{timezone.localdate().year + 3}-06")
        page.get_by_label("Jobs that the project makes").fill("12")
        page.get_by_label("Gender equality").select_option("1")
        self.save()

    # --- handing in -----------------------------------------------------------------------------
    def hand_in(self) -> None:
        self.page.goto(f"/proposals/{self.reference}/submit/")
        for box in self.page.locator("[name^=declare_]").all():
            box.check()
        self.page.get_by_role("button", name="Hand in the proposal").click()
        self.page.wait_for_url("**/receipt/**")
        expect(self.page.locator("main")).to_contain_text(self.reference)

    def look(self) -> str:
        """The text of the proposal's own page."""
        self.page.goto(f"/proposals/{self.reference}/")
        return self.page.locator("main").inner_text()
