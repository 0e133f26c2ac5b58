"""Reading what a page says about its fields, as somebody with a screen reader would hear it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from lxml import html  # type: ignore[import-untyped]

#: Inputs that hold no typed text, or one that no page gives back.
NOT_TYPED = ("hidden", "checkbox", "radio", "file", "submit", "button", "password")


class Controls:
    """The controls of a page's main part by name, and what is said about them."""

    def __init__(self, response: Any) -> None:
        # What HTML cannot hold stays as the sign for what cannot be read, as in a browser.
        text = response.content.decode().replace("\x00", "\ufffd")
        self.page = html.document_fromstring(text, parser=html.HTMLParser(huge_tree=True))

    @cached_property
    def _by_name(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for control in self.page.iter("input", "select", "textarea"):
            if not any(True for _ in control.iterancestors("template")):
                found.setdefault(control.get("name", ""), []).append(control)
        return found

    @property
    def names(self) -> set[str]:
        return set(self._by_name)

    @cached_property
    def _words(self) -> str:
        return " ".join(self.page.text_content().split())

    @cached_property
    def _by_id(self) -> dict[str, Any]:
        return {each.get("id"): each for each in self.page.iter() if each.get("id")}

    @cached_property
    def texts(self) -> dict[str, list[str]]:
        """What stands in each field that one types into; several forms may have one of the name."""
        found: dict[str, list[str]] = {}
        for name, controls in self._by_name.items():
            for control in controls:
                if control.tag == "textarea":
                    found.setdefault(name, []).append(control.text or "")
                elif control.tag == "input" and control.get("type", "text") not in NOT_TYPED:
                    found.setdefault(name, []).append(control.get("value", ""))
        return found

    def says(self, name: str, message: str) -> bool:
        """Whether a text that describes the control, or its group, holds the message."""
        words = " ".join(message.replace("\x00", "\ufffd").split())
        controls = self._by_name.get(name)
        if not controls or all(each.get("type") == "hidden" for each in controls):
            return words in self._words
        for control in controls:
            for around in (control, *control.iterancestors("fieldset", "div")):
                for each in (around.get("aria-describedby") or "").split():
                    described = self._by_id.get(each)
                    if described is not None and words in " ".join(
                        described.text_content().split()
                    ):
                        return True
        return False
