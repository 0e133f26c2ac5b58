"""Addresses of the company's side and of the public pages."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("applications.public_urls")),
]
