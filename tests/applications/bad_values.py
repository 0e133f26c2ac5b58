"""What people, their clipboards and those who mean harm send into a field, by its kind."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms

from applications.forms.fields import ChoicesField, NumberField

LONG = "a" * 100_000


@dataclass(frozen=True)
class Bad:
    """`kept` is what must be shown back if it is accepted; None: it must be refused."""

    sent: str | bytes
    kept: str | None


def exactly(text: str) -> Bad:
    return Bad(text, text)


def refused(*sent: str | bytes) -> list[Bad]:
    return [Bad(each, None) for each in sent]


TEXT = [
    exactly(""),
    exactly(LONG),
    exactly("شركة الخضر 123 – חברה"),
    exactly("annex\u202efdp.exe\u2066 \u200f."),
    exactly("👩🏽‍🌾 <b>\"&amp;'</b> { x } %s 𝒳 e\u0301"),
    *refused("null\x00byte", "bell\x07 escape\x1b[31m \x0b"),
    # A lone surrogate has no UTF-8: whoever reads it puts the sign for what cannot be read.
    Bad(b"lone \xed\xa0\x80 surrogate", "lone \ufffd\ufffd\ufffd surrogate"),
]
#: In a field of one line; of several lines it is text like any other.
LINE_BREAK = "one\r\nBcc: everybody@example.org"
NUMBERS = [
    exactly(""),
    *refused("-5", "99999999999999999999", "1e400", "NaN", "Infinity", "12\x003", LONG),
    *refused("9" * 100_000, "\u202e5"),
    Bad("1.234,56", "1234,56"),
    Bad("1,234.56", "1234,56"),
]
DAYS = [
    exactly(""),
    *refused("0000-01-01", "9999-12-31", "31.02.2027", "2027-02-31", "-1", "2027-01-01\x00", LONG),
    *refused("\u202e2027-01-01", "1e400", b"\xed\xa0\x80"),
]
CHOICES = refused(
    "nobody", "-1", "9" * 40, "\x00", LONG, "\u202efr", b"\xed\xa0\x80", "1e400", "NaN"
)
MAILS = [
    exactly(""),
    Bad(f"{LONG[:280]}@example.org", None),
    *refused("nobody", "a@b", "a@example.org\r\nBcc: b@example.org", f"{LONG}@example.org"),
    *refused(
        "a\x00@example.org", "a@\u202eexample.org", "👩@example.org", b"\xed\xa0\x80@example.org"
    ),
]
ADDRESSES = [
    exactly(""),
    *refused("javascript:alert(1)", "http://[", f"https://example.org/{LONG}", "data:text/html,x"),
    *refused("https://example.org/\x00", "https://\u202eexample.org", "https://exa mple.org"),
    Bad(f"https://example.org/{LONG[:300]}", None),
    Bad(b"https://example.org/\xed\xa0\x80", "https://example.org/\ufffd\ufffd\ufffd"),
]
#: The numbers of rows, versions, counts of rows and places that pages carry along.
HUGE = "9" * 40
TECHNICAL = ["", "-1", "0", HUGE, "1e400", "\x00", "²", b"\xed\xa0\x80"]


def bad_values(field: forms.Field) -> list[Bad]:
    """Everything that is tried in a field of this kind; nothing for what has no wrong value."""
    kinds: list[tuple[type[forms.Field] | tuple[type[forms.Field], ...], list[Bad]]] = [
        ((forms.BooleanField, forms.FileField), []),
        ((NumberField, forms.IntegerField), NUMBERS),
        (forms.DateField, DAYS),
        ((ChoicesField, forms.ChoiceField), CHOICES),
        (forms.EmailField, MAILS),
        (forms.URLField, ADDRESSES),
        (forms.CharField, TEXT),
    ]
    found = next((values for kind, values in kinds if isinstance(field, kind)), None)
    assert found is not None, f"nothing bad is known for a {type(field).__name__}"
    if isinstance(field.widget, forms.PasswordInput):
        return [Bad(each.sent, "") for each in TEXT]
    if found is TEXT and (longest := getattr(field, "max_length", None)):
        found = [*TEXT, exactly("é" * longest)]
    if found and found[0] is TEXT[0] and not isinstance(field.widget, forms.Textarea):
        return [*found, *refused(LINE_BREAK)]
    return found
