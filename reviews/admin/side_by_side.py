"""Two proposals side by side, for whoever must say whether one is the other: the texts by section,
with what both of them say marked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from applications.actions.finding_standing import newest_done_run
from applications.actions.fingerprinting import words_of_form
from applications.checks.likeness import (
    Passage,
    Shingles,
    description,
    passages,
    shingles,
    similarity,
)
from applications.checks.screening import DUPLICATE
from applications.models import Question, Submission
from bpf_portal.core.access import Text
from reviews.admin.pages import find_or_404, person, render_page
from reviews.admin.wording import Badge, submission_badge

#: No reference is longer.
_LONGEST = 60


@dataclass(frozen=True)
class Side:
    """One of the two. So many percent of its text stand in passages that the other has too."""

    submission: Submission
    badge: Badge
    percent: int


@dataclass(frozen=True)
class Pair:
    """A section of both, each with its text; without passages where one has nothing there."""

    title: Text
    percent: int
    texts: Sequence[tuple[Submission, Sequence[Passage]]]


def side_by_side(request: HttpRequest, object_id: int) -> HttpResponse:
    """This submission beside the proposal `?with=`, else beside the first that the checks found."""
    visible = Submission.objects.visible_to(person(request)).defer("search")
    rows = visible.select_related("call__rule_set", "organisation")
    submission = find_or_404(rows, pk=object_id)
    found = _found(submission)
    others = _others(rows, submission, request.GET.get("with") or next(iter(found), ""))
    calls = {submission.call_id, *(each.call_id for each in others)}
    questions = Question.objects.filter(call__in=calls).order_by("position", "pk")
    of_form = words_of_form(questions)
    own = shingles(description(submission.document).values(), of_form)
    # Of a proposal's two stages the one that is more like this text.
    by_likeness = {
        similarity(own, shingles(description(each.document).values(), of_form)): each
        for each in others
    }
    alike, other = max(by_likeness.items())
    pairs = _pairs(submission, other, of_form, _titles(questions))
    context = {
        "title": _("%(reference)s beside %(other)s")
        % {"reference": submission.reference, "other": other.reference},
        "sides": [
            Side(
                each, submission_badge(each.state), _shared(pair.texts[place][1] for pair in pairs)
            )
            for place, each in enumerate((submission, other))
        ],
        "submission": submission,
        "percent": int(100 * alike),
        "threshold": _threshold(submission),
        "same_company": submission.organisation_id == other.organisation_id,
        "pairs": pairs,
        "further": [each for each in found if each != other.reference],
    }
    return render_page(request, "reviews/side_by_side.html", context)


def _found(submission: Submission) -> list[str]:
    """References of the proposals that the newest finished run of the checks names."""
    run = newest_done_run(submission)
    finding = run.findings.filter(code=DUPLICATE).first() if run else None
    return list(finding.values.get("references", ())) if finding else []


def _others(rows: QuerySet[Submission], submission: Submission, reference: str) -> list[Submission]:
    """The submissions of another proposal that the person may see; none is 404."""
    if not reference or len(reference) > _LONGEST or "\0" in reference:
        raise Http404
    found = list(rows.filter(reference=reference).exclude(proposal=submission.proposal_id))
    if not found:
        raise Http404
    return found


def _titles(questions: Iterable[Question]) -> dict[str, Text]:
    """How each text is called, in the order of the form."""
    asked = {each.code: each.label for each in questions}
    return {"title": _("Title"), "summary": _("Summary"), **asked}


def _pairs(
    one: Submission, other: Submission, of_form: Shingles, titles: Mapping[str, Text]
) -> list[Pair]:
    """By section; what is alike is looked for in the whole of the other text."""
    both = [description(each.document) for each in (one, other)]
    said = [shingles(texts.values(), of_form) for texts in both]
    names = [name for name in titles if any(name in texts for texts in both)]
    names += [name for name in {**both[0], **both[1]} if name not in titles]
    return [
        Pair(
            title=titles.get(name, name),
            percent=int(100 * similarity(*(_runs_of(texts, name, of_form) for texts in both))),
            texts=[
                (each, passages(texts.get(name, ""), said[0] & said[1]))
                for each, texts in zip((one, other), both, strict=True)
            ],
        )
        for name in names
    ]


def _runs_of(texts: Mapping[str, str], name: str, of_form: Shingles) -> Shingles:
    return shingles([texts.get(name, "")], of_form)


def _shared(texts: Iterable[Sequence[Passage]]) -> int:
    """Percent of the letters that stand in marked passages."""
    every = [passage for text in texts for passage in text]
    whole = sum(len(passage.text) for passage in every)
    return 100 * sum(len(each.text) for each in every if each.alike) // whole if whole else 0


def _threshold(submission: Submission) -> int | None:
    """From how many percent on the checks speak of a likeness, where the call's rules say so."""
    share = submission.call.rule_set.parameters.get("duplicate_threshold")
    return int(100 * float(share)) if share else None
