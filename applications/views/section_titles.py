"""The names of the sections, in the order of `completeness.SECTIONS`."""

from django.utils.translation import gettext_lazy as _

from bpf_portal.core.access import Text

SECTION_TITLES: dict[str, Text] = {
    "company": _("Your company"),
    "partners": _("Partners"),
    "project": _("Project"),
    "business_plan": _("Business plan"),
    "work_plan": _("Work plan"),
    "results": _("Results"),
    "budget": _("Budget and financing"),
    "due_diligence": _("Human rights and environment"),
    "documents": _("Documents"),
}
