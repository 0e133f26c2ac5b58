"""How a published decision reaches the company's pages without this app knowing the reviews.

Imports go down only: `reviews` registers a provider when it is ready, and the applicant's pages ask
it. A provider gives published decisions and nothing else; where it gives none, the page says that
the proposal is being examined.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.access import Visitor
from applications.models import Proposal
from bpf_portal.core.access import Text


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A published decision on one stage of a proposal, in the words the applicant reads."""

    #: A value of `applications.models.Stage`.
    stage: str
    #: The decision's kind by code, e.g. "selected"; `label` is the same for people.
    kind: str
    label: Text
    published_at: datetime
    #: The grant in EUR, where one was awarded.
    amount: Decimal | None = None
    conditions: str = ""
    #: Address of the letter, empty until it is issued.
    letter_url: str = ""
    letter_issued_at: datetime | None = None
    #: Whether it is good news: selected, shortlisted.
    favourable: bool = False
    #: Whether it stands no more: a later decision of the same stage corrects it.
    replaced: bool = False
    #: Where it corrects an earlier decision, why.
    correction_reason: str = ""


OutcomeProvider = Callable[[Visitor, Sequence[Proposal]], Mapping[int, Sequence[Outcome]]]

_providers: list[OutcomeProvider] = []


def register_outcome_provider(provider: OutcomeProvider) -> None:
    """Enter who knows the published decisions; called from an AppConfig's `ready`.

    The provider gets the visitor and the proposals of one page and returns, by proposal id, the
    published decisions, oldest first, in a fixed number of queries.
    """
    if provider not in _providers:
        _providers.append(provider)


def published_outcomes(user: Visitor, proposals: Sequence[Proposal]) -> dict[int, list[Outcome]]:
    """The published decisions on these proposals, by proposal id, oldest first."""
    outcomes: dict[int, list[Outcome]] = {proposal.pk: [] for proposal in proposals}
    if not proposals:
        return outcomes
    for provider in _providers:
        for proposal_id, published in provider(user, proposals).items():
            outcomes[proposal_id].extend(published)
    for published in outcomes.values():
        published.sort(key=lambda outcome: outcome.published_at)
    return outcomes
