"""LuxDev's side, as far as a company meets it; the rest lives in the admin."""

from django.urls import URLPattern, URLResolver, include, path

from reviews.views import letters

_letters = [path("<slug:reference>/", letters.download, name="download")]

urlpatterns: list[URLPattern | URLResolver] = [
    path("proposals/letters/", include((_letters, "letters"))),
]
