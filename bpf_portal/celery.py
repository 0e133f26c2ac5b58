"""The Celery application. It only says "now": what there is to do stands in the database."""

import os

from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bpf_portal.settings")

app = Celery("bpf_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["bpf_portal.core", "applications", "reviews"])


@setup_logging.connect
def _keep_our_logging(**_kwargs: object) -> None:
    """Django's LOGGING stands; Celery would replace the root handler otherwise."""


@celeryd_init.connect
@beat_init.connect
def _find_or_start_the_servers(**_kwargs: object) -> None:
    """A worker or beat started by hand has its database and broker like every other command."""
    from bpf_portal import embedded

    embedded.ensure_from_environment()
