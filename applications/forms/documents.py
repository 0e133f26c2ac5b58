"""One place for each document that the call asks for."""

import re
import unicodedata
from collections.abc import Sequence

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from applications.actions.document_content import ACCEPTED_SUFFIXES
from applications.models import DocumentRequirement


class DocumentsForm(forms.Form):
    """A file field per document, named `file-<kind>`; the action looks into the files."""

    def __init__(
        self,
        requirements: Sequence[DocumentRequirement],
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
    ) -> None:
        super().__init__(data, files)
        self.requirements = requirements
        for requirement in requirements:
            self.fields[f"file-{requirement.kind}"] = forms.FileField(
                label=requirement.label,
                required=False,
                max_length=255,
                allow_empty_file=True,
                widget=forms.FileInput(attrs={"accept": ",".join(ACCEPTED_SUFFIXES)}),
            )

    @property
    def uploads(self) -> list[tuple[str, UploadedFile[bytes]]]:
        """The files that were sent, by kind."""
        return [
            (name.removeprefix("file-"), upload)
            for name, upload in self.cleaned_data.items()
            if upload
        ]


def words_of(requirement: DocumentRequirement) -> str:
    """The plain words that a file for this place may have in its name, for the page to guess by."""
    labels = f"{requirement.label_fr} {requirement.label_en} {requirement.kind}"
    long_ones = {word for word in _plain_words(labels) if len(word) > 3}
    return " ".join(sorted(long_ones | set(_plain_words(requirement.known_as))))


def _plain_words(text: str) -> list[str]:
    """Small letters without accents: `static/portal/documents.js` does the same to the name."""
    apart = unicodedata.normalize("NFD", text.lower())
    letters = "".join(c for c in apart if not unicodedata.combining(c))
    return re.findall(r"[a-z0-9]+", letters)
