"""The admin site of LuxDev's side."""

from unfold.sites import UnfoldAdminSite


class PortalAdminSite(UnfoldAdminSite):
    """Unfold's site; the dashboard and the access rules are ours."""
