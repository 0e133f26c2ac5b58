"""Files: looked into before they are kept, seen by those they concern, never run in a browser."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.actions import submitting
from applications.actions.documents import add_document, clean_filename
from applications.models import Call, Document, Proposal, ScanState
from tests import builders
from tests.applications.test_document_content import picture

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
KIND = "register_extract"


@pytest.fixture
def draft(applicant: User, open_call: Call) -> Proposal:
    return builders.build_draft(applicant, open_call)


def section(proposal: Proposal) -> str:
    return reverse("proposals:section", args=[proposal.reference, "documents"])


def office(member: str, mimetype: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as container:
        if mimetype:
            container.writestr("mimetype", mimetype)
        else:
            container.writestr("[Content_Types].xml", "<Types/>")
        container.writestr(member, "<x/>")
    return buffer.getvalue()


def locked_pdf() -> bytes:
    buffer = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(buffer, encryption=pikepdf.Encryption(owner="o", user="u"))
    return buffer.getvalue()


def stored_files() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def test_it_works(draft: Proposal, applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    content = builders.pdf_bytes("extract")
    sent = {f"file-{KIND}": builders.upload("Extrait RCS.pdf", content)}
    assert client.post(section(draft), sent).status_code == 302
    document = draft.documents.get()
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert (document.filename, document.size) == ("Extrait RCS.pdf", len(content))
    assert (document.scan, document.uploaded_by) == (ScanState.UNSCANNED, applicant)
    assert "Extrait RCS.pdf" in client.get(section(draft)).content.decode()
    response: Any = client.get(reverse("proposals:document", args=[document.pk]))
    assert b"".join(response.streaming_content) == content
    assert response["Content-Disposition"] == 'attachment; filename="Extrait RCS.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.streaming


def test_a_new_file_replaces_the_old_one_which_is_kept(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    for name in ("first.pdf", "second.pdf"):
        client.post(section(draft), {f"file-{KIND}": builders.upload(name)})
    old, new = draft.documents.order_by("pk")
    assert old.removed_at is not None
    assert new.removed_at is None
    assert default_storage.exists(str(old.file.name))
    assert client.post(section(draft), {"remove": new.pk}).status_code == 302
    assert not draft.documents.current().exists()
    assert client.post(section(draft), {"remove": new.pk}).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", office("word/document.xml")),
        ("a.xlsx", office("xl/workbook.xml")),
        ("a.odt", office("content.xml", "application/vnd.oasis.opendocument.text")),
        ("a.ods", office("content.xml", "application/vnd.oasis.opendocument.spreadsheet")),
        ("a.PNG", picture("PNG")),
        ("a.jpeg", picture("JPEG")),
    ],
)
def test_other_types_that_are_taken(
    name: str, content: bytes, draft: Proposal, applicant: User
) -> None:
    upload = SimpleUploadedFile(name, content)
    document = add_document(actor=applicant, proposal=draft, kind=KIND, upload=upload)
    with document.file.open() as stored:
        assert stored.read() == content


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.exe", b"MZ", "not accepted"),
        ("noname", b"%PDF-1.4", "not accepted"),
        ("a.pdf", b"<html><script>alert(1)</script>", "not what its name says"),
        ("a.pdf", b"%PDF-1.4\nnothing", "cannot be opened"),
        ("a.pdf", b"", "empty"),
        ("a.pdf", locked_pdf(), "password"),
        ("a.docx", office("xl/workbook.xml"), "not what its name says"),
        ("a.docx", b"PK\x03\x04 broken", "cannot be opened"),
        ("a.odt", office("content.xml"), "not what its name says"),
        ("a.docx", office("word/vbaProject.bin"), "not what its name says"),
        ("a.png", b"GIF89a" + b"\x00" * 40, "not what its name says"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not accepted"),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason(
    name: str, content: bytes, why: str, draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    before = stored_files()
    sent = {f"file-{KIND}": SimpleUploadedFile(name, content)}
    response = as_user(applicant).post(section(draft), sent)
    assert response.status_code == 422
    assert why in response.content.decode()
    assert not draft.documents.exists()
    assert stored_files() == before


def test_a_huge_file_is_refused(
    draft: Proposal, applicant: User, as_user: SignIn, settings: Any
) -> None:
    settings.MAX_DOCUMENT_BYTES = 400
    sent = {f"file-{KIND}": builders.upload()}
    response = as_user(applicant).post(section(draft), sent)
    assert response.status_code == 422
    assert "at most 400" in response.content.decode()


def test_a_refused_file_does_not_stand_in_the_way_of_the_others(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    sent = {
        f"file-{KIND}": SimpleUploadedFile("a.exe", b"MZ"),
        "file-annual_accounts": builders.upload("accounts.pdf"),
    }
    assert as_user(applicant).post(section(draft), sent).status_code == 422
    assert draft.documents.get().kind == "annual_accounts"


def test_a_kind_that_is_not_asked_for_is_not_taken(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    as_user(applicant).post(section(draft), {"file-malware": builders.upload()})
    assert not draft.documents.exists()


def test_the_file_goes_when_its_row_cannot_be_written(draft: Proposal, applicant: User) -> None:
    before = stored_files()
    with pytest.raises(DatabaseError):
        add_document(actor=applicant, proposal=draft, kind="k" * 41, upload=builders.upload())
    assert connection.in_atomic_block
    assert stored_files() == before


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\me\\Extrait.pdf", "Extrait.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("a\r\nb\x00\u202egpj.pdf", "abgpj.pdf"),
        ("  many   spaces .pdf", "many spaces .pdf"),
        ("é" * 300 + ".pdf", "é" * 147 + ".pdf"),
        ("", "document"),
    ],
)
def test_names_are_cleaned(given: str, kept: str) -> None:
    assert clean_filename(given) == kept


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=5-999999999", 206, slice(5, None)),
        ("bytes=999999999-", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
        ("bytes=4-2", 200, slice(None)),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        ("pages=1", 200, slice(None)),
        ("bytes=\u0663-", 200, slice(None)),
    ],
)
def test_a_broken_download_goes_on_where_it_stopped(
    asked: str, status: int, part: slice, draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    content = builders.pdf_bytes("extract")
    upload = builders.upload("a.pdf", content)
    document = add_document(actor=applicant, proposal=draft, kind=KIND, upload=upload)
    url = reverse("proposals:document", args=[document.pk])
    response: Any = as_user(applicant).get(url, headers={"range": asked})
    assert response.status_code == status
    body = b"".join(response) if response.streaming else response.content
    assert body == content[part]
    assert response["X-Content-Type-Options"] == "nosniff"
    if status == 206:
        assert int(response["Content-Length"]) == len(body)
        assert response["Content-Range"].endswith(f"/{len(content)}")
    other = {"range": asked, "if-range": '"another content"'}
    whole: Any = as_user(applicant).get(url, headers=other)
    assert (whole.status_code, b"".join(whole)) == (200, content)


def test_the_name_of_a_download_is_the_companys_own(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    name = 'Extrait \u202efdp.exe "é"; filename=x.pdf'
    document = add_document(
        actor=applicant, proposal=draft, kind=KIND, upload=builders.upload(name)
    )
    response = as_user(applicant).get(reverse("proposals:document", args=[document.pk]))
    expected = "attachment; filename*=utf-8''Extrait%20fdp.exe%20%22%C3%A9%22%3B%20filename%3Dx.pdf"
    assert response["Content-Disposition"] == expected


def test_a_stranger_gets_no_file(
    draft: Proposal, applicant: User, stranger: User, as_user: SignIn
) -> None:
    document = add_document(actor=applicant, proposal=draft, kind=KIND, upload=builders.upload())
    url = reverse("proposals:document", args=[document.pk])
    assert as_user(stranger).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_staff_get_a_file_once_it_is_handed_in(
    applicant: User, officer: User, open_call: Call, as_user: SignIn
) -> None:
    proposal = builders.build_complete_proposal(applicant, open_call)
    document = proposal.documents.first()
    assert document is not None
    url = reverse("proposals:document", args=[document.pk])
    assert as_user(officer).get(url).status_code == 404
    submitting.submit(actor=applicant, proposal_id=proposal.pk)
    assert as_user(officer).get(url).status_code == 200


def test_after_the_hand_in_no_file_is_taken_or_removed(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    proposal = builders.build_complete_proposal(applicant, open_call)
    submitting.submit(actor=applicant, proposal_id=proposal.pk)
    client, document = as_user(applicant), proposal.documents.current().first()
    assert document is not None
    assert client.post(section(proposal), {"remove": document.pk}).status_code == 409
    sent = {f"file-{KIND}": builders.upload()}
    assert client.post(section(proposal), sent).status_code == 409
    assert Document.objects.filter(removed_at=None).count() == proposal.documents.count()


def test_a_reader_cannot_send_files(draft: Proposal, as_user: SignIn) -> None:
    reader = builders.build_user("applicant")
    draft.organisation.memberships.create(user=reader, role="viewer")
    client = as_user(reader)
    assert client.get(section(draft)).status_code == 200
    assert client.post(section(draft), {f"file-{KIND}": builders.upload()}).status_code == 403
