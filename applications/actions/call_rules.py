"""Which rules a call goes under, until it opens."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from applications.access import may_write_rules
from applications.events import CallRulesChosen
from applications.models import Call, RuleSet
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState

HAS_OPENED = gettext_lazy(
    "This call has opened: it keeps the rules it opened with, so that all are treated alike."
)
CHOSEN_MEANWHILE = gettext_lazy(
    "Somebody chose other rules for this call in the meantime. Look at them, then choose again."
)


@transaction.atomic
def choose_rules(*, actor: User, call_id: int, rule_set_id: int, seen: int) -> Call:
    """Put a call that has not opened under other rules in force. `seen` is the number of the rules
    that the page showed. Raises NotAllowed, WrongState or ValidationError on `rules`."""
    require(may_write_rules(actor))
    rows = Call.objects.visible_to(actor).select_for_update(of=("self",))
    call = rows.select_related("rule_set").get(pk=call_id)
    if call.has_opened:
        raise WrongState("call", "opened", "choose_rules", HAS_OPENED)
    if call.rule_set_id == rule_set_id:
        return call  # the button was pressed twice
    if call.rule_set_id != seen:
        raise WrongState("call", "not opened", "choose_rules", CHOSEN_MEANWHILE)
    before, chosen = call.rule_set, _in_force(call, rule_set_id)
    call.rule_set = chosen
    call.save(update_fields=["rule_set"])
    record(CallRulesChosen(before=str(before), rule_set=str(chosen)), about=call, actor=actor)
    return call


def _in_force(call: Call, rule_set_id: int) -> RuleSet:
    chosen = RuleSet.objects.in_force().filter(pk=rule_set_id).first()
    if chosen is None:
        raise ValidationError({"rules": [_("Choose rules that are in force.")]})
    begins = timezone.localdate(call.opens_at or call.deadline_at)
    if chosen.valid_from > begins:
        text = _("These rules are valid from %(day)s only, after the call begins.")
        day = formats.date_format(chosen.valid_from, "j F Y")
        raise ValidationError({"rules": [text % {"day": day}]})
    return chosen
