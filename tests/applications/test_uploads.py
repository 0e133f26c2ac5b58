"""Files in pieces: whatever breaks, nothing that arrived is sent twice and nothing is lost."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import User
from applications.actions import submitting, uploading
from applications.models import UPLOAD_KEPT_FOR, Call, Proposal, Upload
from applications.tasks import sweep_uploads
from tests import builders
from tests.measuring import counted

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
KIND = "register_extract"
PIECE = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def _files_of_ones_own(settings: Any, tmp_path: Path) -> None:
    """Nothing in the storage but what the test itself puts there."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def draft(applicant: User, open_call: Call) -> Proposal:
    return builders.build_draft(applicant, open_call)


def page_of(proposal: Proposal) -> str:
    return reverse("proposals:section", args=[proposal.reference, "documents"])


def begin(client: Client, proposal: Proposal, size: object, **told: str) -> Any:
    told = {"filename": "Extrait RCS.pdf", "kind": KIND, "modified": "1700000000000", **told}
    encoded = ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items()
    )
    return client.post(
        reverse("proposals:begin_upload", args=[proposal.reference]),
        headers={"upload-length": str(size), "upload-metadata": encoded},
    )


def send(client: Client, address: str, offset: object, piece: bytes, type: str = PIECE) -> Any:
    return client.patch(
        address, data=piece, content_type=type, headers={"upload-offset": str(offset)}
    )


def stored_pieces() -> list[Path]:
    return [path for path in (Path(settings.MEDIA_ROOT) / "uploads").rglob("*") if path.is_file()]


def test_it_works(
    draft: Proposal,
    applicant: User,
    as_user: SignIn,
    django_capture_on_commit_callbacks: Any,
) -> None:
    client, content = as_user(applicant), builders.pdf_bytes("extract")
    response = begin(client, draft, len(content))
    assert (response.status_code, response["Upload-Offset"]) == (201, "0")
    address = response["Location"]
    assert send(client, address, 0, content[:100])["Upload-Offset"] == "100"
    standing = client.head(address)
    assert (standing["Upload-Offset"], standing["Upload-Length"]) == ("100", str(len(content)))
    assert "100" in str(Upload.objects.get())
    assert "Begun and not finished" in client.get(page_of(draft)).content.decode()
    assert send(client, address, 100, content[100:]).status_code == 204
    with django_capture_on_commit_callbacks(execute=True):
        ended = client.post(address)
    assert ended.status_code == 200
    document = draft.documents.get()
    assert ended.json() == {"document": document.pk, "filename": "Extrait RCS.pdf"}
    assert (document.kind, document.pages, document.uploaded_by) == (KIND, 1, applicant)
    with document.file.open() as stored:
        assert stored.read() == content
    assert not stored_pieces()
    assert not default_storage.exists(Upload.objects.get().folder)
    # The answer may have been lost: asked again, it is the same.
    assert client.post(address).json() == ended.json()
    assert draft.documents.count() == 1
    assert "Begun and not finished" not in client.get(page_of(draft)).content.decode()


