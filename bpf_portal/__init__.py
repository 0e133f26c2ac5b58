"""The frame of the portal; tasks find their Celery application by importing it."""

from bpf_portal.celery import app as celery_app

__all__ = ["celery_app"]
