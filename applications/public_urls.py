"""Addresses that everyone may read. `applications.urls` includes them."""

from django.urls import URLPattern, URLResolver, include, path

from applications.views import precheck, public

_calls = [
    path("", public.calls, name="list"),
    path("<slug:code>/", public.call, name="detail"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("privacy/", public.privacy, name="privacy"),
    path("accessibility/", public.accessibility, name="accessibility"),
    path("eligibility/", precheck.eligibility, name="eligibility"),
    path("calls/", include((_calls, "calls"))),
]
