from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from bpf_portal.core import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    # Everybody chooses a language, before signing in too.
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
]
