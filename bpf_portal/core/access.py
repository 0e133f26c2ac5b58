"""How a rule of access answers: yes, or no with a reason a person understands."""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise

Text = str | Promise


class Answer(NamedTuple):
    """Whether somebody may do something; the reason is shown when not."""

    allowed: bool
    reason: Text = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Answer(True)


def no(reason: Text) -> Answer:
    return Answer(False, reason)


class NotAllowed(PermissionDenied):
    """Raised by an action whose rule said no. Views turn it into 403 with the reason."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


def require(answer: Answer) -> None:
    """Raise NotAllowed unless the rule said yes."""
    if not answer.allowed:
        raise NotAllowed(answer.reason)
