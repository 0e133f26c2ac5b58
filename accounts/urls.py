"""What concerns everybody's account beside signing in."""

from django.urls import path

from accounts import views

urlpatterns = [path("i18n/setlang/", views.set_language, name="set_language")]
