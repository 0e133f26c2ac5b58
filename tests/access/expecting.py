"""The words the table is written in: who gets which answer at one address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.access.world import REVIEWERS, World

APPLICANTS = ("owner", "reader", "stranger")
RUNNING = ("officer", "approver", "auditor", "administrator")
SIGNED_IN = (*APPLICANTS, *REVIEWERS, *RUNNING)
VISITORS = ("anonymous", *SIGNED_IN)

GROUPS = {
    "company": ("owner", "reader"),
    "applicants": APPLICANTS,
    "reviewers": REVIEWERS,
    "running": RUNNING,
    "staff": (*REVIEWERS, *RUNNING),
}

#: A redirect to the sign-in page; any other redirect is 302.
LOGIN = "sign in"

Answer = int | str
Answers = Mapping[str, Answer]


def every(answer: Answer) -> Answers:
    """Everybody, signed in or not."""
    return dict.fromkeys(VISITORS, answer)


def signed_in(answer: Answer, **others: Answer) -> Answers:
    """Whoever is signed in, `others` excepted; everybody else is asked to sign in."""
    return {**dict.fromkeys(SIGNED_IN, answer), "anonymous": LOGIN, **_by_name(others)}


def only(**answers: Answer) -> Answers:
    """Those named, by name or group; to others who are signed in it does not exist."""
    return signed_in(404, **answers)


def _by_name(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for name, answer in answers.items():
        assert name in GROUPS or name in VISITORS, name
        found |= dict.fromkeys(GROUPS.get(name, (name,)), answer)
    return found


@dataclass(frozen=True)
class Address:
    """One address: how it is called, what GET answers whom, and POST without any data.

    Without `post` the address has none: POST answers 405, or what GET answers, and writes nothing.
    """

    name: str
    get: Answers
    post: Answers | None = None
    args: Callable[[World], Sequence[object]] = field(default=lambda world: ())
    variant: str = ""

    @property
    def title(self) -> str:
        return f"{self.name} ({self.variant})" if self.variant else self.name
