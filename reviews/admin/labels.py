"""Names for the codes of a dossier, in the language in force: two queries for a page."""

from collections.abc import Iterable
from functools import cached_property

from django.db.models import Value
from django.utils.translation import get_language

from applications.models import Country, DocumentRequirement, Question, Term

QUESTION, DOCUMENT = "question", "document"


def reader_language() -> str:
    """The language in force, as the texts of the rules and the lists of names are kept."""
    return "fr" if get_language() == "fr" else "en"


class Labels:
    """What a page needs to say codes in words. Each list is read once, when first needed."""

    def __init__(self, call_id: int | None = None) -> None:
        self.call_id = call_id
        self.language = reader_language()

    @cached_property
    def countries(self) -> dict[str, str]:
        rows = Country.objects.order_by(f"name_{self.language}")
        return dict(rows.values_list("iso2", f"name_{self.language}"))

    @cached_property
    def by_kind(self) -> dict[str, dict[str, str]]:
        """In the form the texts of findings take."""
        kinds: dict[str, dict[str, str]] = {"country": self.countries, QUESTION: {}, DOCUMENT: {}}
        for vocabulary, code, text, _position in self._named_by_rows():
            kinds.setdefault(vocabulary, {})[code] = text
        return kinds

    def _named_by_rows(self) -> Iterable[tuple[str, str, str, int]]:
        """Terms, and the call's documents and questions: (kind, code, text, position), in order."""
        label = f"label_{self.language}"
        terms = Term.objects.order_by().values_list("vocabulary", "code", label, "position")
        documents = (
            DocumentRequirement.objects.order_by()
            .filter(call=self.call_id)
            .values_list(Value(DOCUMENT), "kind", label, "position")
        )
        questions = (
            Question.objects.order_by()
            .filter(call=self.call_id)
            .values_list(Value(QUESTION), "code", label, "position")
        )
        return terms.union(documents, questions, all=True).order_by("position")

    @property
    def questions(self) -> dict[str, str]:
        """What the call's form asks in words, by code and in order."""
        return self.by_kind[QUESTION]

    def country(self, code: str | None) -> str:
        return self.countries.get(code or "", code or "")

    def country_list(self, codes: Iterable[str]) -> str:
        return ", ".join(self.country(code) for code in codes)

    def term(self, vocabulary: str, code: object) -> str:
        """The word; the code itself where the list does not know it."""
        return self.by_kind.get(vocabulary, {}).get(str(code), str(code))

    def terms(self, vocabulary: str, codes: Iterable[object]) -> str:
        return ", ".join(self.term(vocabulary, code) for code in codes)
