"""The Celery application. It only says "now": what there is to do stands in the database."""

import os

from celery import Celery, Task
from celery.signals import beat_init, celeryd_init, setup_logging, task_postrun, task_prerun

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


@task_prerun.connect
@task_postrun.connect
def _keep_or_close_connections(task: "Task[..., object] | None" = None, **_kwargs: object) -> None:
    """Like a request, a task keeps a database connection that works and is younger than
    CONN_MAX_AGE: a new one costs as much as the queries of a check (`CELERY_DB_REUSE_MAX`
    keeps Celery from closing it). One task alone, inside a request or test, changes nothing."""
    from django.db import close_old_connections

    if task is not None and not task.request.is_eager:
        close_old_connections()
