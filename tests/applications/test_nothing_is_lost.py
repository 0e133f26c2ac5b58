"""Whatever the order of typing, saving, lost answers and reloads in several windows: no text that
was accepted is gone, unless somebody who had it before their eyes replaced it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus

import pytest
from django.db import transaction
from django.http import QueryDict
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from applications.actions.drafting import editing
from applications.actions.partnering import editing_partners
from applications.forms.choices import Choices
from applications.forms.partners import PartnersSection
from applications.models import Call, Partner, Proposal
from applications.views.saving import Attempt, Page, autosave, save
from tests import builders

pytestmark = pytest.mark.django_db

#: What is stored of the list: the number and the name of each partner.
Stored = list[tuple[int, str]]


@dataclass
class Row:
    """One entry on a page; `number` once the page knows under which it is stored."""

    number: str = ""
    name: str = ""
    removed: bool = False

    @property
    def is_wrong(self) -> bool:
        return len(self.name) > 200 or "\x00" in self.name


@dataclass
class Window:
    """A page somebody has open: its entries, and the state of the list it was made from."""

    version: int
    seen: str
    base: Stored
    rows: list[Row] = field(default_factory=list)
    #: What was sent and never answered, with the entries as they were then.
    unanswered: tuple[QueryDict, list[Row]] | None = None

    def sent(self) -> QueryDict:
        data = QueryDict(mutable=True)
        data["version"], data["seen"] = str(self.version), self.seen
        data["partners-TOTAL_FORMS"] = str(len(self.rows))
        data["partners-INITIAL_FORMS"] = "0"
        for place, row in enumerate(self.rows):
            data[f"partners-{place}-id"] = row.number
            data[f"partners-{place}-legal_name"] = row.name
            if row.removed:
                data[f"partners-{place}-remove"] = "on"
        return data


class Dossier(RuleBasedStateMachine):
    """Two windows on the partners of one draft, and a colleague in another section."""

    applicant: User
    call: Call

    @initialize()
    def begin(self) -> None:
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.choices = Choices()
        self.draft = builders.build_draft(self.applicant, self.call)
        self.stored: Stored = []
        self.typed = 0
        self.windows = [self._opened(), self._opened()]

    def teardown(self) -> None:
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # --- what people do -------------------------------------------------------------------------
    @rule(which=st.integers(0, 1))
    def reload(self, which: int) -> None:
        self.windows[which] = self._opened()

    @rule(
        which=st.integers(0, 1),
        place=st.integers(0, 3),
        tail=st.sampled_from(["", "", " \U0001f600", " \u202e", "\x00", "x" * 300]),
    )
    def type(self, which: int, place: int, tail: str) -> None:
        rows = self.windows[which].rows
        self.typed += 1
        rows[place % len(rows)].name = f"Partner {self.typed}{tail}"

    @rule(which=st.integers(0, 1))
    def add_an_entry(self, which: int) -> None:
        self.windows[which].rows.append(Row())

    @rule(which=st.integers(0, 1), place=st.integers(0, 3))
    def tick_or_untick_remove(self, which: int, place: int) -> None:
        rows = self.windows[which].rows
        row = rows[place % len(rows)]
        row.removed = not row.removed

    @rule()
    def a_colleague_saves_another_section(self) -> None:
        version = Proposal.objects.get(pk=self.draft.pk).version
        with editing(
            actor=self.applicant, proposal=self.draft, expected_version=version
        ) as proposal:
            proposal.title = f"Title {version}"

    @rule(which=st.integers(0, 1))
    def pause(self, which: int) -> None:
        window = self.windows[which]
        data, rows = window.unanswered or (window.sent(), [Row(**vars(row)) for row in window.rows])
        window.unanswered = None
        attempt = autosave(self._page(), data)
        self._judge(window, rows, attempt, wrong_stay=True)
        if attempt.status == HTTPStatus.FOUND:
            self._renew(window, attempt)

    @rule(which=st.integers(0, 1))
    @precondition(lambda self: not any(window.unanswered for window in self.windows))
    def pause_and_the_answer_is_lost(self, which: int) -> None:
        window = self.windows[which]
        rows = [Row(**vars(row)) for row in window.rows]
        window.unanswered = (window.sent(), rows)
        self._judge(window, rows, autosave(self._page(), window.unanswered[0]), wrong_stay=True)

    @rule(which=st.integers(0, 1))
    def press_save_where_nothing_is_on_its_way(self, which: int) -> None:
        window = self.windows[which]
        if window.unanswered:
            return
        attempt = save(self._page(), window.sent())
        if any(row.is_wrong and not row.removed for row in window.rows):
            assert attempt.status == HTTPStatus.UNPROCESSABLE_ENTITY
            return
        self._judge(window, window.rows, attempt, wrong_stay=False)
        if attempt.status == HTTPStatus.FOUND:
            self.windows[which] = self._opened()

    # --- what must hold -------------------------------------------------------------------------
    @invariant()
    def the_list_is_what_was_accepted_and_nothing_else(self) -> None:
        assert self._now() == self.stored

    def _judge(
        self, window: Window, rows: list[Row], attempt: Attempt, *, wrong_stay: bool
    ) -> None:
        """Accepted: only by somebody who had seen what is stored; then all of it is stored."""
        before, now = self.stored, self._now()
        names = dict(before)
        wanted = [_accepted(row, names) if wrong_stay else row.name for row in rows if _counts(row)]
        wanted = [name for name in wanted if name]
        if attempt.status == HTTPStatus.FOUND:
            had_seen = window.base == before
            assert had_seen or wanted == [name for _number, name in before]
            assert sorted(name for _number, name in now) == sorted(wanted)
            kept = {number for number, _name in before}
            assert {int(row.number) for row in rows if _counts(row) and row.number} & kept <= {
                number for number, _name in now
            }
            self.stored = now
        else:
            assert attempt.status == HTTPStatus.CONFLICT
            assert window.base != before
            assert now == before

    def _renew(self, window: Window, attempt: Attempt) -> None:
        assert attempt.stored is not None
        window.version, window.seen = attempt.version, attempt.stored.fingerprint
        window.base = self._now()
        for place, row in enumerate(window.rows):
            row.number = attempt.rows.get(f"partners-{place}", row.number)

    def _opened(self) -> Window:
        proposal = Proposal.objects.get(pk=self.draft.pk)
        section = PartnersSection(proposal, choices=self.choices)
        rows = [Row(str(number), name) for number, name in self._now()]
        return Window(proposal.version, section.fingerprint, self._now(), [*rows, Row()])

    def _now(self) -> Stored:
        partners = Partner.objects.filter(proposal=self.draft).order_by("pk")
        return list(partners.values_list("pk", "legal_name"))

    def _page(self) -> Page:
        def section(data: QueryDict | None = None) -> PartnersSection:
            proposal = Proposal.objects.get(pk=self.draft.pk)
            return PartnersSection(proposal, choices=self.choices, data=data)

        return Page(
            build=section,
            edit=lambda version: editing_partners(
                actor=self.applicant, proposal=self.draft, expected_version=version
            ),
            stored=section,
        )


def _counts(row: Row) -> bool:
    return bool(row.name) and not row.removed


def _accepted(row: Row, names: dict[int, str]) -> str:
    """A name that is wrong stays as it is stored; in a new entry it is not stored at all."""
    if not row.is_wrong:
        return row.name
    return names.get(int(row.number), "") if row.number else ""


def test_no_accepted_text_is_lost(applicant: User, open_call: Call) -> None:
    Dossier.applicant, Dossier.call = applicant, open_call
    run_state_machine_as_test(
        Dossier, settings=settings(max_examples=25, stateful_step_count=16, deadline=None)
    )
