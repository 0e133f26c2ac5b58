"""What the page shows before the button is what the button freezes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from applications.actions import submitting
from applications.actions.completeness import with_everything
from applications.actions.dossier_document import digest
from applications.actions.last_look import last_look, stamped
from applications.forms.choices import Choices
from applications.forms.handing_in import unseal
from applications.models import DeclarationVersion, Proposal, Submission
from applications.views.difference import differences, word_difference
from applications.views.reading import read
from tests import builders
from tests.applications.pages import hand_in_data

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=60)
EDITS = st.lists(
    st.tuples(st.sampled_from(("title", "summary", "company", "line", "risk", "partner")), TEXT),
    max_size=5,
)


def edit(proposal: Proposal, what: str, text: str) -> None:
    """One thing that a colleague writes."""
    if what in ("title", "summary"):
        setattr(proposal, what, text[:200])
        proposal.save()
    elif what == "company":
        proposal.organisation.legal_name = text
        proposal.organisation.save()
    elif what == "line":
        proposal.budget_lines.filter(position=0).update(description=text)
    elif what == "risk":
        proposal.risks.update(description=text)
    else:
        proposal.partners.update(legal_name=text)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=EDITS, after=EDITS)
def test_what_is_frozen_is_what_was_shown(applicant: User, before: Any, after: Any) -> None:
    with transaction.atomic():
        proposal = builders.build_complete_proposal(applicant)
        for what, text in before:
            edit(proposal, what, text)
        now = timezone.localtime().replace(microsecond=0)
        shown = last_look(with_everything(proposal.pk), applicant, now).document
        assert shown is not None
        for what, text in after:
            edit(proposal, what, text)
        current = last_look(with_everything(proposal.pk), applicant, now).document
        if current == shown:
            submission = submitting.hand_in(
                actor=applicant, proposal_id=proposal.pk, moment=now, seen=shown
            )
            assert submission.document == stamped(shown, now)
            assert submission.sha256 == digest(submission.document)
            reading = read(submission.document, Choices(), ())
            assert reading == read(shown, Choices(), ())
        else:
            with pytest.raises(submitting.ShownOtherwise):
                submitting.hand_in(actor=applicant, proposal_id=proposal.pk, moment=now, seen=shown)
            assert not Submission.objects.filter(proposal=proposal).exists()
            assert current is not None
            assert differences(shown, current, Choices()), "a change that the page does not name"
        transaction.set_rollback(True)


@given(old=st.text(max_size=200), new=st.text(max_size=200))
def test_a_difference_holds_both_texts_whole(old: str, new: str) -> None:
    pieces = word_difference(old, new)
    assert "".join(each.text for each in pieces if each.kind != "added") == old
    assert "".join(each.text for each in pieces if each.kind != "removed") == new


def test_the_page_carries_what_it_shows_and_nobody_can_change_that(
    applicant: User, as_user: Any
) -> None:
    proposal = builders.build_complete_proposal(applicant)
    url = reverse("proposals:submit", args=[proposal.reference])
    client = as_user(applicant)
    data = hand_in_data(client.get(url))
    shown = unseal(data["seen"][0])
    assert shown is not None
    assert shown["project"]["title"] == proposal.title
    forged = {**data, "seen": [data["seen"][0][:-4] + "AAAA"]}
    answer = client.post(url, forged)
    assert answer.status_code == 422
    assert "Read the whole proposal first" in answer.content.decode()
    for odd in ("", "\x00", "é" * 5000, "a:b:c"):
        assert client.post(url, {**data, "seen": [odd]}).status_code == 422
    assert not Submission.objects.exists()


def test_what_a_colleague_changed_meanwhile_is_shown_before_it_is_sent(
    applicant: User, as_user: Any
) -> None:
    proposal = builders.build_complete_proposal(applicant)
    url = reverse("proposals:submit", args=[proposal.reference])
    client = as_user(applicant)
    data = hand_in_data(client.get(url))
    Proposal.objects.filter(pk=proposal.pk).update(summary="Un service pour 4 000 maraîchers.")

    refused = client.post(url, data)

    assert refused.status_code == 409
    page = refused.content.decode()
    assert "Something changed since you opened this page" in page
    assert "<del>" in page
    assert "4 000" in page
    assert not Submission.objects.exists()
    # The ticks are kept, and what is shown now can be handed in.
    assert page.count("checked") >= 4
    assert client.post(url, hand_in_data(refused)).status_code == 302
    assert Submission.objects.get().document["project"]["summary"].endswith("4 000 maraîchers.")


def test_every_declaration_must_be_ticked_and_is_kept_in_the_frozen_dossier(
    applicant: User, as_user: Any
) -> None:
    proposal = builders.build_complete_proposal(applicant, language="fr")
    url = reverse("proposals:submit", args=[proposal.reference])
    client = as_user(applicant)
    data = hand_in_data(client.get(url))
    forgotten = {name: value for name, value in data.items() if name != "declare_entitled"}

    refused = client.post(url, forgotten)

    assert refused.status_code == 422
    page = refused.content.decode()
    assert 'href="#id_declare_entitled"' in page
    assert page.count(" checked") == 3
    assert client.post(url, data).status_code == 302
    kept = Submission.objects.get().document["extra"]["declarations"]
    version = DeclarationVersion.objects.get(version=kept["version"], language="fr")
    assert kept["sha256"] == version.sha256
    assert kept["statements"] == version.statements
    assert kept["declared_by"] == str(applicant)


def test_a_call_may_have_declarations_of_its_own(applicant: User, as_user: Any) -> None:
    proposal = builders.build_complete_proposal(applicant)
    DeclarationVersion.objects.create(
        call=proposal.call,
        version="own-1",
        language="fr",
        statements=[{"code": "own", "text": "Nous n’avons pas d’autre aide."}],
        sha256="0" * 64,
        valid_from="2020-01-01",
    )
    url = reverse("proposals:submit", args=[proposal.reference])
    page = as_user(applicant).get(url).content.decode()
    assert "Nous n’avons pas d’autre aide." in page
    assert "declare_entitled" not in page


def test_the_deadline_passing_while_the_page_is_open_is_told_before_and_after(
    applicant: User, as_user: Any
) -> None:
    proposal = builders.build_complete_proposal(applicant)
    url = reverse("proposals:submit", args=[proposal.reference])
    client = as_user(applicant)
    first = client.get(url)
    page = first.content.decode()
    assert "In time until" in page
    assert "data-deadline=" in page
    type(proposal.call).objects.filter(pk=proposal.call_id).update(
        deadline_at=timezone.now() - timedelta(seconds=3)
    )

    answer = client.post(url, hand_in_data(first), follow=True)

    assert answer.status_code == 200
    assert "It arrived after the deadline" in answer.content.decode()
    assert Submission.objects.get().late
