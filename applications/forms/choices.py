"""What the forms let people choose from: words and countries, in the language in force."""

import unicodedata
from functools import cached_property

from applications.models import Country, Question, Term, Vocabulary


def alphabetical(name: str) -> str:
    """A key that sorts É beside E."""
    spread = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in spread if not unicodedata.combining(c))


class Choices:
    """All lists of one request: one query for the words, one for the countries, one for the
    questions of a call, when needed."""

    def __init__(self) -> None:
        self._questions: dict[str, list[Question]] = {}

    @cached_property
    def _terms(self) -> list[Term]:
        return list(Term.objects.all())

    @cached_property
    def _countries(self) -> list[Country]:
        return list(Country.objects.all())

    def terms(self, vocabulary: Vocabulary) -> list[Term]:
        return [term for term in self._terms if term.vocabulary == vocabulary]

    def words(self, vocabulary: Vocabulary) -> list[tuple[str, str]]:
        return [(term.code, term.label) for term in self.terms(vocabulary)]

    def all_countries(self) -> list[Country]:
        return self._countries

    def countries(self, among: set[str] | None = None) -> list[tuple[str, str]]:
        """All countries, or those with one of these codes, by name."""
        named = [
            (country.iso2, country.name)
            for country in self._countries
            if among is None or country.iso2 in among
        ]
        return sorted(named, key=lambda choice: alphabetical(choice[1]))

    def questions(self, call_code: str, section: str | None = None) -> list[Question]:
        """What a call's form asks in words, in order: in one of its sections, or in all."""
        if call_code not in self._questions:
            asked = Question.objects.filter(call__code=call_code).order_by("position")
            self._questions[call_code] = list(asked)
        rows = self._questions[call_code]
        return [row for row in rows if section in (None, row.section)]

    def label(self, vocabulary: Vocabulary, code: object) -> str:
        """The word for a code; the code itself where the list does not know it."""
        return dict(self.words(vocabulary)).get(str(code), str(code))

    def country(self, code: object) -> str:
        return next((c.name for c in self._countries if c.iso2 == code), str(code or ""))
