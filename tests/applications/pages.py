"""Reading a page's form as a browser would send it."""

import html
import re
from html.parser import HTMLParser
from typing import Any

#: Field name -> values, as QueryDict takes them.
Data = dict[str, list[str]]


class _FormReader(HTMLParser):
    """The successful controls of all forms of the main part, templates and buttons left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.data: Data = {}
        self.inside_template = 0
        self.in_main = False
        self.select: str | None = None
        self.textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "main":
            self.in_main = True
        if tag == "template":
            self.inside_template += 1
        if self.inside_template or not self.in_main:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "select":
            self.select = name
            self.data.setdefault(name, [])
        elif tag == "option" and self.select:
            if "selected" in given or not self.data[self.select]:
                self.data[self.select] = [given.get("value", "")]
        elif tag == "textarea":
            self.textarea = name
            self.data[name] = [""]

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("submit", "file", "button"):
            return
        if kind in ("checkbox", "radio") and "checked" not in given:
            return
        empty = "on" if kind in ("checkbox", "radio") else ""
        self.data.setdefault(name, []).append(given.get("value", empty))

    def handle_data(self, data: str) -> None:
        if self.textarea and not self.inside_template:
            self.data[self.textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.inside_template -= 1
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            if self.textarea and self.data.get(self.textarea, [""])[0].startswith("\n"):
                self.data[self.textarea][0] = self.data[self.textarea][0][1:]
            self.textarea = None


def form_data(response: Any, **changes: object) -> Data:
    """What the page's form would send, with these fields changed (a list: several values)."""
    reader = _FormReader()
    reader.feed(response.content.decode())
    data = {name: values for name, values in reader.data.items() if values}
    for name, value in changes.items():
        values = value if isinstance(value, list) else [value]
        data[name] = [str(each) for each in values]
    return data


def shown_remarks(response: Any) -> str:
    """The remarks of the budget's page that apply: the others stand there hidden."""
    found = re.findall(r"<li data-remark=[^>]*[^n]>([^<]+)</li>", response.content.decode())
    return html.unescape(" ".join(found))


def hand_in_data(response: Any, **changes: object) -> Data:
    """What the last look sends once every declaration is ticked."""
    boxes = re.findall(r'name="(declare_\w+)"', response.content.decode())
    return form_data(response, **dict.fromkeys(boxes, "on"), **changes)
