from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("Reviews and decisions")

    def ready(self) -> None:
        from reviews import access, outcomes, tasks  # noqa: F401
        from reviews.actions import assigning

        access.enter_into_visibility()
        assigning.follow_corrections()
        # A call is made by the company's side of the code, which knows nothing of reviews.
        post_save.connect(_give_phases, sender="applications.Call", dispatch_uid="review phases")


def _give_phases(instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    from reviews.actions.phasing import give_phases

    if created and not raw:
        give_phases(instance)
