"""What people choose for themselves."""

from accounts.models import User


def choose_language(*, actor: User, language: str) -> None:
    """The language of the pages is also that of the mails to this person."""
    if actor.language != language:
        User.objects.filter(pk=actor.pk).update(language=language)
        actor.language = language
