"""The company's side: public pages, companies, proposals and their files."""

from django.urls import URLPattern, URLResolver, include, path, register_converter

from applications.actions.completeness import SECTIONS
from applications.views import (
    beginning,
    budget_sheets,
    clauses,
    corrections,
    countersigning,
    documents,
    joining,
    messages,
    organisations,
    partnering,
    people,
    proposals,
    receipts,
    reminders,
    submission,
    timeline,
    uploads,
)


class SectionConverter:
    """One of the sections of a dossier by name."""

    regex = "|".join(SECTIONS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        if value not in SECTIONS:
            raise ValueError(value)
        return value


register_converter(SectionConverter, "section")

_organisations = [
    path("new/", organisations.create, name="create"),
    path("join/", joining.join, name="join"),
    path("invitation/<slug:token>/", joining.invitation, name="invitation"),
    path("<int:organisation_id>/", organisations.edit, name="edit"),
    path("<int:organisation_id>/people/", people.people, name="people"),
    path("<int:organisation_id>/people/<int:membership_id>/", people.one, name="person"),
    path(
        "<int:organisation_id>/people/invitations/<int:invitation_id>/withdraw/",
        people.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path(
        "<int:organisation_id>/people/requests/<int:request_id>/",
        people.answer_request,
        name="answer_request",
    ),
    path("<int:organisation_id>/leave/", people.leave, name="leave"),
]

_own = "<slug:reference>"
_proposals = [
    path("", proposals.list_proposals, name="list"),
    path("new/<slug:code>/", beginning.begin, name="begin"),
    path("messages/files/<int:file_id>/", messages.file, name="message_file"),
    path("documents/<int:document_id>/", documents.download, name="document"),
    path(f"{_own}/", proposals.detail, name="detail"),
    path(f"{_own}/submit/", submission.hand_in, name="submit"),
    path(f"{_own}/receipt/<slug:stage>/", receipts.receipt, name="receipt"),
    path(
        f"{_own}/receipt/<slug:stage>/<int:number>/receipt.pdf",
        receipts.receipt_file,
        name="receipt_file",
    ),
    path(
        f"{_own}/receipt/<slug:stage>/<int:number>/proposal.pdf",
        receipts.dossier_file,
        name="dossier_file",
    ),
    path(f"{_own}/corrections/<int:correction_id>/", corrections.correction, name="correction"),
    path(f"{_own}/withdraw/", proposals.withdraw, name="withdraw"),
    path(f"{_own}/timeline/", timeline.page, name="timeline"),
    path(f"{_own}/messages/", messages.thread, name="messages"),
    path(f"{_own}/messages/seen/", messages.seen, name="messages_seen"),
    path(f"{_own}/clause/", clauses.clause, name="clause"),
    path(f"{_own}/clause/ask/", clauses.ask_to_sign, name="ask_to_sign"),
    path(f"{_own}/partners/<int:partner_id>/ask/", partnering.ask, name="ask_partner"),
    path(f"{_own}/partners/<int:partner_id>/remind/", partnering.remind, name="remind_partner"),
    path(
        f"{_own}/partners/<int:partner_id>/take/", partnering.take, name="take_partner_corrections"
    ),
    path(f"{_own}/budget/export/", budget_sheets.export, name="budget_export"),
    path(f"{_own}/budget/import/", budget_sheets.import_lines, name="budget_import"),
    path(f"{_own}/budget/paste/", budget_sheets.paste, name="budget_paste"),
    path(f"{_own}/uploads/", uploads.begin, name="begin_upload"),
    path(f"{_own}/uploads/<uuid:upload_id>/", uploads.upload, name="upload"),
    path(f"{_own}/<section:section>/", proposals.section, name="section"),
]

_partner = [
    path("clause/<slug:token>/", countersigning.countersign, name="countersign"),
    path("clause/<slug:token>/signed/", countersigning.countersigned, name="countersigned"),
    path("<slug:token>/", partnering.confirm, name="confirm"),
    path("<slug:token>/answered/", partnering.answered, name="answered"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("applications.public_urls")),
    path("proposals/reminders/", reminders.switch, name="reminders"),
    path("proposals/company/", include((_organisations, "organisations"))),
    path("proposals/", include((_proposals, "proposals"))),
    path("partner/", include((_partner, "partner"))),
]
