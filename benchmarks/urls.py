"""The portal's addresses, and the two pages that others are measured against. Never served."""

from django.urls import URLPattern, URLResolver, include, path

from benchmarks import limits

urlpatterns: list[URLPattern | URLResolver] = [
    path("bench/empty/", limits.empty_page, name="bench_empty"),
    path("bench/", limits.site.urls),
    path("", include("bpf_portal.urls")),
]