def test_the_same_file_goes_on_where_it_stopped(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    address = begin(client, draft, 500)["Location"]
    send(client, address, 0, b"%PDF" * 50)
    again = begin(as_user(applicant), draft, 500)
    assert (again.status_code, again["Location"]) == (200, address)
    assert again["Upload-Offset"] == "200"
    assert begin(client, draft, 500, modified="1700000000001")["Location"] != address
    assert begin(client, draft, 501)["Location"] != address


def test_a_piece_that_comes_twice_or_too_early_is_not_added(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    address = begin(client, draft, 10)["Location"]
    for offset, piece, status, now in (
        (0, b"%PDF", 204, "4"),
        (0, b"%PDF", 409, "4"),
        (8, b"xx", 409, "4"),
        (4, b"too many bytes", 409, "4"),
        (4, b"-1.7\nx", 204, "10"),
    ):
        response = send(client, address, offset, piece)
        assert (response.status_code, response["Upload-Offset"]) == (status, now)
    assert len(stored_pieces()) == 2


@hypothesis_settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(cuts=st.lists(st.tuples(st.integers(-40, 40), st.integers(0, 400)), max_size=12))
def test_whatever_order_pieces_come_in_the_file_is_the_one_that_was_sent(
    cuts: list[tuple[int, int]], draft: Proposal, applicant: User
) -> None:
    content = builders.pdf_bytes("any")
    upload = uploading.begin_upload(
        actor=applicant, proposal=draft, kind=KIND, filename="a.pdf", size=len(content)
    )
    received = 0
    for astray, length in [*cuts, (0, len(content))]:
        offset = max(received + astray, 0)
        try:
            received = uploading.append_piece(
                upload=upload, offset=offset, piece=content[offset : offset + length]
            )
        except uploading.OutOfStep as error:
            received = error.offset
        upload.refresh_from_db()
        assert upload.received == received
    ended = uploading.finish_upload(actor=applicant, upload=upload)
    assert ended.document is not None
    with ended.document.file.open() as stored:
        assert stored.read() == content
    uploading.discard_upload(upload=upload)


def test_the_end_before_the_last_piece_tells_where_to_go_on(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    address = begin(client, draft, 10)["Location"]
    send(client, address, 0, b"%PDF")
    response = client.post(address)
    assert (response.status_code, response["Upload-Offset"]) == (409, "4")
    assert not draft.documents.exists()


def test_a_refused_file_says_why_and_leaves_nothing(
    draft: Proposal,
    applicant: User,
    as_user: SignIn,
    django_capture_on_commit_callbacks: Any,
) -> None:
    client = as_user(applicant)
    address = begin(client, draft, 9)["Location"]
    send(client, address, 0, b"<script/>")
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(address)
    assert response.status_code == 422
    assert "not what its name says" in response.json()["message"]
    assert client.post(address).json() == response.json()
    assert not stored_pieces()
    assert not draft.documents.exists()
    french = as_user(applicant, "fr")
    other = begin(french, draft, 9, modified="2")["Location"]
    send(french, other, 0, b"<script/>")
    assert "ne correspond pas" in french.post(other).json()["message"]


@pytest.mark.parametrize(
    ("size", "told", "status", "why"),
    [
        (0, {}, 422, "empty"),
        (200 * 1024 * 1024, {}, 422, "at most 20.0"),
        ("-5", {}, 400, "lacks its size"),
        ("٣", {}, 400, "lacks its size"),
        ("9" * 40, {}, 400, "lacks its size"),
        (9, {"filename": "virus.exe"}, 422, "not accepted"),
        (9, {"filename": "a\u202efdp.exe"}, 422, "not accepted"),
        (9, {"filename": ""}, 422, "not accepted"),
        (9, {"kind": "malware"}, 422, "not asked for"),
        (9, {"kind": "a\0b"}, 422, "not asked for"),
        (9, {"kind": "business_plan"}, 422, "not asked for"),
    ],
)
def test_what_can_be_known_before_is_refused_before(
    size: object,
    told: dict[str, str],
    status: int,
    why: str,
    draft: Proposal,
    applicant: User,
    as_user: SignIn,
) -> None:
    response = begin(as_user(applicant), draft, size, **told)
    assert response.status_code == status
    assert why in response.json()["message"].replace("\u00a0", " ")
    assert not Upload.objects.exists()


def test_names_and_numbers_of_every_kind_do_no_harm(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    name = "../../\u202e\0\r\nB" + "é" * 600 + "🦄.pdf"
    assert begin(client, draft, 9, filename=name, modified="-1").status_code == 201
    upload = Upload.objects.get()
    assert upload.filename.startswith("Bé")
    assert upload.filename.endswith(".pdf")
    assert len(upload.filename) <= 155
    address = reverse("proposals:upload", args=[draft.reference, upload.pk])
    for offset in ("", "-1", "x", "9" * 30, "１"):
        assert send(client, address, offset, b"%PDF").status_code == 400
    assert send(client, address, 0, b"%PDF", "application/pdf").status_code == 415
    assert send(client, address, 10**14, b"%PDF").status_code == 409
    begin_address = reverse("proposals:begin_upload", args=[draft.reference])
    broken = client.post(
        begin_address, headers={"upload-length": "9", "upload-metadata": "filename %%%,kind ,,"}
    )
    assert broken.status_code == 400
    options = client.options(begin_address)
    assert options["Tus-Version"] == "1.0.0"


def test_one_piece_has_a_limit(
    draft: Proposal, applicant: User, as_user: SignIn, settings: Any
) -> None:
    settings.MAX_PIECE_BYTES = 10
    client = as_user(applicant)
    address = begin(client, draft, 100)["Location"]
    assert send(client, address, 0, b"x" * 11).status_code == 413
    assert send(client, address, 0, b"x" * 10).status_code == 204


def test_what_one_person_has_under_way_has_a_limit(
    draft: Proposal, applicant: User, as_user: SignIn, settings: Any
) -> None:
    client = as_user(applicant)
    settings.MAX_OPEN_UPLOADS, settings.MAX_OPEN_UPLOAD_BYTES = 3, 1000
    assert begin(client, draft, 600).status_code == 201
    too_large = begin(client, draft, 401)
    assert too_large.status_code == 429
    assert "too many unfinished uploads" in too_large.json()["message"]
    assert begin(client, draft, 10).status_code == 201
    assert begin(client, draft, 11).status_code == 201
    assert begin(client, draft, 12).status_code == 429
    assert begin(client, draft, 10).status_code == 201
    upload = Upload.objects.get(size=600)
    client.delete(reverse("proposals:upload", args=[draft.reference, upload.pk]))
    assert begin(client, draft, 12).status_code == 201
    Upload.objects.update(touched_at=timezone.now() - UPLOAD_KEPT_FOR - timedelta(minutes=1))
    assert begin(client, draft, 600).status_code == 201


def test_what_nobody_goes_on_with_is_swept_with_its_pieces(
    draft: Proposal,
    applicant: User,
    as_user: SignIn,
    django_capture_on_commit_callbacks: Any,
) -> None:
    client = as_user(applicant)
    old = begin(client, draft, 10)["Location"]
    new = begin(client, draft, 11)["Location"]
    for address in (old, new):
        send(client, address, 0, b"%PDF")
    upload = Upload.objects.get(size=10)
    # A piece whose process was killed before its row knew of it.
    default_storage.save(f"{upload.folder}/lost", ContentFile(b"x"))
    Upload.objects.filter(size=10).update(touched_at=timezone.now() - UPLOAD_KEPT_FOR)
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_uploads() == 1
    assert client.head(old).status_code == 404
    assert client.head(new)["Upload-Offset"] == "4"
    assert len(stored_pieces()) == 1


def test_an_upload_is_ones_own_and_thrown_away_by_a_button_too(
    draft: Proposal, applicant: User, stranger: User, as_user: SignIn
) -> None:
    colleague = builders.build_user("applicant")
    draft.organisation.memberships.create(user=colleague, role="editor")
    client = as_user(applicant)
    address = begin(client, draft, 10)["Location"]
    upload = Upload.objects.get()
    for other in (as_user(colleague), as_user(stranger)):
        assert other.head(address).status_code == 404
        assert send(other, address, 0, b"x").status_code == 404
        assert other.delete(address).status_code == 404
        assert other.post(address).status_code == 404
        assert other.post(page_of(draft), {"discard": str(upload.pk)}).status_code == 404
    assert client.post(page_of(draft), {"discard": "no number"}).status_code == 404
    assert client.post(page_of(draft), {"discard": str(upload.pk)}).status_code == 302
    assert client.head(address).status_code == 404

    # Without scripts the file comes whole: what was begun of it is thrown away, nothing else is.
    content = builders.pdf_bytes("extract")
    same, other = (begin(client, draft, size)["Location"] for size in (len(content), 10))
    send(client, same, 0, content[:50])
    page = client.get(page_of(draft)).content.decode()
    assert "Trade-register extract" in page[page.index("Begun and not finished") :]
    client.post(page_of(draft), {f"file-{KIND}": builders.upload("Extrait RCS.pdf", content)})
    assert [client.head(each).status_code for each in (same, other)] == [404, 200]


def test_after_the_hand_in_nothing_is_added(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    proposal = builders.build_complete_proposal(applicant, open_call)
    client, content = as_user(applicant), builders.pdf_bytes()
    address = begin(client, proposal, len(content))["Location"]
    send(client, address, 0, content)
    submitting.submit(actor=applicant, proposal_id=proposal.pk)
    response = client.post(address)
    assert response.status_code == 409
    assert "no draft any more" in response.json()["message"]
    assert begin(client, proposal, 5).status_code == 409


# --- the form without scripts --------------------------------------------------------------------


def test_a_form_of_200_megabytes_is_refused_before_it_is_read(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("the body was read")

    sending: dict[str, Any] = {
        "CONTENT_LENGTH": str(200 * 1024 * 1024),
        "wsgi.input": Unread(),
    }
    response = as_user(applicant).generic(
        "POST", page_of(draft), b"", "multipart/form-data; boundary=x", **sending
    )
    assert response.status_code == 413
    assert "The file is too large" in response.content.decode()


def test_of_a_file_that_is_too_large_nothing_is_kept_and_the_others_are(
    draft: Proposal, applicant: User, as_user: SignIn, settings: Any
) -> None:
    settings.MAX_DOCUMENT_BYTES = 100_000
    sent = {
        f"file-{KIND}": SimpleUploadedFile("huge.pdf", b"%PDF" + bytes(900_000)),
        "file-annual_accounts": builders.upload("accounts.pdf"),
    }
    response = as_user(applicant).post(page_of(draft), sent)
    assert response.status_code == 422
    text = response.content.decode().replace("\u00a0", " ")
    assert "This file has 878.9 KB; at most 97.7 KB are accepted." in text
    assert draft.documents.get().kind == "annual_accounts"


def test_ten_files_at_once_with_one_bad(
    draft: Proposal, applicant: User, as_user: SignIn, open_call: Call
) -> None:
    for number in range(5):
        open_call.document_requirements.create(
            stage=draft.stage, kind=f"more_{number}", label_fr=f"Autre {number}", label_en="More"
        )
    kinds = list(open_call.document_requirements.filter(stage=draft.stage))
    assert len(kinds) == 10
    sent = {f"file-{each.kind}": builders.upload(f"{each.kind}.pdf") for each in kinds[:9]}
    sent[f"file-{kinds[9].kind}"] = SimpleUploadedFile("bad.pdf", b"MZ no pdf")
    response = as_user(applicant).post(page_of(draft), sent)
    assert response.status_code == 422
    assert "bad.pdf: The content of this file is not what its name says" in (
        response.content.decode()
    )
    assert draft.documents.current().count() == 9


# --- what is there, and what was -----------------------------------------------------------------


def test_older_files_are_listed_and_can_count_again(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    for name in ("first.pdf", "second.pdf"):
        client.post(page_of(draft), {f"file-{KIND}": builders.upload(name)})
    old, new = draft.documents.order_by("pk")
    text = client.get(page_of(draft)).content.decode()
    assert "1 earlier file" in text
    assert reverse("proposals:document", args=[old.pk]) in text
    assert str(applicant) in text
    assert client.post(page_of(draft), {"restore": old.pk}).status_code == 302
    assert list(draft.documents.current()) == [old]
    assert client.post(page_of(draft), {"restore": old.pk}).status_code == 302
    client.post(page_of(draft), {"remove": old.pk})
    assert not draft.documents.current().exists()
    assert client.post(page_of(draft), {"restore": new.pk}).status_code == 302
    assert list(draft.documents.current()) == [new]
    for wrong in ("0", "x", "9" * 40, "\0"):
        assert client.post(page_of(draft), {"restore": wrong}).status_code == 404


def test_the_page_costs_the_same_with_one_and_with_fifty_documents(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    client.post(page_of(draft), {f"file-{KIND}": builders.upload("first.pdf")})
    begin(client, draft, 10)
    client.get(page_of(draft))
    small = counted(client, page_of(draft))
    like = draft.documents.get()
    for number in range(50):
        like.pk, like.removed_at = None, timezone.now()
        like.filename = f"{number}.pdf"
        like.uploaded_by = builders.build_user("applicant")
        like.save(force_insert=True)
        begin(client, draft, 20 + number)
    large = counted(client, page_of(draft))
    assert large.queries == small.queries <= 12
