"""Why a file is not taken, in words that say what to do."""

from django.utils.translation import gettext_lazy as _

from bpf_portal.core.access import Text


class RefusedFile(Exception):
    """The file cannot be taken; `message` says why and what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


OTHER_TYPE = _("This type of file is not accepted. Send a PDF, DOCX, XLSX, ODT, ODS, JPG or PNG.")
OLD_OFFICE = _("This is an old kind of Office file. Save it as DOCX, XLSX or PDF and send that.")
NOT_WHAT_IT_SAYS = _(
    "The content of this file is not what its name says. Open it, save it again and send that."
)
EMPTY = _("This file is empty.")
DAMAGED = _("This file cannot be opened. Save it again and send that.")
ENCRYPTED = _("This file is protected by a password. Send it without one.")
MACROS = _("This file contains macros. Save it without macros, or as a PDF.")
SCRIPTS = _(
    "This file contains scripts or actions that start by themselves. Print it to a new PDF."
)
FILES_INSIDE = _(
    "There are other files inside this PDF. Send them one by one, and this one without them."
)
REMOTE_TEMPLATE = _("This file loads a template from elsewhere. Save it as a PDF and send that.")
UNPACKS_TOO_LARGE = _("This file becomes too large when it is unpacked. Save it as a PDF.")
PICTURE_TOO_LARGE = _(
    "This picture has more pixels than the portal takes. Make it smaller and send that."
)
