"""The language of the pages: one click, on every page, remembered for the mails too."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.i18n import set_language as remember_in_browser

from accounts.actions import choose_language
from accounts.models import User


@login_not_required
def set_language(request: HttpRequest) -> HttpResponse:
    """Everybody chooses a language, before signing in too; Django goes back to the page."""
    language = request.POST.get("language", "")
    known = language in dict(settings.LANGUAGES)
    if request.method == "POST" and known and isinstance(request.user, User):
        choose_language(actor=request.user, language=language)
    return remember_in_browser(request)
