"""How a person works a page: with a pointer, or with nothing but the keyboard."""

from __future__ import annotations

from abc import ABC, abstractmethod

from playwright.sync_api import FilePayload, Locator, Page

#: More than the longest page has; whoever presses Tab so often has been round it and is trapped.
TABS = 400

#: Nothing, or what is wrong with how the focused element shows that it is the one.
_UNSEEN = """element => {
  const style = getComputedStyle(element);
  const marked = style.outlineStyle !== "none" || style.boxShadow !== "none";
  const box = element.getBoundingClientRect();
  const x = box.left + Math.min(box.width / 2, 20), y = box.top + Math.min(box.height / 2, 10);
  const there = document.elementFromPoint(x, y);
  const covered = !there || !(element.contains(there) || there.contains(element)
    || Array.from(element.labels || []).some(label => label.contains(there)));
  return (marked ? "" : "no mark of the focus") + (covered ? "out of sight" : "");
}"""


class Hand(ABC):
    """What a person does to a control. One that cannot be reached is an error."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @abstractmethod
    def fill(self, field: Locator, text: str) -> None: ...

    @abstractmethod
    def check(self, box: Locator) -> None:
        """Tick a box, or choose one of several."""

    @abstractmethod
    def select(self, field: Locator, *, value: str = "", label: str = "") -> None: ...

    @abstractmethod
    def press(self, control: Locator) -> None:
        """A button or a link."""

    @abstractmethod
    def give_files(self, field: Locator, files: list[FilePayload]) -> None: ...


class Pointer(Hand):
    def fill(self, field: Locator, text: str) -> None:
        field.fill(text)

    def check(self, box: Locator) -> None:
        box.check()

    def select(self, field: Locator, *, value: str = "", label: str = "") -> None:
        if label:
            field.select_option(label=label)
        else:
            field.select_option(value)

    def press(self, control: Locator) -> None:
        control.click()

    def give_files(self, field: Locator, files: list[FilePayload]) -> None:
        field.set_input_files(files)


class Keyboard(Hand):
    """Tab, the arrows, Enter, Space and letters; whatever has the focus must show it."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        page.emulate_media(reduced_motion="reduce")  # what is scrolled to is there at once

    def reach(self, control: Locator) -> None:
        self._tab_to(control, "(element) => element === document.activeElement")
        unseen = control.evaluate(_UNSEEN)
        assert not unseen, f"{control}: {unseen}"

    def _tab_to(self, control: Locator, arrived: str) -> None:
        for _ in range(TABS):
            if control.evaluate(arrived):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {control} on {self.page.url}")

    def fill(self, field: Locator, text: str) -> None:
        self.reach(field)
        if field.get_attribute("type") == "date":
            year, month, day = text.split("-")
            text = f"{month}{day}{year}"  # in the order of a browser that speaks English
        else:
            self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def check(self, box: Locator) -> None:
        if box.get_attribute("type") != "radio":
            self.reach(box)
            if not box.is_checked():
                self.page.keyboard.press("Space")
            return
        self._tab_to(
            box,
            "(radio) => document.activeElement.type === 'radio'"
            " && document.activeElement.name === radio.name",
        )
        for _ in range(TABS):
            if box.evaluate("(radio) => radio === document.activeElement"):
                break
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Space")
        assert box.is_checked()

    def select(self, field: Locator, *, value: str = "", label: str = "") -> None:
        self.reach(field)
        words = label or field.locator(f"option[value='{value}']").inner_text()
        self.page.keyboard.type(words.strip())
        chosen = field.evaluate("(field) => field.selectedOptions[0].text.trim()")
        assert chosen == words.strip(), f"typing {words!r} chose {chosen!r}"

    def press(self, control: Locator) -> None:
        self.reach(control)
        self.page.keyboard.press("Enter")

    def give_files(self, field: Locator, files: list[FilePayload]) -> None:
        self.reach(field)
        with self.page.expect_file_chooser() as chooser:
            # The browser is told to hand the chooser over; the key must not be quicker than that.
            self.page.evaluate("() => new Promise(requestAnimationFrame)")
            self.page.keyboard.press("Space")
        chooser.value.set_files(files)
