"""Names for the codes of a dossier, in the language in force: three queries for a page."""

from collections.abc import Iterable
from functools import cached_property

from django.utils.translation import get_language

from applications.models import Country, DocumentRequirement, Term


class Labels:
    """What a page needs to say codes in words. Each list is read once, when first needed."""

    def __init__(self, call_id: int | None = None) -> None:
        self.call_id = call_id
        self.language = "fr" if get_language() == "fr" else "en"

    @cached_property
    def countries(self) -> dict[str, str]:
        rows = Country.objects.order_by(f"name_{self.language}")
        return dict(rows.values_list("iso2", f"name_{self.language}"))

    @cached_property
    def by_kind(self) -> dict[str, dict[str, str]]:
        """In the form the texts of findings take."""
        label = f"label_{self.language}"
        kinds: dict[str, dict[str, str]] = {"country": self.countries}
        for vocabulary, code, text in Term.objects.values_list("vocabulary", "code", label):
            kinds.setdefault(vocabulary, {})[code] = text
        asked = DocumentRequirement.objects.order_by().filter(call=self.call_id)
        kinds["document"] = dict(asked.values_list("kind", label))
        return kinds

    def country(self, code: str | None) -> str:
        return self.countries.get(code or "", code or "")

    def country_list(self, codes: Iterable[str]) -> str:
        return ", ".join(self.country(code) for code in codes)

    def term(self, vocabulary: str, code: object) -> str:
        """The word; the code itself where the list does not know it."""
        return self.by_kind.get(vocabulary, {}).get(str(code), str(code))

    def terms(self, vocabulary: str, codes: Iterable[object]) -> str:
        return ", ".join(self.term(vocabulary, code) for code in codes)
