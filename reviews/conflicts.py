"""What a reviewer may have to do with a proposal, found by comparing names and mail domains: pure.

A machine suspects, a person decides. Names are compared as those of sanctions lists are: without
accents, case, legal form or order of words.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from applications.checks.names import comparable_name
from applications.checks.resemblance import name_similarity


@dataclass(frozen=True)
class InterestRules:
    """`alike`: from this similarity (0 to 1) on two names are one. `shared_domains`: mail domains
    that say nothing of whom somebody works for."""

    alike: float
    shared_domains: frozenset[str]


@dataclass(frozen=True)
class ReviewerFacts:
    """What a person said of themselves; `interests` are organisations and people."""

    name: str
    mail: str
    employers: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProposalFacts:
    """Who is behind a proposal; `people` are directors and owners."""

    company: str
    partners: tuple[str, ...]
    people: tuple[str, ...]
    mails: tuple[str, ...]


@dataclass(frozen=True)
class Ground:
    """One likeness. `kind`: mail_domain, company, partner or director."""

    kind: str
    own: str
    theirs: str


def grounds(reviewer: ReviewerFacts, proposal: ProposalFacts, rules: InterestRules) -> list[Ground]:
    """Every likeness, each once: the mail domain, then company, partners, directors and owners."""
    found = [
        *_mail_domain(reviewer, proposal, rules),
        *_organisations(reviewer, proposal, rules),
        *_people(reviewer, proposal, rules),
    ]
    return list(dict.fromkeys(found))


def mail_domain(address: str) -> str:
    return address.rpartition("@")[2].strip().rstrip(".").casefold()


def _mail_domain(
    reviewer: ReviewerFacts, proposal: ProposalFacts, rules: InterestRules
) -> Iterator[Ground]:
    own = mail_domain(reviewer.mail)
    if not own or own in rules.shared_domains:
        return
    for theirs in sorted({mail_domain(each) for each in proposal.mails}):
        if theirs not in rules.shared_domains and _same_house(own, theirs):
            yield Ground("mail_domain", own, theirs)


def _same_house(one: str, other: str) -> bool:
    """The same domain, or a department's of the other (`lab.uni.lu` and `uni.lu`)."""
    if not one or not other:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _organisations(
    reviewer: ReviewerFacts, proposal: ProposalFacts, rules: InterestRules
) -> Iterator[Ground]:
    own = (*reviewer.employers, *reviewer.interests)
    theirs = [("company", proposal.company), *(("partner", each) for each in proposal.partners)]
    for kind, name in theirs:
        for mine in _alike(name, own, rules, people=False):
            yield Ground(kind, mine, name)


def _people(
    reviewer: ReviewerFacts, proposal: ProposalFacts, rules: InterestRules
) -> Iterator[Ground]:
    for name in proposal.people:
        for mine in _alike(name, (reviewer.name, *reviewer.interests), rules, people=True):
            yield Ground("director", mine, name)


def _alike(name: str, own: Iterable[str], rules: InterestRules, *, people: bool) -> Iterator[str]:
    words = _folded(name)
    for mine in own:
        if name_similarity(words, _folded(mine), people=people) >= rules.alike:
            yield mine


@lru_cache(maxsize=20_000)
def _folded(name: str) -> tuple[str, ...]:
    """A name's words; remembered, since each is compared with those of many people."""
    return tuple(comparable_name(name).split())
