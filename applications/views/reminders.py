"""Whether one wants to be reminded before a deadline."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.actions.reminding import choose_reminders
from applications.forms.messages import RemindersForm
from applications.views.access import person


@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """One's own switch; the link in every reminder leads here."""
    user = person(request)
    if request.method == "POST":
        form = RemindersForm(request.POST)
        if form.is_valid():
            choose_reminders(actor=user, wanted=form.cleaned_data["reminders"])
            said = _("You will be reminded.") if user.reminders else _("You get no more reminders.")
            messages.success(request, said)
            return redirect("reminders")
    form = RemindersForm(initial={"reminders": user.reminders})
    return render(request, "reminders/switch.html", {"form": form})
