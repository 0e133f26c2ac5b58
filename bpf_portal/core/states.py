"""State machines as typed tables: (state, action) -> state.

The workflow is what the portal exists for; a table says it in one place, for the actions that obey
it, the tests that walk it and the diagram in docs/.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils.translation import gettext_lazy as _

from bpf_portal.core.access import Text

State = TypeVar("State", bound=str)
Action = TypeVar("Action", bound=str)


class WrongState(Exception):
    """The action does not exist in this state: somebody else was quicker, or the page is old."""

    message: Text = _(
        "This was changed in the meantime. Reload the page to see where it stands now."
    )

    def __init__(
        self, aggregate: str, state: str, action: str, message: Text | None = None
    ) -> None:
        super().__init__(f"{aggregate}: {action!r} is not possible in state {state!r}")
        self.aggregate, self.state, self.action = aggregate, state, action
        self.message = message or self.message


@dataclass(frozen=True)
class TransitionTable(Generic[State, Action]):
    """The transitions of one aggregate, e.g. `{("draft", "submit"): "submitted"}`."""

    aggregate: str
    transitions: Mapping[tuple[State, Action], State]

    def target(self, state: State, action: Action) -> State:
        """The state that follows; raises WrongState where the table has no such row."""
        try:
            return self.transitions[state, action]
        except KeyError:
            raise WrongState(self.aggregate, state, action) from None

    def allows(self, state: State, action: Action) -> bool:
        return (state, action) in self.transitions

    def actions(self, state: State) -> Iterator[Action]:
        return (action for (at, action) in self.transitions if at == state)

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram, for docs/."""
        rows = [f"    {at} --> {to}: {action}" for (at, action), to in self.transitions.items()]
        return "\n".join(["stateDiagram-v2", *rows])
