"""Money, deadlines and days left, as people read them, in the language in force."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from django import template
from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from bpf_portal.core import kept, money

register = template.Library()


def _amount(value: Decimal | int | str) -> Decimal:
    """Rule sets write amounts as text; anything that is no amount is a defect of the page."""
    try:
        return Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not an amount") from error


@register.filter
def euro(value: Decimal | int | str | None) -> str:
    """`EUR 150,000.00`, with the cents; unknown is "not published", never 0."""
    return _("not published") if value is None else money.display(_amount(value))


@register.filter
def figures(value: Decimal) -> str:
    """`150,000.00`, in a column whose heading names the currency."""
    return money.figures(value)


@register.filter
def euro_round(value: Decimal | int | str | None) -> str:
    """`EUR 200,000` or `200 000 EUR` for running text: the cents only where there are any."""
    if value is None:
        return _("not published")
    amount = _amount(value)
    if amount != amount.to_integral_value():
        return money.display(amount)
    figures = formats.number_format(amount, decimal_pos=0, use_l10n=True, force_grouping=True)
    return money.in_euros(figures)


@register.filter
def score(value: Decimal | None) -> str:
    """`79.50`, a score out of 100 or a mean of scores; `–` before there is one."""
    return "–" if value is None else formats.number_format(value, use_l10n=True)


@register.filter
def percent(rate: Decimal | str | None) -> str:
    """`50 %` from the rate 0.50; no digit is lost, none is added."""
    if rate is None:
        return _("not published")
    figure = (_amount(rate) * 100).normalize()
    places = max(0, -int(figure.as_tuple().exponent))
    return f"{formats.number_format(figure, decimal_pos=places, use_l10n=True)}\u00a0%"


@register.filter
def day(moment: datetime | None) -> str:
    """`30 April 2026`: the day in Luxembourg."""
    if moment is None:
        return _("not published")
    return formats.date_format(timezone.localtime(moment), "j F Y")


@register.filter
def deadline(moment: datetime | None) -> str:
    """`Thursday 30 April 2026 at 23:59, Luxembourg time`."""
    if moment is None:
        return _("not published")
    local = timezone.localtime(moment)
    return _("%(day)s at %(time)s, Luxembourg time") % {
        "day": formats.date_format(local, "l j F Y"),
        "time": formats.date_format(local, "H:i"),
    }


@register.filter
def days_left(moment: datetime | None) -> str:
    """`12 days left`, by the calendar of Luxembourg; `closed` from the second after."""
    if moment is None:
        return ""
    if moment < timezone.now():
        return _("closed")
    days = (timezone.localtime(moment).date() - timezone.localdate()).days
    if days == 0:
        return _("closes today")
    return ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}


@register.filter
def is_soon(moment: datetime | None) -> bool:
    """Whether a deadline is still to come and at most a week away."""
    if moment is None or moment < timezone.now():
        return False
    return (timezone.localtime(moment).date() - timezone.localdate()).days <= 7


@register.simple_tag(takes_context=True)
def typist(context: template.Context) -> str:
    """Who types into this page, signed: what is sent after the session's end is kept for them."""
    return kept.typist_of(context["user"])


@register.simple_tag
def colon() -> str:
    """The colon between a label and its value: French sets a no-break space before it."""
    return "\u00a0:" if get_language() == "fr" else ":"
