from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("Reviews and decisions")

    def ready(self) -> None:
        from reviews import access, outcomes, tasks  # noqa: F401
        from reviews.actions import assigning

        access.enter_into_visibility()
        assigning.follow_corrections()
