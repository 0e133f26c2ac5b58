"""The Celery application. It only says "now": what there is to do stands in the database."""

import os

from celery import Celery
from celery.signals import setup_logging

from bpf_portal import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bpf_portal.settings")
embedded.ensure_from_environment()

app = Celery("bpf_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["bpf_portal.core", "applications", "reviews"])


@setup_logging.connect
def _keep_our_logging(**_kwargs: object) -> None:
    """Django's LOGGING stands; Celery would replace the root handler otherwise."""
