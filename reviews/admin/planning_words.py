"""Reasons of the optimiser and of conflicts, as an officer reads them."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bpf_portal.core.access import Text
from reviews.actions.plan_sending import CLOSED, NO_REVIEWER
from reviews.matching import Unmet, Why

#: What speaks for a pair.
FOR: Mapping[str, Text] = {
    Why.SECTOR: gettext_lazy("knows the sector"),
    Why.COUNTRY: gettext_lazy("knows the country"),
    Why.HUMAN_RIGHTS: gettext_lazy("expert in human rights"),
    Why.LOAD: gettext_lazy("has time"),
}
#: What stands in the way of one.
AGAINST: Mapping[str, Text] = {
    Why.ASKED_ALREADY: gettext_lazy("is asked already"),
    Why.CONFLICT: gettext_lazy("conflict of interest, declared or possible"),
    Why.LANGUAGE: gettext_lazy("does not read the language"),
    Why.CAPACITY: gettext_lazy("has enough to do"),
    Why.RELEASED: gettext_lazy("it was taken back from this person"),
    Why.EXPERTISE: gettext_lazy("knows neither sector nor country"),
    CLOSED: gettext_lazy("the proposal takes no reviewers any more"),
    NO_REVIEWER: gettext_lazy("is no reviewer any more"),
}


def in_favour(why: Iterable[str]) -> list[Text]:
    return [FOR[each] for each in why if each in FOR]


def lacking(gap: Unmet) -> str:
    """`1 reviewer is lacking`, or that nobody knows human rights."""
    if gap.kind == Why.NO_EXPERT:
        return _("no expert in human rights, although the risk is high")
    return ngettext("%(n)d reviewer is lacking", "%(n)d reviewers are lacking", gap.count) % {
        "n": gap.count
    }


def obstacles(gap: Unmet) -> list[str]:
    """What stood in the way, and of how many people: `3 do not read the language`."""
    return [
        _counted(str(why), count) for why, count in gap.because.items() if why != Why.ASKED_ALREADY
    ]


def _counted(why: str, count: int) -> str:
    sentences = {
        Why.CONFLICT: ngettext(
            "%(n)d has a conflict, declared or possible",
            "%(n)d have a conflict, declared or possible",
            count,
        ),
        Why.LANGUAGE: ngettext(
            "%(n)d does not read the language", "%(n)d do not read the language", count
        ),
        Why.CAPACITY: ngettext("%(n)d has enough to do", "%(n)d have enough to do", count),
        Why.RELEASED: ngettext("%(n)d had it taken back", "%(n)d had it taken back", count),
        Why.EXPERTISE: ngettext(
            "%(n)d knows neither sector nor country",
            "%(n)d know neither sector nor country",
            count,
        ),
    }
    return sentences[Why(why)] % {"n": count}
