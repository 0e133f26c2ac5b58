"""Due diligence as guided steps: the page asks what the risk asks, and keeps what is written."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from applications.actions.checking_context import build_context
from applications.actions.completeness import with_everything
from applications.actions.dossier_document import document_of
from applications.checks import Dossier, RiskLevel
from applications.checks.due_diligence import risk_level
from applications.models import Call, CountryRating, Measure, Proposal, Risk, Term, Vocabulary
from tests import builders
from tests.applications.pages import form_data

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]

#: Warning signs of medium and of high level.
SEASONAL, LAND = "migrant_or_seasonal_workers", "land_acquisition"


@pytest.fixture
def draft(applicant: User, open_call: Call) -> Proposal:
    """In Senegal, in programming: medium by its country, and low once an officer rated it so."""
    proposal = builders.build_draft(applicant, open_call)
    proposal.countries, proposal.nace = ["SN"], "62"
    proposal.save()
    return proposal


@pytest.fixture
def low_country() -> None:
    CountryRating.objects.create(country_id="SN", level="low", source="A report of 2026")


def url_of(proposal: Proposal) -> str:
    return reverse("proposals:section", args=[proposal.reference, "due_diligence"])


def save(client: Client, proposal: Proposal, **changes: Any) -> Any:
    return client.post(url_of(proposal), form_data(client.get(url_of(proposal)), **changes))


def read(client: Client, proposal: Proposal) -> str:
    return client.get(url_of(proposal)).content.decode()


def level_in(page: str) -> str:
    found = re.search(r'class="panel risk-level"[^>]* data-level="(\w+)"', page)
    assert found
    return found.group(1)


def steps_in(page: str) -> list[str]:
    """The steps that are shown, in order."""
    sections = re.findall(r'<section class="step"[^>]*data-step="(\w+)"[^>]*>', page)
    tags = re.findall(r'<section class="step"[^>]*>', page)
    return [name for name, tag in zip(sections, tags, strict=True) if " hidden" not in tag]


def reasons_in(page: str) -> str:
    listed = page.split("data-level-reasons", 1)[1].split("</ul>", 1)[0]
    return "\n".join(re.findall(r"<li(?![^>]* hidden)[^>]*>(.*?)</li>", listed, re.S))


# --- the level and its steps ------------------------------------------------------------------

LOW_STEPS = ["flags", "policy", "risks", "remedy", "clause"]
ALL_STEPS = ["flags", "policy", "risks", "communication", "remedy", "clause"]


def test_it_works(draft: Proposal, applicant: User, as_user: SignIn) -> None:
    page = read(as_user(applicant), draft)
    assert level_in(page) == "medium"
    assert steps_in(page) == ALL_STEPS
    assert "Senegal: medium, as every country that nobody rated lower." in reasons_in(page)
    assert "Computer programming" not in reasons_in(page)
    assert re.sub(r"<[^>]+>", "", page).count("Step 2 of 6") == 1


def test_at_low_risk_less_is_asked(
    draft: Proposal, applicant: User, as_user: SignIn, low_country: None
) -> None:
    page = read(as_user(applicant), draft)
    assert level_in(page) == "low"
    assert steps_in(page) == LOW_STEPS
    assert "Step 5 of 5" in re.sub(r"<[^>]+>", "", page)
    assert "LuxDev rated this country" in reasons_in(page)
    risks = page.split('id="step-risks"', 1)[1].split('id="step-communication"', 1)[0]
    assert re.findall(r"data-measures( hidden)?>", risks.split("<template", 1)[0]) == [" hidden"]


@pytest.mark.parametrize(
    ("flags", "country", "nace", "level", "reason"),
    [
        ([SEASONAL], "SN", "62", "medium", "Warning sign “Migrant or seasonal workers”: medium."),
        ([LAND], "SN", "62", "high", "Warning sign “Land acquisition"),
        ([], "SN", "10.39", "high", "Activity “Food products (10.39)”: high."),
        ([], "BD", "62", "high", "Bangladesh: high. One of the ten countries worst"),
        ([], "", "62", "medium", "No country is named yet. Until then it counts as medium."),
        ([], "SN", "", "medium", "The activity (NACE) is not given yet"),
    ],
)
def test_it_says_what_makes_the_level(
    flags: list[str],
    country: str,
    nace: str,
    level: str,
    reason: str,
    draft: Proposal,
    applicant: User,
    as_user: SignIn,
    low_country: None,
) -> None:
    draft.countries, draft.nace = [country] if country else [], nace
    draft.save()
    client = as_user(applicant)
    assert save(client, draft, flags=flags).status_code == 302
    page = read(client, draft)
    assert level_in(page) == level
    assert reason in reasons_in(page)
    assert "LuxDev rated this country" not in reasons_in(page)
    assert ("signs it off before a decision" in _shown_levels(page)) == (level == "high")


def _shown_levels(page: str) -> str:
    return "".join(re.findall(r'<div data-if-level="\w+">(.*?)</div>', page, re.S))


@given(
    flags=st.lists(
        st.sampled_from([SEASONAL, LAND, "pollution", "conflict_minerals", "home_workers"]),
        unique=True,
        max_size=3,
    ),
    countries=st.lists(st.sampled_from(["SN", "BD", "VN", "RW", "TN"]), unique=True, max_size=2),
    nace=st.sampled_from(["", "62", "62.10", "J62.10", "10.39", "C10", "01", "x", "٦٢", "6"]),
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_level_of_the_page_is_the_rules_level(
    applicant: User,
    as_user: SignIn,
    open_call: Call,
    low_country: None,
    flags: list[str],
    countries: list[str],
    nace: str,
) -> None:
    draft = Proposal.objects.filter(call=open_call).first()
    draft = draft or builders.build_draft(applicant, open_call)
    draft.countries, draft.nace = countries, nace
    draft.save()
    client = as_user(applicant)
    assert save(client, draft, flags=flags).status_code == 302
    context = build_context(
        open_call, open_call.rule_set, timezone.localdate(open_call.deadline_at)
    )
    document = document_of(with_everything(draft.pk), submitted_at=None)
    expected = risk_level(Dossier.from_frozen(document), context)
    page = read(client, draft)
    assert RiskLevel(level_in(page)) is expected
    without = re.search(r'data-level-without-flags="(\w+)"', page)
    assert without
    ticked = re.findall(r'<li data-level="(\w+)" data-flag="(\w+)"', page)
    live = [
        RiskLevel(without.group(1)),
        *(RiskLevel(each) for each, code in ticked if code in flags),
    ]
    assert max(live, key=lambda each: each.rank) is expected


# --- nothing is lost --------------------------------------------------------------------------


def test_what_is_no_longer_asked_is_not_shown_but_kept(
    draft: Proposal, applicant: User, as_user: SignIn, low_country: None
) -> None:
    client = as_user(applicant)
    written = {
        "flags": [LAND],
        "communication": "Every March on our website.",
        "risks-0-description": "Farmers lose their fields",
        "risks-0-severity": "low",
        "risks-0-likelihood": "low",
        "risks-0-measures-0-description": "A survey",
    }
    assert save(client, draft, **written).status_code == 302
    assert "communication" in steps_in(read(client, draft))
    assert save(client, draft, flags=[]).status_code == 302
    page = read(client, draft)
    assert steps_in(page) == LOW_STEPS
    assert "A survey" in page
    draft.due_diligence.refresh_from_db()
    assert draft.due_diligence.communication == "Every March on our website."
    assert Measure.objects.get(risk__proposal=draft).description == "A survey"
    assert save(client, draft, flags=[LAND]).status_code == 302
    assert "Every March on our website." in read(client, draft)


def test_what_is_wrong_in_a_step_is_shown_at_any_level(
    draft: Proposal, applicant: User, as_user: SignIn, low_country: None
) -> None:
    client = as_user(applicant)
    response = save(client, draft, communication="x" * 100_000)
    assert response.status_code == 422
    assert "communication" in steps_in(response.content.decode())


@pytest.mark.parametrize("name", ["communication", "risks-0-description", "explain_legitimate"])
def test_bad_text_is_refused_beside_its_field_and_nothing_is_lost(
    name: str, draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    for text in ("a\x00b", "x" * 100_001):
        response = save(client, draft, policy_responsible_person="Claire", **{name: text})
        assert response.status_code == 422
        assert 'value="Claire"' in response.content.decode()
    strange = "\u202e👩‍🌾 <b>"
    assert save(client, draft, **{name: strange}).status_code == 302
    assert "👩‍🌾 &lt;b&gt;" in read(client, draft)


# --- a risk for every warning sign ------------------------------------------------------------


def test_a_risk_is_proposed_for_every_warning_sign(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    save(client, draft, flags=[LAND, SEASONAL])
    data = form_data(client.get(url_of(draft)))
    assert data["risks-0-flag"] == [LAND]
    assert data["risks-1-flag"] == [SEASONAL]
    assert not draft.risks.exists()
    assert save(client, draft).status_code == 302
    assert not draft.risks.exists()
    assert save(client, draft, **{"risks-1-description": "No contracts"}).status_code == 302
    assert draft.risks.get().flag == SEASONAL
    data = form_data(client.get(url_of(draft)))
    assert (data["risks-0-flag"], data["risks-1-flag"]) == ([SEASONAL], [LAND])


def test_a_sign_chosen_by_hand_is_a_risk_begun(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    assert save(as_user(applicant), draft, **{"risks-0-flag": LAND}).status_code == 302
    assert draft.risks.get().flag == LAND


def test_measures_are_asked_for_risks_of_medium_or_higher(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    for number, severity in enumerate(("low", "medium")):
        Risk.objects.create(
            proposal=draft,
            label=f"R{number + 1}",
            description="Long hours",
            where="local_partner",
            severity=severity,
            likelihood="low",
        )
    rows = re.findall(
        r'id="risks-(\d)".*?<div class="row-nested" data-measures( hidden)?>',
        read(client, draft),
        re.S,
    )
    # The empty one at the end is of no level yet, which is not low.
    assert rows == [("0", " hidden"), ("1", ""), ("2", "")]


# --- what the checks would say ----------------------------------------------------------------


def test_the_remarks_stand_beside_their_step(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    save(client, draft, flags=[SEASONAL])
    page = read(client, draft)
    risks = page.split('data-remarks="risks"', 1)[1].split("</div>", 1)[0]
    assert "No risk is described." in risks
    assert "Describe at least one risk" in risks
    french = as_user(applicant, "fr").get(url_of(draft)).content.decode()
    assert "Aucun risque" in french.split('data-remarks="risks"', 1)[1].split("</div>", 1)[0]


def test_a_complete_file_has_no_remark(applicant: User, open_call: Call, as_user: SignIn) -> None:
    complete = builders.build_complete_proposal(applicant, open_call)
    page = read(as_user(applicant), complete)
    assert "What the checks said when this page was opened" not in page
    assert page.count("nothing is missing") == 2 * 5


def folded(page: str) -> list[str]:
    """The steps of which only the head is shown."""
    parts = page.split('<section class="step" id="step-')[1:]
    return [part.split('"', 1)[0] for part in parts if '<details class="step-fold">' in part]


def test_finished_steps_are_folded_and_open_ones_are_not(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    complete = builders.build_complete_proposal(applicant, open_call)
    client = as_user(applicant)
    finished = ["policy", "risks", "communication", "remedy"]
    assert folded(read(client, complete)) == finished
    assert save(client, complete, remedy_channel="").status_code == 302
    page = read(client, complete)
    assert folded(page) == finished[:-1]
    assert "(Risks and measures)</span></summary>" in page
    refused = save(client, complete, policy_responsible_person="a\x00b")
    assert folded(refused.content.decode()) == []


def test_an_unfinished_risk_is_no_error(draft: Proposal, applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    assert save(client, draft, **{"risks-0-description": "Long hours"}).status_code == 302
    assert "No measure is planned" in read(client, draft)


def test_a_rule_set_without_due_diligence_leaves_nothing_out(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    rules = draft.call.rule_set
    rules.pk, rules.version = None, 77
    rules.parameters = {**rules.parameters, "due_diligence_scope": None}
    rules.save()
    builders.give_rules(draft.call, rules)
    page = read(as_user(applicant), draft)
    assert steps_in(page) == ALL_STEPS
    assert "risk-level" not in page


# --- examples and costs -----------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("en", "Senegal"), ("fr", "Sénégal")])
def test_every_question_has_an_example(
    language: str, word: str, draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    page = as_user(applicant, language).get(url_of(draft)).content.decode()
    examples = Term.objects.filter(vocabulary=Vocabulary.EXAMPLE)
    assert page.count('<details class="example"') == len(examples) == 20
    assert word in page
    for each in examples:
        assert min(len(each.hint_fr), len(each.hint_en)) > 60


def test_fifty_risks_take_no_more_queries(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    counts = []
    for many in (1, 50):
        draft.risks.all().delete()
        risks = Risk.objects.bulk_create(
            Risk(
                proposal=draft,
                label=f"R{number}",
                description="Long hours",
                where="local_partner",
                severity="medium",
                likelihood="low",
            )
            for number in range(1, many + 1)
        )
        Measure.objects.bulk_create(
            Measure(risk=risk, description="Contracts", due_on=timezone.localdate() + timedelta(90))
            for risk in risks
        )
        data = form_data(client.get(url_of(draft)))
        with CaptureQueriesContext(connection) as reading:
            client.get(url_of(draft))
        with CaptureQueriesContext(connection) as writing:
            assert client.post(url_of(draft), data).status_code == 302
        counts.append((len(reading), len(writing)))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 12
