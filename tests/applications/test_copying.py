"""A new draft as a copy of an earlier proposal: what comes along, what does not, and from whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import submitting
from applications.actions.completeness import with_everything
from applications.actions.copying import begin_copy
from applications.actions.document_detailed import (
    business_plan_part,
    results_part,
    work_plan_part,
)
from applications.actions.dossier_document import document_of
from applications.models import Call, Proposal, RuleSet
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import Event
from tests import builders
from tests.measuring import counted

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
NOW = "2026-11-23T16:20:00+01:00"


@pytest.fixture
def last_call(reference: None) -> Call:
    """Last year's: still open here, so that something can be handed in to it."""
    return builders.build_call(open_for_days=1)


@pytest.fixture
def earlier(applicant: User, last_call: Call) -> Proposal:
    return builders.build_detailed_draft(applicant, last_call)


def begin(client: Client, call: Call, company_id: int, source: object, **more: str) -> Any:
    url = reverse("proposals:begin", args=[call.code])
    data = {"organisation": company_id, "language": "en", "copy_from": source, **more}
    return client.post(url, data, follow=True)


def test_it_works(earlier: Proposal, open_call: Call, applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    page = client.get(reverse("proposals:begin", args=[open_call.code])).content.decode()
    assert earlier.title in page
    assert "What is copied from an earlier proposal" in page

    response = begin(client, open_call, earlier.organisation_id, earlier.pk)

    copy = Proposal.objects.get(call=open_call)
    assert response.redirect_chain[-1][0] == reverse("proposals:detail", args=[copy.reference])
    assert "The earlier proposal was copied" in response.content.decode()
    event = Event.objects.get(name="ProposalCopied")
    assert event.details["source"] == earlier.reference


def test_what_people_wrote_comes_along_to_the_cent(
    earlier: Proposal, open_call: Call, applicant: User
) -> None:
    copy, left_out = begin_copy(
        actor=applicant,
        call=open_call,
        organisation=earlier.organisation,
        language="fr",
        source_id=earlier.pk,
    )

    old, new = with_everything(earlier.pk), with_everything(copy.pk)
    before, after = (document_of(each, submitted_at=NOW) for each in (old, new))
    assert (left_out.countries, left_out.sectors, left_out.questions) == ((), (), ())
    for part in ("lead", "partners", "budget"):
        assert after[part] == before[part]
    for part in ("policy", "flags", "risks", "measures", "communication", "remedy"):
        assert after["due_diligence"][part] == before["due_diligence"][part]
    for part_of in (business_plan_part, work_plan_part, results_part):
        assert part_of(new) == part_of(old)
    same = ("title", "summary", "kind", "countries", "sectors", "nace", "sdgs", "answers")
    assert {name: after["project"][name] for name in same} == {
        name: before["project"][name] for name in same
    }
    assert {row.pk for row in old.partners.all()}.isdisjoint(row.pk for row in new.partners.all())
    leader = new.work_packages.all()[1].partner
    assert leader is not None
    assert leader.proposal_id == copy.pk


def test_what_was_signed_declared_or_confirmed_does_not(
    earlier: Proposal, open_call: Call, applicant: User, as_user: SignIn
) -> None:
    earlier.partners.update(confirmed_at=timezone.now())
    begin(as_user(applicant), open_call, earlier.organisation_id, earlier.pk)
    copy = Proposal.objects.get(call=open_call)
    assert not hasattr(copy, "clause_acceptance")
    assert not copy.documents.exists()
    assert copy.partners.get().confirmed_at is None
    assert copy.excluded_activities is None
    assert (copy.stage, copy.state, copy.version) == ("preselection", "draft", 2)
    assert not copy.submissions.exists()


def test_dates_that_have_passed_are_left_empty_and_told(
    earlier: Proposal, open_call: Call, applicant: User, as_user: SignIn
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Proposal.objects.filter(pk=earlier.pk).update(starts_on=yesterday, break_even_year=2020)
    earlier.risks.get().measures.update(due_on=yesterday)
    earlier.indicators.update(due_month=date(2020, 6, 1))
    earlier.projections.filter(year=earlier.projections.all()[0].year).update(year=2021)
    response = begin(as_user(applicant), open_call, earlier.organisation_id, earlier.pk)
    copy = Proposal.objects.get(call=open_call)
    assert (copy.starts_on, copy.break_even_year) == (None, None)
    assert copy.risks.get().measures.get().due_on is None
    assert copy.indicators.get().due_month is None
    assert copy.projections.count() == 2
    assert "Dates that have passed were left empty." in response.content.decode()


def test_what_the_call_offers_no_longer_is_told_by_name(
    earlier: Proposal, applicant: User, as_user: SignIn
) -> None:
    shipped = RuleSet.objects.filter(code="bpf-2024").latest("version")
    narrow = RuleSet.objects.create(
        code="narrow",
        title_fr="É",
        title_en="N",
        valid_from=shipped.valid_from,
        sources=shipped.sources,
        parameters={**shipped.parameters, "sectors": ["fintech"]},
    )
    call = builders.build_call(rule_set=narrow)
    call.questions.filter(code="impact").delete()
    earlier.countries, earlier.sectors = ["SN", "FR"], ["ict", "fintech"]
    earlier.answers = {**earlier.answers, "impact": "More"}
    earlier.save()
    page = begin(as_user(applicant), call, earlier.organisation_id, earlier.pk).content.decode()
    copy = Proposal.objects.get(call=call)
    assert (copy.countries, copy.sectors) == (["SN"], ["fintech"])
    assert "impact" not in copy.answers
    assert "any more: France" in page
    assert "any more: Information and communication technology" in page
    assert "does not ask were not copied: impact" in page


def test_a_strangers_proposal_is_neither_offered_nor_copied(
    earlier: Proposal, open_call: Call, stranger: User, as_user: SignIn
) -> None:
    client = as_user(stranger)
    page = client.get(reverse("proposals:begin", args=[open_call.code])).content.decode()
    own = stranger.memberships.get().organisation
    assert earlier.title not in page
    # Nothing of theirs is offered at all, so the field is not there and what is sent says nothing.
    begin(client, open_call, own.pk, earlier.pk)
    begun = Proposal.objects.get(call=open_call)
    assert (begun.title, begun.partners.count(), begun.budget_lines.count()) == ("", 0, 0)
    with pytest.raises(Proposal.DoesNotExist):
        begin_copy(
            actor=stranger,
            call=open_call,
            organisation=own,
            language="fr",
            source_id=earlier.pk,
        )


def test_a_reader_and_another_company_of_ones_own_cannot_take_it(
    earlier: Proposal, open_call: Call, applicant: User, as_user: SignIn
) -> None:
    second = builders.build_organisation(applicant)
    response = begin(as_user(applicant), open_call, second.pk, earlier.pk)
    assert response.status_code == 422
    assert 'href="#id_copy_from"' in response.content.decode()
    with pytest.raises(NotAllowed):
        begin_copy(
            actor=applicant,
            call=open_call,
            organisation=second,
            language="fr",
            source_id=earlier.pk,
        )
    reader = builders.build_user("applicant")
    earlier.organisation.memberships.create(user=reader, role="viewer")
    page = as_user(reader).get(reverse("proposals:begin", args=[open_call.code]))
    assert earlier.title not in page.content.decode()
    assert not Proposal.objects.filter(call=open_call).exists()


@pytest.mark.parametrize("bad", ["x", "-1", "0", "9" * 40, "\x00", "1.5"])
def test_a_broken_choice_is_said_at_its_field(
    bad: str, earlier: Proposal, open_call: Call, applicant: User, as_user: SignIn
) -> None:
    response = begin(as_user(applicant), open_call, earlier.organisation_id, bad)
    assert response.status_code == 422
    assert 'href="#id_copy_from"' in response.content.decode()
    assert not Proposal.objects.filter(call=open_call).exists()


def test_a_draft_that_is_there_comes_first_and_a_second_one_is_begun_on_purpose(
    earlier: Proposal, open_call: Call, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    draft = builders.build_draft(applicant, open_call)
    page = client.get(reverse("proposals:begin", args=[open_call.code])).content.decode()
    assert "You have a draft already" in page
    assert reverse("proposals:detail", args=[draft.reference]) in page
    assert page.index("Go on with it") < page.index("Or begin another one on purpose")
    refused = begin(client, open_call, earlier.organisation_id, earlier.pk)
    assert refused.status_code == 422
    assert begin(
        client, open_call, earlier.organisation_id, earlier.pk, another="on"
    ).redirect_chain
    assert Proposal.objects.filter(call=open_call).count() == 2


def test_what_was_handed_in_and_imported_can_be_copied_too(
    applicant: User, last_call: Call, open_call: Call
) -> None:
    source = builders.build_complete_proposal(applicant, last_call)
    submitting.submit(actor=applicant, proposal_id=source.pk)
    copy, _left_out = begin_copy(
        actor=applicant,
        call=open_call,
        organisation=source.organisation,
        language="en",
        source_id=source.pk,
    )
    assert copy.title == source.title
    assert copy.requested == Decimal("150000.00")
    assert copy.language == "en"


def test_the_page_costs_the_same_with_many_earlier_proposals(
    earlier: Proposal, open_call: Call, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    address = reverse("proposals:begin", args=[open_call.code])
    client.get(address)
    few = counted(client, address)
    for _number in range(49):
        other = builders.build_draft(applicant, earlier.call)
        Proposal.objects.filter(pk=other.pk).update(title="Another")
    many = counted(client, address)
    assert many.queries == few.queries <= 12
