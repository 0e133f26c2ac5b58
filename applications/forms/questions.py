"""The questions that a call's form asks in words, as fields; each answer is kept under its code."""

from collections.abc import Iterable, Mapping

from django import forms

from applications.forms.fields import TextField
from applications.models import Proposal, Question

LONGEST_ANSWER = 5000


def field_name(code: str) -> str:
    return f"answer_{code}"


def ask(form: forms.Form, questions: Iterable[Question]) -> list[str]:
    """Add a field for each question; returns their names, for the layout."""
    names = []
    for question in questions:
        name = field_name(question.code)
        form.fields[name] = TextField(
            label=question.label, help_text=question.hint, max_length=LONGEST_ANSWER
        )
        names.append(name)
    return names


def stored_answers(questions: Iterable[Question], proposal: Proposal) -> dict[str, str]:
    """What stands in those fields when the page is opened."""
    return {field_name(each.code): proposal.answers.get(each.code, "") for each in questions}


def keep_answers(
    row: Proposal, questions: Iterable[Question], values: Mapping[str, object]
) -> None:
    """Write the answers; those to questions that this form does not ask (an import's) stay."""
    given = {each.code: values[field_name(each.code)] for each in questions}
    row.answers = {**row.answers, **given}
