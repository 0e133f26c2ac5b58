"""Which pages there are: every address that a role reaches by links, a few of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.urls import Resolver404, is_valid_path, resolve
from playwright.sync_api import Error, Locator, Page

PASSWORD = "bpf-demo"  # noqa: S105 - the demonstration's, on the sign-in page for all to read

#: Where each role comes in. The links lead to everything else.
ENTRANCES = {
    "visitor": ("/", "/eligibility/", "/accounts/login/", "/accounts/signup/", "/nowhere/"),
    "applicant": ("/proposals/", "/accounts/email/", "/accounts/2fa/"),
    "shortlisted": ("/proposals/",),
    "officer": ("/admin/",),
    "reviewer": ("/admin/",),
    "approver": ("/admin/",),
    "auditor": ("/admin/",),
    "administrator": ("/admin/",),
}
#: Whose account is not called after the role: a company that writes its detailed proposal.
_ACCOUNTS = {"shortlisted": "david.osei"}
#: Pages that differ with the state of their object are worth several pictures.
_MANY = {"proposals:detail": 6, "proposals:timeline": 3, "calls:detail": 3}
_MOST = 2
#: Files, or pages that end the walk.
_NOT_PAGES = {
    "account_logout", "letters:download", "proposals:document", "proposals:message_file",
    "proposals:budget_export", "metrics", "admin:logout",
    "admin:jsi18n", "admin:reviews_decision_preview", "admin:annual_report_download",
}  # fmt: skip
_FORMS_SENT_EMPTY = {
    "account_signup", "account_reset_password", "organisations:create", "organisations:join",
    "organisations:people", "proposals:begin", "proposals:messages", "proposals:withdraw",
    "proposals:budget_import", "proposals:submit",
    "admin:applications_submission_decision", "admin:applications_namematch_change",
    "admin:applications_sanctionslist_changelist",
}  # fmt: skip
#: Every text of a form that is saved as it is: nobody can mean it, and no field takes it.
_SPOILT = """form => {
  const texts = form.querySelectorAll("input[type=text], input[type=url], textarea");
  texts.forEach(field => { field.value = "\\u0007" + field.value; });
  form.submit();
}"""
#: As if somebody else had saved since the page was opened.
_STALE = """form => {
  form.elements.version.value = "1";
  form.elements.seen.value = "an older page";
  form.elements.title.value += " (2)";
  form.submit();
}"""


@dataclass
class Walk:
    """One role's way through the portal, page after page."""

    page: Page
    entrances: tuple[str, ...]
    _seen: set[str] = field(default_factory=set)
    _of_kind: Counter[str] = field(default_factory=Counter)

    def pages(self) -> Iterator[str]:
        """The name of each page, while the browser shows it."""
        waiting = list(self.entrances)
        while waiting:
            path = waiting.pop(0)
            kind = self._kind(path)
            if kind is None:
                continue
            if not self._open(path):
                continue
            self._of_kind[kind] += 1
            yield f"{kind}-{self._of_kind[kind]}"
            waiting += self._links()
            if self._of_kind[kind] == 1:
                yield from self._special_states(kind)

    def _special_states(self, kind: str) -> Iterator[str]:
        """What comes back when the page's form is sent empty, or as nobody can mean it."""
        path = urlsplit(self.page.url).path
        if not is_valid_path(path):
            return
        if resolve(path).view_name in _FORMS_SENT_EMPTY and self._send_empty():
            yield f"{kind}-errors"
        form = self.page.locator("form[data-autosave]")
        if not form.count():
            return
        self._send(form, _SPOILT)
        yield f"{kind}-errors"
        if kind == "proposals-section-project":
            self._open(path)
            self._send(form, _STALE)
            yield f"{kind}-conflict"

    def _open(self, path: str) -> bool:
        """False for a link that leads to a file and to no page."""
        try:
            self.page.goto(path)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            return False
        return True

    def _kind(self, path: str) -> str | None:
        """What to call the page; None for one that is no page, or that there is enough of."""
        if path in self._seen:
            return None
        self._seen.add(path)
        try:
            found = resolve(path)
        except Resolver404:
            return "not-found" if path in self.entrances else None
        kind = found.view_name
        if kind in _NOT_PAGES or "download" in kind:
            return None
        most = _MANY.get(kind, _MOST)
        if section := found.kwargs.get("section"):
            kind = f"{kind}-{section}"
        return kind.replace(":", "-") if self._of_kind[kind.replace(":", "-")] < most else None

    def _links(self) -> list[str]:
        links = self.page.locator("a[href]").evaluate_all("all => all.map(each => each.href)")
        own = urlsplit(self.page.url).netloc
        parts = (urlsplit(link) for link in links)
        return [part.path for part in parts if part.netloc == own and not part.query]

    def _send_empty(self) -> bool:
        """Sends the page's form past what the browser itself would stop."""
        forms = self.page.locator("main form[method=post]:not(.language-switch)")
        if not forms.count():
            return False
        forms.first.evaluate("form => { form.noValidate = true }")
        self._send(forms.first, "form => form.requestSubmit()")
        return True

    def _send(self, form: Locator, how: str) -> None:
        with self.page.expect_navigation():
            form.evaluate(how)


def sign_in(page: Page, role: str) -> None:
    """As the role's demonstration account. Raises AssertionError when it is refused."""
    page.goto("/accounts/login/")
    page.fill("[name=login]", f"{_ACCOUNTS.get(role, role)}@example.org")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.locator("main form:has([name=password])").evaluate("form => form.requestSubmit()")
    if "/login" in page.url:
        raise AssertionError(f"{role} cannot sign in")
