"""Every address of the portal, and what it answers whom. An address missing here fails the tests.

`owner` and `reader` belong to the company whose objects these are; `stranger` applies for another
one. The reviewers are not assigned, have not declared their interests for the call (`uncalled`),
are suspected of one, have not declared for the proposal yet, declared no conflict, or withdrew.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Model

from applications.models import ClauseVersion, DeclarationVersion
from reviews.models import LetterTemplate, Rubric
from tests.access.expecting import Address, Answers, every, only, signed_in
from tests.access.world import INVITATION_TOKEN, World

# --- for everybody ----------------------------------------------------------------------------

PUBLIC = [
    Address("healthz", every(200)),
    Address("readyz", every(200)),
    # Only for whoever brings METRICS_TOKEN.
    Address("metrics", every(404)),
    Address("set_language", every(302), post=every(302)),
    Address("home", every(200)),
    Address("privacy", every(200)),
    Address("accessibility", every(200)),
    Address("calls:list", every(200)),
    # What is sent is kept in the visitor's own session, and goes on to begin a proposal.
    Address("eligibility", every(200), post=every(302)),
    Address("calls:detail", every(200), args=lambda w: [w.call.code]),
]

# --- the company's side -----------------------------------------------------------------------


def draft(world: World) -> list[object]:
    return [world.draft.reference]


def handed_in(world: World) -> list[object]:
    return [world.reviewed.reference]


COMPANY = [
    Address("organisations:create", signed_in(200), post=signed_in(422)),
    Address(
        "organisations:edit",
        only(company=200),
        post=only(owner=422, reader=403),
        args=lambda w: [w.company.pk],
    ),
    Address(
        "organisations:people",
        only(company=200),
        post=only(owner=422, reader=403),
        args=lambda w: [w.company.pk],
    ),
    Address(
        "organisations:person",
        only(owner=200, reader=403),
        post=only(owner=422, reader=403),
        args=lambda w: [w.company.pk, w.colleague.pk],
    ),
    Address(
        "organisations:withdraw_invitation",
        only(company=302),
        post=only(owner=302, reader=403),
        args=lambda w: [w.company.pk, w.invitation.pk],
    ),
    Address(
        "organisations:answer_request",
        only(company=302),
        post=only(owner=422, reader=403),
        args=lambda w: [w.company.pk, w.join_request.pk],
    ),
    # The only owner cannot leave.
    Address(
        "organisations:leave",
        only(company=200),
        post=only(owner=409, reader=302),
        args=lambda w: [w.company.pk],
    ),
    # To nobody but the invited person the link tells that it is not theirs.
    Address(
        "organisations:invitation",
        {**signed_in(403), "anonymous": 200},
        post=signed_in(403),
        args=lambda w: [INVITATION_TOKEN],
    ),
    # Whoever works for the facility belongs to no company.
    Address(
        "organisations:join",
        signed_in(200, staff=403),
        post=signed_in(422, staff=403),
    ),
    Address("reminders", signed_in(200), post=signed_in(302)),
    Address("proposals:list", signed_in(200)),
    Address("proposals:begin", signed_in(200), post=signed_in(422), args=lambda w: [w.call.code]),
    Address("proposals:detail", only(company=200), args=draft, variant="draft"),
    Address("proposals:detail", only(company=200), args=handed_in, variant="handed in"),
    Address(
        "proposals:section",
        only(company=200),
        post=only(owner=422, reader=403),
        args=lambda w: [w.draft.reference, "company"],
        variant="company",
    ),
    *(
        Address(
            "proposals:section",
            only(company=200),
            post=only(owner=nothing_sent, reader=403),
            args=lambda w, section=section: [w.draft.reference, section],  # type: ignore[misc]
            variant=section,
        )
        # Without a version a page is an old one; without a file there is nothing to store.
        for section, nothing_sent in (
            ("partners", 422),
            ("project", 409),
            ("budget", 422),
            ("due_diligence", 422),
            ("documents", 302),
        )
    ),
    Address(
        "proposals:section",
        only(company=302),
        post=only(company=409),
        args=lambda w: [w.reviewed.reference, "project"],
        variant="handed in",
    ),
    Address("proposals:budget_export", only(company=200), args=draft),
    Address(
        "proposals:budget_import",
        only(owner=200, reader=403),
        post=only(owner=422, reader=403),
        args=draft,
    ),
    Address(
        "proposals:budget_import",
        only(company=302),
        post=only(company=409),
        args=handed_in,
        variant="handed in",
    ),
    Address(
        "proposals:budget_paste",
        signed_in(405),
        post=only(owner=422, reader=403),
        args=draft,
    ),
    Address("proposals:clause", only(company=200), post=only(owner=409, reader=403), args=draft),
    # What was signed stays readable; it can no longer be answered.
    Address(
        "proposals:clause",
        only(company=200),
        post=only(company=409),
        args=handed_in,
        variant="handed in",
    ),
    Address(
        "proposals:ask_to_sign", only(company=302), post=only(owner=302, reader=403), args=draft
    ),
    *(
        Address(
            f"proposals:{name}",
            only(company=302),
            post=only(owner=302, reader=403),
            args=lambda w: [w.draft.reference, w.partner.pk],
        )
        for name in ("ask_partner", "remind_partner", "take_partner_corrections")
    ),
    Address("proposals:timeline", only(company=200), args=draft, variant="draft"),
    Address("proposals:timeline", only(company=200), args=handed_in, variant="handed in"),
    Address(
        "proposals:messages",
        only(company=200),
        post=only(owner=422, reader=403),
        args=draft,
    ),
    # Reviewers see nothing of the conversation, whatever they are assigned to.
    Address(
        "proposals:message_file",
        only(company=200, running=200),
        args=lambda w: [w.message_file.pk],
    ),
    Address("proposals:messages_seen", only(company=302), post=only(company=302), args=handed_in),
    Address("proposals:submit", only(company=200), post=only(owner=422, reader=403), args=draft),
    Address(
        "proposals:receipt",
        only(company=200),
        args=lambda w: [w.reviewed.reference, "preselection"],
    ),
    *(
        Address(
            f"proposals:{name}",
            only(company=200),
            args=lambda w: [w.reviewed.reference, "preselection", 1],
        )
        for name in ("receipt_file", "dossier_file")
    ),
    Address(
        "proposals:correction",
        only(company=200),
        args=lambda w: [w.corrected.reference, w.correction.pk],
    ),
    Address(
        "proposals:section",
        only(company=200),
        post=only(owner=409, reader=403),
        args=lambda w: [w.corrected.reference, "project"],
        variant="open for a correction",
    ),
    Address(
        "proposals:section",
        only(company=302),
        post=only(company=409),
        args=lambda w: [w.corrected.reference, "budget"],
        variant="closed beside a correction",
    ),
    Address(
        "proposals:submit",
        only(company=200),
        post=only(owner=422, reader=403),
        args=lambda w: [w.corrected.reference],
        variant="after a correction",
    ),
    Address("proposals:withdraw", only(company=200), post=only(company=422), args=draft),
    Address(
        "proposals:document",
        only(company=200),
        args=lambda w: [w.draft_file.pk],
        variant="of a draft",
    ),
    Address(
        "proposals:document",
        only(company=200, declared=200, running=200),
        args=lambda w: [w.handed_in_file.pk],
        variant="handed in",
    ),
    # Without its headers an upload is none; a piece is PATCHed.
    Address(
        "proposals:begin_upload",
        only(company=405, applicants=405, staff=405),
        post=only(owner=400, reader=403),
        args=draft,
    ),
    # An upload is one's own: not even a colleague goes on with it. Nothing of it has arrived.
    Address(
        "proposals:upload",
        only(company=405, applicants=405, staff=405),
        post=only(owner=409),
        args=lambda w: [w.draft.reference, w.upload.pk],
    ),
    Address(
        "letters:download", only(company=200, running=200), args=lambda w: [w.letter.reference]
    ),
]

# --- a partner's own page: whoever holds the link ----------------------------------------------

PARTNER = [
    Address("partner:confirm", every(200), post=every(422), args=lambda w: [w.partner_token]),
    Address(
        "partner:confirm",
        every(410),
        post=every(410),
        args=lambda w: [w.answered_token],
        variant="answered",
    ),
    Address("partner:answered", every(200), args=lambda w: [w.answered_token]),
    Address("partner:countersign", every(200), post=every(422), args=lambda w: [w.clause_token]),
    Address(
        "partner:countersign",
        every(410),
        post=every(410),
        args=lambda w: [w.signed_token],
        variant="signed",
    ),
    Address("partner:countersigned", every(200), args=lambda w: [w.signed_token]),
]

# --- accounts ---------------------------------------------------------------------------------

#: Pages for people who are not signed in; who is, is sent on.
ENTRANCE = {**signed_in(302), "anonymous": 200}
#: What an empty form is answered there.
REFUSED = {**signed_in(302), "anonymous": 422}

ACCOUNTS = [
    Address("account_login", ENTRANCE, post=REFUSED),
    Address("account_logout", {**signed_in(200), "anonymous": 302}, post=every(302)),
    Address("account_inactive", every(200)),
    Address("account_signup", ENTRANCE, post=REFUSED),
    Address("account_reauthenticate", signed_in(200), post=signed_in(422)),
    Address("account_email", signed_in(200), post=signed_in(302)),
    Address("account_email_verification_sent", every(200)),
    Address("account_change_password", signed_in(200), post=signed_in(422)),
    Address("account_set_password", signed_in(302), post=signed_in(302)),
    Address("account_reset_password", every(200), post=every(422)),
    Address("account_confirm_login_code", signed_in(302), post=signed_in(302)),
    Address("account_confirm_email", every(200), post=every(404), args=lambda w: ["unknown"]),
    Address("account_reset_password_from_key_done", every(200)),
    Address(
        "account_reset_password_from_key",
        every(200),
        post=every(422),
        args=lambda w: ["1", "unknown"],
    ),
    Address("account_reset_password_done", every(200)),
    Address("mfa_index", signed_in(200)),
    Address("mfa_authenticate", signed_in(302), post=signed_in(302)),
    Address("mfa_reauthenticate", signed_in(302), post=signed_in(302)),
    Address("mfa_activate_totp", signed_in(302), post=signed_in(302)),
    Address("mfa_deactivate_totp", signed_in(404), post=signed_in(404)),
    Address("mfa_view_recovery_codes", signed_in(404)),
    Address("mfa_generate_recovery_codes", signed_in(302), post=signed_in(302)),
    Address("mfa_download_recovery_codes", signed_in(404)),
]

# --- LuxDev's side ----------------------------------------------------------------------------


def reviewed(world: World) -> list[object]:
    return [world.reviewed.pk]


def conversation(world: World) -> list[object]:
    return [world.thread.pk]


def prepared(world: World) -> list[object]:
    return [world.prepared.pk]


def members(answer: int) -> dict[str, int]:
    """The reviewers in the committee: one votes, one observes, one has an interest."""
    return dict.fromkeys(("declared", "undeclared", "recused"), answer)


def meeting(world: World) -> list[object]:
    return [world.agenda_item.meeting_id]


def item(world: World) -> list[object]:
    return [world.agenda_item.pk]


def agreement(world: World) -> list[object]:
    return [world.agreement.pk]


#: An address that only does something: whoever reloads it comes back to the page it belongs to.
NO_GET = only(running=302)

#: Whoever was asked to review something in the call.
ASKED = ("uncalled", "suspected", "undeclared", "declared", "recused")

DESK = [
    Address("admin:index", only(staff=200, anonymous=302)),
    Address("admin:login", only(staff=302)),
    Address("admin:logout", only(staff=302, anonymous=302)),
    Address("admin:applications_submission_changelist", only(running=200)),
    Address("admin:applications_submission_change", only(running=200), args=reviewed),
    Address(
        "admin:applications_submission_decision",
        only(officer=200),
        post=only(officer=422),
        args=reviewed,
    ),
    Address("admin:applications_submission_confirm", NO_GET, post=only(running=422), args=reviewed),
    Address(
        "admin:applications_submission_second_look", NO_GET, post=only(running=422), args=reviewed
    ),
    Address("admin:applications_submission_finding", NO_GET, post=only(running=422), args=reviewed),
    # Without a rule's code there is nothing to ask about.
    Address("admin:applications_submission_ask", only(), post=only(officer=422), args=reviewed),
    Address("admin:applications_submission_checks", only(running=200), args=reviewed),
    # Beside the first of the company's other proposals in the call.
    Address("admin:applications_submission_compare", only(running=200), args=reviewed),
    Address(
        "admin:applications_submission_reconsider",
        NO_GET,
        post=only(running=403, officer=422),
        args=reviewed,
    ),
    Address(
        "admin:applications_submission_rerun",
        NO_GET,
        post=only(running=403, officer=302),
        args=reviewed,
    ),
    Address(
        "admin:applications_submission_award_check",
        NO_GET,
        post=only(running=403, officer=302),
        args=reviewed,
    ),
    Address("admin:applications_submission_assign", NO_GET, post=only(running=422), args=reviewed),
    Address("admin:applications_submission_write", NO_GET, post=only(running=422), args=reviewed),
    Address("admin:applications_thread_changelist", only(running=200)),
    Address("admin:applications_thread_change", only(running=200), args=conversation),
    Address("admin:applications_thread_answer", NO_GET, post=only(running=422), args=conversation),
    Address(
        "admin:applications_thread_settle",
        NO_GET,
        post=only(running=403, officer=302),
        args=conversation,
    ),
    Address("admin:applications_thread_seen", NO_GET, post=only(running=302), args=conversation),
    # Before a second hand-in there is no difference to see.
    Address("admin:applications_submission_difference", only(), args=reviewed),
    Address(
        "admin:applications_submission_difference",
        only(running=200),
        args=lambda w: [w.revised.pk],
        variant="corrected",
    ),
    Address(
        "admin:applications_submission_correct",
        NO_GET,
        post=only(running=422),
        args=reviewed,
    ),
    Address(
        "admin:applications_submission_withdraw_correction",
        NO_GET,
        post=only(),
        args=lambda w: [w.corrected.pk],
    ),
    Address(
        "admin:reviews_assignment_difference",
        only(),
        args=lambda w: [w.scoring.pk],
        variant="not corrected",
    ),
    Address(
        "admin:reviews_assignment_difference",
        only(declared=200),
        args=lambda w: [w.reading_again.pk],
    ),
    Address("admin:reviews_assignment_changelist", only(staff=200)),
    Address(
        "admin:reviews_assignment_change",
        only(running=200, declared=200),
        # The sheet is saved at its own address; without its version it is not.
        post=only(running=200, declared=422),
        args=lambda w: [w.scoring.pk],
        variant="declared",
    ),
    Address(
        "admin:reviews_assignment_change",
        only(running=200, undeclared=200),
        args=lambda w: [w.awaiting.pk],
        variant="not declared",
    ),
    # Their own, they are led to the declaration; nothing else of it exists for them.
    Address(
        "admin:reviews_assignment_change",
        only(running=200, uncalled=302),
        args=lambda w: [w.uncalled.pk],
        variant="call not declared",
    ),
    Address(
        "admin:reviews_assignment_change",
        only(running=200),
        args=lambda w: [w.suspicion.pk],
        variant="suspected",
    ),
    Address(
        "admin:reviews_assignment_change",
        only(running=200),
        args=lambda w: [w.recusal.pk],
        variant="recused",
    ),
    Address(
        "admin:reviews_assignment_declare",
        only(staff=302),
        post=only(undeclared=422),
        args=lambda w: [w.awaiting.pk],
    ),
    # The phase lets nobody discuss yet.
    Address(
        "admin:reviews_assignment_remark",
        only(staff=302),
        post=only(declared=403),
        args=lambda w: [w.scoring.pk],
    ),
    Address(
        "admin:reviews_assignment_reopen",
        only(staff=302),
        post=only(running=403, declared=403, officer=422),
        args=lambda w: [w.scoring.pk],
    ),
    Address(
        "admin:call_declaration",
        only(**dict.fromkeys(ASKED, 200)),
        post=only(**dict.fromkeys(ASKED, 422)),
        args=lambda w: [w.call.code],
    ),
    Address("admin:my_profile", only(reviewers=200), post=only(reviewers=302)),
    Address("admin:reviews_conflict_changelist", only(running=200)),
    Address("admin:reviews_conflict_change", only(running=200), args=lambda w: [w.conflict.pk]),
    Address(
        "admin:reviews_conflict_settle",
        NO_GET,
        post=only(running=422),
        args=lambda w: [w.conflict.pk],
    ),
    Address(
        "admin:applications_submission_recuse",
        NO_GET,
        post=only(running=403, officer=422, approver=422),
        args=reviewed,
    ),
    # What was sent says nothing of the phases that its page showed.
    Address(
        "admin:applications_call_phases",
        only(officer=200),
        post=only(officer=409),
        args=lambda w: [w.call.pk],
    ),
    # Which phases are to move, and by how much, stands on the button alone.
    Address(
        "admin:applications_call_shift_phases",
        NO_GET,
        post=only(running=403, officer=404),
        args=lambda w: [w.call.pk],
    ),
    Address("admin:reviews_decision_changelist", only(running=200)),
    Address("admin:reviews_decision_change", only(running=200), args=prepared),
    Address("admin:reviews_decision_preview", only(running=200), args=prepared),
    Address(
        "admin:reviews_decision_confirm",
        NO_GET,
        post=only(running=403, approver=302),
        args=prepared,
    ),
    Address(
        "admin:reviews_decision_send_back",
        NO_GET,
        post=only(running=403, approver=422),
        args=prepared,
    ),
    # An exclusion that was published; without a reason nothing is corrected or given up.
    Address(
        "admin:reviews_decision_correct",
        only(officer=200),
        post=only(officer=422),
        args=lambda w: [w.published.pk],
    ),
    Address(
        "admin:reviews_decision_drop",
        NO_GET,
        post=only(running=403, officer=422),
        args=prepared,
    ),
    Address("admin:reviews_decision_publish", NO_GET, post=only(running=403), args=prepared),
    Address("admin:reviews_agreement_changelist", only(running=200)),
    Address("admin:reviews_agreement_change", only(running=200), args=agreement),
    # One local partner was asked today already.
    Address(
        "admin:reviews_agreement_countersign",
        NO_GET,
        post=only(running=403, officer=302),
        args=agreement,
    ),
    Address(
        "admin:reviews_agreement_recheck",
        NO_GET,
        post=only(running=403, officer=302),
        args=agreement,
    ),
    # Without days or a reason nothing is recorded.
    Address("admin:reviews_agreement_sign", NO_GET, post=only(running=422), args=agreement),
    Address(
        "admin:reviews_agreement_give_up",
        NO_GET,
        post=only(running=403, officer=422),
        args=agreement,
    ),
    Address("admin:reviews_agreement_move", NO_GET, post=only(running=422), args=agreement),
    Address("admin:reviews_agreement_end", NO_GET, post=only(running=422), args=agreement),
    Address("admin:applications_namematch_changelist", only(running=200)),
    Address(
        "admin:applications_namematch_change", only(running=200), args=lambda w: [w.name_match.pk]
    ),
    # Without an answer there is nothing to keep.
    Address(
        "admin:applications_namematch_answer",
        NO_GET,
        post=only(running=422),
        args=lambda w: [w.name_match.pk],
    ),
    Address("admin:applications_registeranswer_changelist", only(running=200)),
    Address(
        "admin:applications_registeranswer_change",
        only(running=200),
        args=lambda w: [w.register_answer.pk],
    ),
    # Nobody is asked without a register in the environment; without an answer nothing is kept.
    Address(
        "admin:applications_registeranswer_ask",
        NO_GET,
        post=only(running=403, officer=422),
        args=lambda w: [w.register_answer.pk],
    ),
    Address(
        "admin:applications_registeranswer_record",
        NO_GET,
        post=only(running=403, officer=422),
        args=lambda w: [w.register_answer.pk],
    ),
    Address(
        "admin:applications_sanctionslist_changelist",
        only(running=200),
        post=only(running=403, officer=422),
    ),
    Address(
        "admin:applications_sanctionslist_change",
        only(running=200),
        args=lambda w: [w.name_match.entry.sanctions_list_id],
    ),
    Address("admin:ranking_index", only(running=200)),
    Address("admin:ranking", only(running=200), args=lambda w: [w.call.code, "preselection"]),
    Address(
        "admin:ranking_comparison",
        only(running=200),
        args=lambda w: [w.call.code, "preselection"],
    ),
    Address(
        "admin:ranking_committee",
        only(officer=200),
        post=only(officer=422),
        args=lambda w: [w.call.code, "preselection"],
    ),
    Address(
        "admin:assignments",
        only(running=200),
        post=only(running=403, officer=422),
        args=lambda w: [w.call.code, "preselection"],
    ),
    Address(
        "admin:assignment_dossier",
        only(running=200),
        post=only(running=403, officer=422),
        args=lambda w: [w.call.code, "preselection", w.reviewed.pk],
    ),
    Address(
        "admin:assignment_plan",
        only(running=200),
        post=only(running=403, officer=422),
        args=lambda w: [w.plan.pk],
    ),
    Address(
        "admin:assignment_plan_dossier",
        only(officer=200),
        post=only(officer=302),
        args=lambda w: [w.plan.pk, w.reviewed.pk],
    ),
    Address("admin:reviews_meeting_changelist", only(staff=200)),
    Address(
        "admin:reviews_meeting_change",
        only(running=200, **members(200)),
        args=meeting,
    ),
    Address("admin:reviews_meeting_standing", only(running=200, **members(200)), args=meeting),
    Address("admin:reviews_meeting_minutes", only(), args=meeting, variant="not closed yet"),
    Address(
        "admin:reviews_meeting_sign",
        only(staff=302),
        post=only(running=403, approver=409, declared=409, recused=409, undeclared=422),
        args=meeting,
    ),
    Address(
        "admin:reviews_meeting_open",
        only(staff=302),
        post=only(running=403, **members(403), officer=409),
        args=meeting,
    ),
    *(
        Address(
            f"admin:reviews_meeting_{part}",
            only(staff=302),
            post=only(running=403, **members(403), officer=422),
            args=meeting,
        )
        for part in ("cancel", "close")
    ),
    Address("admin:reviews_agendaitem_changelist", only(staff=302)),
    Address("admin:reviews_agendaitem_change", only(running=200, declared=200), args=item),
    Address(
        "admin:reviews_agendaitem_discuss",
        only(staff=302),
        post=only(running=403, declared=403, officer=409),
        args=item,
    ),
    Address(
        "admin:reviews_agendaitem_aside",
        only(staff=302),
        post=only(running=403, declared=403, officer=302),
        args=item,
    ),
    *(
        Address(
            f"admin:reviews_agendaitem_{part}",
            only(staff=302),
            post=only(running=422, declared=422),
            args=item,
        )
        for part in ("vote", "conclude")
    ),
    Address(
        "admin:reviews_agendaitem_recuse",
        only(staff=302),
        post=only(running=409, declared=422, approver=422),
        args=item,
    ),
    Address(
        "admin:bulk_begin",
        only(staff=405),
        post=only(running=302),
    ),
    Address("admin:reviews_bulkaction_changelist", only(running=200)),
    Address("admin:reviews_bulkaction_change", only(running=200), args=lambda w: [w.bulk.pk]),
    # It waits for no chosen time.
    Address(
        "admin:reviews_bulkaction_call_off",
        NO_GET,
        post=only(running=403, officer=409, approver=409),
        args=lambda w: [w.bulk.pk],
    ),
    Address("admin:publish", only(staff=405), post=only(officer=302, approver=302)),
    Address("admin:letter_batch", only(running=200), args=lambda w: [w.published.letter_batch_id]),
    Address("admin:tables", only(administrator=200)),
    Address("admin:annual_report", only(running=200)),
    Address("admin:simulation", only(running=200), post=only(running=422)),
    Address("admin:simulation_result", only(running=200), args=lambda w: [w.trial.pk]),
    Address("admin:simulation_csv", only(running=200), args=lambda w: [w.trial.pk]),
    # Nothing failed; without a reason nothing is tried again.
    Address("admin:work", only(running=200), post=only(running=422)),
    Address(
        "admin:work_job",
        only(running=200),
        post=only(running=403, officer=422, administrator=422),
        args=lambda w: ["registeranswer", w.register_answer.pk],
    ),
    Address("admin:annual_report_download", only(running=200), args=lambda w: [2021, "en", "csv"]),
]

# --- reference data, read only ----------------------------------------------------------------


def reference_pages(model: str, readers: Answers, one: Callable[[World], object]) -> list[Address]:
    return [
        Address(f"admin:{model}_changelist", readers),
        Address(f"admin:{model}_change", readers, args=lambda w: [one(w)]),
    ]


def newest(model: type[Model]) -> Callable[[World], object]:
    return lambda world: model._default_manager.latest("pk").pk


# --- rules: who writes them, who audits drafts, who reads what is in force --------------------


def in_force(world: World) -> list[object]:
    return [world.call.rule_set_id]


def drafted(world: World) -> list[object]:
    return [world.draft_rules.pk]


STEP = only(officer=422, administrator=422, auditor=403)

RULE_SETS = [
    Address("admin:applications_ruleset_changelist", only(running=200)),
    Address(
        "admin:applications_ruleset_change", only(running=200), args=in_force, variant="in force"
    ),
    Address(
        "admin:applications_ruleset_change",
        only(officer=200, administrator=200, auditor=200),
        args=drafted,
        variant="draft",
    ),
    Address("admin:applications_ruleset_compare", only(running=200), args=in_force),
    Address(
        "admin:applications_ruleset_version",
        NO_GET,
        post=only(running=403, officer=302, administrator=302),
        args=in_force,
    ),
    Address(
        "admin:applications_ruleset_edit",
        only(officer=200, administrator=200, auditor=403),
        post=STEP,
        args=drafted,
        variant="draft",
    ),
    Address(
        "admin:applications_ruleset_edit",
        only(running=403, officer=409, administrator=409),
        args=in_force,
        variant="in force",
    ),
    Address("admin:applications_ruleset_put_in_force", NO_GET, post=STEP, args=drafted),
    Address("admin:applications_ruleset_discard", NO_GET, post=STEP, args=drafted),
]

REFERENCE = [
    *reference_pages("applications_call", only(running=200), lambda w: w.call.pk),
    # A call that has opened keeps its rules; without a choice that is not even asked.
    Address(
        "admin:applications_call_rules",
        NO_GET,
        post=only(running=403, officer=422, administrator=422),
        args=lambda w: [w.call.pk],
    ),
    *RULE_SETS,
    *reference_pages("applications_clauseversion", only(running=200), newest(ClauseVersion)),
    *reference_pages(
        "applications_declarationversion", only(running=200), newest(DeclarationVersion)
    ),
    *reference_pages("applications_country", only(running=200), lambda w: "SN"),
    *reference_pages("reviews_calldeclaration", only(running=200), lambda w: w.declaration.pk),
    *reference_pages("reviews_rubric", only(running=200), newest(Rubric)),
    *reference_pages("reviews_lettertemplate", only(running=200), newest(LetterTemplate)),
    # Approvers and reviewers have no need of people's addresses.
    *reference_pages(
        "accounts_user",
        only(officer=200, auditor=200, administrator=200),
        lambda w: w.people["owner"].pk,
    ),
]

TABLE = [*PUBLIC, *COMPANY, *PARTNER, *ACCOUNTS, *DESK, *REFERENCE]
