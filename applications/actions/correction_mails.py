"""What is written about a correction: to the company in the language of its application, to
LuxDev's people in their own."""

from django.utils.translation import gettext as _

from accounts.models import User
from applications.actions.proposal_mails import link, people_of, write
from applications.models import CorrectionRequest, CorrectionState, Submission
from bpf_portal.core.templatetags.portal import deadline
from bpf_portal.core.texts import in_language


def tell_company_of_renewal(correction: CorrectionRequest) -> None:
    submission = correction.submission
    with in_language(submission.language):
        words = {
            "reference": submission.reference,
            "title": submission.title,
            "until": deadline(correction.last_moment),
        }
        for person in people_of(submission.organisation):
            write(
                person.email,
                _("%(reference)s: please renew your due diligence") % words,
                _(
                    "your project “%(title)s” (%(reference)s) is running. Once a year the facility"
                    " asks you to look again at its due diligence on human rights and the"
                    " environment."
                )
                % words,
                _(
                    "The section is open again. Bring it up to date, or say that it still holds,"
                    " and hand it in until %(until)s."
                )
                % words,
                link("proposals:correction", submission.reference, correction.pk),
                about=submission.proposal,
            )


def tell_company_of_request(correction: CorrectionRequest) -> None:
    submission = correction.submission
    with in_language(submission.language):
        words = {
            "reference": submission.reference,
            "title": submission.title,
            "until": deadline(correction.last_moment),
        }
        for person in people_of(submission.organisation):
            write(
                person.email,
                _("%(reference)s: please correct your proposal") % words,
                _(
                    "the facility asks you to correct something in your proposal %(reference)s,"
                    " “%(title)s”:"
                )
                % words,
                correction.text,
                _(
                    "Only the sections concerned are open again. Correct them and hand the proposal"
                    " in again until %(until)s. Until then what you handed in stands."
                )
                % words,
                link("proposals:correction", submission.reference, correction.pk),
                about=submission.proposal,
            )


def tell_company_of_end(correction: CorrectionRequest) -> None:
    """The request was withdrawn, or its day is over."""
    submission = correction.submission
    lapsed = correction.state == CorrectionState.LAPSED
    with in_language(submission.language):
        words = {"reference": submission.reference, "title": submission.title}
        happened = (
            _(
                "the day until which you could correct your proposal %(reference)s, “%(title)s”,"
                " is over."
            )
            if lapsed
            else _(
                "the facility no longer asks you to correct your proposal %(reference)s,"
                " “%(title)s”."
            )
        )
        for person in people_of(submission.organisation):
            write(
                person.email,
                _("%(reference)s: the correction is closed") % words,
                happened % words,
                *([correction.reason] if correction.reason else []),
                _(
                    "What you handed in before stands and is examined. What you wrote since was not"
                    " handed in; it is kept and you can read it here:"
                ),
                link("proposals:correction", submission.reference, correction.pk),
                about=submission.proposal,
            )


def tell_officer(correction: CorrectionRequest) -> None:
    """Whoever asked is told that it was answered, or that the day passed without an answer."""
    officer, submission = correction.requested_by, correction.submission
    if not Submission.objects.visible_to(officer).filter(pk=submission.pk).exists():
        return  # no longer here, or out of it because of a conflict of interest
    with in_language(officer.language):
        words = {"reference": submission.reference, "company": submission.lead_name}
        if correction.state == CorrectionState.LAPSED:
            subject = _("%(reference)s: not corrected in time")
            text = _("%(company)s did not hand in the correction that you asked for in time.")
        elif correction.is_renewal:
            subject = _("%(reference)s: due diligence renewed")
            text = _(
                "%(company)s has renewed the due diligence of its project. The checks run; the page"
                " shows what changed."
            )
        else:
            subject = _("%(reference)s: corrected and handed in again")
            text = _(
                "%(company)s has handed in again what you asked it to correct. The checks run"
                " again; the page shows what changed."
            )
        write(
            officer.email,
            subject % words,
            text % words,
            link("admin:applications_submission_change", submission.pk),
        )


def tell_reader(submission: Submission, reader: User) -> None:
    """A reviewer who is reading the proposal, or has read it."""
    with in_language(reader.language):
        words = {"reference": submission.reference}
        write(
            reader.email,
            _("%(reference)s was corrected") % words,
            _(
                "the proposal %(reference)s, which you review, was corrected at the facility’s"
                " request and handed in again. Your page shows what changed."
            )
            % words,
            link("admin:reviews_assignment_changelist"),
        )
