"""The admin site of the portal, put in the place of Django's."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    default_site = "reviews.admin.site.PortalAdminSite"
