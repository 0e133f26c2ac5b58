"""The admin site of the portal, put in the place of Django's."""

from importlib import import_module

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    default_site = "reviews.admin.site.PortalAdminSite"

    def ready(self) -> None:
        # First the pages, then the search for others: the search asks for the site, whose package
        # registers the pages, and they would go to a site that is thrown away.
        import_module("reviews.admin")
        super().ready()
