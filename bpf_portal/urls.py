"""Where everything is. Addresses are promises: `docs/architecture.md` lists them."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("bpf_portal.core.urls")),
    path("", include("accounts.urls")),
    path("", include("applications.urls")),
    path("", include("reviews.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
